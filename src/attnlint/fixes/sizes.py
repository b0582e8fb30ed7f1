"""Sizes as numbers: what an expression of the algebra or of the source comes to with the sizes of a witness."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from attnlint.algebra import Dim, Expression, evaluate

_OPERATIONS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def number_of(size: Dim, witness: Mapping[str, int] | None) -> int | None:
    """A size as a number; ``None`` where the witness does not name all of its symbols."""
    if not isinstance(size, Expression):
        return size if type(size) is int else None
    known = witness or {}
    symbols = size.symbols()
    if not all(symbol.name in known for symbol in symbols):
        return None
    try:
        return int(evaluate(size, {symbol: known[symbol.name] for symbol in symbols}))
    except ArithmeticError:
        return None


def written_number(text: str, sizes: Mapping[str, int]) -> int | None:
    """A size as the author writes it, ``2 * config.width``, as a number; ``None`` where that is not known."""
    try:
        return _number(ast.parse(text, mode="eval").body, sizes)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        return None


def _number(node: ast.expr, sizes: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, sizes), _number(node.right, sizes)
        operation = _OPERATIONS.get(type(node.op))
        return operation(left, right) if operation is not None and left is not None and right is not None else None
    return sizes.get(ast.unparse(node)) if isinstance(node, ast.Name | ast.Attribute) else None
