"""The registry of ops: finds the shape rule of a torch callable by its qualified name.

A rule is declared next to its code::

    @shape_rule("torch.bmm", "torch.Tensor.bmm", signature="(input, mat2, *, out=None)")
    def bmm(call: Call) -> Value: ...

    @layer("torch.nn.Linear", constructor="(in_features, out_features, bias=True, device=None, dtype=None)",
           forward="(input)")
    class Linear:
        @staticmethod
        def build(call: Call) -> dict[str, Value]: ...      # the attributes of the instance
        @staticmethod
        def forward(call: Call) -> Value: ...                 # call.layer holds them

Family modules are imported on the first look-up, so that starting the tool stays cheap.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from attnlint.ops.signature import Signature

if TYPE_CHECKING:
    from attnlint.ops.call import Call
    from attnlint.values import Value

Rule = Callable[["Call"], "Value"]
_Declared = TypeVar("_Declared", bound=Callable[["Call"], Any])


@dataclass(frozen=True, slots=True)
class Op:
    """One torch callable and its shape rule."""

    name: str
    signatures: tuple[Signature, ...]
    rule: Rule
    family: str
    """The module of ``attnlint.ops`` that declares it."""
    inplace: bool = False
    """The receiver is changed: the result must fit the receiver's shape (``add_``)."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One ``nn`` module class: how its attributes are built, and its forward."""

    name: str
    constructor: tuple[Signature, ...]
    build: Callable[[Call], dict[str, Value]]
    forward: Op | None
    """``None`` for a class that cannot be called (containers are run by the interpreter)."""
    family: str
    bases: tuple[str, ...] = ("torch.nn.Module",)


_OPS: dict[str, Op] = {}
_LAYERS: dict[str, Layer] = {}
_ALIASES: dict[str, str] = {}
_loaded = False


def shape_rule(*names: str, signature: str | tuple[str, ...]) -> Callable[[_Declared], _Declared]:
    """Declare the rule of one op under all of its names; several signatures are overloads, tried in order."""
    texts = (signature,) if isinstance(signature, str) else signature

    def declare(rule: _Declared) -> _Declared:
        register(names, texts, rule)
        return rule

    return declare


def register(names: tuple[str, ...], signatures: tuple[str, ...], rule: Rule, *, family: str = "") -> None:
    """Declare ``rule`` for ``names``. A method ``torch.Tensor.f_`` (one trailing underscore) is the in-place form."""
    parsed = tuple(Signature.parse(text) for text in signatures)
    for name in names:
        if name in _OPS:
            raise ValueError(f"two rules for {name}")
        last = name.rpartition(".")[2]
        inplace = last.endswith("_") and not last.endswith("__")
        _OPS[name] = Op(name, parsed, rule, family or rule.__module__.rpartition(".")[2], inplace)


def alias(name: str, target: str) -> None:
    """Make ``name`` another name of ``target`` (``torch.concat`` of ``torch.cat``)."""
    _ALIASES[name] = target


def layer(
    name: str,
    *,
    constructor: str | tuple[str, ...],
    forward: str | tuple[str, ...] = (),
    bases: tuple[str, ...] = ("torch.nn.Module",),
) -> Callable[[type[Any]], type[Any]]:
    """Declare an ``nn`` module class by a class with the static methods ``build`` and (unless it is
    a container) ``forward``.
    """
    constructors = (constructor,) if isinstance(constructor, str) else constructor
    forwards = (forward,) if isinstance(forward, str) else forward

    def declare(cls: type[Any]) -> type[Any]:
        family = cls.__module__.rpartition(".")[2]
        register_layer(
            name, constructors, forwards, cls.build, getattr(cls, "forward", None), bases=bases, family=family
        )
        return cls

    return declare


def register_layer(
    name: str,
    constructors: tuple[str, ...],
    forwards: tuple[str, ...],
    build: Callable[[Call], dict[str, Value]],
    forward: Rule | None,
    *,
    family: str,
    bases: tuple[str, ...] = ("torch.nn.Module",),
) -> None:
    """Declare an ``nn`` module class from its parts (for tables of alike layers)."""
    if name in _LAYERS:
        raise ValueError(f"two layers for {name}")
    op = None
    if forward is not None:
        op = Op(name, tuple(Signature.parse(text) for text in forwards), forward, family)
    _LAYERS[name] = Layer(name, tuple(Signature.parse(text) for text in constructors), build, op, family, bases)


def find_op(name: str) -> Op | None:
    """The op of a qualified name, after aliases; ``None`` when it is not known."""
    if not _loaded:
        _load()
    found = _OPS.get(name)
    return found if found is not None else _OPS.get(_ALIASES.get(name, ""))


def find_layer(name: str) -> Layer | None:
    """The ``nn`` module class of a qualified name; ``None`` when it is not known."""
    if not _loaded:
        _load()
    found = _LAYERS.get(name)
    return found if found is not None else _LAYERS.get(_ALIASES.get(name, ""))


def all_ops() -> Iterator[Op]:
    """Every known op, by name."""
    _load()
    yield from (_OPS[name] for name in sorted(_OPS))


def all_layers() -> Iterator[Layer]:
    """Every known ``nn`` module class, by name."""
    _load()
    yield from (_LAYERS[name] for name in sorted(_LAYERS))


def all_aliases() -> Mapping[str, str]:
    """Other names, and what they stand for."""
    _load()
    return _ALIASES


def _load() -> None:
    """Import every family once."""
    global _loaded
    if _loaded:
        return
    _loaded = True
    import attnlint.ops as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"attnlint.ops.{module.name}")
