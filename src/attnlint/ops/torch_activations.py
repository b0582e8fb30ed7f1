"""Activations that are functions of ``torch`` itself and methods: ``softmax``, ``relu``, ``threshold``, dropout."""

from __future__ import annotations

from attnlint.ops.call import Call
from attnlint.ops.cumulative import checked_axis
from attnlint.ops.pointwise_unary import elementwise, full_names
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_argument, fresh, is_plain, refuse
from attnlint.values import Value


@shape_rule(
    "torch.softmax",
    "torch.Tensor.softmax",
    "torch.log_softmax",
    "torch.Tensor.log_softmax",
    "torch.special.softmax",
    "torch.special.log_softmax",
    signature="(input, dim: int, dtype=None, *, out=None)",
)
def softmax(call: Call) -> Value:
    """Normalised exponentials along an axis."""
    tensor = call.tensor("input")
    if call["dtype"] is None:
        refuse(tensor, "bool integer complex")
    tensor = checked_axis(call, tensor)
    dtype = dtype_argument(call, tensor.dtype)
    return fresh(call, tensor.shape, dtype, like=tensor, axes=tensor.axes, contiguous=is_plain(tensor))


FLOATS_ONLY = "bool integer complex"
ACTIVATIONS = (
    ("relu", "torch Tensor inplace torch_inplace", "(input)", "bool complex"),
    ("selu", "torch torch_inplace", "(input)", FLOATS_ONLY),
    ("celu", "torch torch_inplace", "(input, alpha=1.0)", FLOATS_ONLY),
    ("rrelu", "torch torch_inplace", "(input, lower=0.125, upper=0.3333333333333333, training=False)", FLOATS_ONLY),
    ("threshold", "torch torch_inplace", "(input, threshold, value, *, out=None)", "bool complex"),
    ("hardshrink", "torch Tensor", "(input, lambd=0.5, *, out=None)", FLOATS_ONLY),
    ("dropout feature_dropout alpha_dropout feature_alpha_dropout", "torch torch_inplace", "(input, p, train)", ""),
)


def _register() -> None:
    for names, forms, signature, refused in ACTIVATIONS:

        def rule(call: Call, refused: str = refused) -> Value:
            tensor = call.tensor("input")
            refuse(tensor, refused)
            return elementwise(call, tensor, tensor.dtype)

        register(full_names(names, forms), (signature,), rule, family="torch_activations")


_register()
