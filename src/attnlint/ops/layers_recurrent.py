"""Recurrent layers: ``nn.RNN``, ``nn.LSTM``, ``nn.GRU``; batched, unbatched and packed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from attnlint.algebra import Answer, Dim, Shape
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint, placeholder
from attnlint.ops.dropout import check_probability
from attnlint.ops.layer_input import (
    Split,
    fit,
    known_size,
    output_axes,
    parameter,
    refuse_integers,
    same_kind,
    split,
    wrong_rank,
)
from attnlint.ops.registry import register_layer
from attnlint.ops.results import unknown_shape
from attnlint.values import Instance, ListValue, Tensor, TorchName, Unknown, Value

PACKED = TorchName("torch.nn.utils.rnn.PackedSequence")
BATCH = "_batch"
"""A packed sequence's number of sequences: torch has it in the values of ``batch_sizes``, here it is an attribute."""
PADDED = "_padded"
"""What was packed, where its rank was not known."""
STEPS = "_steps"
"""How long the longest of them is, where that is known."""
_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
_MANY_LAYERS = 64
"""Weights are listed as attributes for so many layers at most."""


def _build(kind: str) -> Callable[[Call], dict[str, Value]]:
    def build(call: Call) -> dict[str, Value]:
        attributes: dict[str, Value] = {"proj_size": 0, **call.arguments}
        sizes = {
            name: known_size(call, attributes[name], name)
            for name in ("input_size", "hidden_size", "num_layers", "proj_size")
        }
        for name in ("input_size", "hidden_size", "num_layers"):
            size = sizes[name]
            if isinstance(size, int) and size <= 0:
                raise Complaint(
                    "ATN104",
                    f"{name} must be greater than 0, got {size}",
                    arguments=(name,),
                    about_placeholder=placeholder(size),
                )
        projection, hidden = sizes["proj_size"], sizes["hidden_size"]
        if isinstance(projection, int) and isinstance(hidden, int) and not 0 <= projection < hidden:
            raise Complaint(
                "ATN104",
                f"proj_size {projection} must be smaller than hidden_size {hidden}",
                arguments=("proj_size", "hidden_size"),
            )
        check_probability(attributes["dropout"], "dropout")
        attributes["mode"] = kind if kind != "RNN" else "RNN_TANH"
        return attributes | _weights(call, _GATES[kind], sizes, attributes)

    return build


def _weights(call: Call, gates: int, sizes: dict[str, Dim | None], attributes: dict[str, Value]) -> dict[str, Value]:
    layers, hidden, projection = sizes["num_layers"], sizes["hidden_size"], sizes["proj_size"]
    both = attributes["bidirectional"]
    if not isinstance(layers, int) or layers > _MANY_LAYERS or not isinstance(both, bool) or projection is None:
        return {}
    width = None if hidden is None else hidden * gates
    state = hidden if projection == 0 else projection
    result: dict[str, Value] = {}
    for index in range(layers):
        inner = sizes["input_size"] if index == 0 else None if state is None else state * (2 if both else 1)
        for suffix in ("", "_reverse")[: 1 + both]:
            end = f"_l{index}{suffix}"
            result[f"weight_ih{end}"] = parameter(call, width, inner, label=f"weight_ih{end}")
            result[f"weight_hh{end}"] = parameter(call, width, state, label=f"weight_hh{end}")
            if attributes["bias"] is True:
                result[f"bias_ih{end}"] = parameter(call, width, label=f"bias_ih{end}")
                result[f"bias_hh{end}"] = parameter(call, width, label=f"bias_hh{end}")
            if projection != 0:
                result[f"weight_hr{end}"] = parameter(call, projection, hidden, label=f"weight_hr{end}")
    return result


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The layer's sizes; ``None`` where not known."""

    stacked: Dim | None
    """Layers times directions: the first axis of the hidden state."""
    output: Dim | None
    state: Dim | None
    cell: Dim | None

    @staticmethod
    def of(call: Call) -> _Sizes:
        layer = call.layer
        layers = known_size(call, layer["num_layers"], "num_layers")
        hidden = known_size(call, layer["hidden_size"], "hidden_size")
        projection = known_size(call, layer.get("proj_size", 0), "proj_size")
        both = layer["bidirectional"]
        directions = None if not isinstance(both, bool) else 2 if both else 1
        state = hidden if projection == 0 else projection if isinstance(projection, int) else None
        return _Sizes(
            stacked=None if layers is None or directions is None else layers * directions,
            output=None if state is None or directions is None else state * directions,
            state=state,
            cell=hidden,
        )


def _forward(kind: str) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        sizes = _Sizes.of(call)
        value = call["input"]
        if isinstance(value, Instance):
            return _packed(call, value, sizes, kind)
        tensor = call.tensor("input")
        refuse_integers(call, tensor)
        cut = split(call, tensor, 2, _ranks(call, tensor, kind))
        weight = call.layer.get("weight_ih_l0")
        dtype = same_kind(call, tensor, weight, ("input", "weight")) if isinstance(weight, Tensor) else None
        _demand_width(call, cut.tensor, cut.trailing[-1])
        shape = cut.shape((cut.trailing[0], _or_fresh(call, sizes.output)))
        axes = cut.tensor.axes and (*cut.tensor.axes[:-1], *output_axes(call, 1))
        output = Tensor(shape, dtype=dtype, device=tensor.device, axes=axes)
        batch = _batch_dims(call, cut)
        _demand_steps(call, cut)
        if batch is None:
            state: Value = Tensor(unknown_shape(), dtype=dtype, device=tensor.device)
            return (output, (state, state) if kind == "LSTM" else state)
        _check_hidden(call, sizes, batch, kind)
        return (output, _hidden(call, sizes, batch, kind, output))

    return forward


def _ranks(call: Call, tensor: Tensor, kind: str) -> tuple[int, ...]:
    """The ranks of the input that torch takes: 3 with a batch, 2 without.

    A hidden state has the rank of the input, or torch refuses both. (``batch_first=True`` does not say that there is a
    batch: torch takes a lone sequence all the same.)
    """
    if tensor.shape.rank is None:
        value = call["hx"]
        items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else (value,)
        if (kind == "LSTM") == isinstance(value, tuple | ListValue):
            for item in items:
                rank = call.as_tensor(item, "hx").shape.rank if isinstance(item, Tensor) else None
                if rank in (2, 3):
                    return (rank,)
    return (2, 3)


def _demand_width(call: Call, tensor: Tensor, width: Dim) -> None:
    wanted = known_size(call, call.layer["input_size"], "input_size")
    if wanted is not None:
        fit(call, tensor, -1, width, wanted, what="the last dimension", parameter="input_size")


def _or_fresh(call: Call, size: Dim | None, name: str = "hidden_size") -> Dim:
    return call.fresh(name, minimum=1) if size is None else size


def _demand_steps(call: Call, cut: Split) -> None:
    """A sequence without steps raises."""
    first = call.layer.get("batch_first")
    steps = cut.lead[0] if cut.lead and first is False else cut.trailing[0] if not cut.lead or first is True else 1
    if isinstance(steps, int) and steps == 0:
        raise Complaint("ATN104", "the sequence has length 0", arguments=("input",))


def _batch_dims(call: Call, cut: Split) -> tuple[Dim, ...] | None:
    """The batch as dims of the hidden state: one, or none for unbatched input; ``None`` when not known."""
    if cut.rest is not None:
        return None
    if not cut.lead:
        return ()
    first = call.layer.get("batch_first")
    if not isinstance(first, bool):
        return None
    return cut.lead if first else (cut.trailing[0],)


def _hidden(call: Call, sizes: _Sizes, batch: tuple[Dim, ...], kind: str, output: Tensor) -> Value:
    stacked = _or_fresh(call, sizes.stacked, "num_layers")
    axes = None
    if output.axes is not None and len(output.axes) == 2 + len(batch):
        # The samples are those of the input; layers and features begin here.
        layers, features = output_axes(call, 2)
        first = 0 if call.layer.get("batch_first") is True else 1
        axes = (layers, *output.axes[first : first + len(batch)], features)

    def state(width: Dim | None) -> Tensor:
        shape = Shape((stacked, *batch, _or_fresh(call, width)))
        return Tensor(shape, dtype=output.dtype, device=output.device, axes=axes)

    return (state(sizes.state), state(sizes.cell)) if kind == "LSTM" else state(sizes.state)


def _check_hidden(call: Call, sizes: _Sizes, batch: tuple[Dim, ...], kind: str) -> None:
    """The hidden state given must have exactly the shape of the one that comes out."""
    value = call["hx"]
    if value is None or (isinstance(value, Unknown) and (value.optional or kind == "LSTM")):
        return
    if kind == "LSTM":
        items = call.as_sequence(value, "hx") if isinstance(value, tuple | ListValue) else None
        if items is None or len(items) != 2:
            raise CannotTell("hx is no pair")
        named = (("h_0", items[0], sizes.state, "hidden_size"), ("c_0", items[1], sizes.cell, "hidden_size"))
    else:
        named = (("hx", value, sizes.state, "hidden_size"),)  # type: ignore[assignment]
    for name, item, width, width_name in named:
        if isinstance(item, Tensor) or (isinstance(item, Unknown) and item.key is not None):
            _check_state(call, call.as_tensor(item, name), name, (sizes.stacked, *batch, width), width_name)


def _check_state(call: Call, state: Tensor, name: str, wanted: tuple[Dim | None, ...], width_name: str) -> None:
    rank = len(wanted)
    kept = "batched" if rank == 3 else "unbatched"
    state = call.demand_rank(
        state,
        (rank,),
        lambda: wrong_rank(state, (rank,), name, "ATN104", advice=f"the input is {kept}, so is the hidden state"),
    )
    names = (
        ("num_layers * num_directions", "the batch size", width_name)
        if rank == 3
        else ("num_layers * num_directions", width_name)
    )
    for axis, (found, size, meaning) in enumerate(zip(state.shape.dims, wanted, names, strict=True)):
        if size is not None:
            fit(
                call,
                state,
                axis,
                found,
                size,
                what=f"dimension {axis} of {name}",
                parameter=meaning,
                argument="hx",
                other=Clash("input", None, size),
                advice=_advice(call, axis, rank, found),
            )


def _advice(call: Call, axis: int, rank: int, found: Dim) -> str:
    """What to do about a hidden state whose axis has another size."""
    if axis == 0:
        directions = " * 2, as the layer is bidirectional" if call.layer.get("bidirectional") is True else ""
        return f"its first axis is num_layers{directions}"
    if axis == rank - 1:
        return "its last axis is the width of the layer's own state, not of its input"
    given = call.arguments.get("input")
    first = call.layer.get("batch_first")
    steps = 1 if first is True else 0
    if (
        isinstance(given, Tensor)
        and given.shape.rank == 3
        and call.facts.equal(given.shape.dims[steps], found) is Answer.YES
    ):
        return (
            "the layer has batch_first=True, so the first axis of its input is the batch"
            if first is True
            else "the layer has batch_first=False, so the first axis of its input is time: pass batch_first=True, or "
            "transpose the input"
        )
    return "make the state for the batch at hand (`x.size(0)`): a loader's last one is smaller unless drop_last=True"


def _packed(call: Call, value: Instance, sizes: _Sizes, kind: str) -> Value:
    """A packed sequence: the steps of all sequences in one axis."""
    data = value.attributes.get("data")
    if value.cls != PACKED or not isinstance(data, Tensor):
        raise CannotTell("the input is not a tensor")
    steps = call.as_tensor(data, "input")
    padded = value.attributes.get(PADDED)
    if steps.shape.rank is None and isinstance(padded, Tensor) and call.facts.least_rank(padded.shape) <= 3:
        # Packed vectors are a matrix, and what was packed had one axis more.
        shape = call.facts.require_rank(padded.shape, 3, because=call.because)
        steps = replace(steps, shape=Shape((call.fresh("steps", minimum=1), shape.dims[-1])))
    data = call.demand_rank(steps, (2,), lambda: wrong_rank(steps, (2,), advice="a packed sequence must hold vectors"))
    refuse_integers(call, data)
    _demand_width(call, data, data.shape.dims[-1])
    batch = known_size(call, value.attributes.get(BATCH), "batch")
    batch_dim: Dim = call.fresh("batch", minimum=1) if batch is None else batch
    output = Tensor(Shape((data.shape.dims[0], _or_fresh(call, sizes.output))), dtype=data.dtype, device=data.device)
    _check_hidden(call, sizes, (batch_dim,), kind)
    packed = Instance(PACKED, {**value.attributes, "data": output})
    return (packed, _hidden(call, sizes, (batch_dim,), kind, output))


_TAIL = "bias=True, batch_first=False, dropout=0.0, bidirectional=False"
_CONSTRUCTORS = {
    "RNN": f"(input_size, hidden_size, num_layers=1, nonlinearity='tanh', {_TAIL}, device=None, dtype=None)",
    "LSTM": f"(input_size, hidden_size, num_layers=1, {_TAIL}, proj_size=0, device=None, dtype=None)",
    "GRU": f"(input_size, hidden_size, num_layers=1, {_TAIL}, device=None, dtype=None)",
}
for _kind, _constructor in _CONSTRUCTORS.items():
    register_layer(
        f"torch.nn.{_kind}",
        (_constructor,),
        ("(input, hx=None)",),
        _build(_kind),
        _forward(_kind),
        family="layers_recurrent",
        bases=("torch.nn.RNNBase", "torch.nn.Module"),
    )
