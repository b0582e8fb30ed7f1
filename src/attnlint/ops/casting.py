"""The same tensor with another dtype or on another device: ``to``, ``float``, ``cuda``, ``type_as``, ``clone``,
``detach``.
"""

from __future__ import annotations

from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.devices import device_name
from attnlint.ops.promotion import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    NARROW_FLOATS,
    SHORT_NAMES,
    UNSIGNED,
    canonical_dtype,
    is_integral,
)
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.strides import elementwise_strides
from attnlint.values import Tensor, TorchName, Unknown, Value

DTYPES = frozenset((*INTEGERS, *UNSIGNED, *FLOATS, *NARROW_FLOATS, *COMPLEX, "bool"))


def converted(tensor: Tensor, dtype: str | None, device: str | None) -> Tensor:
    """Another dtype or device. torch keeps dense strides as they are, and makes others contiguous."""
    if dtype == tensor.dtype and dtype is not None and device == tensor.device:
        return tensor
    strides = tensor.strides
    if strides is not None:
        copied = elementwise_strides((tensor,), tensor.shape.dims)
        # Without a change there is no copy; with one, strides of a copy.
        strides = strides if copied == strides else None
    elements = (
        tensor.elements if dtype == tensor.dtype or (dtype == "int64" and tensor.dtype in ("int32", "int64")) else None
    )
    return Tensor(
        tensor.shape,
        dtype,
        device,
        strides=strides,
        axes=tensor.axes,
        label=tensor.label,
        elements=elements,
        assumed=tensor.assumed,
    )


def dtype_of(value: Value) -> str | None:
    """``torch.float32``, or the short or full name in a string, as a dtype; ``None`` for what is none."""
    if isinstance(value, TorchName):
        name = canonical_dtype(value.name)
        return name if name in DTYPES else None
    return None


@shape_rule(
    "torch.Tensor.to",
    signature=(
        "(input: Tensor, *arguments, device=None, dtype=None, non_blocking=False, copy=False, memory_format=None,"
        " other=None)"
    ),
)
def to(call: Call) -> Tensor:
    """``x.to(dtype)``, ``x.to(device)``, ``x.to(device, dtype)``, ``x.to(other)``: told apart by what the arguments
    are.
    """
    tensor = call.tensor("input")
    dtype, device = tensor.dtype, tensor.device
    given = list(call["arguments"])
    given += [value for name in ("device", "dtype", "other") if (value := call[name]) is not None]
    for value in given:
        if isinstance(value, Tensor):
            dtype, device = value.dtype, value.device
        elif value is None:
            # `x.to(self.dtype)` with an option that is not given: torch leaves `x` as it is, and so the author
            # has not thought of nobody giving it.
            dtype = None
        elif (found := dtype_of(value)) is not None:
            dtype = found
        elif isinstance(value, str):
            device = value
        elif isinstance(value, bool):
            continue
        elif isinstance(value, Unknown):
            if value.kind != "device":
                dtype = None
            if value.kind != "dtype":
                device = None
        else:
            device = device_name(value)
    result = converted(tensor, dtype, device)
    return result if call["memory_format"] is None else replace(result, strides=None)


def _cast(call: Call) -> Tensor:
    tensor = call.tensor("input")
    name = call.name.rpartition(".")[2]
    result = converted(tensor, SHORT_NAMES.get(name, name), tensor.device)
    return result if call["memory_format"] is None else replace(result, strides=None)


for _name in (*SHORT_NAMES, "bfloat16", "bool"):
    register((f"torch.Tensor.{_name}",), ("(input: Tensor, memory_format=None)",), _cast)
for _name, _dtype in (("byte", "uint8"), ("char", "int8")):

    def _rule(call: Call, dtype: str = _dtype) -> Tensor:
        tensor = call.tensor("input")
        result = converted(tensor, dtype, tensor.device)
        return result if call["memory_format"] is None else replace(result, strides=None)

    register((f"torch.Tensor.{_name}",), ("(input: Tensor, memory_format=None)",), _rule)


def _move(call: Call) -> Tensor:
    tensor = call.tensor("input")
    name = call.name.rpartition(".")[2]
    device = device_name(call["device"]) if call.arguments.get("device") is not None else name
    result = converted(tensor, tensor.dtype, device)
    return result if call.arguments.get("memory_format") is None else replace(result, strides=None)


for _name in ("cuda", "cpu", "xpu", "mps", "npu"):
    register(
        (f"torch.Tensor.{_name}",), ("(input: Tensor, device=None, non_blocking=False, memory_format=None)",), _move
    )

LEGACY_TYPES = {
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
    "BFloat16Tensor": "bfloat16",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ShortTensor": "int16",
    "CharTensor": "int8",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}


@shape_rule("torch.Tensor.type", signature="(input: Tensor, dtype=None, non_blocking=False)")
def type_(call: Call) -> Value:
    """Without an argument the name of the type; else a conversion, to a dtype or to
    ``torch.FloatTensor`` or its name.
    """
    tensor = call.tensor("input")
    wanted = call["dtype"]
    if wanted is None:
        names = {dtype: name for name, dtype in LEGACY_TYPES.items()}
        if tensor.dtype in names and tensor.device == "cpu":
            return f"torch.{names[tensor.dtype]}"
        return Unknown("the name of a tensor's type", kind="str")
    name = wanted if isinstance(wanted, str) else wanted.name if isinstance(wanted, TorchName) else ""
    dtype = dtype_of(wanted) or LEGACY_TYPES.get(name.rpartition(".")[2])
    return converted(tensor, dtype, tensor.device if dtype_of(wanted) else None)


@shape_rule("torch.Tensor.type_as", signature="(input: Tensor, other: Tensor)")
def type_as(call: Call) -> Tensor:
    other = call.tensor("other")
    return converted(call.tensor("input"), other.dtype, other.device)


@shape_rule("torch.clone", "torch.Tensor.clone", signature="(input: Tensor, *, memory_format=None)")
def clone(call: Call) -> Tensor:
    """A copy: dense strides are kept, others become contiguous."""
    tensor = call.tensor("input")
    strides = None
    if call["memory_format"] is None and tensor.strides is not None and tensor.shape.rank is not None:
        strides = elementwise_strides((tensor,), tensor.shape.dims)
    elif (
        str(getattr(call["memory_format"], "name", "")).endswith("contiguous_format") and tensor.shape.rank is not None
    ):
        from attnlint.ops.strides import contiguous_strides

        strides = contiguous_strides(tensor.shape.dims)
    return replace(tensor, strides=strides, is_parameter=False)


def same(call: Call) -> Tensor:
    """The same tensor: only its place in the autograd graph or in memory changes."""
    return replace(call.tensor("input"), is_parameter=False)


@shape_rule("torch.Tensor.requires_grad_", signature="(input: Tensor, requires_grad=True)")
def requires_grad(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if call.flag("requires_grad") and tensor.dtype is not None and is_integral(tensor.dtype):
        raise Complaint(
            "ATN115",
            f"a tensor of dtype {tensor.dtype} cannot require gradients",
            arguments=("input",),
            advice="only floating and complex tensors can",
            recovery=tensor,
        )
    return same(call)


for _name in ("detach", "detach_", "pin_memory", "share_memory_", "coalesce"):
    _names = (f"torch.Tensor.{_name}",) if _name != "detach" else ("torch.detach", "torch.Tensor.detach")
    register(_names, ("(input: Tensor, *arguments)",), same)
register(("torch.alias_copy", "torch.detach_copy", "torch.Tensor.data"), ("(input: Tensor)",), same)
