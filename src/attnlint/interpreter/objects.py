"""Values that only the interpreter makes: functions, classes, modules, conditions, containers whose contents are not
known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attnlint.frozen import frozen
from attnlint.values import Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.scopes import Scope
    from attnlint.syntax.nodes import ClassDef, FunctionDef, Lambda


class Unbound:
    """What a location holds that holds nothing. In a ``Choice``: the name is not bound on every path."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNBOUND"


UNBOUND = Unbound()
BUFFERS = "__buffers__"
"""The attribute of a module that keeps the names of its buffers: other tensors may be attributes, too."""
OPEN = "__open__"
"""The attribute that says that an object may have attributes that we do not see."""


@dataclass(eq=False, slots=True)
class FunctionValue:
    """A function of the user's: a ``def`` or a ``lambda``, and where it was made."""

    node: FunctionDef | Lambda
    scope: Scope
    """The scope that it was defined in."""
    module: ModuleValue
    name: str
    defaults: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    unknown_decorator: str = ""
    """A decorator of which nothing is known, taken to pass the call on."""
    manages_context: bool = False
    """Decorated with ``contextlib.contextmanager``."""
    remembers: bool = False
    """Decorated with ``functools.cache`` or ``lru_cache``: called again with the same arguments, it does not run."""


@dataclass(eq=False, slots=True)
class ClassValue:
    """A class of the user's."""

    name: str
    bases: tuple[Value, ...]
    mro: tuple[Value, ...] = ()
    attributes: dict[str, Value] = field(default_factory=dict)
    module: ModuleValue | None = None
    node: ClassDef | None = None
    annotations: list[tuple[str, Value]] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    """``class C(Base, keyword=value)``"""

    def __repr__(self) -> str:
        return f"<class {self.name}>"


@dataclass(eq=False, slots=True)
class ModuleValue:
    """A file of the project, as an imported module."""

    name: str
    path: str
    scope: Scope
    source: Any = None
    is_package: bool = False
    done: set[int] = field(default_factory=set)
    """The top-level statements that have run, by their index: an imported file is run by name."""
    due: set[int] = field(default_factory=set)
    """Those that must run before anybody else may look."""
    opened: set[str] = field(default_factory=set)
    """Its containers that may hold more than is known."""
    running: int | None = None
    uses: set[str] = field(default_factory=set)
    """The files whose names it has read."""
    remembered: dict[Any, Value] = field(default_factory=dict)
    """What its cached functions made of constants."""
    remembering: bool = False
    """Whether one of them is running, apart from any path."""

    @property
    def attributes(self) -> dict[str, Value]:
        """Its globals."""
        return self.scope.variables

    def __repr__(self) -> str:
        return f"<module {self.name}>"


@frozen
class LazyImport:
    """A name that an import binds; the module is looked at when the name is first read."""

    module: str
    name: str | None
    """``None`` for the module itself."""
    relative_to: str = ""


@dataclass(eq=False, slots=True)
class PropertyValue:
    """A property of the user's."""

    getter: Value
    setter: Value = None
    cached: bool = False


@frozen
class StaticMethod:
    """``staticmethod(function)``"""

    function: Value


@frozen
class ClassMethod:
    """``classmethod(function)``"""

    function: Value


@frozen
class SuperValue:
    """``super()``: attributes are looked up after ``after`` in the receiver's classes."""

    after: Value
    receiver: Value


@dataclass(eq=False, slots=True)
class GeneratorValue:
    """A generator of the user's that has been called. It runs as a whole when it is first asked for an item."""

    function: FunctionValue
    variables: dict[str, Value]
    attributes: dict[str, Value] = field(default_factory=lambda: {"items": None, "position": 0})


@frozen
class Condition(Unknown):
    """A bool that is not known, and what it asks: being told that it holds (or not) teaches something."""

    operator: str = field(default="", compare=False)
    """``not``, ``and``, ``or``, ``truth``, ``is``, ``==``, ``<``, ``<=``, ``in``, ``isinstance``, ``hasattr``,
    ``callable``"""
    operands: tuple[Value, ...] = field(default=(), compare=False)
    test: Callable[[Value], bool | None] | None = field(default=None, compare=False)
    """Answers the condition for one alternative of the first operand."""


@frozen
class Opened:
    """The elements of a list or set of unknown length: each is like ``element``."""

    element: Value
    first: Value = None
    """The first element of a list, where it is known by itself."""


@dataclass(eq=False, slots=True)
class OpenList:
    """A list whose length is not known. ``ListValue`` objects become this, in place, when their contents are
    forgotten."""

    items: Opened


@dataclass(eq=False, slots=True)
class OpenDict:
    """A dict of which not all keys are known: the known ones, and what the values of the others are like."""

    items: dict[Any, Value]
    default_factory: Value = None


@dataclass(eq=False, slots=True)
class OpenSet:
    """A set whose elements are not known."""

    items: Opened
