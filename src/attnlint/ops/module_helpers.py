"""``torch.nn.utils`` outside ``rnn``: gradient norms, parameters as one vector; and parameters without a shape yet."""

from __future__ import annotations

from attnlint.algebra import Shape
from attnlint.ops.call import Call
from attnlint.ops.registry import shape_rule
from attnlint.values import Tensor, Unknown, Value


@shape_rule(
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_norm",
    signature="(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None)",
)
def clip_grad_norm(call: Call) -> Value:
    """The norm of all gradients together."""
    return Tensor(Shape(()))


@shape_rule(
    "torch.nn.utils.get_total_norm", signature="(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None)"
)
def get_total_norm(call: Call) -> Value:
    return Tensor(Shape(()))


@shape_rule("torch.nn.utils.clip_grad_value_", signature="(parameters, clip_value, foreach=None)")
def clip_grad_value(call: Call) -> Value:
    return None


@shape_rule("torch.nn.utils.parameters_to_vector", signature="(parameters)")
def parameters_to_vector(call: Call) -> Value:
    """All parameters behind each other."""
    return Tensor(Shape((call.fresh("parameters"),)))


@shape_rule(
    "torch.nn.UninitializedParameter",
    "torch.nn.parameter.UninitializedParameter",
    "torch.nn.UninitializedBuffer",
    "torch.nn.parameter.UninitializedBuffer",
    signature="(requires_grad=True, device=None, dtype=None, persistent=True)",
)
def uninitialized(call: Call) -> Value:
    """A parameter of a lazy module gets its shape at the first call."""
    return Unknown("the parameter has no shape yet", kind="tensor")
