"""The normalisations in the form of ATen: ``native_layer_norm``, ``native_group_norm``, ``native_batch_norm``.

They return the result, and the mean and reciprocal deviation that the backward pass needs.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim
from attnlint.ops.axis_arguments import wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh, refuse
from attnlint.values import Tensor, Value


def _statistics(call: Call, tensor: Tensor, dims: tuple[Dim, ...]) -> Tensor:
    return fresh(call, dims, tensor.dtype, like=tensor, out="")


@shape_rule("torch.native_layer_norm", signature="(input, normalized_shape: ints, weight, bias, eps)")
def native_layer_norm(call: Call) -> Value:
    """Over the last axes, which have the normalised shape."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer")
    sizes = tuple(call.as_dim(size, "normalized_shape") for size in call.sequence("normalized_shape"))
    if not sizes:
        raise Complaint("ATN104", "normalized_shape is empty", arguments=("normalized_shape",))
    dims = call.known_rank(tensor)
    if len(dims) < len(sizes):
        raise wrong_rank(tensor, f"{len(sizes)} or more")
    for name in ("weight", "bias"):
        if call[name] is not None:
            _demand(call, name, call.known_rank(call.tensor(name)), sizes)
    _demand(call, "input", dims[len(dims) - len(sizes) :], sizes)
    statistics = _statistics(call, tensor, (*dims[: len(dims) - len(sizes)], *(1 for _ in sizes)))
    return (fresh(call, dims, tensor.dtype, like=tensor, axes=tensor.axes), statistics, statistics)


def _demand(call: Call, name: str, dims: tuple[Dim, ...], sizes: tuple[Dim, ...]) -> None:
    """Demand that dims are the normalised shape."""
    if len(dims) != len(sizes) or any(call.facts.equal(a, b) is Answer.NO for a, b in zip(dims, sizes, strict=True)):
        raise Complaint(
            "ATN104",
            f"{name} ends in {_text(dims)} but normalized_shape is {_text(sizes)}",
            arguments=(name, "normalized_shape"),
            clash=(Clash(name, None), Clash("normalized_shape", None)),
        )


def _text(dims: tuple[Dim, ...]) -> str:
    return f"({', '.join(map(str, dims))})"


@shape_rule("torch.native_group_norm", signature="(input, weight, bias, N, C, HxW, group, eps)")
def native_group_norm(call: Call) -> Value:
    """Over groups of channels."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer")
    statistics = _statistics(call, tensor, (call.dim("N"), call.dim("group")))
    return (fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes), statistics, statistics)


@shape_rule(
    "torch.native_batch_norm",
    "torch._native_batch_norm_legit",
    signature=(
        "(input, weight, bias, running_mean, running_var, training: bool, momentum, eps)",
        "(input, weight, bias, training: bool, momentum, eps)",
    ),
)
def native_batch_norm(call: Call) -> Value:
    """Over all axes but the channels; without training nothing is kept for the backward pass."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer")
    training = call.flag("training")
    if training is None or (training and len(tensor.shape.dims) < 2):
        raise CannotTell("the channels or the mode are not known")
    channels: Dim = call.known_rank(tensor)[1] if training else 0
    statistics = _statistics(call, tensor, (channels,))
    return (fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes), statistics, statistics)
