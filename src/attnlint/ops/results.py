"""Making the tensor that an op returns."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Dim, Rest, Shape, Symbol
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.promotion import canonical_dtype, is_complex, is_floating, is_integral
from attnlint.ops.strides import contiguous_strides
from attnlint.values import Axis, NamedTuple, Tensor, TorchName, Value


def unknown_shape() -> Shape:
    """A shape of which nothing is known, not the same as any other."""
    return Shape((), Rest(Symbol("rest").key))


def fresh(
    call: Call,
    shape: Shape | Sequence[Dim],
    dtype: str | None,
    *,
    like: Tensor | None = None,
    axes: tuple[Axis, ...] | None = None,
    strides: tuple[Dim, ...] | None = None,
    contiguous: bool = False,
    out: str = "out",
) -> Tensor:
    """A new tensor. With an ``out=`` tensor the result is written there: torch resizes it, and it keeps its dtype."""
    if not isinstance(shape, Shape):
        shape = Shape(tuple(shape))
    given = call.arguments.get(out)
    if isinstance(given, Tensor):
        demand_castable(dtype, given.dtype, out)
        return replace(given, shape=shape, axes=axes, strides=None, elements=None)
    if contiguous and shape.rank is not None:
        strides = contiguous_strides(shape.dims)
    return Tensor(shape, dtype, like.device if like is not None else None, strides=strides, axes=axes)


def is_plain(tensor: Tensor) -> bool:
    """Whether the tensor is known to be contiguous: then what torch computes from it is, too."""
    return tensor.strides is not None and tensor.strides == contiguous_strides(tensor.shape.dims)


def kept_axes(tensor: Tensor, places: Sequence[int]) -> tuple[Axis, ...] | None:
    """The history of the axes at ``places``, in this order."""
    if tensor.axes is None or len(tensor.axes) != len(tensor.shape.dims):
        return None
    return tuple(tensor.axes[place] for place in places)


def as_copy(call: Call, view: Tensor) -> Tensor:
    """The result of ``torch.permute_copy`` and its like: what the view shows, in memory of its own."""
    if not call.name.endswith("_copy") or view.strides is None:
        return view
    return replace(view, strides=contiguous_strides(view.shape.dims))


def named(call: Call, name: str, **fields: Value) -> NamedTuple:
    """One of ``torch.return_types``: a tuple whose items have names."""
    return NamedTuple(f"torch.return_types.{name}", tuple(fields), tuple(fields.values()))


def dtype_argument(call: Call, otherwise: str | None, name: str = "dtype") -> str | None:
    """The dtype that the caller asks for, or ``otherwise``; ``None`` when what he asks for is not known."""
    value = call.arguments.get(name)
    if value is None:
        return otherwise
    return canonical_dtype(value.name) if isinstance(value, TorchName) else None


def can_cast(source: str, target: str) -> bool:
    """As ``torch.can_cast``: no way down from complex to float to int to bool."""
    return _category(source) <= _category(target)


def _category(dtype: str) -> int:
    return 3 if is_complex(dtype) else 2 if is_floating(dtype) else 0 if dtype == "bool" else 1


def demand_castable(source: str | None, target: str | None, argument: str) -> None:
    """Demand that a result of one dtype can be written into a tensor of another."""
    if source is not None and target is not None and not can_cast(source, target):
        raise Complaint(
            "ATN115",
            f"the result is {source}, which cannot be written into {target}",
            arguments=(argument,),
            advice="use the form that returns a new tensor, or convert first",
            about_rank=True,
        )


def refuse(tensor: Tensor, refused: str, *, argument: str = "input", advice: str = "") -> None:
    """Complain about a dtype that has no kernel.

    ``refused`` lists kinds, separated by blanks: ``bool``, ``integer``, ``float``, ``complex``.
    """
    if any(isinstance(size, int) and size == 0 for size in tensor.shape.dims):
        return  # without elements torch often returns before it looks for a kernel
    kind = dtype_kind(tensor.dtype)
    if kind is not None and kind in refused.split():
        raise Complaint(
            "ATN115",
            f"not implemented for dtype {tensor.dtype}",
            arguments=(argument,),
            advice=advice or ("convert it first, with `.float()`" if kind in ("bool", "integer") else ""),
            about_rank=True,
        )


def dtype_kind(dtype: str | None) -> str | None:
    """``bool``, ``integer``, ``float`` or ``complex``; ``None`` when not known."""
    if dtype is None:
        return None
    if dtype == "bool":
        return "bool"
    if is_integral(dtype):
        return "integer"
    return "complex" if is_complex(dtype) else "float" if is_floating(dtype) else None
