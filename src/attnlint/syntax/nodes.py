"""The small syntax of our own that Python source is lowered to.

Every node has an ``id``, unique in its file and in source order, from which :mod:`attnlint.syntax.positions` works out
its source range on demand. Nodes are plain slotted objects: they are made once per file by the hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attnlint.syntax.expressions import Argument as Argument
from attnlint.syntax.expressions import Attribute as Attribute
from attnlint.syntax.expressions import Await as Await
from attnlint.syntax.expressions import Binary as Binary
from attnlint.syntax.expressions import Boolean as Boolean
from attnlint.syntax.expressions import Call as Call
from attnlint.syntax.expressions import Clause as Clause
from attnlint.syntax.expressions import Compare as Compare
from attnlint.syntax.expressions import Comprehension as Comprehension
from attnlint.syntax.expressions import Conditional as Conditional
from attnlint.syntax.expressions import Constant as Constant
from attnlint.syntax.expressions import DictDisplay as DictDisplay
from attnlint.syntax.expressions import Display as Display
from attnlint.syntax.expressions import Expression as Expression
from attnlint.syntax.expressions import Formatted as Formatted
from attnlint.syntax.expressions import FormattedString as FormattedString
from attnlint.syntax.expressions import Lambda as Lambda
from attnlint.syntax.expressions import Name as Name
from attnlint.syntax.expressions import Node as Node
from attnlint.syntax.expressions import Opaque as Opaque
from attnlint.syntax.expressions import Parameter as Parameter
from attnlint.syntax.expressions import Slice as Slice
from attnlint.syntax.expressions import Starred as Starred
from attnlint.syntax.expressions import Subscript as Subscript
from attnlint.syntax.expressions import Unary as Unary
from attnlint.syntax.expressions import Walrus as Walrus
from attnlint.syntax.expressions import Yield as Yield

if TYPE_CHECKING:
    from attnlint.syntax.mentions import Mentions
    from attnlint.syntax.scopes import FunctionScope


@dataclass(eq=False, slots=True)
class ExpressionStatement(Node):
    """An expression for its effect."""

    value: Expression


@dataclass(eq=False, slots=True)
class Assign(Node):
    """``targets[0] = targets[1] = value``. An annotated one has a single target, ``annotation``, and maybe no value."""

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
    """``def``. ``body`` is parsed when it is first looked at; ``is_generator`` and ``local_names`` look at it."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Sequence[Statement]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    is_async: bool
    _scope: FunctionScope | None = field(default=None, init=False, repr=False)
    _mentions: Mentions | None = field(default=None, init=False, repr=False)

    @property
    def mentions(self) -> Mentions:
        """The names and attributes that the body speaks of."""
        if self._mentions is None:
            from attnlint.syntax.mentions import mentions  # imports this module

            self._mentions = mentions(self.body)
        else:
            self._look()
        return self._mentions

    @property
    def scope(self) -> FunctionScope:
        """What Python's compiler knows of the names in the body."""
        if self._scope is None:
            from attnlint.syntax.scopes import function_scope  # imports this module

            self._scope = function_scope(self)
        else:
            self._look()
        return self._scope

    def _look(self) -> None:
        """Who asks for what is known of the body looks at the body."""
        look = getattr(self.body, "look", None)
        if look is not None:
            look()

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
    """A pattern of ``match``.

    ``kind``: ``value`` (expression), ``capture`` (name, None for ``_``), ``sequence`` (parts), ``star`` (name),
    ``mapping`` (keys, parts, name for ``**rest``), ``class`` (expression, parts, and keyword names in ``names`` for the
    last ``len(names)`` parts), ``or`` (parts), ``as`` (parts[0], name).
    """

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
