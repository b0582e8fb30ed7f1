"""Writes of whole tensors: ``fill_``, ``zero_``, ``copy_``; and what resizes: ``resize_``, ``resize_as_``."""

from __future__ import annotations

from attnlint.algebra import Shape
from attnlint.frozen import replace
from attnlint.ops.broadcast import expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh
from attnlint.ops.strides import contiguous_strides
from attnlint.values import Tensor, Value


@shape_rule("torch.fill", "torch.fill_", "torch.Tensor.fill_", signature="(input, value: operand)")
def fill(call: Call) -> Value:
    """All elements become one number, or the element of a tensor without axes."""
    tensor, value = call.tensor("input"), call["value"]
    if isinstance(value, Tensor) and value.shape.rank not in (None, 0):
        raise Complaint(
            "ATN103",
            f"value has {value.shape.rank} dimension{'s' * (value.shape.rank != 1)}, not 0",
            arguments=("value",),
            advice="`copy_` writes a whole tensor",
            about_rank=True,
        )
    if not call.inplace:
        return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)
    return replace(tensor, elements=None)


@shape_rule("torch.zero_", "torch.Tensor.zero_", signature="(input)")
def zero(call: Call) -> Value:
    """All elements become zero."""
    return replace(call.tensor("input"), elements=None)


@shape_rule("torch.Tensor.copy_", signature="(input, src: Tensor, non_blocking=False)")
def copy(call: Call) -> Value:
    """Write the elements of another tensor, which broadcasts to this one."""
    tensor = call.tensor("input")
    expand_into(call, "src", call.tensor("src").shape, tensor.shape)
    return replace(tensor, elements=None)


@shape_rule("torch.Tensor.resize_", signature="(input, *size, memory_format=None)")
def resize(call: Call) -> Value:
    """Another shape on the same storage, which grows when it must."""
    sizes = tuple(call.as_dim(size, "size") for size in call.sequence("size"))
    return _resized(call, Shape(sizes))


@shape_rule(
    "torch.resize_as_", "torch.Tensor.resize_as_", signature="(input, the_template: Tensor, *, memory_format=None)"
)
def resize_as(call: Call) -> Value:
    """As ``resize_``, to the shape of another tensor."""
    return _resized(call, call.tensor("the_template").shape)


def _resized(call: Call, shape: Shape) -> Value:
    plain = call["memory_format"] is None and shape.rank is not None
    # A tensor that has the shape already is left as it is, strides included.
    same = call.tensor("input").shape == shape
    tensor = call.tensor("input")
    strides = tensor.strides if same else contiguous_strides(shape.dims) if plain else None
    return replace(tensor, shape=shape, strides=strides, axes=tensor.axes if same else None, elements=None)
