"""What all losses share: how they are reduced, and operands of one shape."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Dim, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import is_integral
from attnlint.ops.results import unknown_shape
from attnlint.values import Tensor, Value

CODE = "ATN117"
LOSS_BASES = ("torch.nn.modules.loss._Loss", "torch.nn.Module")
REDUCTIONS = ("none", "mean", "sum")
LEGACY = "size_average=None, reduce=None, reduction='mean'"


# --- options ----------------------------------------------------------------------------------------------------------


def option(call: Call, name: str) -> Value:
    """An option of a loss: an argument of the function, an attribute of the layer."""
    return call.arguments[name] if name in call.arguments else call.layer.get(name)


def reduction(call: Call, allowed: Sequence[str] = REDUCTIONS) -> str | None:
    """How the elements are reduced, the old ``size_average`` and ``reduce`` included; ``None`` when not known."""
    average, reduce, value = (option(call, name) for name in ("size_average", "reduce", "reduction"))
    if average is not None or reduce is not None:
        if not all(flag is None or isinstance(flag, bool) for flag in (average, reduce)):
            return None
        return "none" if reduce is False else "sum" if average is False else "mean"
    if not isinstance(value, str) or value == "elementwise_mean":
        # (the old name of the mean, which most losses still know)
        return None
    if value not in allowed:
        raise Complaint(
            CODE, f"reduction is {value!r} but must be one of {', '.join(allowed)}", arguments=("reduction",)
        )
    return value


def reduced(call: Call, shape: Shape | None, dtype: str | None, how: str | None, like: Tensor) -> Tensor:
    """The loss: a number, or one for each element of ``shape`` (``None``: not known) where nothing is reduced."""
    if how is None:
        raise CannotTell("reduction is not known")
    if how != "none":
        return Tensor(Shape(()), dtype=dtype, device=like.device)
    return Tensor(unknown_shape() if shape is None else shape, dtype=dtype, device=like.device)


def same_shape(
    call: Call, one: Tensor, other: Tensor, names: tuple[str, str] = ("input", "target"), code: str = CODE
) -> None:
    """Demand that two operands have exactly the same shape."""
    a, b = one.shape, other.shape
    if a.rank is None or b.rank is None:
        for back in range(1, min(len(a.dims), len(b.dims)) + 1):
            same_size(call, a.dims[-back], b.dims[-back], names, (-back, -back), code)
        return
    if a.rank != b.rank:
        raise Complaint(
            code,
            f"{names[0]} {a} and {names[1]} {b} must have the same shape",
            arguments=(names[1], names[0]),
            clash=(Clash(names[0], None), Clash(names[1], None)),
            advice=_squeeze_advice(names, a, b),
            about_rank=True,
        )
    for axis, (left, right) in enumerate(zip(a.dims, b.dims, strict=True)):
        same_size(call, left, right, names, (axis, axis), code)


def _squeeze_advice(names: tuple[str, str], one: Shape, other: Shape) -> str:
    """The usual slip: a last axis of size 1 too many."""
    for name, more, less in ((names[0], one, other), (names[1], other, one)):
        if len(more.dims) == len(less.dims) + 1 and more.dims[-1] == 1 and isinstance(more.dims[-1], int):
            return f"`.squeeze(-1)` on {name} would make the shapes equal"
    return ""


def same_size(
    call: Call, left: Dim, right: Dim, names: tuple[str, str], axes: tuple[int, int], code: str = CODE
) -> None:
    """Demand that two axes have the same size."""
    clash = (Clash(names[0], axes[0], left), Clash(names[1], axes[1], right))
    call.demand_equal(
        left,
        right,
        lambda: Complaint(
            code,
            f"dimension {axes[1]} of {names[1]} is {call.facts.normal(right)} but dimension {axes[0]} of {names[0]} "
            f"is {call.facts.normal(left)}",
            arguments=(names[1], names[0]),
            clash=clash,
        ),
        clash,
    )


def refuse_whole(tensor: Tensor, argument: str, *, advice: str = "") -> None:
    """Complain about whole numbers."""
    if tensor.dtype is not None and is_integral(tensor.dtype):
        raise Complaint(
            "ATN115",
            f"{argument} has dtype {tensor.dtype} but must be floating point",
            arguments=(argument,),
            advice=advice or f"convert it first: `{tensor.label or argument}.float()`",
            about_rank=True,
        )


def keep(call: Call) -> dict[str, Value]:
    """A loss layer keeps its options; ``reduction`` as torch works it out from the old ones."""
    attributes = dict(call.arguments)
    how = (
        reduction(call, (*REDUCTIONS, "batchmean"))
        if "reduction" in attributes and isinstance(attributes["reduction"], str)
        else None
    )
    if how is not None:
        attributes |= {"reduction": how, "size_average": None, "reduce": None}
    return attributes
