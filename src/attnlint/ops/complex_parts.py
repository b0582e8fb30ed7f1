"""The parts of complex tensors: ``real`` and ``imag``, as functions and as attributes of tensors."""

from __future__ import annotations

from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.promotion import is_complex, to_real
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import refuse
from attnlint.values import Value


@shape_rule("torch.real", "torch.Tensor.real", "torch.imag", "torch.Tensor.imag", signature="(input)")
def part(call: Call) -> Value:
    """The real part (of a real tensor: itself) or the imaginary one (of complex tensors only)."""
    tensor = call.tensor("input")
    if call.name.endswith("imag"):
        refuse(tensor, "bool integer float")
    if tensor.dtype is None:
        return replace(tensor, strides=None, elements=None)
    if not is_complex(tensor.dtype):
        return tensor
    strides = None if tensor.strides is None else tuple(2 * stride for stride in tensor.strides)
    return replace(tensor, dtype=to_real(tensor.dtype), strides=strides, elements=None)
