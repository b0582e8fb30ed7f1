"""Tensors or columns against each other: ``cdist``, ``dist``, ``cov``, ``corrcoef``, ``cross``, ``renorm``."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import demand_least_rank, given_axes, locate, wrong_rank
from attnlint.ops.broadcast import broadcast, broadcast_shapes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import DEFAULT, float_result, result_dtype, to_real
from attnlint.ops.reductions import reduced
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import dtype_kind, fresh, refuse, unknown_shape
from attnlint.values import Tensor, Value


@shape_rule("torch.cdist", signature="(x1: Tensor, x2: Tensor, p=2.0, compute_mode=None)")
def cdist(call: Call) -> Value:
    """The distance of each row of one matrix to each row of another."""
    left, right = (demand_least_rank(call, call.tensor(name), 2, argument=name) for name in ("x1", "x2"))
    for name, tensor in (("x1", left), ("x2", right)):
        refuse(tensor, "bool integer complex", argument=name)
    sizes = left.shape.dims[-1], right.shape.dims[-1]
    clash = (Clash("x1", -1, sizes[0]), Clash("x2", -1, sizes[1]))
    call.demand_equal(
        *sizes,
        lambda: Complaint(
            "ATN101", f"the rows have {sizes[0]} and {sizes[1]} columns", arguments=("x1", "x2"), clash=clash
        ),
        clash,
    )
    batches = [(name, Shape(t.shape.dims[:-2], t.shape.rest)) for name, t in (("x1", left), ("x2", right))]
    batch = broadcast_shapes(call, batches, code="ATN102")
    shape = Shape((*batch.dims, left.shape.dims[-2], right.shape.dims[-2]), batch.rest)
    return fresh(call, shape, result_dtype((left, right)), like=left)


@shape_rule("torch.dist", "torch.Tensor.dist", signature="(input, other, p=2)")
def dist(call: Call) -> Value:
    """The norm of a difference: one number."""
    tensors = [(name, call.tensor(name)) for name in ("input", "other")]
    dtype = result_dtype([tensor for _, tensor in tensors])
    shape = broadcast(call, tensors)
    for name, tensor in tensors:
        refuse(tensor, "bool", argument=name)
    refuse(replace(tensors[0][1], shape=shape, dtype=dtype), "bool integer")
    return fresh(call, (), dtype and to_real(dtype), like=tensors[0][1])


@shape_rule(
    "torch.cov",
    "torch.Tensor.cov",
    signature="(input, *, correction=1, fweights: Tensor | None = None, aweights: Tensor | None = None)",
)
def cov(call: Call) -> Value:
    """The covariance of the rows; of one row, a number."""
    tensor = call.tensor("input")
    refuse(tensor, "bool")
    dims = _rows(call, tensor)
    columns: Dim = dims[-1] if dims else 1
    operands = [tensor]
    for name, refused in (("fweights", "bool float complex"), ("aweights", "bool integer complex")):
        if call[name] is None:
            continue
        weights = call.tensor(name)
        operands.append(weights)
        if weights.shape.rank is not None and weights.shape.rank > 1:
            raise wrong_rank(weights, "0 or 1", argument=name)
        refuse(weights, refused, argument=name, advice="")
        if weights.shape.rank == 1 and call.facts.equal(weights.shape.dims[0], columns) is Answer.NO:
            raise Complaint(
                "ATN106",
                f"{weights.shape.dims[0]} weights for {columns} observations",
                arguments=(name,),
                clash=(Clash(name, 0, weights.shape.dims[0]), Clash("input", -1, columns)),
            )
    dtype = float_result(result_dtype(operands))
    return fresh(call, (dims[0], dims[0]) if len(dims) == 2 else (), dtype, like=tensor)


def _rows(call: Call, tensor: Tensor) -> tuple[Dim, ...]:
    dims = call.known_rank(tensor)
    if len(dims) > 2:
        raise wrong_rank(tensor, "2 or less")
    if len(dims) == 2 and call.facts.is_one(dims[0]) is not Answer.NO:
        # One row gives a number without axes.
        if call.facts.is_one(dims[0]) is Answer.YES:
            return dims[1:]
        raise CannotTell("whether there is more than one row is not known")
    return dims


@shape_rule("torch.corrcoef", "torch.Tensor.corrcoef", signature="(input)")
def corrcoef(call: Call) -> Value:
    """The correlation of the rows; of one row, a number."""
    return cov(replace_arguments(call, fweights=None, aweights=None))


def replace_arguments(call: Call, **arguments: Value) -> Call:
    """The call with further arguments."""
    return replace(call, arguments={**call.arguments, **arguments})


@shape_rule("torch.cross", "torch.Tensor.cross", signature="(input, other, dim: int | None = None, *, out=None)")
def old_cross(call: Call) -> Value:
    """The cross product; without ``dim``, along the first axis of size 3."""
    if call["dim"] is not None:
        return cross(call)
    tensors = [call.tensor("input"), call.tensor("other")]
    shape = broadcast(call, [("input", tensors[0]), ("other", tensors[1])])
    sizes = tensors[0].shape.dims
    if tensors[0].shape.rank is not None and all(call.facts.equal(size, 3) is Answer.NO for size in sizes):
        raise Complaint("ATN107", "no axis has size 3", arguments=("input",))
    return fresh(call, shape, result_dtype(tensors), like=tensors[0])


@shape_rule("torch.linalg.cross", signature="(input, other, *, dim: int = -1, out=None)")
def cross(call: Call) -> Value:
    """The cross product along one axis, which has size 3 in both operands."""
    left, right = call.tensor("input"), call.tensor("other")
    if None not in (left.shape.rank, right.shape.rank) and left.shape.rank != right.shape.rank:
        raise Complaint(
            "ATN103",
            f"the operands have {left.shape.rank} and {right.shape.rank} dimensions",
            arguments=("input", "other"),
            about_rank=True,
        )
    axis = call.integer("dim")
    found = []
    for name, tensor in (("input", left), ("other", right)):
        try:
            tensor, places = locate(call, tensor, (axis,))
        except CannotTell:
            found.append((name, tensor))
            continue
        size = tensor.shape.dims[places[0]] if places else 1
        clash = (Clash(name, places[0] if places else None, size),)
        text = f"axis {axis} of {name} has size {size}, not 3"
        call.demand_equal(size, 3, lambda: Complaint("ATN107", text, arguments=(name,), clash=clash), clash)  # noqa: B023
        found.append((name, tensor))
    return fresh(call, broadcast(call, found), result_dtype([left, right]), like=left)


@shape_rule("torch.linalg.vecdot", signature="(x: Tensor, y: Tensor, *, dim: int = -1, out=None)")
def vecdot(call: Call) -> Value:
    """The dot products along one axis of two operands that broadcast."""
    tensors = [(name, call.tensor(name)) for name in ("x", "y")]
    shape = broadcast(call, tensors)
    dtype = result_dtype([tensor for _, tensor in tensors])
    whole, _, _ = reduced(call, replace(tensors[0][1], shape=shape, axes=None), given_axes(call), keepdim=False)
    return fresh(call, whole, dtype, like=tensors[0][1])


@shape_rule(
    "torch.renorm",
    "torch.Tensor.renorm",
    "torch.Tensor.renorm_",
    signature="(input, p: number, dim: int, maxnorm: number, *, out=None)",
)
def renorm(call: Call) -> Value:
    """Each slice along an axis scaled down to a largest norm."""
    tensor = demand_least_rank(call, call.tensor("input"), 2)
    refuse(tensor, "bool integer")
    if tensor.shape.rank is not None:
        tensor, _ = locate(call, tensor, (call.integer("dim"),))
    return replace(tensor, elements=None) if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor)


@shape_rule("torch.Tensor.sum_to_size", signature="(input, *size)")
def sum_to_size(call: Call) -> Value:
    """Sum over the axes along which ``size`` would have to be expanded."""
    tensor = call.tensor("input")
    sizes = Shape(tuple(call.as_dim(size, "size") for size in call.sequence("size")))
    expand_into(call, "size", sizes, tensor.shape)
    dtype = "int64" if dtype_kind(tensor.dtype) in ("bool", "integer") and sizes != tensor.shape else tensor.dtype
    return fresh(call, sizes, dtype, like=tensor)


@shape_rule(
    "torch.segment_reduce",
    "torch._segment_reduce",
    signature="(data, reduce: str, *, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None)",
)
def segment_reduce(call: Call) -> Value:
    """One value a segment; the segments are given by their lengths or by their ends."""
    tensor = call.tensor("data")
    refuse(tensor, "bool integer complex", argument="data")
    name = "lengths" if call["lengths"] is not None else "offsets"
    if call[name] is None or tensor.shape.rank is None:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    segments = call.known_rank(call.tensor(name))
    axis = len(segments) - 1
    count = segments[-1] if name == "lengths" else segments[-1] - 1
    dims = (*tensor.shape.dims[:axis], count, *tensor.shape.dims[axis + 1 :])
    return fresh(call, dims, tensor.dtype or DEFAULT, like=tensor)
