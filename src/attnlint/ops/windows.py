"""Sliding windows: what convolution, pooling and unfolding share. How many windows fit along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Expression, Symbol, floor_divide, minimum
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint, placeholder
from attnlint.ops.layer_input import positive, sizes
from attnlint.values import ListValue, Unknown, Value

MaybeDim = Dim | None
"""A size, or ``None`` where nothing is known of it."""


def window_sizes(call: Call, value: Value, count: int, name: str) -> tuple[MaybeDim, ...]:
    """One number an axis from ``kernel_size``, ``stride``, ...; ``None`` for those of which nothing is known.

    An unknown object may be one number or a tuple; only where there is one axis that makes no difference.
    """
    if isinstance(value, Unknown) and value.kind != "int" and (count > 1 or name == "padding"):
        return (None,) * count
    if isinstance(value, list | tuple | ListValue):
        items = call.as_sequence(value, name)
        if len(items) == 1:
            items = items * count
        if len(items) == count:
            return tuple(_maybe(call, item, name) for item in items)
        raise CannotTell(f"{name} has {len(items)} items for {count} axes")
    try:
        return tuple(sizes(call, value, count, name))
    except CannotTell:
        return (None,) * count


def _maybe(call: Call, value: Value, name: str) -> MaybeDim:
    try:
        return call.as_dim(value, name)
    except CannotTell:
        return None


def demand_positive(call: Call, values: Sequence[MaybeDim], name: str, code: str = "ATN104") -> None:
    """Complain about a stride, a kernel or a dilation that is known to be 0 or less."""
    for value in values:
        if isinstance(value, int) and value <= 0:
            raise Complaint(
                code,
                f"{name} must be greater than 0, got {value}",
                arguments=(name,),
                about_placeholder=placeholder(value),
            )


def demand_not_negative(call: Call, values: Sequence[MaybeDim], name: str, code: str = "ATN104") -> None:
    """Complain about a padding that is known to be negative."""
    for value in values:
        if isinstance(value, int) and value < 0:
            raise Complaint(
                code,
                f"{name} must not be negative, got {value}",
                arguments=(name,),
                about_placeholder=placeholder(value),
            )


def extent(kernel: Dim, dilation: Dim) -> Dim:
    """How far a dilated kernel reaches."""
    return dilation * (kernel - 1) + 1


def windows(
    call: Call,
    size: Dim,
    kernel: MaybeDim,
    stride: MaybeDim,
    padding: MaybeDim,
    dilation: MaybeDim,
    *,
    argument: str = "input",
    name: str = "windows",
) -> Dim:
    """How many windows fit: ``(size + 2 padding - dilation (kernel - 1) - 1) // stride + 1``; complain if none."""
    if kernel is None or stride is None or padding is None or dilation is None:
        return call.fresh(name, minimum=1)
    padded = size + 2 * padding
    reach = extent(kernel, dilation)
    fits = call.facts.at_least(padded, reach)
    call.demand(
        fits,
        lambda: Complaint(
            "ATN104",
            f"the kernel reaches over {call.facts.normal(reach)} but the padded size is {call.facts.normal(padded)}",
            arguments=(argument, "kernel_size"),
        ),
    )
    if fits is Answer.OPEN and isinstance(size, Expression) and all(isinstance(a, Symbol) for a in size.atoms()):
        # Of an input's own size this is worth knowing. Of what other windows leave of it, it would be a fact a layer.
        call.facts.learn_at_least(padded, reach, because=call.because)
    return call.facts.normal(floor_divide(padded - reach, stride) + 1)


def pooled(
    call: Call,
    size: Dim,
    kernel: MaybeDim,
    stride: MaybeDim,
    padding: MaybeDim,
    dilation: MaybeDim,
    *,
    ceil_mode: bool | None,
) -> Dim:
    """As :func:`windows`, for pooling: with ``ceil_mode`` a last window may hang over if it starts inside."""
    if kernel is None or stride is None or padding is None or dilation is None or ceil_mode is None:
        return call.fresh("windows", minimum=1)
    reach = extent(kernel, dilation)
    room = size + 2 * padding - reach
    out = floor_divide(room + (stride - 1 if ceil_mode else 0), stride) + 1
    if ceil_mode:
        # pooling_output_shape_pad_lr of ATen: the last window must start inside the input or its left padding.
        out = minimum(out, floor_divide(size + padding + stride - 1, stride))
    return positive(
        call,
        out,
        lambda: Complaint(
            "ATN104",
            f"the output size would be {call.facts.normal(out)}: the kernel reaches over {call.facts.normal(reach)}, "
            f"the padded size is {call.facts.normal(size + 2 * padding)}",
            arguments=("input", "kernel_size"),
        ),
    )
