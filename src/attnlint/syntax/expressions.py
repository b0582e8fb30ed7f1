"""The kinds of expression of the small syntax that Python source is lowered to: see :mod:`attnlint.syntax.nodes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(eq=False, slots=True)
class Node:
    """A piece of syntax."""

    id: int


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
    """``kind``: ``list``, ``set``, ``dict``, ``generator``; ``value`` only for dicts (``element`` is then the key)."""

    kind: str
    element: Expression
    value: Expression | None
    clauses: tuple[Clause, ...]


@dataclass(eq=False, slots=True)
class Formatted(Node):
    """One ``{value!conversion:format}`` of an f-string; ``format`` is an f-string of its own or None.

    For ``{value=}`` (``equals``) the text ``value=`` is the literal piece in front of it, and ``conversion`` is ``r``
    unless written otherwise: nothing is left to do for the interpreter.
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
    """One parameter.

    ``kind``: ``positional`` (before ``/``), ``plain``, ``star`` (``*args``), ``keyword``, ``double_star``.
    """

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
    """An expression that was not lowered: too deep or too long to be parsed, or syntax that attnlint does not know.

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
