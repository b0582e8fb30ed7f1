"""The shape rules against torch itself: the same call, once on real tensors and once on abstract ones.

``check`` asserts that torch raises exactly when the rule complains, and that where neither does, shape, dtype and
(where the rule claims them) strides are torch's. ``judge`` only says which of these held.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from dataclasses import dataclass
from typing import Any

import torch

from attnlint.algebra import Facts, Shape
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import find_op
from attnlint.values import DictValue, ListValue, NamedTuple, Repeated, Tensor, TorchName, Unknown

DEVICE = "torch.device"


@dataclass(frozen=True)
class Judgement:
    """``exact``, ``both raise``, ``unknown`` (the rule cannot tell), or what is wrong."""

    verdict: str
    detail: str = ""
    complaint: Complaint | None = None
    error: BaseException | None = None

    @property
    def wrong(self) -> bool:
        return self.verdict not in ("exact", "both raise", "unknown")


def abstract(value: Any) -> Any:
    """A real argument as the value that the interpreter would have for it."""
    if isinstance(value, torch.Tensor):
        elements = None
        if (
            value.numel() <= 64
            and value.dtype in (torch.int64, torch.int32, torch.bool)
            and value.layout == torch.strided
        ):
            elements = nested(value.tolist())
        return Tensor(
            Shape(tuple(value.shape)),
            str(value.dtype).removeprefix("torch."),
            strides=tuple(value.stride()) if value.layout == torch.strided else None,
            elements=elements,
        )
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple):
        return tuple(abstract(item) for item in value)
    if isinstance(value, list):
        return ListValue([abstract(item) for item in value])
    if isinstance(value, slice):
        return slice(abstract(value.start), abstract(value.stop), abstract(value.step))
    if isinstance(value, dict):
        return DictValue({key: abstract(item) for key, item in value.items()})
    if isinstance(value, torch.dtype | torch.layout | torch.memory_format):
        return TorchName(str(value))
    if isinstance(value, torch.device):
        return str(value)
    return value


def nested(value: Any) -> Any:
    return tuple(nested(item) for item in value) if isinstance(value, list) else value


@functools.cache
def resolve(name: str) -> Any:
    """The real callable of a qualified name."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
            for part in parts[end:]:
                found = getattr(found, part)
            return found
        except (ImportError, AttributeError):
            continue
    raise LookupError(name)


def judge(name: str, *args: Any, **kwargs: Any) -> Judgement:
    """Run ``name`` on torch and through its rule."""
    op = find_op(name)
    if op is None:
        return Judgement("no rule", name)
    arguments = tuple(abstract(arg) for arg in args)
    keywords = {key: abstract(value) for key, value in kwargs.items()}
    complaint: Complaint | None = None
    result: Any = None
    try:
        result = call_op(op, arguments, keywords, Facts(), exact_dtypes=True)
    except Complaint as raised:
        complaint = raised
    except CannotTell as raised:
        result = Unknown(raised.reason)
    except BadArguments as raised:
        complaint = Complaint("BAD", str(raised))
    error: BaseException | None = None
    real: Any = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            real = resolve(name)(*args, **kwargs)
        except Exception as raised:
            error = raised
    shown = f"{name}{show(arguments, keywords)}"
    if complaint is not None and error is not None:
        return Judgement("both raise", shown, complaint, error)
    if complaint is not None:
        return Judgement("false alarm", f"{shown}: {complaint.code} {complaint.summary}", complaint)
    if isinstance(result, Unknown):
        return Judgement("unknown", f"{shown}: {result.reason}", error=error)
    if error is not None:
        return Judgement(
            "missed", f"{shown}: torch says {type(error).__name__}: {error}; the rule says {result}", error=error
        )
    difference = compare(real, result)
    return Judgement("different", f"{shown}: {difference}") if difference else Judgement("exact", shown)


def check(name: str, *args: Any, may_be_unknown: bool = False, **kwargs: Any) -> Judgement:
    """Assert that torch and the rule agree."""
    judgement = judge(name, *args, **kwargs)
    assert not judgement.wrong, f"{judgement.verdict}: {judgement.detail}"
    assert may_be_unknown or judgement.verdict != "unknown", judgement.detail
    return judgement


def compare(real: Any, result: Any) -> str:
    """What differs between a real result and an abstract one; empty when nothing that is claimed does."""
    if isinstance(result, Unknown):
        return ""
    if isinstance(real, torch.Tensor):
        if not isinstance(result, Tensor):
            return f"torch gives a tensor {tuple(real.shape)}, the rule {result!r}"
        if not _fits(tuple(real.shape), result.shape):
            return f"torch gives the shape {tuple(real.shape)}, the rule {result.shape}"
        if result.dtype is not None and f"torch.{result.dtype}" != str(real.dtype):
            return f"torch gives the dtype {real.dtype}, the rule {result.dtype}"
        if result.strides is not None and real.layout == torch.strided and not _same_strides(real, result.strides):
            return f"torch gives {tuple(real.shape)} the strides {real.stride()}, the rule {result.strides}"
        if result.elements is not None and nested(real.tolist()) != result.elements:
            return f"torch gives {real.tolist()}, the rule {result.elements}"
        return ""
    if isinstance(real, tuple | list):
        if isinstance(result, Repeated):
            return next((text for item in real if (text := compare(item, result.element))), "")
        items = (
            result.items
            if isinstance(result, ListValue)
            else result.values
            if isinstance(result, NamedTuple)
            else result
        )
        if not isinstance(items, tuple | list) or len(items) != len(real):
            return f"torch gives {len(real)} items, the rule {items!r}"
        return next((text for a, b in zip(real, items, strict=True) if (text := compare(a, b))), "")
    if isinstance(real, dict) and isinstance(result, DictValue):
        return "" if real == result.items else f"torch gives {real}, the rule {result.items}"
    if isinstance(real, torch.dtype):
        return "" if result == TorchName(str(real)) else f"torch gives {real}, the rule {result!r}"
    if isinstance(real, torch.device):
        return ""
    if isinstance(real, bool | int | str):
        return "" if isinstance(result, type(None)) or real == result else f"torch gives {real!r}, the rule {result!r}"
    return ""


def _fits(real: tuple[int, ...], shape: Shape) -> bool:
    dims = shape.dims
    if len(real) < len(dims) or (shape.rest is None and len(real) != len(dims)):
        return False
    return all(
        not isinstance(dim, int) or dim == size for dim, size in zip(reversed(dims), reversed(real), strict=False)
    )


def _same_strides(real: torch.Tensor, claimed: tuple[Any, ...]) -> bool:
    """The stride of an axis of size 1 means nothing, and neither does any stride of an empty tensor."""
    if real.numel() == 0:
        return True
    pairs = zip(real.shape, real.stride(), claimed, strict=True)
    return all(size == 1 or not isinstance(stride, int) or stride == actual for size, actual, stride in pairs)


def show(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
    """The abstract arguments, for a message."""
    texts = [_text(value) for value in arguments] + [f"{name}={_text(value)}" for name, value in keywords.items()]
    return f"({', '.join(texts)})"


def _text(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{value.dtype}{value.shape}"
    if isinstance(value, ListValue):
        return f"[{', '.join(_text(item) for item in value.items)}]"
    return f"({', '.join(_text(item) for item in value)})" if isinstance(value, tuple) else repr(value)
