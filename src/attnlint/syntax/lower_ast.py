"""Lowering from Python's own ``ast``, at a tenth of the price of a libcst parse.

Gives every node the number that :mod:`attnlint.syntax.lower_statements` gives it, which numbers in the same order: so
libcst is needed only for files that have something to report, where it finds the places of the numbers, and for syntax
that is newer than the Python that runs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from attnlint.syntax import nodes
from attnlint.syntax.placeholders import PLACEHOLDER, REASON

BINARY: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_UNARY: dict[type, str] = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
_COMPARE: dict[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_DISPLAYS: dict[type, str] = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set"}
_COMPREHENSIONS: dict[type, str] = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}


class UnknownSyntax(Exception):
    """A kind of ``ast`` node that this lowering does not know."""


class Dispatch(dict[type, Callable[[Any, Any], Any]]):
    """The method that lowers a kind of node."""

    def __missing__(self, kind: type) -> Callable[[Any, Any], Any]:
        raise UnknownSyntax(kind.__name__)


class AstLowering:
    """Lowers expressions; statements and patterns are in the modules next to this one."""

    def __init__(self, first_id: int) -> None:
        self.next_id = count(first_id).__next__

    def expression(self, node: Any) -> Any:
        """Lower any expression. Raises :class:`UnknownSyntax`."""
        return EXPRESSIONS[type(node)](self, node)

    def optional(self, node: Any) -> Any:
        """Lower an expression that may be missing."""
        return None if node is None else EXPRESSIONS[type(node)](self, node)

    def expressions(self, listed: Iterable[Any]) -> tuple[Any, ...]:
        """Lower several in a row."""
        return tuple([EXPRESSIONS[type(node)](self, node) for node in listed])

    # --- names and literals -----------------------------------------------------------------------------------------

    def constant(self, node: ast.Constant) -> nodes.Expression:
        return nodes.Constant(self.next_id(), node.value)

    def name(self, node: ast.Name) -> nodes.Expression:
        if node.id == PLACEHOLDER:
            return nodes.Opaque(self.next_id(), REASON)
        return nodes.Name(self.next_id(), node.id)

    def joined(self, node: ast.JoinedStr) -> nodes.FormattedString:
        identity = self.next_id()
        parts: list[nodes.Constant | nodes.Formatted] = []
        for value in node.values:
            if type(value) is ast.FormattedValue:
                parts.append(self.formatted(value))
            elif type(value) is ast.Constant and value.value:
                # Python 3.12 has empty pieces between the fields of a format.
                parts.append(nodes.Constant(self.next_id(), value.value))
        return nodes.FormattedString(identity, tuple(parts))

    def formatted(self, node: ast.FormattedValue) -> nodes.Formatted:
        """``{value!conversion:format}``"""
        conversion = None if node.conversion == -1 else chr(node.conversion)
        lowered = nodes.Formatted(self.next_id(), self.expression(node.value), conversion, None)
        if type(node.format_spec) is ast.JoinedStr:
            lowered.format = self.joined(node.format_spec)
        return lowered

    # --- operators --------------------------------------------------------------------------------------------------

    def attribute(self, node: ast.Attribute) -> nodes.Expression:
        return nodes.Attribute(self.next_id(), self.expression(node.value), node.attr)

    def unary(self, node: ast.UnaryOp) -> nodes.Expression:
        return nodes.Unary(self.next_id(), _UNARY[type(node.op)], self.expression(node.operand))

    def binary(self, node: ast.BinOp) -> nodes.Expression:
        return nodes.Binary(
            self.next_id(), BINARY[type(node.op)], self.expression(node.left), self.expression(node.right)
        )

    def boolean(self, node: ast.BoolOp) -> nodes.Expression:
        operator = "and" if type(node.op) is ast.And else "or"
        return nodes.Boolean(self.next_id(), operator, self.expressions(node.values))

    def compare(self, node: ast.Compare) -> nodes.Expression:
        operators = tuple([_COMPARE[type(operator)] for operator in node.ops])
        return nodes.Compare(self.next_id(), self.expression(node.left), operators, self.expressions(node.comparators))

    def conditional(self, node: ast.IfExp) -> nodes.Expression:
        identity = self.next_id()
        body = self.expression(node.body)
        test = self.expression(node.test)
        return nodes.Conditional(identity, test, body, self.expression(node.orelse))

    def walrus(self, node: ast.NamedExpr) -> nodes.Expression:
        return nodes.Walrus(self.next_id(), self.expression(node.target), self.expression(node.value))

    def yielded(self, node: ast.Yield) -> nodes.Expression:
        return nodes.Yield(self.next_id(), self.optional(node.value), False)

    def yielded_from(self, node: ast.YieldFrom) -> nodes.Expression:
        return nodes.Yield(self.next_id(), self.expression(node.value), True)

    def awaited(self, node: ast.Await) -> nodes.Expression:
        return nodes.Await(self.next_id(), self.expression(node.value))

    # --- calls and subscripts ---------------------------------------------------------------------------------------

    def call(self, node: ast.Call) -> nodes.Expression:
        return nodes.Call(self.next_id(), self.expression(node.func), self.arguments(node.args, node.keywords))

    def arguments(self, positional: list[Any], keywords: list[ast.keyword]) -> tuple[nodes.Argument, ...]:
        """Lower arguments, in the order in which they are written."""
        listed: list[Any] = positional
        if keywords:
            listed = [*positional, *keywords]
            if positional and type(positional[-1]) is ast.Starred:
                # ``f(a=1, *b)``
                listed.sort(key=lambda argument: (argument.lineno, argument.col_offset))
        return tuple([self.argument(argument) for argument in listed])

    def argument(self, node: Any) -> nodes.Argument:
        """Lower one argument."""
        if type(node) is ast.keyword:
            return nodes.Argument(self.next_id(), self.expression(node.value), node.arg, 0 if node.arg else 2)
        if type(node) is ast.Starred:
            return nodes.Argument(self.next_id(), self.expression(node.value), None, 1)
        return nodes.Argument(self.next_id(), self.expression(node), None, 0)

    def subscript(self, node: ast.Subscript) -> nodes.Expression:
        return nodes.Subscript(self.next_id(), self.expression(node.value), self.expression(node.slice))

    def slice(self, node: ast.Slice) -> nodes.Expression:
        return nodes.Slice(
            self.next_id(), self.optional(node.lower), self.optional(node.upper), self.optional(node.step)
        )

    # --- displays and comprehensions --------------------------------------------------------------------------------

    def display(self, node: Any) -> nodes.Expression:
        return nodes.Display(self.next_id(), _DISPLAYS[type(node)], self.expressions(node.elts))

    def starred(self, node: ast.Starred) -> nodes.Expression:
        return nodes.Starred(self.next_id(), self.expression(node.value))

    def dict_display(self, node: ast.Dict) -> nodes.Expression:
        identity = self.next_id()
        keys: list[Any] = []
        values: list[Any] = []
        for key, value in zip(node.keys, node.values, strict=True):
            keys.append(self.optional(key))
            values.append(self.expression(value))
        return nodes.DictDisplay(identity, tuple(keys), tuple(values))

    def comprehension(self, node: Any) -> nodes.Expression:
        identity = self.next_id()
        element = self.expression(node.elt)
        return nodes.Comprehension(identity, _COMPREHENSIONS[type(node)], element, None, self.clauses(node.generators))

    def dict_comprehension(self, node: ast.DictComp) -> nodes.Expression:
        identity = self.next_id()
        key = self.expression(node.key)
        value = self.expression(node.value)
        return nodes.Comprehension(identity, "dict", key, value, self.clauses(node.generators))

    def clauses(self, generators: Iterable[ast.comprehension]) -> tuple[nodes.Clause, ...]:
        """Lower the ``for`` parts of a comprehension."""
        return tuple(
            [
                nodes.Clause(
                    self.next_id(),
                    self.expression(clause.target),
                    self.expression(clause.iter),
                    self.expressions(clause.ifs),
                )
                for clause in generators
            ]
        )

    # --- functions --------------------------------------------------------------------------------------------------

    def lambda_(self, node: ast.Lambda) -> nodes.Expression:
        return nodes.Lambda(self.next_id(), self.parameters(node.args), self.expression(node.body))

    def parameters(self, node: ast.arguments) -> tuple[nodes.Parameter, ...]:
        """Lower a parameter list."""
        plain = [*((each, "positional") for each in node.posonlyargs), *((each, "plain") for each in node.args)]
        missing = len(plain) - len(node.defaults)
        lowered = [
            self.parameter(each, kind, None if index < missing else node.defaults[index - missing])
            for index, (each, kind) in enumerate(plain)
        ]
        if node.vararg is not None:
            lowered.append(self.parameter(node.vararg, "star", None))
        for each, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            lowered.append(self.parameter(each, "keyword", default))
        if node.kwarg is not None:
            lowered.append(self.parameter(node.kwarg, "double_star", None))
        return tuple(lowered)

    def parameter(self, node: ast.arg, kind: str, default: ast.expr | None) -> nodes.Parameter:
        """Lower one parameter."""
        identity = self.next_id()
        annotation = self.optional(node.annotation)
        return nodes.Parameter(identity, node.arg, kind, self.optional(default), annotation)

    def template(self, node: Any) -> nodes.Expression:
        return nodes.Opaque(self.next_id(), "a template string")


EXPRESSIONS = Dispatch(
    {
        ast.Constant: AstLowering.constant,
        ast.Name: AstLowering.name,
        ast.JoinedStr: AstLowering.joined,
        ast.Attribute: AstLowering.attribute,
        ast.UnaryOp: AstLowering.unary,
        ast.BinOp: AstLowering.binary,
        ast.BoolOp: AstLowering.boolean,
        ast.Compare: AstLowering.compare,
        ast.IfExp: AstLowering.conditional,
        ast.NamedExpr: AstLowering.walrus,
        ast.Yield: AstLowering.yielded,
        ast.YieldFrom: AstLowering.yielded_from,
        ast.Await: AstLowering.awaited,
        ast.Call: AstLowering.call,
        ast.Subscript: AstLowering.subscript,
        ast.Slice: AstLowering.slice,
        ast.Tuple: AstLowering.display,
        ast.List: AstLowering.display,
        ast.Set: AstLowering.display,
        ast.Starred: AstLowering.starred,
        ast.Dict: AstLowering.dict_display,
        ast.ListComp: AstLowering.comprehension,
        ast.SetComp: AstLowering.comprehension,
        ast.GeneratorExp: AstLowering.comprehension,
        ast.DictComp: AstLowering.dict_comprehension,
        ast.Lambda: AstLowering.lambda_,
    }
)
if hasattr(ast, "TemplateStr"):
    EXPRESSIONS[ast.TemplateStr] = AstLowering.template
