"""``isinstance`` and ``issubclass``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnlint.interpreter import torch_names
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.objects import is_callable
from attnlint.interpreter.library.registry import ancestry, class_, is_class, python, type_name
from attnlint.interpreter.objects import ClassValue, FunctionValue, LazyImport, ModuleValue
from attnlint.ops.registry import find_layer, find_op
from attnlint.syntax import nodes
from attnlint.values import (
    BoundMethod,
    Choice,
    External,
    Instance,
    PythonName,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

# The abstract classes of the standard library, and the concrete types registered with them.
_SEQUENCES = frozenset({"str", "bytes", "list", "tuple", "range", "collections.deque"})
_SETS = frozenset({"set", "frozenset"})
_MAPPINGS = frozenset({"dict"})
_CONTAINERS = _SEQUENCES | _SETS | _MAPPINGS
_ABSTRACT: dict[str, frozenset[str]] = {
    "Sequence": _SEQUENCES,
    "MutableSequence": frozenset({"list", "collections.deque"}),
    "Set": _SETS,
    "MutableSet": frozenset({"set"}),
    "Mapping": _MAPPINGS,
    "MutableMapping": _MAPPINGS,
    "Collection": _CONTAINERS,
    "Sized": _CONTAINERS,
    "Container": _CONTAINERS,
    "Reversible": _SEQUENCES | _MAPPINGS,
    "Iterable": _CONTAINERS | {"iterator"},
    "Iterator": frozenset({"iterator"}),
    "Generator": frozenset(),
    "Hashable": frozenset({"int", "bool", "float", "complex", "str", "bytes", "tuple", "range", "NoneType"}),
}
_NUMBERS: dict[str, frozenset[str]] = {
    "numbers.Number": frozenset({"int", "bool", "float", "complex"}),
    "numbers.Complex": frozenset({"int", "bool", "float", "complex"}),
    "numbers.Real": frozenset({"int", "bool", "float"}),
    "numbers.Rational": frozenset({"int", "bool"}),
    "numbers.Integral": frozenset({"int", "bool"}),
}
_TYPING = {
    "List": "list",
    "Tuple": "tuple",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Type": "type",
    "Text": "str",
}
_BUILTIN = frozenset(
    {
        "int",
        "bool",
        "float",
        "complex",
        "str",
        "bytes",
        "bytearray",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "range",
    }
    | {"slice", "type", "NoneType", "function", "property"}
)

_DATA = _BUILTIN - {"slice", "type", "function", "property"}
"""What is no class and no function."""

for _name in _NUMBERS:
    class_(_name, "object")
for _name in _ABSTRACT:
    class_(f"collections.abc.{_name}", "object")


@python("isinstance")
def isinstance_(run: Run, node: Node, value: Value, classes: Value, /) -> Value:
    answer = is_instance_of_any(run, value, alternatives(classes))
    return run.unknown("whether an object is of a class", kind="bool") if answer is None else answer


@python("issubclass")
def issubclass_(run: Run, node: Node, cls: Value, classes: Value, /) -> Value:
    if isinstance(cls, Unknown):
        return run.unknown("whether a class is a subclass", kind="bool")
    names = ancestors(run, cls, node)
    uncertain = names is None
    for other in alternatives(classes):
        if other == cls or other == PythonName("object") or (names and any(other == each for each in names)):
            return True
        uncertain = uncertain or (not isinstance(other, PythonName) and not _is_class_value(other))
    return run.unknown("whether a class is a subclass", kind="bool") if uncertain else False


def _is_class_value(value: Value) -> bool:
    return not isinstance(value, Unknown | Instance | Repeated | BoundMethod) and hasattr(value, "__dataclass_fields__")


def ancestors(run: Run, cls: Value, node: Node) -> tuple[Value, ...] | None:
    """The method resolution order of a class; ``None`` when not known."""
    if isinstance(cls, PythonName):
        return tuple(PythonName(name) for name in ancestry(cls.name))
    if isinstance(cls, TorchName):
        return None
    return run.mro(cls)


def alternatives(classes: Value) -> tuple[Value, ...]:
    """The classes of the second argument of ``isinstance``: nested tuples and ``int | float`` flattened."""
    if isinstance(classes, tuple):
        return tuple(each for member in classes for each in alternatives(member))
    if isinstance(classes, Instance) and classes.cls in (
        PythonName("types.UnionType"),
        PythonName("types.GenericAlias"),
    ):
        if classes.cls == PythonName("types.GenericAlias"):
            origin = classes.attributes.get("__origin__")
            if origin not in (PythonName("typing.Optional"), PythonName("typing.Union")):
                return alternatives(origin)
            members = alternatives(classes.attributes.get("__args__", ()))
            return (*members, PythonName("NoneType")) if origin == PythonName("typing.Optional") else members
        return alternatives(classes.attributes.get("__args__", ()))
    return (PythonName("NoneType"),) if classes is None else (classes,)


def is_instance_of_any(run: Run, value: Value, classes: tuple[Value, ...]) -> bool | None:
    """Whether ``value`` is an instance of one of ``classes``; ``None`` when not known."""
    answers = [is_instance_of(run, value, cls) for cls in classes]
    return True if True in answers else None if None in answers else False


def is_instance_of(run: Run, value: Value, cls: Value) -> bool | None:
    """Whether ``value`` is an instance of the class ``cls``."""
    if cls == PythonName("object"):
        return True
    if isinstance(cls, PythonName):
        answer = is_python_instance(run, value, cls.name)
        if answer is not NotImplemented:
            return None if answer is None else bool(answer)
    if isinstance(cls, TorchName) and _is_plain(value):
        # torch.Size is a tuple, torch.types.Number a union: both are aliases that a plain value may match.
        return None if cls.name in ("torch.Size", "torch.types.Number", "torch.SymInt", "torch.SymFloat") else False
    return run.is_instance(value, cls)


def _is_plain(value: Value) -> bool:
    return type_name(value) is not None and not isinstance(value, Unknown | Repeated | Instance)


_METACLASSES = {
    "enum.EnumMeta": "enum.Enum",
    "enum.EnumType": "enum.Enum",
    "abc.ABCMeta": "abc.ABC",
}
"""The classes of Python's library that are classes of classes, and a class that each makes of those that derive."""


def _has_metaclass(run: Run, cls: ClassValue, name: str) -> bool | None:
    """Whether a class of the user's is an object of a class of the library."""
    base = _METACLASSES.get(name)
    if base is None:
        return True if name == "collections.abc.Hashable" else None  # a metaclass may make it iterable
    bases = run.mro(cls)
    if PythonName(base) in bases:
        return True
    is_known = all(isinstance(each, ClassValue | PythonName) for each in bases)
    named = any(isinstance(each, ClassValue) and "metaclass" in each.keywords for each in bases)
    return False if is_known and not named and base == "enum.Enum" else None


def is_python_instance(run: Run, value: Value, name: str) -> Any:
    """The answer for a builtin or standard-library class; ``NotImplemented`` for objects of the user's classes."""
    kind = None if isinstance(value, Unknown) else type_name(value)
    short = name.rpartition(".")[2]
    if name.startswith("typing."):
        name = _TYPING.get(short, f"collections.abc.{short}")
    if short == "Callable":
        return is_callable(run, value)
    if isinstance(value, Unknown):
        return _unknown_instance(value, name)
    if isinstance(value, Repeated):
        return _is_kind("iterator" if kind == "iterator" else kind or "", name)
    if isinstance(value, Tensor):
        if value.assumed:
            return None
        return name in (
            "collections.abc.Iterable",
            "collections.abc.Sized",
            "collections.abc.Hashable",
            "collections.abc.Container",
            "collections.abc.Collection",
            "collections.abc.Reversible",
        )
    if isinstance(value, ClassValue) and (name in _METACLASSES or name.startswith("collections.abc.")):
        return _has_metaclass(run, value, name)
    if kind is not None:
        return _is_kind(kind, name)
    if isinstance(value, PythonName) and name == "type":
        return None
    if isinstance(value, TorchName):
        if _kind_of_object(value) == "class" and not name.startswith("collections.abc.") and name not in _METACLASSES:
            return name in ("type", "object")
        if (name in _DATA or name == "functools.partial") and _is_no_data(value):
            return False
    return NotImplemented


def _is_no_data(value: TorchName) -> bool:
    """Whether a name of torch's is certainly a class, a function or a dtype."""
    return torch_names.is_dtype(value.name) or find_layer(value.name) is not None or find_op(value.name) is not None


def _is_kind(kind: str, name: str) -> bool | None:
    """Whether a value of the type ``kind`` is an instance of the class ``name``."""
    lineage = ancestry(kind)
    if name == "numpy.ndarray":
        return kind == name
    if name.startswith("numpy."):
        # numpy's scalars are taken for Python's.
        return None if kind in ("int", "float", "bool") else False
    if name in lineage:
        return True
    registered = _NUMBERS.get(name)
    if registered is None and name.startswith("collections.abc."):
        registered = _ABSTRACT.get(name.removeprefix("collections.abc."))
    if registered is not None:
        return any(each in registered for each in lineage) or (None if "." in kind else False)
    if kind == "set" and name == "frozenset":
        # One value stands for both.
        return None
    return False if name in _BUILTIN or "." not in kind else None if "." not in name else False


def _unknown_instance(value: Unknown, name: str) -> bool | None:
    """A kind that an annotation promised is trusted when it says yes; a no may be what the author wants to handle."""
    is_certain = value.kind != "float" or floats.is_symbolic(value)
    return True if value.kind and is_certain and not value.optional and name in ancestry(value.kind) else None


@python("typing.is_typeddict")
def is_typeddict(run: Run, node: Node, value: Value, /) -> Value:
    return run.unknown("what kind of object it is", kind="bool")


def _declare_kinds() -> None:
    def declare(name: str, kind: str) -> None:
        @python(f"inspect.{name}")
        def model(run: Run, node: Node, value: Value, /) -> Value:
            known = _kind_of_object(value)
            return run.unknown("what kind of object it is", kind="bool") if not known else known == kind

    for kind in ("class", "function", "method", "module"):
        declare(f"is{kind}", kind)


def _kind_of_object(value: Value) -> str:
    """As what ``inspect`` sees an object, ``other`` where it is none of these; empty when that is not known.

    Whether a function of a library is written in Python or in C, which is no ``function``, is not known.
    """
    if isinstance(value, ClassValue):
        return "class"
    if isinstance(value, FunctionValue):
        # A decorator may make another kind of object of it, as lru_cache and torch.jit.script do.
        is_plain = isinstance(value.node, nodes.Lambda) or not value.node.decorators
        return "function" if is_plain and not value.unknown_decorator else ""
    if isinstance(value, BoundMethod):
        return "method" if isinstance(value.function, FunctionValue) else ""
    if isinstance(value, ModuleValue):
        return "module"
    if isinstance(value, TorchName):
        known_class = find_layer(value.name) is not None or value.name in torch_names.KNOWN_CLASSES
        return "class" if known_class else ""
    if isinstance(value, PythonName):
        return "class" if is_class(value.name) or value.name in _BUILTIN else ""
    if isinstance(value, Unknown | Choice | External | LazyImport):
        return ""
    return "other" if isinstance(value, Tensor | Instance) or type_name(value) is not None else ""


_declare_kinds()
