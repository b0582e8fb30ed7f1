"""Lowering of expressions: libcst nodes to :mod:`attnlint.syntax.nodes`.

Nodes are numbered in source order, a node before its parts. The numbers of a text are the same each time it is lowered:
that is how positions are found later without keeping a libcst tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import libcst as cst

from attnlint.syntax import literals, nodes
from attnlint.syntax.placeholders import PLACEHOLDER, REASON
from attnlint.syntax.scanner import comments_and_joins

_UNARY = {cst.Minus: "-", cst.Plus: "+", cst.BitInvert: "~", cst.Not: "not"}

_BINARY = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
}

_COMPARE = {
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Equal: "==",
    cst.In: "in",
    cst.Is: "is",
}

_CONSTANT_NAMES = {"None": None, "True": True, "False": False}


class ExpressionLowering:
    """Lowers expressions; ``next_id`` hands out the numbers."""

    def __init__(self, first_id: int) -> None:
        self.next_id = count(first_id).__next__

    def expression(self, node: Any) -> nodes.Expression:
        """Lower any expression."""
        return _EXPRESSIONS[type(node)](self, node)

    def optional(self, node: Any) -> nodes.Expression | None:
        """Lower an expression that may be missing."""
        return None if node is None else self.expression(node)

    # --- names and literals -----------------------------------------------------------------------------------------

    def name(self, node: cst.Name) -> nodes.Expression:
        text = node.value
        if text in _CONSTANT_NAMES:
            return nodes.Constant(self.next_id(), _CONSTANT_NAMES[text])
        if text == PLACEHOLDER:
            return nodes.Opaque(self.next_id(), REASON)
        return nodes.Name(self.next_id(), text)

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> nodes.Expression:
        return nodes.Constant(self.next_id(), literals.number(node.value))

    def ellipsis(self, node: cst.Ellipsis) -> nodes.Expression:
        return nodes.Constant(self.next_id(), ...)

    def string(self, node: cst.SimpleString) -> nodes.Expression:
        return nodes.Constant(self.next_id(), literals.string(node.value))

    def concatenated(self, node: cst.ConcatenatedString) -> nodes.Expression:
        pieces: list[Any] = []
        rest: Any = node
        while isinstance(rest, cst.ConcatenatedString):
            pieces.append(rest.left)
            rest = rest.right
        pieces.append(rest)
        identity = self.next_id()
        if all(type(piece) is cst.SimpleString for piece in pieces):
            values = [literals.string(piece.value) for piece in pieces]
            joined: Any = values[0][:0].join(values)  # type: ignore[arg-type]
            return nodes.Constant(identity, joined)
        return self._joined(identity, pieces)

    def formatted(self, node: Any) -> nodes.Expression:
        return self._joined(self.next_id(), [node])

    def _joined(self, identity: int, pieces: Sequence[Any]) -> nodes.Expression:
        if any(type(piece) not in (cst.SimpleString, cst.FormattedString) for piece in pieces):
            return nodes.Opaque(identity, "a template string")
        parts: list[nodes.Constant | nodes.Formatted] = []
        for piece in pieces:
            if type(piece) is cst.SimpleString:
                self._literal_piece(parts, literals.string(piece.value))
            else:
                self._formatted_pieces(parts, piece.parts, piece.start, piece.end)
        return nodes.FormattedString(identity, tuple(parts))

    def _literal_piece(self, parts: list[nodes.Constant | nodes.Formatted], text: Any) -> None:
        """Add a literal piece; neighbours are joined, as Python does."""
        if not text:
            return
        if parts and type(parts[-1]) is nodes.Constant:
            parts[-1].value += text
        else:
            parts.append(nodes.Constant(self.next_id(), text))

    def _formatted_pieces(
        self, parts: list[nodes.Constant | nodes.Formatted], pieces: Sequence[Any], opening: str, closing: str
    ) -> None:
        for piece in pieces:
            if type(piece) is cst.FormattedStringText:
                self._literal_piece(parts, literals.formatted_text(piece.value, opening, closing))
            else:
                parts.append(self.formatted_piece(piece, parts, opening, closing))

    def formatted_piece(
        self, node: Any, parts: list[nodes.Constant | nodes.Formatted], opening: str, closing: str
    ) -> nodes.Formatted:
        """``{value!conversion:format}``. Of ``{value=}`` the text before the value is a literal piece of its own."""
        conversion = node.conversion
        if node.equal is not None:
            self._literal_piece(parts, _text_with_equals(node))
            if conversion is None and node.format_spec is None:
                conversion = "r"
        lowered = nodes.Formatted(self.next_id(), self.expression(node.expression), conversion, None)
        lowered.equals = node.equal is not None
        if node.format_spec is not None:
            pieces: list[nodes.Constant | nodes.Formatted] = []
            identity = self.next_id()
            self._formatted_pieces(pieces, node.format_spec, opening, closing)
            lowered.format = nodes.FormattedString(identity, tuple(pieces))
        return lowered

    # --- operators --------------------------------------------------------------------------------------------------

    def attribute(self, node: cst.Attribute) -> nodes.Expression:
        return nodes.Attribute(self.next_id(), self.expression(node.value), node.attr.value)

    def unary(self, node: cst.UnaryOperation) -> nodes.Expression:
        return nodes.Unary(self.next_id(), _UNARY[type(node.operator)], self.expression(node.expression))

    def binary(self, node: cst.BinaryOperation) -> nodes.Expression:
        return nodes.Binary(
            self.next_id(), _BINARY[type(node.operator)], self.expression(node.left), self.expression(node.right)
        )

    def boolean(self, node: cst.BooleanOperation) -> nodes.Expression:
        operator = type(node.operator)
        values: list[Any] = [node.right]
        rest: Any = node.left
        # ``a and b and c`` nests to the left; parentheses make a value of its own.
        while type(rest) is cst.BooleanOperation and not rest.lpar and type(rest.operator) is operator:
            values.append(rest.right)
            rest = rest.left
        values.append(rest)
        return nodes.Boolean(
            self.next_id(),
            "and" if operator is cst.And else "or",
            tuple(self.expression(value) for value in reversed(values)),
        )

    def compare(self, node: cst.Comparison) -> nodes.Expression:
        identity = self.next_id()
        first = self.expression(node.left)
        operators = []
        for target in node.comparisons:
            operator = type(target.operator)
            if operator is cst.NotEqual:
                operators.append("!=")
            elif operator is cst.NotIn:
                operators.append("not in")
            elif operator is cst.IsNot:
                operators.append("is not")
            else:
                operators.append(_COMPARE[operator])
        others = tuple(self.expression(target.comparator) for target in node.comparisons)
        return nodes.Compare(identity, first, tuple(operators), others)

    def conditional(self, node: cst.IfExp) -> nodes.Expression:
        identity = self.next_id()
        body = self.expression(node.body)
        test = self.expression(node.test)
        return nodes.Conditional(identity, test, body, self.expression(node.orelse))

    def walrus(self, node: cst.NamedExpr) -> nodes.Expression:
        identity = self.next_id()
        target = self.expression(node.target)
        assert isinstance(target, nodes.Name)
        return nodes.Walrus(identity, target, self.expression(node.value))

    def yielded(self, node: cst.Yield) -> nodes.Expression:
        identity = self.next_id()
        value = node.value
        if type(value) is cst.From:
            return nodes.Yield(identity, self.expression(value.item), True)
        return nodes.Yield(identity, self.optional(value), False)

    def awaited(self, node: cst.Await) -> nodes.Expression:
        return nodes.Await(self.next_id(), self.expression(node.expression))

    # --- calls and subscripts ---------------------------------------------------------------------------------------

    def call(self, node: cst.Call) -> nodes.Expression:
        return nodes.Call(
            self.next_id(), self.expression(node.func), tuple([self.argument(argument) for argument in node.args])
        )

    def argument(self, node: cst.Arg) -> nodes.Argument:
        """Lower one argument."""
        keyword = node.keyword
        return nodes.Argument(
            self.next_id(),
            self.expression(node.value),
            None if keyword is None else keyword.value,
            len(node.star),
        )

    def subscript(self, node: cst.Subscript) -> nodes.Expression:
        identity = self.next_id()
        value = self.expression(node.value)
        elements = node.slice
        if len(elements) == 1:
            only: Any = elements[0]
            if type(only.comma) is not cst.Comma and not getattr(only.slice, "star", None):
                return nodes.Subscript(identity, value, self.index(only))
        return nodes.Subscript(identity, value, self.several_indices(elements))

    def several_indices(self, elements: Sequence[Any]) -> nodes.Expression:
        """The tuple that several indices make."""
        return nodes.Display(self.next_id(), "tuple", tuple([self.index(element) for element in elements]))

    def index(self, node: cst.SubscriptElement) -> nodes.Expression:
        """Lower one index: an expression, a starred one, or a slice."""
        part: Any = node.slice
        if type(part) is cst.Slice:
            return nodes.Slice(
                self.next_id(), self.optional(part.lower), self.optional(part.upper), self.optional(part.step)
            )
        if part.star:
            return nodes.Starred(self.next_id(), self.expression(part.value))
        return self.expression(part.value)

    # --- displays and comprehensions --------------------------------------------------------------------------------

    def tuple_display(self, node: cst.Tuple) -> nodes.Expression:
        return nodes.Display(self.next_id(), "tuple", self.elements(node.elements))

    def list_display(self, node: cst.List) -> nodes.Expression:
        return nodes.Display(self.next_id(), "list", self.elements(node.elements))

    def set_display(self, node: cst.Set) -> nodes.Expression:
        return nodes.Display(self.next_id(), "set", self.elements(node.elements))

    def elements(self, elements: Sequence[Any]) -> tuple[nodes.Expression, ...]:
        """Lower the elements of a display."""
        return tuple([self.expression(e.value if type(e) is cst.Element else e) for e in elements])

    def starred(self, node: cst.StarredElement) -> nodes.Expression:
        return nodes.Starred(self.next_id(), self.expression(node.value))

    def dict_display(self, node: cst.Dict) -> nodes.Expression:
        identity = self.next_id()
        keys: list[nodes.Expression | None] = []
        values: list[nodes.Expression] = []
        for element in node.elements:
            keys.append(self.expression(element.key) if type(element) is cst.DictElement else None)
            values.append(self.expression(element.value))
        return nodes.DictDisplay(identity, tuple(keys), tuple(values))

    def comprehension(self, node: Any) -> nodes.Expression:
        identity = self.next_id()
        element = self.expression(node.elt)
        return nodes.Comprehension(identity, _COMPREHENSIONS[type(node)], element, None, self.clauses(node.for_in))

    def dict_comprehension(self, node: cst.DictComp) -> nodes.Expression:
        identity = self.next_id()
        key = self.expression(node.key)
        value = self.expression(node.value)
        return nodes.Comprehension(identity, "dict", key, value, self.clauses(node.for_in))

    def clauses(self, node: cst.CompFor | None) -> tuple[nodes.Clause, ...]:
        """Lower the ``for`` parts of a comprehension."""
        clauses = []
        while node is not None:
            clauses.append(self.clause(node))
            node = node.inner_for_in
        return tuple(clauses)

    def clause(self, node: cst.CompFor) -> nodes.Clause:
        """Lower one ``for``."""
        return nodes.Clause(
            self.next_id(),
            self.expression(node.target),
            self.expression(node.iter),
            tuple([self.expression(condition.test) for condition in node.ifs]),
        )

    # --- functions --------------------------------------------------------------------------------------------------

    def lambda_(self, node: cst.Lambda) -> nodes.Expression:
        return nodes.Lambda(self.next_id(), self.parameters(node.params), self.expression(node.body))

    def parameters(self, node: cst.Parameters) -> tuple[nodes.Parameter, ...]:
        """Lower a parameter list."""
        lowered = [self.parameter(parameter, "positional") for parameter in node.posonly_params]
        lowered += [self.parameter(parameter, "plain") for parameter in node.params]
        if type(node.star_arg) is cst.Param:
            lowered.append(self.parameter(node.star_arg, "star"))
        lowered += [self.parameter(parameter, "keyword") for parameter in node.kwonly_params]
        if node.star_kwarg is not None:
            lowered.append(self.parameter(node.star_kwarg, "double_star"))
        return tuple(lowered)

    def parameter(self, node: cst.Param, kind: str) -> nodes.Parameter:
        """Lower one parameter."""
        identity = self.next_id()
        annotation = None if node.annotation is None else self.expression(node.annotation.annotation)
        return nodes.Parameter(identity, node.name.value, kind, self.optional(node.default), annotation)

    def unknown(self, node: cst.CSTNode) -> nodes.Expression:
        """Syntax newer than this lowering."""
        return nodes.Opaque(self.next_id(), f"syntax that attnlint does not know ({type(node).__name__})")


def _text_with_equals(node: Any) -> str:
    """``x = `` of ``{x = !r}``, as written, without comments."""
    module = cst.Module([])
    parts = (node.whitespace_before_expression, node.expression, node.equal)
    text = "".join(module.code_for_node(part) for part in parts)
    for offset, comment in reversed(comments_and_joins(text)[0]):
        text = text[:offset] + text[offset + len(comment) :]
    return literals.normal_newlines(text)


_COMPREHENSIONS: dict[type, str] = {cst.ListComp: "list", cst.SetComp: "set", cst.GeneratorExp: "generator"}


class _Dispatch(dict[type, Callable[[ExpressionLowering, Any], nodes.Expression]]):
    def __missing__(self, kind: type) -> Callable[[ExpressionLowering, Any], nodes.Expression]:
        return ExpressionLowering.unknown


_EXPRESSIONS = _Dispatch(
    {
        cst.Name: ExpressionLowering.name,
        cst.Integer: ExpressionLowering.number,
        cst.Float: ExpressionLowering.number,
        cst.Imaginary: ExpressionLowering.number,
        cst.Ellipsis: ExpressionLowering.ellipsis,
        cst.SimpleString: ExpressionLowering.string,
        cst.ConcatenatedString: ExpressionLowering.concatenated,
        cst.FormattedString: ExpressionLowering.formatted,
        cst.Attribute: ExpressionLowering.attribute,
        cst.UnaryOperation: ExpressionLowering.unary,
        cst.BinaryOperation: ExpressionLowering.binary,
        cst.BooleanOperation: ExpressionLowering.boolean,
        cst.Comparison: ExpressionLowering.compare,
        cst.IfExp: ExpressionLowering.conditional,
        cst.NamedExpr: ExpressionLowering.walrus,
        cst.Yield: ExpressionLowering.yielded,
        cst.Await: ExpressionLowering.awaited,
        cst.Call: ExpressionLowering.call,
        cst.Subscript: ExpressionLowering.subscript,
        cst.Tuple: ExpressionLowering.tuple_display,
        cst.List: ExpressionLowering.list_display,
        cst.Set: ExpressionLowering.set_display,
        cst.Dict: ExpressionLowering.dict_display,
        cst.StarredElement: ExpressionLowering.starred,
        cst.ListComp: ExpressionLowering.comprehension,
        cst.SetComp: ExpressionLowering.comprehension,
        cst.GeneratorExp: ExpressionLowering.comprehension,
        cst.DictComp: ExpressionLowering.dict_comprehension,
        cst.Lambda: ExpressionLowering.lambda_,
    }
)
