"""Reductions that give one value for each slice: ``sum``, ``mean``, ``amax``, ``any``, ``std``, ``norm``, ``argmax``,
...

One rule for all of them; the table says what differs: how the dtype of the result follows from the input's, which
dtypes have no kernel, whether several axes may be named, and whether an axis without elements can be reduced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnlint.algebra import Shape
from attnlint.frozen import replace
from attnlint.ops.axes import new_axis
from attnlint.ops.axis_arguments import demand_not_empty, given_axes, locate
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell
from attnlint.ops.known_elements import folded
from attnlint.ops.promotion import float_result, is_integral, to_real
from attnlint.ops.registry import register
from attnlint.ops.results import dtype_argument, fresh, is_plain, kept_axes, refuse, unknown_shape
from attnlint.values import Axis, Tensor, Value

ONE_OR_MORE = "dim: int | ints | None"


@dataclass(frozen=True, slots=True)
class Reduction:
    """What is particular to one reduction."""

    names: str
    """After ``torch.`` and, where they are methods, ``torch.Tensor.``; several separated by blanks."""
    signatures: tuple[str, ...]
    dtype: str
    """``same``, ``float`` (integers become the default), ``real`` (the real part's), ``whole`` (integers become int64),
    ``truth`` (bool, and uint8 for uint8), or a dtype."""
    refused: str = ""
    """Kinds of dtypes without a kernel, unless ``dtype=`` is given."""
    nonempty: bool = False
    """Every axis that is reduced must have an element."""
    methods: bool = True


WITH_DTYPE = (
    "(input, *, dtype=None, out=None)",
    "(input, dim: int | ints | None, keepdim: bool = False, *, dtype=None, out=None)",
)
OPTIONAL_AXES = ("(input, dim: int | ints | None = None, keepdim: bool = False, *, dtype=None, out=None)",)
SPREAD = (
    "(input, unbiased: bool)",
    "(input, dim: int | ints | None, unbiased: bool, keepdim: bool = False, *, out=None)",
    "(input, dim: int | ints | None = None, *, correction=1, unbiased=True, keepdim: bool = False, out=None)",
)
ONE_AXIS = ("(input, dim: int | None = None, keepdim: bool = False, *, out=None)",)
NORM_OF = "(input, ord={}, dim: int | ints | None = {}, keepdim: bool = False, *, out=None, dtype=None)"

REDUCTIONS = (
    Reduction("sum", WITH_DTYPE, "whole"),
    Reduction("nansum", OPTIONAL_AXES, "whole", refused="complex"),
    Reduction("mean", WITH_DTYPE, "same", refused="bool integer"),
    Reduction("nanmean", OPTIONAL_AXES, "same", refused="bool integer"),
    Reduction(
        "prod", ("(input, *, dtype=None)", "(input, dim: int, keepdim: bool = False, *, dtype=None, out=None)"), "whole"
    ),
    Reduction("std var", SPREAD, "real", refused="bool integer"),
    Reduction(
        "amax amin", ("(input, dim: int | ints = (), keepdim: bool = False, *, out=None)",), "same", "complex", True
    ),
    Reduction(
        "any all",
        ("(input, *, out=None)", "(input, dim: int | ints | None, keepdim: bool = False, *, out=None)"),
        "truth",
    ),
    Reduction("count_nonzero", ("(input, dim: int | ints | None = None)",), "int64"),
    Reduction("logsumexp", ("(input, dim: int | ints, keepdim: bool = False, *, out=None)",), "float"),
    Reduction(
        "special.logsumexp", ("(input, dim: int | ints, keepdim: bool = False, *, out=None)",), "float", methods=False
    ),
    Reduction("argmax argmin", ONE_AXIS, "int64", refused="bool complex", nonempty=True),
    Reduction(
        "norm",
        ("(input, p='fro', dim: int | ints | None = None, keepdim: bool = False, out=None, dtype=None)",),
        "real",
        refused="bool integer",
    ),
    Reduction("linalg.vector_norm", (NORM_OF.format(2, None),), "real", refused="bool integer", methods=False),
    Reduction(
        "hash_tensor",
        ("(input, dim: int | ints = (), *, keepdim: bool = False, mode=0, out=None)",),
        "uint64",
        "complex",
    ),
)


def _reduce(entry: Reduction, name: str, call: Call) -> Value:
    tensor = call.tensor("input")
    wanted = dtype_argument(call, tensor.dtype)
    if call.arguments.get("dtype") is None or entry.dtype == "same":
        refuse(replace(tensor, dtype=wanted), entry.refused)
    shape, axes, places = reduced(call, tensor, given_axes(call))
    if entry.nonempty:
        demand_not_empty(call, tensor, places, "the reduction")
    dtype = dtype_argument(call, reduced_dtype(entry.dtype, tensor.dtype))
    if entry.dtype == "real" and dtype is not None:
        dtype = to_real(dtype)
    result = fresh(call, shape, dtype, like=tensor, axes=axes, contiguous=is_plain(tensor))
    return folded(name, tensor, result) if tensor.elements is not None else result


def reduced_dtype(kind: str, dtype: str | None) -> str | None:
    """The dtype of a reduction's result; the kinds are those of :class:`Reduction`."""
    if kind in ("same", "real"):
        return dtype
    if kind == "float":
        return float_result(dtype)
    if kind == "whole":
        return "int64" if dtype is not None and is_integral(dtype) else dtype
    if kind == "truth":
        return None if dtype is None else "uint8" if dtype == "uint8" else "bool"
    return kind


def reduced(
    call: Call, tensor: Tensor, axes: Sequence[int] | None, *, keepdim: bool | None = None
) -> tuple[Shape, tuple[Axis, ...] | None, tuple[int, ...]]:
    """The shape after axes are reduced (all when none is named), the history of its axes, and what was reduced."""
    keep = keepdim if keepdim is not None else call.flag("keepdim") if "keepdim" in call.arguments else False
    rank = tensor.shape.rank
    try:
        if axes:
            tensor, places = locate(call, tensor, axes)
        elif rank is not None:
            places = tuple(range(rank))
        elif keep is False:
            return Shape(()), (), ()
        else:
            return unknown_shape(), None, ()
    except CannotTell:
        return unknown_shape(), None, ()
    if keep is None and places:
        return unknown_shape(), None, places
    dims = tensor.shape.dims
    if keep:
        sizes = tuple(1 if place in places else dim for place, dim in enumerate(dims))
        old = kept_axes(tensor, range(len(dims)))
        history = old and tuple(new_axis(place) if place in places else axis for place, axis in enumerate(old))
        return Shape(sizes, tensor.shape.rest), history, places
    left = [place for place in range(len(dims)) if place not in places]
    return Shape(tuple(dims[place] for place in left), tensor.shape.rest), kept_axes(tensor, left), places


def _mean_and_spread(call: Call) -> Value:
    tensor = call.tensor("input")
    refuse(tensor, "bool integer")
    shape, axes, _ = reduced(call, tensor, given_axes(call))
    spread = fresh(call, shape, tensor.dtype and to_real(tensor.dtype), like=tensor, axes=axes)
    return (spread, fresh(call, shape, tensor.dtype, like=tensor, axes=axes))


def _register() -> None:
    for entry in REDUCTIONS:
        for name in entry.names.split():

            def rule(call: Call, entry: Reduction = entry, name: str = name) -> Value:
                return _reduce(entry, name, call)

            full = (f"torch.{name}", f"torch.Tensor.{name}") if entry.methods else (f"torch.{name}",)
            register(full, entry.signatures, rule, family="reductions")
    register(("torch.std_mean", "torch.var_mean"), SPREAD, _mean_and_spread, family="reductions")


_register()
