"""Shapes in jaxtyping annotations: ``x: Float[Tensor, "b t 512"]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from attnlint.declarations.comments import Said
from attnlint.declarations.spec import DeclaredAxis, Spec

JAXTYPING = frozenset(
    """Float Float16 Float32 Float64 BFloat16 Int Int8 Int16 Int32 Int64 Bool UInt8 UInt Integer Num Inexact Shaped
    Complex Key Real""".split()
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A declared shape and where its text stands: the offsets are in bytes, as ``ast`` counts."""

    said: Said
    line: int
    offset: int
    end_offset: int


def read(text: str) -> Spec | None:
    """The shape of the string of a jaxtyping annotation."""
    axes: list[DeclaredAxis] = []
    for word in text.split():
        name = word.lstrip("#").partition("=")[2] if "=" in word else word.lstrip("#")
        if name == "..." or name.startswith("*"):
            axes.append(DeclaredAxis(word, many=True))
        elif name.startswith(("_", "?")) or word.startswith("#"):
            # Nothing is checked, or it may be 1.
            axes.append(DeclaredAxis(word))
        else:
            try:
                axes.append(DeclaredAxis(word, ast.parse(name, mode="eval").body))
            except (SyntaxError, ValueError):
                axes.append(DeclaredAxis(word))
    return Spec(tuple(axes), "", " ", 0, len(text)) if sum(axis.many for axis in axes) <= 1 else None


def of(node: ast.expr | None) -> Placed | None:
    """The shape that an annotation declares. One that also allows ``None`` declares it for the other case."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [
            side for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return of(sides[0]) if len(sides) == 1 else None
    if not isinstance(node, ast.Subscript):
        return None
    name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    if name == "Optional":
        return of(node.slice)
    if name not in JAXTYPING or not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return None
    text = node.slice.elts[1]
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str) or text.lineno != text.end_lineno:
        return None
    spec = read(text.value)
    if spec is None or text.end_col_offset is None:
        return None
    # Inside of the quotes.
    return Placed(Said("", spec, True, True), text.lineno, text.col_offset + 1, text.end_col_offset - 1)


def of_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Placed]]:
    """The annotated parameters of a function."""
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if (placed := of(argument.annotation)) is not None:
            yield argument.arg, placed


def of_return(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Placed | None:
    """The annotated result."""
    return of(node.returns)
