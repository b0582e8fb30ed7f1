"""Picking and filling by indices along one axis: ``gather``, ``scatter``, ``index_select``, ``index_add``, ``take``,
``select``.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import locate_one, replaced
from attnlint.ops.broadcast import broadcast_axes, broadcast_shapes
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import fresh
from attnlint.ops.views import of_unknown_rank, viewed, whole_axes
from attnlint.values import Tensor, Unknown, Value


def demand_integers(tensor: Tensor, name: str, allowed: tuple[str, ...] = ("int64", "int32")) -> None:
    """Demand that an index tensor has one of the integer dtypes that the op takes."""
    if tensor.dtype is not None and tensor.dtype not in allowed:
        raise Complaint(
            "ATN115",
            f"{name} must be {' or '.join(allowed)}, not {tensor.dtype}",
            arguments=(name,),
            advice="convert it with `.long()`",
        )


def demand_same_rank(first: Tensor, second: Tensor, name: str, other: str) -> None:
    """Demand as many dimensions of both; a tensor without axes counts as one with one."""
    a, b = first.shape.rank, second.shape.rank
    if a is not None and b is not None and max(a, 1) != max(b, 1):
        raise Complaint(
            "ATN103",
            f"{name} has {a} dimension{'s' * (a != 1)}, {other} has {b}",
            arguments=(name, other),
            clash=(Clash(name, None), Clash(other, None)),
            advice="give both as many dimensions, with `unsqueeze` or `expand`",
            about_rank=True,
        )


def demand_not_larger(
    call: Call, small: Tensor, large: Tensor, small_name: str, large_name: str, skip: int | None
) -> None:
    """Demand that an index reaches no further than the tensor it indexes, on every axis but ``skip``."""
    for place, (size, limit) in enumerate(zip(small.shape.dims or (1,), large.shape.dims or (1,), strict=False)):
        if place != skip and call.facts.at_least(limit, size) is Answer.NO:
            raise Complaint(
                "ATN116",
                f"{small_name} has size {size} at axis {place}, more than the {limit} of {large_name}",
                arguments=(small_name, large_name),
                clash=(Clash(small_name, place, size), Clash(large_name, place, limit)),
            )


def _has_elements(call: Call, tensor: Tensor) -> bool:
    return all(call.facts.at_least(dim, 1) is Answer.YES for dim in tensor.shape.dims)


@shape_rule(
    "torch.gather",
    "torch.Tensor.gather",
    signature="(input: Tensor, dim: int, index: Tensor, *, sparse_grad=False, out=None)",
)
def gather(call: Call) -> Tensor:
    """The result has the shape of the index."""
    tensor, index = call.tensor("input"), call.tensor("index")
    if _has_elements(call, index):  # an empty index may have any dtype
        demand_integers(index, "index")
    if tensor.shape.rank is not None and index.shape.rank is not None:
        place = call.axis(call.integer("dim"), tensor.shape.rank)
        if _has_elements(call, index):
            demand_same_rank(index, tensor, "index", "input")
            demand_not_larger(call, index, tensor, "index", "input", place)
    return fresh(call, index.shape, tensor.dtype, like=tensor, axes=index.axes)


# --- scatter ----------------------------------------------------------------------------------------------------------


def _scatter(call: Call) -> Tensor:
    tensor, index = call.tensor("input"), call.tensor("index")
    source: Value = call.arguments.get("src")
    demand_integers(index, "index")
    if isinstance(source, Tensor):
        source = call.as_tensor(source)
        _demand_source_dtype(call, tensor, source)
    known = tensor.shape.rank is not None and index.shape.rank is not None
    if known:
        assert tensor.shape.rank is not None
        place = call.axis(call.integer("dim"), tensor.shape.rank)
        if _has_elements(call, index):
            demand_same_rank(index, tensor, "index", "input")
            demand_not_larger(call, index, tensor, "index", "input", place)
            if isinstance(source, Tensor) and source.shape.rank is not None:
                demand_same_rank(index, source, "index", "src")
                demand_not_larger(call, index, source, "index", "src", None)
    return tensor if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


def _demand_source_dtype(call: Call, tensor: Tensor, source: Tensor) -> None:
    from attnlint.ops.promotion import is_floating

    if tensor.dtype is None or source.dtype is None or tensor.dtype == source.dtype:
        return
    if is_floating(tensor.dtype) and is_floating(source.dtype) and not call.exact_dtypes:
        return
    raise Complaint(
        "ATN115",
        f"dtypes differ: {tensor.dtype} and {source.dtype}",
        arguments=("src", "input"),
        advice=f"convert with `.to(torch.{tensor.dtype})`",
    )


_EVERYWHERE = ("torch.{}", "torch.Tensor.{}", "torch.Tensor.{}_")


def _names(name: str) -> tuple[str, ...]:
    return tuple(form.format(name) for form in _EVERYWHERE)


register(
    _names("scatter"),
    (
        "(input: Tensor, dim: int, index: Tensor, src: Tensor, *, reduce: str = None, out=None)",
        "(input: Tensor, dim: int, index: Tensor, value: number, *, reduce: str = None, out=None)",
    ),
    _scatter,
)
register(_names("scatter_add"), ("(input: Tensor, dim: int, index: Tensor, src: Tensor, *, out=None)",), _scatter)
register(
    _names("scatter_reduce"),
    ("(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self=True, out=None)",),
    _scatter,
)


# --- along one axis ---------------------------------------------------------------------------------------------------


@shape_rule(
    "torch.index_select", "torch.Tensor.index_select", signature="(input: Tensor, dim: int, index: Tensor, *, out=None)"
)
def index_select(call: Call) -> Tensor:
    """An axis replaced by the elements that a vector of indices names."""
    tensor, index = call.tensor("input"), call.tensor("index")
    demand_integers(index, "index")
    length = _vector_length(index, "index")
    if tensor.shape.rank is None and call.integer("dim") >= 0:
        return of_unknown_rank(tensor)
    tensor, place = locate_one(call, tensor, call.integer("dim"))
    if place is None:
        if call.facts.is_one(length) is Answer.NO:
            raise Complaint("ATN116", f"{length} indices into a tensor without axes", arguments=("index",))
        return fresh(call, (), tensor.dtype, like=tensor)
    return fresh(
        call,
        Shape(replaced(tensor.shape.dims, place, length), tensor.shape.rest),
        tensor.dtype,
        like=tensor,
        axes=tensor.axes,
    )


def _vector_length(index: Tensor, name: str) -> Dim:
    if len(index.shape.dims) > 1:
        raise Complaint(
            "ATN103",
            f"{name} has {len(index.shape.dims)} dimensions, not 1",
            arguments=(name,),
            clash=(Clash(name, None),),
            advice="flatten the index, or index with `x[index]`",
            about_rank=True,
        )
    if index.shape.rank is None:
        raise CannotTell("the number of dimensions of the index is not known")
    return index.shape.dims[0] if index.shape.dims else 1


def _index_into(call: Call) -> Tensor:
    """``index_add``, ``index_copy``, ``index_reduce``: slices of ``source`` go to the places that ``index`` names."""
    tensor, index, source = call.tensor("input"), call.tensor("index"), call.tensor("source")
    name = call.name.rpartition(".")[2].rstrip("_")
    demand_integers(index, "index", ("int64",) if name == "index_copy" else ("int64", "int32"))
    length = _vector_length(index, "index")
    _demand_source_dtype(call, tensor, source)
    result = tensor if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)
    if tensor.shape.rank is None or source.shape.rank is None:
        return result
    place = call.axis(call.integer("dim"), tensor.shape.rank)
    if source.shape.rank == 0 and tensor.shape.rank > (name == "index_copy"):
        raise Complaint(
            "ATN103", "source has 0 dimensions", arguments=("source",), clash=(Clash("source", None),), about_rank=True
        )
    demand_same_rank(source, tensor, "source", "input")
    for axis, (have, want) in enumerate(zip(source.shape.dims or (1,), tensor.shape.dims or (1,), strict=False)):
        wanted = length if axis == place else want
        other = "index" if axis == place else "input"
        clash = (Clash("source", axis, have), Clash(other, 0 if axis == place else axis, wanted))

        def complain(clash: tuple[Clash, ...] = clash, other: str = other) -> Complaint:
            return Complaint(
                "ATN116",
                f"source has size {clash[0].dim} at axis {clash[0].axis}, {other} has {clash[1].dim}",
                arguments=("source", other),
                clash=clash,
            )

        call.demand_equal(have, wanted, complain, clash)
    return result


register(
    _names("index_add"),
    ("(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: number = 1, out=None)",),
    _index_into,
)
register(_names("index_copy"), ("(input: Tensor, dim: int, index: Tensor, source: Tensor, *, out=None)",), _index_into)
register(
    _names("index_reduce"),
    ("(input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self=True, out=None)",),
    _index_into,
)


def _index_fill(call: Call) -> Tensor:
    tensor, index = call.tensor("input"), call.tensor("index")
    demand_integers(index, "index", ("int64",))
    value = call["value"]
    if isinstance(value, Tensor) and len(value.shape.dims) > 0:
        raise Complaint(
            "ATN103",
            f"value has {len(value.shape.dims)} dimensions, not 0",
            arguments=("value",),
            clash=(Clash("value", None),),
        )
    _vector_length(index, "index")
    if tensor.shape.rank is not None:
        call.axis(call.integer("dim"), tensor.shape.rank)
    return tensor if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


register(_names("index_fill"), ("(input: Tensor, dim: int, index: Tensor, value: operand)",), _index_fill)


# --- other ways to pick -----------------------------------------------------------------------------------------------


@shape_rule(
    "torch.select", "torch.Tensor.select", "torch.select_copy", signature="(input: Tensor, dim: int, index: int)"
)
def select(call: Call) -> Tensor:
    """One element of an axis: the axis goes."""
    tensor, axis = call.tensor("input"), call.integer("dim")
    if tensor.shape.rank is None and axis >= 0:
        return of_unknown_rank(tensor)
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has none to select from", arguments=("dim",), about_rank=True)
    tensor, place = locate_one(call, tensor, axis)
    assert place is not None
    demand_index_inside(call, call["index"], tensor.shape.dims[place], place)
    return without_axis(tensor, place, copies=call.name.endswith("copy"))


def demand_index_inside(call: Call, index: Value, size: Dim, place: int) -> None:
    """Demand that a single index is inside the axis."""
    if isinstance(index, Unknown):
        return
    at = call.as_dim(index)
    if (
        call.facts.at_least(at, size) is Answer.YES
        or call.facts.at_least(call.facts.normal(-at - 1), size) is Answer.YES
    ):
        raise Complaint(
            "ATN116",
            f"index {at} is out of range for size {size} at axis {place}",
            arguments=("index", "input"),
            clash=(Clash("input", place, size),),
        )


def without_axis(tensor: Tensor, place: int, *, copies: bool = False) -> Tensor:
    """The tensor without one axis, as a view."""
    axes = whole_axes(tensor)
    return viewed(
        tensor,
        Shape((*tensor.shape.dims[:place], *tensor.shape.dims[place + 1 :]), tensor.shape.rest),
        None if tensor.strides is None or copies else (*tensor.strides[:place], *tensor.strides[place + 1 :]),
        None if axes is None else (*axes[:place], *axes[place + 1 :]),
    )


@shape_rule("torch.take", "torch.Tensor.take", signature="(input: Tensor, index: Tensor, *, out=None)")
def take(call: Call) -> Tensor:
    """Elements of the flat tensor: the result has the shape of the index."""
    tensor, index = call.tensor("input"), call.tensor("index")
    demand_integers(index, "index", ("int64",))
    return fresh(call, index.shape, tensor.dtype, like=tensor)


@shape_rule(
    "torch.take_along_dim",
    "torch.Tensor.take_along_dim",
    signature="(input: Tensor, indices: Tensor, dim: int = None, *, out=None)",
)
def take_along_dim(call: Call) -> Tensor:
    """As ``gather``, with the other axes broadcast."""
    tensor, indices = call.tensor("input"), call.tensor("indices")
    demand_integers(indices, "indices", ("int64",))
    if call["dim"] is None:
        total = indices.shape.numel()
        return fresh(call, (call.fresh("n") if total is None else total,), tensor.dtype, like=tensor)
    if tensor.shape.rank is None or indices.shape.rank is None:
        return of_unknown_rank(tensor)
    if tensor.shape.rank != indices.shape.rank:
        raise Complaint(
            "ATN103",
            f"indices have {indices.shape.rank} dimensions, input has {tensor.shape.rank}",
            arguments=("indices", "input"),
            clash=(Clash("indices", None), Clash("input", None)),
            about_rank=True,
        )
    place = call.axis(call.integer("dim"), tensor.shape.rank)
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has none to take along", arguments=("dim",), about_rank=True)
    own = Shape(replaced(tensor.shape.dims, place, 1))
    picked = Shape(replaced(indices.shape.dims, place, 1))
    dims = broadcast_shapes(call, (("input", own), ("indices", picked))).dims
    axes = broadcast_axes((tensor, indices), len(tensor.shape.dims))
    return fresh(call, replaced(dims, place, indices.shape.dims[place]), tensor.dtype, like=tensor, axes=axes)


@shape_rule(
    "torch.Tensor.put_",
    "torch.put",
    "torch.Tensor.put",
    signature="(input: Tensor, index: Tensor, source: Tensor, accumulate=False)",
)
def put(call: Call) -> Tensor:
    tensor, index, source = call.tensor("input"), call.tensor("index"), call.tensor("source")
    demand_integers(index, "index", ("int64",))
    _demand_source_dtype(call, tensor, source)
    have, want = source.shape.numel(), index.shape.numel()
    if have is not None and want is not None:
        call.demand_equal(
            have,
            want,
            lambda: Complaint("ATN116", f"source has {have} elements, index has {want}", arguments=("source", "index")),
        )
    return tensor if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor)


def _index_put(call: Call) -> Tensor:
    """``x.index_put_((i, j), values)`` is ``x[i, j] = values``."""
    from attnlint.ops.indexing import setitem

    tensor = call.tensor("input")
    indices = call.sequence("indices")
    if any(item is None for item in indices):
        indices = tuple(slice(None) if item is None else item for item in indices)
    setitem(replace_arguments(call, {"input": tensor, "index": tuple(indices), "value": call["values"]}))
    return tensor if call.inplace else fresh(call, tensor.shape, tensor.dtype, like=tensor)


def replace_arguments(call: Call, arguments: dict[str, Value]) -> Call:
    """The same call with other arguments, for a rule that is told by another."""
    return replace(call, arguments=arguments)


register(_names("index_put"), ("(input: Tensor, indices: sequence, values: Tensor, accumulate=False)",), _index_put)


# --- slices of another tensor put in ----------------------------------------------------------------------------------


@shape_rule(
    "torch.select_scatter",
    "torch.Tensor.select_scatter",
    signature="(input: Tensor, src: Tensor, dim: int, index: int)",
)
def select_scatter(call: Call) -> Tensor:
    tensor, source = call.tensor("input"), call.tensor("src")
    result = fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)
    if tensor.shape.rank is None or source.shape.rank is None:
        return result
    place = call.axis(call.integer("dim"), tensor.shape.rank)
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has none to select from", arguments=("dim",), about_rank=True)
    demand_index_inside(call, call["index"], tensor.shape.dims[place], place)
    _demand_same_shape(call, source.shape, without_axis(tensor, place).shape)
    return result


@shape_rule(
    "torch.slice_scatter",
    "torch.Tensor.slice_scatter",
    signature="(input: Tensor, src: Tensor, dim: int = 0, start: int = None, end: int = None, step: int = 1)",
)
def slice_scatter(call: Call) -> Tensor:
    from attnlint.ops.slicing import slice_length

    tensor, source = call.tensor("input"), call.tensor("src")
    result = fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)
    if tensor.shape.rank is None or source.shape.rank is None:
        return result
    place = call.axis(call.integer("dim"), tensor.shape.rank)
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has none to slice", arguments=("dim",), about_rank=True)
    length = slice_length(call, tensor.shape.dims[place], slice(call["start"], call["end"], call["step"]))
    _demand_same_shape(call, source.shape, Shape(replaced(tensor.shape.dims, place, length)))
    return result


def _demand_same_shape(call: Call, have: Shape, want: Shape) -> None:
    def complain() -> Complaint:
        return Complaint(
            "ATN116",
            f"src has the shape {have}, not {want}",
            arguments=("src", "input"),
            clash=(Clash("src", None), Clash("input", None)),
        )

    if have.rank != want.rank:
        raise complain()
    for size, wanted in zip(have.dims, want.dims, strict=True):
        call.demand_equal(size, wanted, complain)
