"""The small syntax of our own that Python source is lowered to.

Every node has an ``id``, unique in its file and in source order, from which :mod:`attnlint.syntax.positions` works out its
source range on demand. Nodes are plain slotted objects: they are made once per file by the hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnlint.syntax.scopes import FunctionScope


@dataclass(eq=False, slots=True)
class Node:
    """A piece of syntax."""

    id: int


# --- expressions -------------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Constant(Node):
    """A literal: None, bool, int, float, complex, str (implicit concatenation joined), bytes, Ellipsis."""

    value: Any


@dataclass(eq=False, slots=True)
class Name(Node):
    """A variable that is read, or a target that is bound."""

    name: str


@dataclass(eq=False, slots=True)
class Attribute(Node):
    """``value.name``"""

    value: Expression
    name: str


@dataclass(eq=False, slots=True)
class Subscript(Node):
    """``value[index]``; several indices are one ``Display`` of kind tuple, slices are ``Slice``."""

    value: Expression
    index: Expression


@dataclass(eq=False, slots=True)
class Slice(Node):
    """``lower:upper:step`` inside a subscript."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None


@dataclass(eq=False, slots=True)
class Argument(Node):
    """One argument of a call: ``value``, ``keyword=value``, ``*value`` (star 1) or ``**value`` (star 2)."""

    value: Expression
    keyword: str | None = None
    star: int = 0


@dataclass(eq=False, slots=True)
class Call(Node):
    """``function(arguments)``"""

    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(eq=False, slots=True)
class Binary(Node):
    """``left operator right``; operator is ``+ - * / // % ** @ & | ^ << >>``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(eq=False, slots=True)
class Unary(Node):
    """``- + ~ not``"""

    operator: str
    operand: Expression


@dataclass(eq=False, slots=True)
class Compare(Node):
    """A chain: ``first op others[0] op others[1]``; ops as written, ``not in`` and ``is not`` with one space."""

    first: Expression
    operators: tuple[str, ...]
    others: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class Boolean(Node):
    """``and`` / ``or`` over two or more values (a chain of the same operator is one node)."""

    operator: str
    values: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class Conditional(Node):
    """``body if test else orelse``"""

    test: Expression
    body: Expression
    orelse: Expression


@dataclass(eq=False, slots=True)
class Display(Node):
    """A tuple, list or set display; ``kind`` is ``tuple``, ``list`` or ``set``. Also a target list."""

    kind: str
    elements: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class DictDisplay(Node):
    """``{key: value, **value}``: a key of ``None`` stands for ``**``."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class Clause(Node):
    """``for target in iterable if conditions`` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class Comprehension(Node):
    """``kind`` is ``list``, ``set``, ``dict`` or ``generator``; ``value`` only for dicts (``element`` is then the key)."""

    kind: str
    element: Expression
    value: Expression | None
    clauses: tuple[Clause, ...]


@dataclass(eq=False, slots=True)
class Formatted(Node):
    """One ``{value!conversion:format}`` of an f-string; ``format`` is an f-string of its own or None.

    For ``{value=}`` (``equals``) the text ``value=`` is the literal piece in front of it, and ``conversion`` is ``r`` unless
    written otherwise: nothing is left to do for the interpreter.
    """

    value: Expression
    conversion: str | None
    format: FormattedString | None
    equals: bool = False


@dataclass(eq=False, slots=True)
class FormattedString(Node):
    """An f-string: literal pieces (Constant) and ``Formatted`` pieces."""

    parts: tuple[Constant | Formatted, ...]


@dataclass(eq=False, slots=True)
class Starred(Node):
    """``*value`` in a display, a target or a subscript."""

    value: Expression


@dataclass(eq=False, slots=True)
class Walrus(Node):
    """``target := value``"""

    target: Name
    value: Expression


@dataclass(eq=False, slots=True)
class Yield(Node):
    """``yield value`` or ``yield from value``"""

    value: Expression | None
    is_from: bool


@dataclass(eq=False, slots=True)
class Await(Node):
    """``await value``"""

    value: Expression


@dataclass(eq=False, slots=True)
class Parameter(Node):
    """One parameter; ``kind`` is ``positional`` (before ``/``), ``plain``, ``star`` (``*args``), ``keyword``, ``double_star``."""

    name: str
    kind: str
    default: Expression | None
    annotation: Expression | None


@dataclass(eq=False, slots=True)
class Lambda(Node):
    """``lambda parameters: body``"""

    parameters: tuple[Parameter, ...]
    body: Expression


@dataclass(eq=False, slots=True)
class Opaque(Node):
    """An expression that is there and was not lowered: too deep or too long to parse, or syntax that attnlint does not know.

    Its value is not known, and it may have any effect that an expression can have.
    """

    reason: str


Expression = (
    Constant
    | Name
    | Attribute
    | Subscript
    | Slice
    | Call
    | Binary
    | Unary
    | Compare
    | Boolean
    | Conditional
    | Display
    | DictDisplay
    | Comprehension
    | FormattedString
    | Starred
    | Walrus
    | Yield
    | Await
    | Lambda
    | Opaque
)


# --- statements --------------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class ExpressionStatement(Node):
    """An expression for its effect."""

    value: Expression


@dataclass(eq=False, slots=True)
class Assign(Node):
    """``targets[0] = targets[1] = value``; an annotated assignment has one target and ``annotation`` (value may be None)."""

    targets: tuple[Expression, ...]
    value: Expression | None
    annotation: Expression | None = None


@dataclass(eq=False, slots=True)
class AugmentedAssign(Node):
    """``target operator= value``; operator without the ``=``."""

    target: Expression
    operator: str
    value: Expression


@dataclass(eq=False, slots=True)
class Return(Node):
    """``return value``"""

    value: Expression | None


@dataclass(eq=False, slots=True)
class Raise(Node):
    """``raise exception from cause``"""

    exception: Expression | None
    cause: Expression | None


@dataclass(eq=False, slots=True)
class Assert(Node):
    """``assert test, message``"""

    test: Expression
    message: Expression | None


@dataclass(eq=False, slots=True)
class Delete(Node):
    """``del targets``"""

    targets: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class Jump(Node):
    """``pass``, ``break`` or ``continue``."""

    kind: str


@dataclass(eq=False, slots=True)
class ScopeDeclaration(Node):
    """``global names`` or ``nonlocal names``."""

    kind: str
    names: tuple[str, ...]


@dataclass(eq=False, slots=True)
class If(Node):
    """``if test``; an ``elif`` is an ``If`` alone in ``orelse``."""

    test: Expression
    body: Sequence[Statement]
    orelse: Sequence[Statement]


@dataclass(eq=False, slots=True)
class While(Node):
    """``while test``"""

    test: Expression
    body: Sequence[Statement]
    orelse: Sequence[Statement]


@dataclass(eq=False, slots=True)
class For(Node):
    """``for target in iterable``"""

    target: Expression
    iterable: Expression
    body: Sequence[Statement]
    orelse: Sequence[Statement]


@dataclass(eq=False, slots=True)
class Handler(Node):
    """``except exception as name``; ``is_group`` for ``except*``."""

    exception: Expression | None
    name: str | None
    body: Sequence[Statement]
    is_group: bool = False


@dataclass(eq=False, slots=True)
class Try(Node):
    """``try``"""

    body: Sequence[Statement]
    handlers: tuple[Handler, ...]
    orelse: Sequence[Statement]
    finalbody: Sequence[Statement]


@dataclass(eq=False, slots=True)
class WithItem(Node):
    """``context as target``"""

    context: Expression
    target: Expression | None


@dataclass(eq=False, slots=True)
class With(Node):
    """``with items``"""

    items: tuple[WithItem, ...]
    body: Sequence[Statement]


@dataclass(eq=False, slots=True)
class FunctionDef(Node):
    """``def``. ``body`` is parsed when it is first looked at, by whatever looks: iteration, ``is_generator``, ``local_names``."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Sequence[Statement]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    is_async: bool
    _scope: FunctionScope | None = field(default=None, init=False, repr=False)

    @property
    def scope(self) -> FunctionScope:
        """What Python's compiler knows of the names in the body."""
        if self._scope is None:
            from attnlint.syntax.scopes import function_scope  # imports this module

            self._scope = function_scope(self)
        return self._scope

    @property
    def is_generator(self) -> bool:
        """Whether the body yields."""
        return self.scope.is_generator

    @property
    def local_names(self) -> frozenset[str]:
        """Every name that the body binds (parameters included), less its global and nonlocal ones."""
        return self.scope.local_names


@dataclass(eq=False, slots=True)
class ClassDef(Node):
    """``class name(arguments)``"""

    name: str
    arguments: tuple[Argument, ...]
    body: Sequence[Statement]
    decorators: tuple[Expression, ...]


@dataclass(eq=False, slots=True)
class ImportedName(Node):
    """``name as alias`` (``name`` may be dotted in a plain import, ``*`` in a from-import)."""

    name: str
    alias: str | None


@dataclass(eq=False, slots=True)
class Import(Node):
    """``import names``"""

    names: tuple[ImportedName, ...]


@dataclass(eq=False, slots=True)
class ImportFrom(Node):
    """``from ..module import names``; ``level`` counts the dots."""

    module: str
    level: int
    names: tuple[ImportedName, ...]


@dataclass(eq=False, slots=True)
class Pattern(Node):
    """A pattern of ``match``. ``kind``: ``value`` (expression), ``capture`` (name, None for ``_``), ``sequence`` (parts), ``star``
    (name), ``mapping`` (keys, parts, name for ``**rest``), ``class`` (expression, parts, and keyword names in ``names`` for the last
    ``len(names)`` parts), ``or`` (parts), ``as`` (parts[0], name)."""

    kind: str
    value: Expression | None = None
    name: str | None = None
    parts: tuple[Pattern, ...] = ()
    keys: tuple[Expression, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Case(Node):
    """``case pattern if guard``"""

    pattern: Pattern
    guard: Expression | None
    body: Sequence[Statement]


@dataclass(eq=False, slots=True)
class Match(Node):
    """``match subject``"""

    subject: Expression
    cases: tuple[Case, ...]


Statement = (
    ExpressionStatement
    | Assign
    | AugmentedAssign
    | Return
    | Raise
    | Assert
    | Delete
    | Jump
    | ScopeDeclaration
    | If
    | While
    | For
    | Try
    | With
    | FunctionDef
    | ClassDef
    | Import
    | ImportFrom
    | Match
)
