"""Which dtype an operation on several operands has: ``torch.result_type`` and ``torch.promote_types``.

Three classes of operands count differently: tensors with axes, tensors without (0-dim), and Python numbers. A class
only matters where it brings a higher category (bool < int < float < complex) than the classes before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from attnlint.algebra import Expression
from attnlint.values import Tensor, Unknown, Value

DEFAULT = "float32"
"""``torch.get_default_dtype()`` unless the program changes it."""

INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
UNSIGNED = ("uint16", "uint32", "uint64")
FLOATS = ("float16", "bfloat16", "float32", "float64")
NARROW_FLOATS = ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu")
COMPLEX = ("complex32", "complex64", "complex128")

SHORT_NAMES = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "chalf": "complex32",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
"""Other names of dtypes: ``torch.long``; also the names of the casting methods (``Tensor.half``)."""

_COMPLEX_OF = {"float16": "complex32", "bfloat16": "complex64", "float32": "complex64", "float64": "complex128"}
_REAL_OF = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}


def canonical_dtype(name: str) -> str:
    """``long`` or ``torch.long`` as ``int64``."""
    name = name.removeprefix("torch.")
    return SHORT_NAMES.get(name, name)


def is_floating(dtype: str) -> bool:
    """As ``torch.dtype.is_floating_point``."""
    return dtype in FLOATS or dtype in NARROW_FLOATS


def is_complex(dtype: str) -> bool:
    """As ``torch.dtype.is_complex``."""
    return dtype in COMPLEX


def is_integral(dtype: str, *, with_bool: bool = True) -> bool:
    """Whether values of the dtype are whole numbers."""
    return dtype in INTEGERS or dtype in UNSIGNED or (with_bool and dtype == "bool")


def to_complex(dtype: str) -> str:
    """The complex dtype whose parts have this floating dtype."""
    return _COMPLEX_OF.get(dtype, dtype)


def to_real(dtype: str) -> str:
    """The dtype of the real part."""
    return _REAL_OF.get(dtype, dtype)


def float_result(dtype: str | None) -> str | None:
    """What a function that computes in floating point makes of an operand: integers become the default dtype."""
    return DEFAULT if dtype is not None and is_integral(dtype) else dtype


def promote_types(left: str, right: str) -> str | None:
    """As ``torch.promote_types``; ``None`` where torch knows no common dtype."""
    if left == right:
        return left
    if left == "bool":
        return right
    if right == "bool":
        return left
    if left in NARROW_FLOATS or right in NARROW_FLOATS:
        return None
    if left in COMPLEX or right in COMPLEX:
        parts = promote_types(to_real(left), to_real(right))
        return to_complex(parts) if parts in FLOATS else None
    if left in FLOATS and right in FLOATS:
        if {left, right} == {"float16", "bfloat16"}:
            return "float32"
        return max(left, right, key=FLOATS.index)
    if left in FLOATS and is_integral(right):
        return left
    if right in FLOATS and is_integral(left):
        return right
    if left in INTEGERS and right in INTEGERS:
        if {left, right} == {"uint8", "int8"}:
            return "int16"
        return max(left, right, key=INTEGERS.index)
    return None


def number_dtype(value: Value) -> str | None:
    """The dtype a Python number counts as; ``None`` when it is no known number."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Expression):
        return "int64"
    if isinstance(value, float):
        return DEFAULT
    if isinstance(value, complex):
        return to_complex(DEFAULT)
    if isinstance(value, Unknown):
        return {"int": "int64", "float": DEFAULT, "bool": "bool", "complex": to_complex(DEFAULT)}.get(value.kind)
    return None


def result_dtype(operands: Iterable[Value]) -> str | None:
    """As ``torch.result_type`` for any number of tensors and Python numbers; ``None`` when it is not known."""
    classes: list[list[str]] = [[], [], []]
    unsure: list[str] = []
    for operand in operands:
        if isinstance(operand, Tensor):
            if operand.dtype is None:
                return None
            rank = operand.shape.rank
            if rank is None and not operand.shape.dims:
                unsure.append(operand.dtype)
            else:
                classes[rank == 0].append(operand.dtype)
        else:
            dtype = number_dtype(operand)
            if dtype is None:
                return None
            classes[2].append(dtype)
    if not unsure:
        return _combine(classes)
    # Tensors that may or may not have axes: the answer is known only if it is the same either way.
    either = {
        _combine([classes[0] + unsure, classes[1], classes[2]]),
        _combine([classes[0], classes[1] + unsure, classes[2]]),
    }
    return (
        either.pop() if len(either) == 1 and len(unsure) == 1 else (unsure[0] if _all_equal(classes, unsure) else None)
    )


def _all_equal(classes: list[list[str]], unsure: list[str]) -> bool:
    return len({dtype for group in [*classes, unsure] for dtype in group}) == 1


def _combine(classes: list[list[str]]) -> str | None:
    result: str | None = None
    for group in classes:
        inner: str | None = None
        for dtype in group:
            inner = dtype if inner is None else promote_types(inner, dtype)
            if inner is None:
                return None
        if inner is None:
            continue
        result = inner if result is None else _higher_wins(result, inner)
        if result is None:
            return None
    return result


def _higher_wins(higher: str, lower: str) -> str | None:
    """``combine_categories`` of ATen: the lower class matters only when its category is above the higher class's."""
    if is_complex(higher):
        return higher
    if is_floating(higher):
        return to_complex(higher) if is_complex(lower) else higher
    if higher == "bool" or is_floating(lower) or is_complex(lower):
        return promote_types(higher, lower)
    return higher
