"""Tables of vectors: ``nn.Embedding``, ``nn.EmbeddingBag``, ``F.embedding``, ``F.embedding_bag``, ``F.one_hot``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attnlint.algebra import Dim, Expression, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.extremes import greatest
from attnlint.ops.layer_input import fit, known_size, optional_tensor, parameter, refuse_numbers, wrong_rank
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.strides import contiguous_strides
from attnlint.values import Axis, Instance, ListValue, Tensor, TorchName, Unknown, Value

_INDICES = ("int64", "int32")
_TABLE = ("num_embeddings", "embedding_dim")


def whole_numbers(value: Value) -> Iterator[int]:
    """The known whole numbers in the contents of a tensor."""
    if isinstance(value, tuple | list | ListValue):
        for item in value.items if isinstance(value, ListValue) else value:
            yield from whole_numbers(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def look_up(call: Call, tensor: Tensor, count: Dim | None, width: Dim | None, dtype: str | None) -> Tensor:
    """The rows of a table for every index: the width becomes a new last axis."""
    refuse_numbers(tensor, _INDICES, advice="indices must be whole numbers: `.long()`")
    if isinstance(count, int):
        for index in whole_numbers(tensor.elements):
            if not 0 <= index < count:
                raise _out_of_range(index, count)
        held = greatest(tensor) if tensor.elements is None else None
        if held is not None and held >= count:
            raise _out_of_range(held, count)
    last = call.fresh("embedding_dim", minimum=1) if width is None else width
    shape = Shape((*tensor.shape.dims, last), tensor.shape.rest)
    axes = None
    if tensor.axes is not None:
        axes = (*tensor.axes, Axis(source=("output", call.name, object()), index=0))
    strides = None if shape.rank is None else contiguous_strides(shape.dims)
    return Tensor(shape, dtype=dtype, device=tensor.device, axes=axes, strides=strides)


def _out_of_range(index: int, count: int) -> Complaint:
    return Complaint(
        "ATN104",
        f"index {index} is out of range: num_embeddings is {count}",
        arguments=("input",),
        advice=f"indices run from 0 to {count - 1}: make the table larger (num_embeddings={index + 1}), or clamp them"
        if index >= count
        else "indices must not be negative",
        holds=index,
    )


def _demand_table(weight: Tensor, argument: str = "weight") -> tuple[Dim, Dim]:
    if weight.shape.rank is None:
        raise CannotTell("the table has an unknown number of dimensions")
    if weight.shape.rank != 2:
        raise wrong_rank(weight, (2,), argument)
    count, width = weight.shape.dims
    return count, width


def _check_padding_index(call: Call, count: Dim | None) -> None:
    index = call["padding_idx"]
    if isinstance(index, int) and isinstance(count, int) and not -count <= index < count:
        raise Complaint(
            "ATN104", f"padding_idx {index} must be within num_embeddings {count}", arguments=("padding_idx",)
        )


def _build_table(call: Call) -> dict[str, Value]:
    count = known_size(call, call["num_embeddings"], "num_embeddings")
    width = known_size(call, call["embedding_dim"], "embedding_dim")
    _check_padding_index(call, count)
    weight: Value = parameter(call, count, width, label="weight")
    given = optional_tensor(call, call["_weight"], "_weight")
    if given is not None:
        if given.shape.rank is not None and given.shape.rank == 2 and count is not None and width is not None:
            for axis, (found, dim, name) in enumerate(zip(given.shape.dims, (count, width), _TABLE, strict=True)):
                fit(
                    call,
                    given,
                    axis,
                    found,
                    dim,
                    what=f"dimension {axis} of _weight",
                    parameter=name,
                    argument="_weight",
                )
        weight = given
    elif call["_weight"] is not None:
        weight = Unknown("the table is not known", kind="tensor")
    padding = call["padding_idx"]
    if isinstance(padding, int) and padding < 0 and isinstance(count, int | Expression):
        padding = count + padding
    return {
        **{name: call[name] for name in (*_TABLE, "max_norm", "norm_type", "scale_grad_by_freq", "sparse")},
        "padding_idx": padding,
        "weight": weight,
    }


def _layer_table(call: Call) -> tuple[Dim | None, Dim | None, str | None]:
    weight = call.layer.get("weight")
    if isinstance(weight, Tensor) and weight.shape.rank == 2:
        count, width = call.facts.resolve(weight.shape).dims
        return count, width, weight.dtype
    sizes = (known_size(call, call.layer.get(name), name) for name in _TABLE)
    return (*sizes, None)  # type: ignore[return-value]


_OPTIONS = "padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False"


@layer(
    "torch.nn.Embedding",
    constructor=f"(num_embeddings, embedding_dim, {_OPTIONS}, _weight=None, _freeze=False, device=None, dtype=None)",
    forward="(input)",
)
class Embedding:
    """Indices of any shape ``(*)`` to ``(*, embedding_dim)``."""

    build = staticmethod(_build_table)

    @staticmethod
    def forward(call: Call) -> Value:
        return look_up(call, call.tensor("input"), *_layer_table(call))


@shape_rule("torch.nn.functional.embedding", signature=f"(input: Tensor, weight: Tensor, {_OPTIONS})")
def embedding(call: Call) -> Value:
    weight = call.tensor("weight")
    count, width = _demand_table(weight)
    _check_padding_index(call, count)
    return look_up(call, call.tensor("input"), count, width, weight.dtype)


@shape_rule(
    "torch.embedding",
    signature="(weight: Tensor, indices: Tensor, padding_idx=-1, scale_grad_by_freq=False, sparse=False)",
)
def plain_embedding(call: Call) -> Value:
    weight = call.tensor("weight")
    return look_up(call, call.tensor("indices"), *_demand_table(weight), weight.dtype)


def _pretrained(call: Call, class_name: str) -> Value:
    table = call.tensor("embeddings")
    count, width = _demand_table(table, "embeddings")
    attributes = {name: value for name, value in call.arguments.items() if name not in ("embeddings", "freeze")}
    from attnlint.frozen import replace

    attributes |= {"num_embeddings": count, "embedding_dim": width, "weight": replace(table, is_parameter=True)}
    return Instance(TorchName(class_name), attributes)


@shape_rule("torch.nn.Embedding.from_pretrained", signature=f"(embeddings, freeze=True, {_OPTIONS})")
def embedding_from_pretrained(call: Call) -> Value:
    return _pretrained(call, "torch.nn.Embedding")


# --- bags -------------------------------------------------------------------------------------------------------------

_BAG = "max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode='mean', sparse=False"


@layer(
    "torch.nn.EmbeddingBag",
    constructor=f"(num_embeddings, embedding_dim, {_BAG}, _weight=None, include_last_offset=False, padding_idx=None, "
    "device=None, dtype=None)",
    forward="(input, offsets=None, per_sample_weights=None)",
)
class EmbeddingBag:
    """Bags of indices, ``(B, N)`` or ``(N)`` with ``(B)`` offsets, to ``(B, embedding_dim)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return _build_table(call) | {name: call[name] for name in ("mode", "include_last_offset")}

    @staticmethod
    def forward(call: Call) -> Value:
        _, width, dtype = _layer_table(call)
        return _bag(call, call.tensor("input"), width, dtype, call.layer)


@shape_rule(
    "torch.nn.EmbeddingBag.from_pretrained",
    signature=f"(embeddings, freeze=True, {_BAG}, include_last_offset=False, padding_idx=None)",
)
def bag_from_pretrained(call: Call) -> Value:
    return _pretrained(call, "torch.nn.EmbeddingBag")


@shape_rule(
    "torch.nn.functional.embedding_bag",
    signature="(input: Tensor, weight: Tensor, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, "
    "mode='mean', sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None)",
)
def embedding_bag(call: Call) -> Value:
    tensor, weight = call.tensor("input"), call.tensor("weight")
    # torch still takes (weight, input) with a warning: then the indices are the second operand.
    if weight.dtype in _INDICES and tensor.dtype is not None and tensor.dtype not in _INDICES:
        tensor, weight = weight, tensor
    _, width = _demand_table(weight)
    return _bag(call, tensor, width, weight.dtype, call.arguments)


def _bag(call: Call, tensor: Tensor, width: Dim | None, dtype: str | None, source: Mapping[str, Value]) -> Tensor:
    refuse_numbers(tensor, _INDICES, advice="indices must be whole numbers: `.long()`")
    _check_weights(call, tensor, source.get("mode"))
    rank = tensor.shape.rank
    if rank is None:
        raise CannotTell("an operand has an unknown number of dimensions")
    offsets = call["offsets"]
    last = call.fresh("embedding_dim", minimum=1) if width is None else width
    if rank == 2:
        if isinstance(offsets, Tensor):
            raise Complaint(
                "ATN104",
                "offsets must be None when the input has 2 dimensions",
                arguments=("offsets",),
                about_rank=True,
            )
        return Tensor(Shape((tensor.shape.dims[0], last)), dtype=dtype, device=tensor.device)
    if rank != 1:
        raise wrong_rank(tensor, (1, 2))
    if offsets is None:
        raise Complaint(
            "ATN104", "offsets must be given when the input has 1 dimension", arguments=("offsets",), about_rank=True
        )
    bags = call.tensor("offsets")
    refuse_numbers(bags, _INDICES, "offsets")
    bags = call.demand_rank(bags, (1,), lambda: wrong_rank(bags, (1,), "offsets"))
    count = bags.shape.dims[0]
    if source.get("include_last_offset") is True:
        count = call.facts.normal(count - 1)
    elif source.get("include_last_offset") is not False:
        count = call.fresh("bags")
    return Tensor(Shape((count, last)), dtype=dtype, device=tensor.device)


def _check_weights(call: Call, tensor: Tensor, mode: Value) -> None:
    weights = optional_tensor(call, call["per_sample_weights"], "per_sample_weights")
    if weights is None:
        return
    if isinstance(mode, str) and mode != "sum":
        raise Complaint(
            "ATN104", f"per_sample_weights goes with mode='sum' only, not {mode!r}", arguments=("per_sample_weights",)
        )
    if weights.shape.rank is None or tensor.shape.rank is None:
        return
    if weights.shape.rank != tensor.shape.rank:
        raise wrong_rank(weights, (tensor.shape.rank,), "per_sample_weights")
    for axis, (found, wanted) in enumerate(zip(weights.shape.dims, tensor.shape.dims, strict=True)):
        fit(
            call,
            weights,
            axis,
            found,
            wanted,
            what=f"dimension {axis} of per_sample_weights",
            parameter=f"dimension {axis} of input",
            argument="per_sample_weights",
            other=Clash("input", axis, wanted),
        )


# --- one-hot ----------------------------------------------------------------------------------------------------------


@shape_rule("torch.nn.functional.one_hot", signature="(tensor: Tensor, num_classes=-1)")
def one_hot(call: Call) -> Value:
    tensor = call.tensor("tensor")
    refuse_numbers(tensor, ("int64",), "tensor", advice="class indices must be int64: `.long()`")
    classes: Dim | None = known_size(call, call["num_classes"], "num_classes")
    if classes is None or classes == -1:
        classes = call.fresh("num_classes", minimum=1)
    elif isinstance(classes, int):
        for index in whole_numbers(tensor.elements):
            if index >= classes:
                raise Complaint(
                    "ATN104", f"class {index} needs num_classes above {classes}", arguments=("tensor", "num_classes")
                )
    shape = Shape((*tensor.shape.dims, classes), tensor.shape.rest)
    return Tensor(shape, dtype="int64", device=tensor.device)
