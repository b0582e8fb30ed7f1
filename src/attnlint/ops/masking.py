"""Picking and filling by masks: ``masked_fill``, ``masked_select``, ``masked_scatter``."""

from __future__ import annotations

import math

from attnlint.ops.broadcast import broadcast, broadcast_axes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.promotion import is_floating
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh
from attnlint.ops.strides import elementwise_strides
from attnlint.values import Tensor, Value


def demand_bool(mask: Tensor, name: str = "mask") -> None:
    """Demand a bool mask."""
    if mask.dtype is not None and mask.dtype != "bool":
        raise Complaint(
            "ATN115",
            f"{name} must be bool, not {mask.dtype}",
            arguments=(name,),
            advice="convert it with `.bool()`, or compare it: `mask == 0`",
        )


@shape_rule(
    "torch.masked_fill",
    "torch.Tensor.masked_fill",
    "torch.Tensor.masked_fill_",
    signature="(input: Tensor, mask: Tensor, value: operand)",
)
def masked_fill(call: Call) -> Tensor:
    """The mask is broadcast with the tensor; in place, to the tensor."""
    tensor, mask, value = call.tensor("input"), call.tensor("mask"), call["value"]
    demand_bool(mask)
    _demand_fill_value(call, tensor, value)
    if call.inplace:
        expand_into(call, "mask", mask.shape, tensor.shape)
        return tensor
    if mask.shape.rank is None and tensor.shape.rank is not None and len(mask.shape.dims) < tensor.shape.rank:
        # A mask that has more axes than what it masks is possible; nobody means it.
        expand_into(call, "mask", mask.shape, tensor.shape)
        shape = tensor.shape
    else:
        shape = broadcast(call, (("input", tensor), ("mask", mask)))
    strides = elementwise_strides((tensor,), shape.dims) if shape == tensor.shape and shape.rank is not None else None
    return fresh(
        call, shape, tensor.dtype, like=tensor, strides=strides, axes=broadcast_axes((tensor, mask), len(shape.dims))
    )


_LARGEST = {"float16": 65504.0, "bfloat16": 3.39e38, "float32": 3.4028235e38, "float64": math.inf}
_INTEGER_BITS = {"uint8": 8, "int8": 7, "int16": 15, "int32": 31, "int64": 63}


def _demand_fill_value(call: Call, tensor: Tensor, value: Value) -> None:
    """A tensor as value must have no axes; a number must be in the range of the dtype (``-inf`` is
    in no integer one).
    """
    if isinstance(value, Tensor):
        dims = call.as_tensor(value).shape.dims
        if dims:
            raise Complaint(
                "ATN103",
                f"value has {len(dims)} dimensions, not 0",
                arguments=("value",),
                clash=(Clash("value", None),),
                advice="use `torch.where` to pick from a tensor",
                about_rank=True,
            )
        return
    if isinstance(value, int | float) and tensor.dtype is not None and not _in_range(call, tensor.dtype, float(value)):
        raise Complaint(
            "ATN115",
            f"{value} is out of the range of {tensor.dtype}",
            arguments=("value", "input"),
            advice="convert the tensor to a floating dtype first"
            if tensor.dtype in _INTEGER_BITS
            else "use `torch.finfo(x.dtype).min`",
        )


def _in_range(call: Call, dtype: str, value: float) -> bool:
    if dtype in _INTEGER_BITS:
        return math.isfinite(value) and abs(value) <= 2.0 ** _INTEGER_BITS[dtype]
    if dtype in _LARGEST and call.exact_dtypes:
        return not math.isfinite(value) or abs(value) <= _LARGEST[dtype]
    return True


@shape_rule("torch.masked_select", "torch.Tensor.masked_select", signature="(input: Tensor, mask: Tensor, *, out=None)")
def masked_select(call: Call) -> Tensor:
    """A vector of as many elements as are marked."""
    tensor, mask = call.tensor("input"), call.tensor("mask")
    demand_bool(mask)
    broadcast(call, (("input", tensor), ("mask", mask)))
    return fresh(call, (call.fresh("n"),), tensor.dtype, like=tensor)


@shape_rule(
    "torch.masked_scatter",
    "torch.Tensor.masked_scatter",
    "torch.Tensor.masked_scatter_",
    signature="(input: Tensor, mask: Tensor, source: Tensor)",
)
def masked_scatter(call: Call) -> Tensor:
    tensor, mask, source = call.tensor("input"), call.tensor("mask"), call.tensor("source")
    demand_bool(mask)
    if tensor.dtype is not None and source.dtype is not None and tensor.dtype != source.dtype:
        floats = is_floating(tensor.dtype) and is_floating(source.dtype)
        if not floats or call.exact_dtypes:
            raise Complaint(
                "ATN115",
                f"dtypes differ: {tensor.dtype} and {source.dtype}",
                arguments=("source", "input"),
                advice="convert one",
            )
    if call.inplace:
        expand_into(call, "mask", mask.shape, tensor.shape)
        return tensor
    shape = broadcast(call, (("input", tensor), ("mask", mask)))
    return fresh(call, shape, tensor.dtype, like=tensor, axes=broadcast_axes((tensor, mask), len(shape.dims)))
