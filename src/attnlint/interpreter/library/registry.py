"""The registry of Python callables: finds the model of a builtin, a method or a library function by dotted name.

A model is declared next to its code, with the signature of the real thing after ``run`` and ``node``::

    @python("sorted")
    def sorted_(run: Run, node: Node, iterable: Value, /, *, key: Value = None, reverse: Value = False) -> Value: ...

    @python("list.append")
    def append(run: Run, node: Node, receiver: Value, item: Value, /) -> Value: ...

A call that does not fit the signature is unknown, never an error: it is our signature that may be incomplete.

Library objects with state are ``Instance(PythonName("collections.deque"), attributes)``; their methods, special ones
included, are models named ``collections.deque.append``, ``collections.deque.__iter__``. Family modules are imported on
the first look-up.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Shape
from attnlint.interpreter.objects import (
    ClassValue,
    FunctionValue,
    GeneratorValue,
    ModuleValue,
    OpenDict,
    OpenList,
    OpenSet,
)
from attnlint.values import (
    BoundMethod,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

Model = Callable[["Run", tuple[Value, ...], dict[str, Value], "Node"], Value]

MISSING: Any = object()
"""What :func:`find_constant` answers for a name that is no constant (``None`` may be one)."""

_MODELS: dict[str, Model] = {}
_CONSTANTS: dict[str, Value] = {}
_CLASSES: set[str] = set()
_PARENTS: dict[str, tuple[str, ...]] = {}
_HARMLESS: dict[str, Callable[[Run, str], Value]] = {}
_loaded = False

CONTENTS = "__contents__"
"""The attribute in which an object of a class that derives from ``list``, ``dict`` or ``set`` holds its elements."""
_CONTAINERS: dict[str, type] = {
    "list": ListValue,
    "dict": DictValue,
    "collections.OrderedDict": DictValue,
    "collections.defaultdict": DictValue,
    "set": SetValue,
}
_KINDS = frozenset({"int", "float", "bool", "str", "list", "tuple", "dict", "set"})
_TYPES: dict[type, str] = {
    ListValue: "list",
    OpenList: "list",
    DictValue: "dict",
    OpenDict: "dict",
    SetValue: "set",
    OpenSet: "set",
    Expression: "int",
    NamedTuple: "collections.namedtuple",
    Shape: "tuple",
    GeneratorValue: "generator",
    FunctionValue: "function",
    BoundMethod: "method",
    ClassValue: "type",
    ModuleValue: "module",
}


def python(*names: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare the model of one callable under all of its names."""

    def declare(function: Callable[..., Value]) -> Callable[..., Value]:
        model = _binding(function)
        for name in names:
            register(name, model)
        return function

    return declare


def register(name: str, model: Model) -> None:
    """Declare ``model`` for ``name``; used for tables of alike callables."""
    if name in _MODELS:
        raise ValueError(f"two models for {name}")
    kind = _CONTAINERS.get(name.rpartition(".")[0])
    _MODELS[name] = model if kind is None else _on_contents(model, kind)


def constant(name: str, value: Value) -> None:
    """Declare a constant: ``math.pi``."""
    _CONSTANTS[name] = value


def class_(name: str, *parents: str) -> None:
    """Declare that ``name`` is a class, with its base classes (methods are inherited; ``isinstance`` follows them)."""
    _CLASSES.add(name)
    _PARENTS[name] = parents


def harmless(prefix: str, result: Callable[[Run, str], Value]) -> None:
    """Declare that whatever is called below ``prefix`` changes nothing that matters and gives ``result(run, name)``."""
    _HARMLESS[prefix] = result


def find_python(name: str) -> Model | None:
    """The model of a callable by its dotted name; ``None`` when it is not modelled."""
    _load()
    model = _MODELS.get(name)
    if model is not None:
        return model
    if name.startswith("typing_extensions."):
        return find_python(name.replace("typing_extensions", "typing", 1))
    result = _HARMLESS.get(name)
    prefix = name
    while result is None and "." in prefix:
        prefix = prefix.rpartition(".")[0]
        result = _HARMLESS.get(prefix)
        if result is None and (prefix in _CLASSES or prefix.rpartition(".")[2][:1].isupper()):
            # A class: what its objects do not have is for the interpreter to say.
            return None
    if result is None:
        return None
    answer = result
    return lambda run, arguments, keywords, node: answer(run, name)


def find_constant(name: str) -> Value:
    """The constant of that dotted name, or ``MISSING``."""
    _load()
    return _CONSTANTS.get(name.replace("typing_extensions.", "typing.", 1), MISSING)


def find_method(value: Value, name: str) -> str | None:
    """The qualified name of the method ``name`` of a value of a builtin or library type: ``list.append``."""
    _load()
    kind = type_name(value)
    if kind is None:
        return None
    for parent in ancestry(kind):
        qualified = f"{parent}.{name}"
        if qualified in _MODELS or parent in _HARMLESS:
            return qualified
    return None


def is_modelled(name: str) -> bool:
    """Whether a module, or something in it, is known here: a standard-library module, or a registered name."""
    _load()
    if name.partition(".")[0] in sys.stdlib_module_names or name.partition(".")[0] == "typing_extensions":
        return True
    return name in _MODELS or name in _CONSTANTS or name in _packages()


@cache
def _packages() -> frozenset[str]:
    """All that a modelled callable is in."""
    found: set[str] = set()
    for name in _MODELS:
        while "." in name:
            name = name.rpartition(".")[0]
            found.add(name)
    return frozenset(found)


def is_class(name: str) -> bool:
    """Whether the Python object of that name is a class (as a class attribute it does not bind as a method)."""
    _load()
    return name in _CLASSES


@cache
def ancestry(name: str) -> tuple[str, ...]:
    """The class and its base classes, by name, in method resolution order (``object`` last)."""
    _load()
    found = [name]
    for parent in _PARENTS.get(name, ()):
        found += [each for each in ancestry(parent) if each not in found and each != "object"]
    return (*found, "object") if name in _PARENTS and name != "object" else tuple(found)


def modelled_names() -> Iterable[str]:
    """Every name with a model of its own, sorted."""
    _load()
    return sorted(_MODELS)


def type_name(value: Value) -> str | None:
    """The dotted name of the type of a value of a builtin or library type; ``None`` for any other."""
    if value is None:
        return "NoneType"
    if isinstance(value, bool | int | float | complex | str | bytes | tuple | range | slice):
        return type(value).__name__
    if isinstance(value, DictValue | OpenDict) and value.default_factory is not None:
        return "collections.defaultdict"
    if isinstance(value, Instance):
        return value.cls.name if isinstance(value.cls, PythonName) else None
    if isinstance(value, Repeated):
        return value.kind
    if isinstance(value, Unknown):
        return value.kind if value.kind in _KINDS else None
    return _TYPES.get(type(value))


def _binding(function: Callable[..., Value]) -> Model:
    """Adapt a model with a signature of its own to the uniform one."""
    signature = inspect.signature(function)

    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        try:
            return function(run, node, *arguments, **keywords)
        except TypeError:
            try:
                signature.bind(run, node, *arguments, **keywords)
            except TypeError:
                return run.unknown("a call whose arguments do not fit what is known of the function")
            raise

    return model


def _on_contents(model: Model, kind: type) -> Model:
    """Adapt a method of a container to objects of user classes that derive from it, which hold one of their own."""

    def method(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if arguments and isinstance(arguments[0], Instance):
            arguments = (_contents(run, arguments[0], kind), *arguments[1:])
        return model(run, arguments, keywords, node)

    return method


def _contents(run: Run, receiver: Instance, kind: type) -> Value:
    from attnlint.interpreter.classes import opaque_base

    held = receiver.attributes.get(CONTENTS)
    if held is None:
        if receiver.key is not None or opaque_base(receiver.cls) is not None:
            return run.unknown("the contents of an object")
        held = kind(set() if kind is SetValue else {} if kind is DictValue else [])
        run.store.set_attribute(receiver, CONTENTS, run.store.born(held))
    return held


def _load() -> None:
    """Import every family once."""
    global _loaded
    if _loaded:
        return
    _loaded = True
    import attnlint.interpreter.library as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    # What was asked meanwhile had not heard of all families.
    ancestry.cache_clear()
    _packages.cache_clear()
