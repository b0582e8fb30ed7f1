"""Between torch and attnlint's values: arguments there, results back, and how well two results agree."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import torch

from attnlint.algebra import Dim, Expression, Shape
from attnlint.values import DictValue, ListValue, NamedTuple, Repeated, Tensor, TorchName, Unknown, Value


class NotConverted(Exception):
    """An argument that attnlint has no value for."""


def to_value(thing: Any, sizes: Mapping[int, Dim] | None = None) -> Value:
    """The value that stands for a Python object; ``sizes`` puts symbols in place of sizes of tensors."""
    if isinstance(thing, torch.Tensor):
        if thing.layout is not torch.strided:
            raise NotConverted("a sparse tensor")
        dims = tuple(sizes.get(size, size) if sizes else size for size in thing.shape)
        if sizes:
            return Tensor(Shape(dims), dtype_name(thing.dtype), "cpu")
        elements = None
        if thing.device.type == "cpu" and thing.numel() <= 64 and thing.dtype in (torch.int64, torch.int32, torch.bool):
            elements = nested(thing.tolist())
        return Tensor(Shape(dims), dtype_name(thing.dtype), str(thing.device), tuple(thing.stride()), elements=elements)
    if isinstance(thing, torch.dtype):
        return TorchName(str(thing))
    if isinstance(thing, torch.device):
        return str(thing)
    if isinstance(thing, torch.layout | torch.memory_format):
        return TorchName(str(thing))
    if thing is None or isinstance(thing, bool | int | float | complex | str | slice) or thing is ...:
        if isinstance(thing, slice):
            return slice(*(to_value(part, sizes) for part in (thing.start, thing.stop, thing.step)))
        return thing
    if isinstance(thing, tuple):
        return tuple(to_value(item, sizes) for item in thing)
    if isinstance(thing, list):
        return ListValue([to_value(item, sizes) for item in thing])
    if isinstance(thing, dict):
        return DictValue({key: to_value(item, sizes) for key, item in thing.items()})
    if hasattr(thing, "item") and hasattr(thing, "dtype"):  # a numpy scalar
        return thing.item()
    raise NotConverted(type(thing).__name__)


def nested(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(nested(item) for item in value) if isinstance(value, list) else value


def dtype_name(dtype: torch.dtype) -> str:
    """``float32`` for ``torch.float32``."""
    return str(dtype).removeprefix("torch.")


class Agreement(Enum):
    """How a value that was worked out compares with what torch returned."""

    EXACT = "exact"
    UNKNOWN = "unknown"
    WRONG = "wrong"


def agreement(value: Value, real: Any, symbols: Mapping[Any, int] | None = None) -> tuple[Agreement, str]:
    """Compare a value with the real result; the text says where they part, or what is not known."""
    if isinstance(value, Unknown):
        return Agreement.UNKNOWN, value.reason
    if isinstance(real, torch.Tensor):
        return _tensor(value, real, symbols or {})
    if isinstance(real, dict):
        return Agreement.UNKNOWN, "a dict"
    if isinstance(real, tuple | list):
        return _sequence(value, list(real), symbols)
    if isinstance(value, Expression):
        value = value.substitute(symbols or {})
    if isinstance(value, Expression | Repeated):
        return Agreement.UNKNOWN, "not a known number"
    if isinstance(real, torch.dtype | torch.device):
        return _same(value, to_value(real))
    return _same(value, real)


def _same(value: Value, real: Any) -> tuple[Agreement, str]:
    # NaN is not equal to itself.
    if type(value) is type(real) and (value == real or value != value):
        return Agreement.EXACT, ""
    return Agreement.WRONG, f"{value!r} instead of {real!r}"


def _sequence(value: Value, real: list[Any], symbols: Mapping[Any, int] | None) -> tuple[Agreement, str]:
    if isinstance(value, NamedTuple):
        for name, item in zip(value.fields, value.values, strict=True):
            if not isinstance(item, Unknown) and not isinstance(name, str):
                return Agreement.WRONG, "a field without a name"
        items = list(value.values)
    elif isinstance(value, ListValue):
        items = value.items
    elif isinstance(value, tuple):
        items = list(value)
    elif isinstance(value, Repeated):
        return Agreement.UNKNOWN, "a sequence of unknown length"
    else:
        return Agreement.WRONG, f"{type(value).__name__} instead of a sequence"
    if len(items) != len(real):
        return Agreement.WRONG, f"{len(items)} items instead of {len(real)}"
    worst, text = Agreement.EXACT, ""
    for item, one in zip(items, real, strict=True):
        found, why = agreement(item, one, symbols)
        if found is Agreement.WRONG:
            return found, why
        if found is Agreement.UNKNOWN:
            worst, text = found, why
    return worst, text


def _tensor(value: Value, real: torch.Tensor, symbols: Mapping[Any, int]) -> tuple[Agreement, str]:
    if not isinstance(value, Tensor):
        return Agreement.WRONG, f"{type(value).__name__} instead of a tensor"
    text = f"{value.shape} {value.dtype} instead of {tuple(real.shape)} {dtype_name(real.dtype)}"
    if value.dtype is not None and value.dtype != dtype_name(real.dtype):
        return Agreement.WRONG, text
    known = value.dtype is not None
    dims = value.shape.dims
    if value.shape.rank is None:
        known = False
        if len(dims) > real.dim():
            return Agreement.WRONG, text
    elif len(dims) != real.dim():
        return Agreement.WRONG, text
    for dim, size in zip(reversed(dims), reversed(real.shape), strict=False):
        found = dim.substitute(symbols) if isinstance(dim, Expression) else dim
        if isinstance(found, Expression):
            known = False
        elif found != size:
            return Agreement.WRONG, text
    if value.strides is not None and not symbols and not _fits_strides(value, real):
        return Agreement.WRONG, f"strides {value.strides} instead of {real.stride()}"
    return (Agreement.EXACT, "") if known else (Agreement.UNKNOWN, text)


def _fits_strides(value: Tensor, real: torch.Tensor) -> bool:
    """Strides matter only on axes with more than one element, of tensors that have elements."""
    if real.numel() == 0 or value.strides is None or real.layout is not torch.strided:
        return True
    pairs = zip(value.strides, real.stride(), real.shape, strict=False)
    return all(size == 1 or not isinstance(ours, int) or ours == theirs for ours, theirs, size in pairs)
