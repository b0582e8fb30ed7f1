"""What all views share: the result on the same storage, and results of unknown rank."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Dim, Rest, Shape
from attnlint.ops.axes import with_shape
from attnlint.ops.call import Call
from attnlint.values import Axis, Tensor


def viewed(
    tensor: Tensor,
    shape: Shape | Sequence[Dim],
    strides: Sequence[Dim] | None = None,
    axes: Sequence[Axis] | None = None,
) -> Tensor:
    """Another shape of the same elements: dtype and device stay."""
    if not isinstance(shape, Shape):
        shape = Shape(tuple(shape))
    return Tensor(
        shape,
        tensor.dtype,
        tensor.device,
        strides=None if strides is None else tuple(strides),
        axes=None if axes is None else tuple(axes),
        assumed=tensor.assumed,
    )


def of_unknown_rank(tensor: Tensor, trailing: Sequence[Dim] = ()) -> Tensor:
    """A result of which only the last dims are known, if any."""
    return viewed(tensor, Shape(tuple(trailing), Rest(object())))


def trailing(call: Call, tensor: Tensor, count: int) -> Tensor:
    """The tensor with at least ``count`` known trailing dims; only for one of unknown rank, which must have them."""
    return with_shape(tensor, call.facts.require_trailing(tensor.shape, count, because=call.because))


def whole_axes(tensor: Tensor) -> tuple[Axis, ...] | None:
    """The histories of all axes, where there is one for each."""
    return tensor.axes if tensor.axes is not None and len(tensor.axes) == len(tensor.shape.dims) else None
