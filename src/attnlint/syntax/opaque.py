"""Statements that are there and could not be lowered."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from attnlint.syntax import nodes


def opaque_statements(text: str, reason: str, next_id: Callable[[], int]) -> tuple[nodes.Statement, ...]:
    """What stands for statements that libcst cannot parse: their names are bound to something unknown.

    A statement that may return is followed by one that may or may not return something unknown.
    """
    lowered: list[nodes.Statement] = []
    for statement in ast.parse(text).body:
        # The wrapper of an indented chunk is no statement of the file's.
        inner = statement.body if isinstance(statement, ast.If) and statement.lineno == 1 else [statement]
        for part in inner:
            lowered += _one(part, reason, next_id)
    return tuple(lowered)


def _one(statement: ast.stmt, reason: str, next_id: Callable[[], int]) -> Iterator[nodes.Statement]:
    names = sorted(_bound_names(statement))
    identity = next_id()
    if names:
        targets = tuple(nodes.Name(next_id(), name) for name in names)
        yield nodes.Assign(identity, targets, nodes.Opaque(next_id(), reason))
    else:
        yield nodes.ExpressionStatement(identity, nodes.Opaque(next_id(), reason))
    if any(isinstance(node, ast.Return) for node in _own_nodes(statement)):
        returned = nodes.Return(next_id(), nodes.Opaque(next_id(), reason))
        yield nodes.If(next_id(), nodes.Opaque(next_id(), reason), (returned,), ())


def _bound_names(statement: ast.stmt) -> set[str]:
    names: set[str] = set()
    for node in _own_nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias) and node.name != "*":
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return names


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those inside of functions and classes that it defines."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))
