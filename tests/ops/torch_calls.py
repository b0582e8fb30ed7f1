"""Which public torch functions a piece of code calls, by qualified name, with their arguments as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import ModuleType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from attnlint.ops.registry import find_op
from attnlint.values import Value
from tests.ops.bridge import NotConverted, to_value

_VIEW_ATTRIBUTES = frozenset({"T", "H", "mT", "mH", "real", "imag"})
_PLACES = """
    torch.Tensor torch.nn.functional torch torch.linalg torch.fft torch.special torch.masked torch.signal.windows
    torch.sparse
""".split()


def _modules() -> dict[str, Any]:
    """The places of public functions that this torch has: ``torch.signal`` came with 2.0."""
    found = {}
    for name in _PLACES:
        with suppress(AttributeError):
            found[name] = attrgetter(name.removeprefix("torch."))(torch) if name != "torch" else torch
    return found


@cache
def names_by_identity() -> dict[int, list[str]]:
    """The qualified names of each public torch callable."""
    names: dict[int, list[str]] = {}
    for prefix, place in _modules().items():
        for name in dir(place):
            thing = getattr(place, name, None)
            if (callable(thing) and not isinstance(thing, type | ModuleType)) or name in _VIEW_ATTRIBUTES:
                names.setdefault(id(thing), []).append(f"{prefix}.{name}")
    return names


def name_of(function: Callable[..., Any]) -> str | None:
    """The qualified name of a torch callable: one that attnlint knows if there is one."""
    if getattr(function, "__name__", "") == "__get__":  # reading an attribute: x.T
        function = function.__self__  # type: ignore[attr-defined]
    names = names_by_identity().get(id(function), [])
    known = [name for name in names if find_op(name) is not None]
    return (known or names or [None])[0]


@dataclass(frozen=True, slots=True)
class TorchCall:
    """One call of a public torch function: what went in (as values, before the call), and what came out."""

    name: str
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    result: Any
    raw: tuple[tuple[Any, ...], dict[str, Any]]


class Recorder(TorchFunctionMode):
    """Records the outermost torch calls that run under it; what they call inside is not recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TorchCall] = []
        self.unnamed: list[str] = []
        self.failed: TorchCall | None = None
        """The call that raised, if one did."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = name_of(func)
        if name is None:
            self.unnamed.append(str(getattr(func, "__name__", func)))
            return func(*args, **kwargs)
        try:
            arguments = tuple(to_value(argument) for argument in args)
            keywords = {key: to_value(argument) for key, argument in kwargs.items()}
        except NotConverted as error:
            self.unnamed.append(f"{name} of {error}")
            return func(*args, **kwargs)
        raw = (frozen(args), frozen(kwargs))
        self.failed = TorchCall(name, arguments, keywords, None, raw)
        result = func(*args, **kwargs)
        self.failed = None
        self.calls.append(TorchCall(name, arguments, keywords, frozen(result), raw))
        return result


def frozen(thing: Any) -> Any:
    """Arguments or a result as they are now: a later in-place call may resize a tensor."""
    if isinstance(thing, torch.Tensor) and thing.layout is torch.strided:
        return torch.empty_strided(thing.shape, thing.stride(), dtype=thing.dtype, device="meta")
    if type(thing) in (tuple, list):
        return type(thing)(map(frozen, thing))
    if isinstance(thing, dict):
        return {key: frozen(value) for key, value in thing.items()}
    return thing


def sizes_in(things: Any) -> Iterator[int]:
    """Every size above 1 of every tensor among the arguments."""
    if isinstance(things, torch.Tensor):
        yield from (size for size in things.shape if size > 1)
    elif isinstance(things, tuple | list):
        for thing in things:
            yield from sizes_in(thing)
    elif isinstance(things, dict):
        yield from sizes_in(tuple(things.values()))
