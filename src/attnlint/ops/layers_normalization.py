"""Normalisation over trailing axes: ``nn.LayerNorm``, ``nn.RMSNorm``, ``nn.LocalResponseNorm`` and their functions.

What normalises channels (BatchNorm, GroupNorm, InstanceNorm) is in ``layers_channel_norm``.
"""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Dim
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.layer_input import (
    dimensions,
    fit,
    known_size,
    like,
    optional,
    optional_tensor,
    parameter,
    refuse_integers,
    trailing,
)
from attnlint.ops.promotion import float_result
from attnlint.ops.registry import layer, register, shape_rule
from attnlint.ops.results import dtype_kind
from attnlint.ops.strides import contiguous_strides
from attnlint.values import ListValue, NamedTuple, Repeated, Tensor, Unknown, Value

NORMALIZED = "normalized_shape"


def normalized_dims(call: Call, value: Value) -> tuple[Dim | None, ...] | None:
    """The axes that a layer normalises; ``None`` when not even their number is known.

    An unknown object is taken for a number: were it a tuple, its symbol would stand for the last of its items.
    """
    if isinstance(value, Repeated | NamedTuple):
        return None
    if isinstance(value, tuple | list | ListValue):
        return tuple(known_size(call, item, NORMALIZED) for item in call.as_sequence(value, NORMALIZED))
    size = known_size(call, value, NORMALIZED)
    return None if size is None else (size,)


def demand_normalized(
    call: Call, tensor: Tensor, wanted: tuple[Dim | None, ...] | None, argument: str = "input"
) -> Tensor:
    """Demand that the last axes of the input are ``normalized_shape``."""
    if wanted is None:
        return tensor
    if not wanted:
        raise Complaint("ATN104", "normalized_shape must name at least one dimension", arguments=(NORMALIZED,))
    text = str(wanted[0]) if len(wanted) == 1 else f"({', '.join(str(dim) for dim in wanted)})"
    cut = trailing(
        call,
        tensor,
        len(wanted),
        lambda: Complaint(
            "ATN104",
            f"the input has {dimensions(tensor.shape.rank)} but normalized_shape has {len(wanted)}",
            arguments=(argument,),
            clash=(Clash(argument, None), Clash(NORMALIZED, None)),
            about_rank=True,
        ),
    )
    for offset, (found, dim) in enumerate(zip(cut.trailing, wanted, strict=True)):
        if dim is None:
            continue
        axis = offset - len(wanted)
        what = "the last dimension" if axis == -1 else f"dimension {axis}"
        name = NORMALIZED if len(wanted) == 1 else f"{NORMALIZED} {text} there"
        fit(call, tensor, axis, found, dim, what=what, parameter=name, argument=argument)
    return cut.tensor


def demand_norm_dtype(call: Call, tensor: Tensor, weight: Tensor | None) -> None:
    """Normalisation refuses whole numbers; only some kernels take parameters that are wider than the input."""
    refuse_integers(call, tensor)
    if weight is None or weight.dtype is None or tensor.dtype is None or weight.dtype == tensor.dtype:
        return
    mixed = weight.dtype == "float32" and tensor.dtype in ("float16", "bfloat16")
    floats = dtype_kind(weight.dtype) == dtype_kind(tensor.dtype) == "float"
    if not mixed and (call.exact_dtypes or not floats):
        raise Complaint(
            "ATN115",
            f"input has dtype {tensor.dtype} but weight has dtype {weight.dtype}",
            arguments=("input",),
            about_rank=True,
        )


def normalised(tensor: Tensor) -> Tensor:
    """The output: a fresh contiguous tensor like the input."""
    result = like(tensor)
    if tensor.shape.rank is None:
        return result
    return Tensor(
        result.shape,
        dtype=result.dtype,
        device=result.device,
        axes=result.axes,
        strides=contiguous_strides(result.shape.dims),
    )


def _parameter(call: Call, name: str) -> Value:
    dims = normalized_dims(call, call[NORMALIZED])
    if dims is None:
        return Unknown("normalized_shape is not known", kind="tensor", label=name)
    return parameter(call, *dims, label=name)


def _normalized_attribute(call: Call) -> Value:
    """torch keeps ``normalized_shape`` as a tuple."""
    value = call[NORMALIZED]
    dims = normalized_dims(call, value)
    if dims is None or any(dim is None for dim in dims):
        return value
    return dims


def _layer_dims(call: Call) -> tuple[Dim | None, ...] | None:
    weight = call.layer.get("weight")
    if isinstance(weight, Tensor) and weight.shape.rank is not None:
        return call.facts.resolve(weight.shape).dims
    return normalized_dims(call, call.layer.get(NORMALIZED))


@layer(
    "torch.nn.LayerNorm",
    constructor="(normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None)",
    forward="(input)",
)
class LayerNorm:
    """``(*, normalized_shape)`` to the same."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        weight = optional(call, "elementwise_affine", _parameter(call, "weight"))
        return {
            NORMALIZED: _normalized_attribute(call),
            "eps": call["eps"],
            "elementwise_affine": call["elementwise_affine"],
            "weight": weight,
            "bias": None if weight is None else optional(call, "bias", _parameter(call, "bias")),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        tensor = call.tensor("input")
        demand_norm_dtype(call, tensor, optional_tensor(call, call.layer.get("weight"), "weight"))
        return normalised(demand_normalized(call, tensor, _layer_dims(call)))


@layer(
    "torch.nn.RMSNorm",
    constructor="(normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None)",
    forward="(x)",
)
class RMSNorm:
    """``(*, normalized_shape)`` to the same."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return {
            NORMALIZED: _normalized_attribute(call),
            "eps": call["eps"],
            "elementwise_affine": call["elementwise_affine"],
            "weight": optional(call, "elementwise_affine", _parameter(call, "weight")),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        tensor = call.tensor("x")
        refuse_integers(call, tensor, "x")
        return normalised(demand_normalized(call, tensor, _layer_dims(call), "x"))


def _trailing_norm(call: Call, weights: tuple[str, ...]) -> Tensor:
    """``F.layer_norm`` and ``F.rms_norm``: weights of exactly ``normalized_shape``."""
    tensor = call.tensor("input")
    if not isinstance(call[NORMALIZED], tuple | list | ListValue):
        raise CannotTell("normalized_shape is not known")
    wanted = normalized_dims(call, call[NORMALIZED])
    tensor = demand_normalized(call, tensor, wanted)
    for name in weights:
        weight = optional_tensor(call, call[name], name)
        if weight is None or weight.shape.rank is None or wanted is None:
            continue
        if weight.shape.rank != len(wanted):
            raise Complaint(
                "ATN104",
                f"{name} has {dimensions(weight.shape.rank)} but normalized_shape has {len(wanted)}",
                arguments=(name, NORMALIZED),
                about_rank=True,
            )
        for axis, (found, dim) in enumerate(zip(weight.shape.dims, wanted, strict=True)):
            if dim is not None:
                fit(
                    call,
                    weight,
                    axis,
                    found,
                    dim,
                    what=f"dimension {axis} of {name}",
                    parameter=NORMALIZED,
                    argument=name,
                )
    return normalised(tensor)


@shape_rule(
    "torch.nn.functional.layer_norm",
    signature="(input: Tensor, normalized_shape, weight: Tensor = None, bias: Tensor = None, eps=1e-5)",
)
def layer_norm(call: Call) -> Value:
    demand_norm_dtype(call, call.tensor("input"), optional_tensor(call, call["weight"], "weight"))
    return _trailing_norm(call, ("weight", "bias"))


register(
    ("torch.layer_norm",),
    ("(input: Tensor, normalized_shape, weight: Tensor = None, bias: Tensor = None, eps=1e-5, cudnn_enable=True)",),
    layer_norm,
)


@shape_rule(
    "torch.nn.functional.rms_norm",
    "torch.rms_norm",
    signature="(input: Tensor, normalized_shape, weight: Tensor = None, eps=None)",
)
def rms_norm(call: Call) -> Value:
    refuse_integers(call, call.tensor("input"))
    return _trailing_norm(call, ("weight",))


def _local_response(call: Call) -> Value:
    tensor = call.tensor("input")
    if tensor.shape.rank is not None and tensor.shape.rank < 3:
        raise Complaint(
            "ATN103",
            f"input has {dimensions(tensor.shape.rank)} but must have 3 or more",
            arguments=("input",),
            about_rank=True,
        )
    empty = any(isinstance(size, int) and size == 0 for size in tensor.shape.dims)  # then it is returned as it is
    return like(tensor, dtype=tensor.dtype if empty else float_result(tensor.dtype))


register(
    ("torch.nn.functional.local_response_norm",),
    ("(input: Tensor, size, alpha=1e-4, beta=0.75, k=1.0)",),
    _local_response,
    family="layers_normalization",
)


def _stateless(forward: Callable[[Call], Value], rank: int | None) -> type:
    class Stateless:
        @staticmethod
        def build(call: Call) -> dict[str, Value]:
            return dict(call.arguments)

        @staticmethod
        def forward(call: Call) -> Value:
            if rank is not None:
                call.demand_rank(call.tensor("input"), (rank,), lambda: _rank_complaint(call, rank))
            return forward(call)

    Stateless.__module__ = __name__
    return Stateless


def _rank_complaint(call: Call, rank: int) -> Complaint:
    found = call.tensor("input").shape.rank
    return Complaint(
        "ATN103", f"input has {dimensions(found)} but must have {rank}", arguments=("input",), about_rank=True
    )


layer("torch.nn.LocalResponseNorm", constructor="(size, alpha=1e-4, beta=0.75, k=1.0)", forward="(input)")(
    _stateless(_local_response, None)
)
layer("torch.nn.CrossMapLRN2d", constructor="(size, alpha=1e-4, beta=0.75, k=1)", forward="(input)")(
    _stateless(_local_response, 4)
)
