"""Padding: ``F.pad`` and the layers ``nn.ConstantPad1d`` to ``nn.CircularPad3d``."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Dim, Expression, Shape
from attnlint.ops.axes import with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_input import dimensions, wrong_rank
from attnlint.ops.registry import register_layer, shape_rule
from attnlint.ops.results import refuse, unknown_shape
from attnlint.ops.windows import MaybeDim
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

MODES = ("constant", "reflect", "replicate", "circular")


@shape_rule(
    "torch.nn.functional.pad", "torch._C._nn.pad", signature="(input: Tensor, pad, mode='constant', value=None)"
)
def pad(call: Call) -> Value:
    """Pairs of paddings, for the last axis first."""
    mode, value = call["mode"], call["value"]
    if isinstance(mode, str) and mode != "constant" and isinstance(value, int | float) and value != 0:
        raise Complaint("ATN104", f"mode {mode!r} takes no value", arguments=("value",))
    return pad_tensor(call, call.tensor("input"), _amounts(call, call["pad"]), mode)


@shape_rule("torch.constant_pad_nd", signature="(input: Tensor, pad: ints, value=0)")
def constant_pad(call: Call) -> Value:
    """``F.pad`` with a constant."""
    return pad_tensor(call, call.tensor("input"), _amounts(call, call["pad"]), "constant")


def _amounts(call: Call, value: Value) -> tuple[MaybeDim, ...] | None:
    """The paddings; ``None`` when not even their number is known."""
    if isinstance(value, Unknown | Repeated):
        return None
    return tuple(_amount(call, item) for item in call.as_sequence(value, "pad"))


def _amount(call: Call, value: Value) -> MaybeDim:
    try:
        return call.as_dim(value, "pad")
    except CannotTell:
        return None


def pad_tensor(call: Call, tensor: Tensor, amounts: tuple[MaybeDim, ...] | None, mode: Value) -> Tensor:
    """``F.pad``, with the paddings known as far as they are."""
    if amounts is None:
        return _any_sizes(call, tensor)
    if mode in ("reflect", "replicate"):
        refuse(tensor, "bool")
    if isinstance(mode, str) and mode not in MODES:
        raise Complaint("ATN104", f"mode is {mode!r} but must be one of {', '.join(MODES)}", arguments=("mode",))
    if len(amounts) % 2:
        raise Complaint("ATN104", f"pad has {len(amounts)} numbers but must have pairs", arguments=("pad",))
    count = len(amounts) // 2
    tensor = _with_rank(call, tensor, count, mode)
    dims = list(tensor.shape.dims)
    for place in range(count):
        axis = len(dims) - 1 - place
        dims[axis] = _padded(call, dims[axis], amounts[2 * place], amounts[2 * place + 1], mode, place)
    shape = Shape(tuple(dims), tensor.shape.rest)
    return Tensor(shape, dtype=tensor.dtype, device=tensor.device, axes=tensor.axes)


def _any_sizes(call: Call, tensor: Tensor) -> Tensor:
    """Padding by an unknown amount keeps the rank and nothing else."""
    if tensor.shape.rank is None:
        return Tensor(unknown_shape(), dtype=tensor.dtype, device=tensor.device)
    dims = tuple(call.fresh("padded") for _ in tensor.shape.dims)
    return Tensor(Shape(dims), dtype=tensor.dtype, device=tensor.device, axes=tensor.axes)


def _with_rank(call: Call, tensor: Tensor, count: int, mode: Value) -> Tensor:
    rank = tensor.shape.rank
    if rank is None:
        return with_shape(tensor, call.facts.require_trailing(tensor.shape, count, because=call.because))
    if rank < count:
        raise Complaint(
            "ATN103",
            f"pad has {count} pairs but the input has {dimensions(rank)}",
            arguments=("pad", "input"),
            about_rank=True,
        )
    if isinstance(mode, str) and mode != "constant" and (count not in (1, 2, 3) or rank not in (count + 1, count + 2)):
        raise Complaint(
            "ATN103",
            f"{mode} padding of {count} axes does not work on {rank} dimensions",
            arguments=("pad", "input"),
            advice=f"{count} axes can be padded of a tensor with {count + 1} or {count + 2} dimensions",
            about_rank=True,
        )
    return tensor


def _padded(call: Call, size: Dim, before: MaybeDim, after: MaybeDim, mode: Value, place: int) -> Dim:
    """The size of one axis after padding."""
    if before is None or after is None:
        return call.fresh("padded")
    cut = sum(amount for amount in (before, after) if isinstance(amount, int) and amount < 0)
    out = call.facts.normal(size + before + after)
    if mode in ("reflect", "replicate", "circular"):
        _check_source(call, size, (before, after), mode, place)
    # Cutting comes first, except where one kernel does both. An empty result is an error in some modes and for some
    # numbers of axes only; a negative size is one everywhere.
    for left in (out,) if mode in ("reflect", "replicate") else (call.facts.normal(size + cut), out):
        call.demand(
            call.facts.at_least(left, 0),
            lambda left=left: Complaint(  # type: ignore[misc]
                "ATN104",
                f"padding by ({before}, {after}) leaves {left} of dimension {-1 - place}, which has size {size}",
                arguments=("pad", "input"),
            ),
        )
    return out


def _check_source(call: Call, size: Dim, amounts: tuple[Dim, Dim], mode: Value, place: int) -> None:
    """``reflect`` needs more elements than it pads on each side, ``circular`` at least as many, ``replicate`` one."""
    for amount in amounts:
        least: Dim = {"reflect": amount + 1, "circular": amount}.get(mode, 1)
        if isinstance(amount, int) and amount < 0:
            continue
        call.demand(
            call.facts.at_least(size, least),
            lambda amount=amount: Complaint(  # type: ignore[misc]
                "ATN104",
                f"{mode} padding of {amount} does not fit dimension {-1 - place}, which has size {size}",
                arguments=("pad", "input"),
            ),
        )


# --- layers -----------------------------------------------------------------------------------------------------------


def _build(count: int) -> Callable[[Call], dict[str, Value]]:
    def build(call: Call) -> dict[str, Value]:
        attributes: dict[str, Value] = dict(call.arguments)
        amount = attributes["padding"]
        if isinstance(amount, int | Expression):
            attributes["padding"] = (amount,) * (2 * count)
        elif isinstance(amount, ListValue):
            attributes["padding"] = tuple(amount.items)
        return attributes

    return build


def _forward(count: int, mode: str) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        tensor = call.tensor("input")
        ranks = (count + 1, count + 2)
        if mode == "circular" and tensor.shape.rank is not None and tensor.shape.rank not in ranks:
            raise wrong_rank(tensor, ranks)
        amounts = _amounts(call, call.layer["padding"])
        return pad_tensor(call, tensor, amounts, mode)

    return forward


for _count in (1, 2, 3):
    for _name, _mode, _constructor in (
        ("ConstantPad", "constant", "(padding, value)"),
        ("ZeroPad", "constant", "(padding)"),
        ("ReflectionPad", "reflect", "(padding)"),
        ("ReplicationPad", "replicate", "(padding)"),
        ("CircularPad", "circular", "(padding)"),
    ):
        register_layer(
            f"torch.nn.{_name}{_count}d",
            (_constructor,),
            ("(input)",),
            _build(_count),
            _forward(_count, _mode),
            family="padding",
        )
