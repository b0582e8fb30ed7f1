"""Counting and searching: ``unique``, ``nonzero``, ``bincount``, ``histc``, ``searchsorted``, ``bucketize``, ``isin``.

What depends on the contents has a known rank and a fresh symbol for its size.
"""

from __future__ import annotations

from math import comb

from attnlint.algebra import Answer, Dim, Shape, product
from attnlint.ops.axis_arguments import locate_one, replaced, wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh, named, refuse, unknown_shape
from attnlint.values import ListValue, NamedTuple, Tensor, Unknown, Value

UNIQUE = (
    "(input, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None)"
)
CONSECUTIVE = "(input, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None)"


@shape_rule("torch.unique", "torch.Tensor.unique", signature=UNIQUE)
def unique(call: Call) -> Value:
    """The distinct elements, or slices along an axis; with the place of each element among them, and how many."""
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    count = call.fresh("unique", minimum=0)
    if call["dim"] is None:
        values = fresh(call, (count,), tensor.dtype, like=tensor)
        inverse = fresh(call, tensor.shape, "int64", like=tensor)
    else:
        tensor, place = locate_one(call, tensor, call.integer("dim"))
        if place is None:
            raise CannotTell("the input has no axis")
        values = fresh(
            call, Shape(replaced(tensor.shape.dims, place, count), tensor.shape.rest), tensor.dtype, like=tensor
        )
        inverse = fresh(call, (tensor.shape.dims[place],), "int64", like=tensor)
    return _with_options(call, values, inverse, fresh(call, (count,), "int64", like=tensor))


def _with_options(call: Call, values: Tensor, inverse: Tensor, counts: Tensor) -> Value:
    wants = call.flag("return_inverse"), call.flag("return_counts")
    if None in wants:
        return Unknown("whether the inverse and the counts are returned is not known")
    parts = (values, *((inverse,) if wants[0] else ()), *((counts,) if wants[1] else ()))
    return parts[0] if len(parts) == 1 else parts


@shape_rule("torch.unique_consecutive", "torch.Tensor.unique_consecutive", signature=CONSECUTIVE)
def unique_consecutive(call: Call) -> Value:
    """As ``unique``, without sorting: runs of equal elements become one."""
    return unique(call)


@shape_rule("torch.nonzero", "torch.Tensor.nonzero", signature="(input, *, as_tuple: bool = False, out=None)")
def nonzero(call: Call) -> Value:
    """One row of indices an element that is not zero; as a tuple, one tensor an axis."""
    tensor = call.tensor("input")
    rank = tensor.shape.rank
    count = call.fresh("nonzero")
    as_tuple = call.flag("as_tuple")
    if as_tuple is None or (as_tuple and rank is None):
        return Unknown("the number of index tensors is not known")
    if as_tuple:
        return (fresh(call, (count,), "int64", like=tensor),) * max(rank or 0, 1)
    columns: Dim = rank if rank is not None else call.fresh("rank")
    return fresh(call, (count, columns), "int64", like=tensor)


@shape_rule("torch.argwhere", "torch.Tensor.argwhere", signature="(input)")
def argwhere(call: Call) -> Value:
    """As ``nonzero``."""
    call.arguments["as_tuple"] = False
    return nonzero(call)


@shape_rule(
    "torch.nonzero_static", "torch.Tensor.nonzero_static", signature="(input, *, size: int, fill_value=-1, out=None)"
)
def nonzero_static(call: Call) -> Value:
    """As ``nonzero``, cut or filled to a given number of rows."""
    tensor = call.tensor("input")
    rank = tensor.shape.rank
    columns: Dim = rank if rank is not None else call.fresh("rank")
    return fresh(call, (call.dim("size"), columns), "int64", like=tensor)


@shape_rule(
    "torch.bincount",
    "torch.Tensor.bincount",
    signature="(input, weights: Tensor | None = None, minlength=0)",
)
def bincount(call: Call) -> Value:
    """How often each number occurs."""
    tensor = call.tensor("input")
    refuse(tensor, "bool float complex", advice="convert it first, with `.long()`")
    dtype: str | None = "int64"
    tensor = call.demand_rank(tensor, (1,), lambda: wrong_rank(tensor, "1", advice="flatten it first"))
    if call["weights"] is not None:
        weights = call.tensor("weights")
        dtype = None if weights.dtype is None else "float32" if weights.dtype == "float32" else "float64"
        if weights.shape.rank is not None:
            weights = call.demand_rank(weights, (1,), lambda: wrong_rank(weights, "1", argument="weights"))
            size, wanted = weights.shape.dims[0], tensor.shape.dims[0]
            clash = (Clash("weights", 0, size), Clash("input", 0, wanted))
            call.demand_equal(
                size,
                wanted,
                lambda: Complaint(
                    "ATN106", f"{size} weights for {wanted} elements", arguments=("weights",), clash=clash
                ),
                clash,
            )
    if call.facts.equal(tensor.shape.dims[0], 0) is Answer.YES:
        return fresh(call, (call.dim("minlength"),), dtype, like=tensor)
    return fresh(call, (call.fresh("bins", minimum=1),), dtype, like=tensor)


@shape_rule("torch.histc", "torch.Tensor.histc", signature="(input, bins=100, min=0, max=0, *, out=None)")
def histc(call: Call) -> Value:
    """A histogram of so many bins."""
    tensor = call.tensor("input")
    refuse(tensor, "bool complex")
    return fresh(call, (call.dim("bins"),), tensor.dtype, like=tensor)


@shape_rule(
    "torch.histogram",
    "torch.Tensor.histogram",
    signature="(input, bins: int | Tensor = 100, *, range=None, weight=None, density=False, out=None)",
)
def histogram(call: Call) -> Value:
    """The counts, and the edges of the bins (one more)."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer complex")
    if isinstance(call["bins"], Tensor):
        edges = call.tensor("bins")
        edges = call.demand_rank(edges, (1,), lambda: wrong_rank(edges, "1", argument="bins"))
        count = edges.shape.dims[0] - 1
    else:
        count = call.dim("bins")
    return named(
        call,
        "histogram",
        hist=fresh(call, (count,), tensor.dtype, like=tensor, out=""),
        bin_edges=fresh(call, (count + 1,), tensor.dtype, like=tensor, out=""),
    )


@shape_rule("torch.histogramdd", signature="(input, bins, *, range=None, weight=None, density=False)")
def histogramdd(call: Call) -> Value:
    """A histogram over the last axis, one dimension a column."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer complex")
    if tensor.shape.rank is not None and tensor.shape.rank < 2:
        raise wrong_rank(tensor, "2 or more")
    bins = call["bins"]
    columns = tensor.shape.dims[-1] if tensor.shape.dims else call.fresh("columns")
    if isinstance(bins, tuple | ListValue | NamedTuple):
        counts = []
        for item in call.as_sequence(bins, "bins"):
            if isinstance(item, Tensor):
                edges = call.as_tensor(item, "bins")
                edges = call.demand_rank(edges, (1,), lambda: wrong_rank(edges, "1", argument="bins"))  # noqa: B023
                counts.append(edges.shape.dims[0] - 1)
            else:
                counts.append(call.as_dim(item, "bins"))
        if call.facts.equal(columns, len(counts)) is Answer.NO:
            raise Complaint(
                "ATN107",
                f"{len(counts)} bins for {columns} columns",
                arguments=("bins", "input"),
                clash=(Clash("bins", None, len(counts)), Clash("input", -1, columns)),
            )
    elif isinstance(columns, int):
        counts = [call.dim("bins")] * columns
    else:
        raise CannotTell("the number of columns is not known")
    return named(
        call,
        "histogramdd",
        hist=fresh(call, counts, tensor.dtype, like=tensor),
        bin_edges=tuple(fresh(call, (count + 1,), tensor.dtype, like=tensor) for count in counts),
    )


SEARCH_OPTIONS = "*, out_int32: bool = False, right=False, side=None, sorter=None, out=None"


@shape_rule("torch.searchsorted", signature=f"(sorted_sequence, input: operand, {SEARCH_OPTIONS})")
def searchsorted(call: Call) -> Value:
    """Where each value belongs in a sorted row; several rows need values with the same leading axes."""
    rows = call.tensor("sorted_sequence")
    if not isinstance(call["input"], Tensor | Unknown):
        if rows.shape.rank not in (None, 1):
            raise wrong_rank(rows, "1 for a single value", argument="sorted_sequence")
        return fresh(call, (), _index_dtype(call), like=rows)
    values = call.tensor("input")
    if values.shape.rank == 0 and rows.shape.rank not in (None, 1):
        raise wrong_rank(rows, "1 for a single value", argument="sorted_sequence")
    if rows.shape.rank is not None and values.shape.rank is not None and rows.shape.rank != 1:
        _demand_rows(call, rows, values)
    return fresh(call, values.shape, _index_dtype(call), like=values, axes=values.axes)


def _demand_rows(call: Call, rows: Tensor, values: Tensor) -> None:
    names = ("sorted_sequence", "input")
    if rows.shape.rank != values.shape.rank:
        raise wrong_rank(rows, f"1 or {values.shape.rank} as the input", argument=names[0])
    for axis, (size, wanted) in enumerate(zip(rows.shape.dims[:-1], values.shape.dims[:-1], strict=True)):
        clash = (Clash(names[0], axis, size), Clash(names[1], axis, wanted))
        text = f"axis {axis} of the rows is {size} but of the values {wanted}"
        call.demand_equal(size, wanted, lambda: Complaint("ATN106", text, arguments=names, clash=clash), clash)  # noqa: B023


def _index_dtype(call: Call) -> str | None:
    small = call.flag("out_int32")
    return None if small is None else "int32" if small else "int64"


@shape_rule(
    "torch.bucketize",
    signature="(input: operand, boundaries, *, out_int32: bool = False, right=False, out=None)",
)
def bucketize(call: Call) -> Value:
    """The number of the bucket of each value."""
    edges = call.tensor("boundaries")
    edges = call.demand_rank(edges, (1,), lambda: wrong_rank(edges, "1", argument="boundaries"))
    if not isinstance(call["input"], Tensor | Unknown):
        return fresh(call, (), _index_dtype(call), like=edges)
    values = call.tensor("input")
    return fresh(call, values.shape, _index_dtype(call), like=values, axes=values.axes)


@shape_rule(
    "torch.isin",
    signature="(elements: operand, test_elements: operand, *, assume_unique=False, invert=False, out=None)",
)
def isin(call: Call) -> Value:
    """Which elements are among others."""
    if not isinstance(call["elements"], Tensor | Unknown):
        return fresh(call, (), "bool")
    tensor = call.tensor("elements")
    return fresh(call, tensor.shape, "bool", like=tensor, axes=tensor.axes)


@shape_rule("torch.unravel_index", signature="(indices, shape: int | ints)")
def unravel_index(call: Call) -> Value:
    """The coordinates of flat indices: one tensor an axis of the shape."""
    tensor = call.tensor("indices")
    refuse(tensor, "bool float complex", argument="indices")
    shape = call["shape"]
    count = len(call.sequence("shape")) if isinstance(shape, tuple | ListValue | NamedTuple) else 1
    return (fresh(call, tensor.shape, tensor.dtype, like=tensor),) * count


@shape_rule("torch.combinations", signature="(input, r: int = 2, with_replacement: bool = False)")
def combinations(call: Call) -> Value:
    """All choices of ``r`` elements, one a row."""
    tensor = call.tensor("input")
    tensor = call.demand_rank(tensor, (1,), lambda: wrong_rank(tensor, "1"))
    size, chosen, again = tensor.shape.dims[0], call.integer("r"), call.flag("with_replacement")
    if chosen == 0:
        return fresh(call, (0,), tensor.dtype, like=tensor)
    rows: Dim = call.fresh("combinations")
    if isinstance(size, int) and again is not None:
        rows = comb(size + chosen - 1 if again and size else size, chosen)
    return fresh(call, (rows, chosen), tensor.dtype, like=tensor)


@shape_rule("torch.cartesian_prod", signature="(*tensors)")
def cartesian_prod(call: Call) -> Value:
    """All tuples of elements, one a row; of one tensor, the tensor."""
    tensors = [call.as_tensor(value, "tensors") for value in call.sequence("tensors")]
    for index, tensor in enumerate(tensors):
        if tensor.shape.rank not in (None, 1):
            raise wrong_rank(tensor, "1", argument=f"tensors[{index}]")
    if any(tensor.shape.rank is None for tensor in tensors):
        return fresh(call, unknown_shape(), tensors[0].dtype, like=tensors[0])
    if len(tensors) == 1:
        return tensors[0]
    rows = product([tensor.shape.dims[0] for tensor in tensors])
    return fresh(call, (rows, len(tensors)), tensors[0].dtype, like=tensors[0])
