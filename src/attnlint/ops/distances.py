"""Distances and similarities of vectors, and ``F.normalize``."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Shape, floor_divide
from attnlint.ops.activations import along, keep_arguments
from attnlint.ops.axis_arguments import locate
from attnlint.ops.broadcast import broadcast
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell
from attnlint.ops.layer_input import like, wrong_rank
from attnlint.ops.promotion import float_result, is_floating, result_dtype, to_real
from attnlint.ops.registry import register, register_layer, shape_rule
from attnlint.ops.results import refuse
from attnlint.values import Tensor, Value

_FAMILY = "distances"


def _similarity(dim: Callable[[Call], Value]) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        one, other = call.tensor("x1"), call.tensor("x2")
        dtype = result_dtype((one, other))
        if dtype is not None and not is_floating(dtype):
            refuse(one, "bool integer complex", argument="x1")
        shape = broadcast(call, (("x1", one), ("x2", other)))
        axis = dim(call)
        if not isinstance(axis, int):
            raise CannotTell("dim is not a known integer")
        whole, places = locate(call, Tensor(shape), (axis,))
        kept = tuple(size for place, size in enumerate(whole.shape.dims) if place not in places)
        return Tensor(Shape(kept, whole.shape.rest), dtype=dtype, device=one.device)

    return rule


register(
    ("torch.nn.functional.cosine_similarity", "torch.cosine_similarity"),
    ("(x1: Tensor, x2: Tensor, dim=1, eps=1e-8)",),
    _similarity(lambda call: call["dim"]),
    family=_FAMILY,
)
register_layer(
    "torch.nn.CosineSimilarity",
    ("(dim=1, eps=1e-8)",),
    ("(x1, x2)",),
    keep_arguments,
    _similarity(lambda call: call.layer["dim"]),
    family=_FAMILY,
)


def _distance(keepdim: Callable[[Call], Value]) -> Callable[[Call], Value]:
    """The norm of the difference along the last axis."""

    def rule(call: Call) -> Value:
        one, other = call.tensor("x1"), call.tensor("x2")
        for name, operand in (("x1", one), ("x2", other)):
            refuse(operand, "bool", argument=name)
        dtype = result_dtype((one, other))
        shape = broadcast(call, (("x1", one), ("x2", other)))
        keep = keepdim(call)
        if not isinstance(keep, bool):
            raise CannotTell("keepdim is not known")
        # torch computes the norm of a 0-dim difference, too.
        if not shape.dims and shape.rest is not None:
            raise CannotTell("the operands may have no dimension at all")
        dims = (*shape.dims[:-1], 1) if keep and shape.dims else shape.dims[:-1]
        return Tensor(
            Shape(dims, shape.rest),
            dtype=None if dtype is None else to_real(float_result(dtype) or dtype),
            device=one.device,
        )

    return rule


register(
    ("torch.nn.functional.pairwise_distance", "torch.pairwise_distance"),
    ("(x1: Tensor, x2: Tensor, p=2.0, eps=1e-6, keepdim=False)",),
    _distance(lambda call: call["keepdim"]),
    family=_FAMILY,
)
register_layer(
    "torch.nn.PairwiseDistance",
    ("(p=2.0, eps=1e-6, keepdim=False)",),
    ("(x1, x2)",),
    keep_arguments,
    _distance(lambda call: call.layer["keepdim"]),
    family=_FAMILY,
)


@shape_rule("torch.nn.functional.pdist", "torch.pdist", signature="(input: Tensor, p=2)")
def pdist(call: Call) -> Value:
    """The distances of all pairs of rows."""
    tensor = call.tensor("input")
    tensor = call.demand_rank(tensor, (2,), lambda: wrong_rank(tensor, (2,)))
    refuse(tensor, "bool integer complex")
    rows = tensor.shape.dims[0]
    return Tensor(
        Shape((call.facts.normal(floor_divide(rows * (rows - 1), 2)),)), dtype=tensor.dtype, device=tensor.device
    )


@shape_rule("torch.nn.functional.normalize", signature="(input: Tensor, p=2.0, dim=1, eps=1e-12, out=None)")
def normalize(call: Call) -> Value:
    tensor = call.tensor("input")
    refuse(tensor, "bool integer")
    along(call, tensor, call["dim"])
    return like(tensor)
