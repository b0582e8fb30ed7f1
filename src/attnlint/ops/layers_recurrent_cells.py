"""Recurrent cells (``nn.RNNCell``, ``nn.LSTMCell``, ``nn.GRUCell``), and ``nn.utils.rnn``: packing, padding."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Answer, Dim, Shape
from attnlint.ops.axes import with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.known_elements import whole_numbers_of
from attnlint.ops.layer_input import (
    Split,
    dimensions,
    fit,
    known_size,
    optional,
    parameter,
    refuse_integers,
    same_kind,
    split,
)
from attnlint.ops.layers_recurrent import BATCH, PACKED, PADDED, STEPS
from attnlint.ops.registry import register_layer, shape_rule
from attnlint.ops.results import unknown_shape
from attnlint.values import Instance, ListValue, Repeated, Tensor, Unknown, Value

_GATES = {"LSTMCell": 4, "GRUCell": 3, "RNNCell": 1}


def _build(gates: int) -> Callable[[Call], dict[str, Value]]:
    def build(call: Call) -> dict[str, Value]:
        size = known_size(call, call["input_size"], "input_size")
        hidden = known_size(call, call["hidden_size"], "hidden_size")
        width = None if hidden is None else hidden * gates
        return {
            **{name: value for name, value in call.arguments.items() if name not in ("device", "dtype")},
            "weight_ih": parameter(call, width, size, label="weight_ih"),
            "weight_hh": parameter(call, width, hidden, label="weight_hh"),
            "bias_ih": optional(call, "bias", parameter(call, width, label="bias_ih")),
            "bias_hh": optional(call, "bias", parameter(call, width, label="bias_hh")),
        }

    return build


def _forward(kind: str) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        tensor = call.tensor("input")
        refuse_integers(call, tensor)
        cut = split(call, tensor, 1, (1, 2))
        weight = call.layer.get("weight_ih")
        dtype = same_kind(call, tensor, weight, ("input", "weight")) if isinstance(weight, Tensor) else None
        wanted = known_size(call, call.layer["input_size"], "input_size")
        if wanted is not None:
            fit(call, tensor, -1, cut.trailing[0], wanted, what="the last dimension", parameter="input_size")
        hidden = known_size(call, call.layer["hidden_size"], "hidden_size")
        _check_state(call, cut, hidden, kind)
        width = call.fresh("hidden_size", minimum=1) if hidden is None else hidden
        state = Tensor(cut.shape((width,)), dtype=dtype, device=tensor.device)
        return (state, state) if kind == "LSTMCell" else state

    return forward


def _check_state(call: Call, cut: Split, hidden: Dim | None, kind: str) -> None:
    value = call["hx"]
    if value is None or (isinstance(value, Unknown) and (value.optional or kind == "LSTMCell")):
        return
    states: tuple[tuple[str, Value], ...] = (("hx", value),)
    if kind == "LSTMCell":
        items = call.as_sequence(value, "hx")
        if len(items) != 2:
            raise CannotTell("hx is no pair")
        states = (("h_0", items[0]), ("c_0", items[1]))
    for name, item in states:
        if not isinstance(item, Tensor):
            continue
        state = call.as_tensor(item, name)
        if state.shape.rank not in (None, 1, 2):
            raise Complaint(
                "ATN103",
                f"{name} has {dimensions(state.shape.rank)} but must have 1 or 2",
                arguments=("hx",),
                about_rank=True,
            )
        if state.shape.rank is None or cut.rest is not None:
            continue
        if state.shape.rank == 1 and cut.lead:
            raise Complaint("ATN103", f"{name} has 1 dimension but the input has 2", arguments=("hx",), about_rank=True)
        if state.shape.rank == 2 and not cut.lead:
            if hidden is not None and call.facts.equal(state.shape.dims[0], hidden) is Answer.NO:
                raise Complaint(
                    "ATN103", f"{name} has 2 dimensions, the input has 1", arguments=("hx",), about_rank=True
                )
            continue
        if hidden is not None:
            _fit_state(call, state, name, -1, hidden, "hidden_size")
        if cut.lead and state.shape.rank == 2:
            _fit_state(call, state, name, 0, cut.lead[0], "the batch size of the input")


def _fit_state(call: Call, state: Tensor, name: str, axis: int, wanted: Dim, meaning: str) -> None:
    found = state.shape.dims[axis]
    what = f"dimension {axis} of {name}" if axis >= 0 else f"the last dimension of {name}"
    fit(
        call,
        state,
        axis,
        found,
        wanted,
        what=what,
        parameter=meaning,
        argument="hx",
        other=Clash("input", axis, wanted),
    )


for _kind, _gates in _GATES.items():
    _nonlinearity = "nonlinearity='tanh', " if _kind == "RNNCell" else ""
    register_layer(
        f"torch.nn.{_kind}",
        (f"(input_size, hidden_size, bias=True, {_nonlinearity}device=None, dtype=None)",),
        ("(input, hx=None)",),
        _build(_gates),
        _forward(_kind),
        family="layers_recurrent_cells",
        bases=("torch.nn.RNNCellBase", "torch.nn.Module"),
    )


# --- packing ----------------------------------------------------------------------------------------------------------


@shape_rule(
    "torch.nn.utils.rnn.pack_padded_sequence",
    signature="(input: Tensor, lengths, batch_first=False, enforce_sorted=True)",
)
def pack_padded_sequence(call: Call) -> Value:
    """The valid steps of all sequences behind each other: how many they are depends on the lengths."""
    tensor = call.tensor("input")
    first = call.flag("batch_first")
    if tensor.shape.rank is None:
        tensor = with_shape(tensor, call.facts.require_trailing(tensor.shape, 2, because=call.because))
        if tensor.shape.rank is None:
            return _of_unknown_rank(tensor)
    if tensor.shape.rank < 2:
        raise Complaint(
            "ATN103",
            f"input has {dimensions(tensor.shape.rank)} but must have 2 or more",
            arguments=("input",),
            about_rank=True,
        )
    batch = None if first is None else tensor.shape.dims[0 if first else 1]
    data = Tensor(
        Shape((call.fresh("steps", minimum=1), *tensor.shape.dims[2:])), dtype=tensor.dtype, device=tensor.device
    )
    lengths = call["lengths"]
    if call.flag("enforce_sorted") is not True:
        # The sequences are picked by the order of their lengths: as many of the batch as there are lengths.
        known = isinstance(lengths, Tensor) and lengths.shape.rank == 1
        batch = lengths.shape.dims[0] if known and call.flag("enforce_sorted") is False else None
    elif batch is not None and isinstance(lengths, Tensor) and lengths.shape.rank == 1:
        fit(
            call,
            lengths,
            0,
            lengths.shape.dims[0],
            batch,
            what="the number of lengths",
            parameter="the batch size",
            argument="lengths",
            other=Clash("input", 0 if first else 1, batch),
        )
    attributes: dict[str, Value] = {
        "data": data,
        BATCH: Unknown("the number of sequences is not known") if batch is None else batch,
    }
    for name in ("batch_sizes", "sorted_indices", "unsorted_indices"):
        attributes[name] = Unknown("it depends on the lengths", kind="tensor", optional=name != "batch_sizes")
    longest = whole_numbers_of(lengths) if isinstance(lengths, Tensor) else _lengths(lengths)
    if longest:
        # Padded again, the sequences are as long as the longest of them.
        attributes[STEPS] = max(longest)
    return Instance(PACKED, attributes)


def _of_unknown_rank(tensor: Tensor) -> Instance:
    """Sequences of vectors, most likely: the layer that they go through says so."""
    data = Tensor(unknown_shape(), dtype=tensor.dtype, device=tensor.device)
    return Instance(
        PACKED,
        {
            "data": data,
            PADDED: tensor,
            BATCH: Unknown("the number of sequences is not known"),
            "batch_sizes": Unknown("it depends on the lengths", kind="tensor"),
            "sorted_indices": Unknown("it depends on the lengths", kind="tensor", optional=True),
            "unsorted_indices": Unknown("it depends on the lengths", kind="tensor", optional=True),
        },
    )


def _lengths(value: Value) -> tuple[int, ...] | None:
    items = value.items if isinstance(value, ListValue) else value
    known = isinstance(items, tuple | list) and all(type(item) is int for item in items)
    return tuple(items) if known else None


@shape_rule(
    "torch.nn.utils.rnn.pad_packed_sequence",
    signature="(sequence, batch_first=False, padding_value=0.0, total_length=None)",
)
def pad_packed_sequence(call: Call) -> Value:
    packed = call["sequence"]
    if not isinstance(packed, Instance) or not isinstance(packed.attributes.get("data"), Tensor):
        raise CannotTell("the sequence is not known")
    data = call.as_tensor(packed.attributes["data"], "sequence")
    batch = known_size(call, packed.attributes.get(BATCH), "batch")
    batch = call.fresh("batch", minimum=1) if batch is None else batch
    total = None if call["total_length"] is None else known_size(call, call["total_length"], "total_length")
    longest = packed.attributes.get(STEPS)
    steps: Dim = (longest if isinstance(longest, int) else call.fresh("steps", minimum=1)) if total is None else total
    first = call.flag("batch_first")
    lengths = Tensor(Shape((batch,)), dtype="int64", device="cpu")
    if first is None or data.shape.rank is None:
        return (Tensor(unknown_shape(), dtype=data.dtype, device=data.device), lengths)
    order = (batch, steps) if first else (steps, batch)
    return (Tensor(Shape((*order, *data.shape.dims[1:])), dtype=data.dtype, device=data.device), lengths)


@shape_rule(
    "torch.nn.utils.rnn.pad_sequence",
    signature="(sequences, batch_first=False, padding_value=0.0, padding_side='right')",
)
def pad_sequence(call: Call) -> Value:
    """Sequences of any lengths, with the same further axes, stacked."""
    value = call["sequences"]
    first = call.flag("batch_first")
    if isinstance(value, Repeated):
        count = call.fresh("sequences", minimum=1) if value.length is None else value.length
        items: tuple[Value, ...] = (value.element,)
    elif isinstance(value, tuple | list | ListValue):
        items = call.as_sequence(value, "sequences")
        count = len(items)
    else:
        raise CannotTell("the sequences are not known")
    if not items:
        raise Complaint("ATN108", "there are no sequences to pad", arguments=("sequences",), about_rank=True)
    tensors = [call.as_tensor(item, "a sequence") for item in items]
    head = tensors[0]
    if first is None or any(tensor.shape.rank is None for tensor in tensors):
        return Tensor(unknown_shape(), dtype=head.dtype, device=head.device)
    for index, tensor in enumerate(tensors):
        if not tensor.shape.dims:
            raise Complaint("ATN108", f"sequence {index} has no dimensions", arguments=("sequences",), about_rank=True)
        if tensor.shape.rank != head.shape.rank:
            raise CannotTell("the sequences have different numbers of dimensions")
        for axis in range(1, len(tensor.shape.dims)):
            if call.facts.is_one(tensor.shape.dims[axis]) is not Answer.NO:
                continue  # it is copied into the padded tensor, so size 1 broadcasts
            fit(
                call,
                tensor,
                axis,
                tensor.shape.dims[axis],
                head.shape.dims[axis],
                what=f"dimension {axis} of sequence {index}",
                parameter="that of sequence 0",
                argument="sequences",
                code="ATN108",
            )
    lengths = [tensor.shape.dims[0] for tensor in tensors]
    known = [length for length in lengths if isinstance(length, int)]
    longest: Dim = (
        max(known) if len(known) == len(lengths) and not isinstance(value, Repeated) else call.fresh("steps", minimum=1)
    )
    order: tuple[Dim, Dim] = (count, longest) if first else (longest, count)
    return Tensor(Shape((*order, *head.shape.dims[1:])), dtype=head.dtype, device=head.device)
