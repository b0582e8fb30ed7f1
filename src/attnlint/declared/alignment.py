"""Which lowered node is which statement of ``ast``: both list the same statements in the same order."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attnlint.declarations.collect import Declared, FileDeclarations
from attnlint.syntax import nodes

if TYPE_CHECKING:
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.scopes import Frame
    from attnlint.syntax import Source

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class Alignment:
    """Finds the declarations that belong to a node. Works out source ranges for nothing but top-level code."""

    def __init__(self, source: Source, declarations: FileDeclarations) -> None:
        self.declarations = declarations
        self._source = source
        self._functions: dict[int, Declared | None] = {}
        self._statements: dict[int, ast.stmt] = {}
        self._placed: set[int] = set()
        """Top-level nodes whose place was worked out."""

    def declared_in(self, function: FunctionValue) -> Declared | None:
        """What is declared in a function of the file."""
        node = function.node
        if not isinstance(node, nodes.FunctionDef):
            return None
        if node.id in self._functions:
            return self._functions[node.id]
        known = self._statements.get(node.id)
        if known is None:
            declared = self.declarations.functions.get(self._source.first_line(node.id))
            if declared is not None and declared.name == node.name:
                self._align(node.body, getattr(declared.node, "body", ()))
            else:
                declared = None
        else:
            decorators = getattr(known, "decorator_list", ())
            declared = self.declarations.functions.get(min([known.lineno, *(one.lineno for one in decorators)]))
        self._functions[node.id] = declared
        return declared

    def statement_of(self, frame: Frame, node: nodes.Node) -> ast.stmt | None:
        """The statement of ``ast`` that a lowered one is; ``None`` where nothing is declared of it."""
        found = self._statements.get(node.id)
        top = self.declarations.top
        if found is None and frame.function is None and node.id not in self._placed and top is not None:
            self._placed.add(node.id)
            place = self._source.range(node.id)
            for statement in (*top.by_statement, *top.echoes):
                if statement.lineno == place.line and statement.end_lineno == place.end_line:
                    self._statements[node.id] = found = statement
        return found

    def _align(self, body: Sequence[Any], statements: Sequence[Any]) -> None:
        if len(body) != len(statements):
            return
        for node, statement in zip(body, statements, strict=True):
            self._statements[node.id] = statement
            for name in _BLOCKS:
                inner, other = getattr(node, name, None), getattr(statement, name, None)
                if not inner or not isinstance(other, list):
                    continue
                if name in ("handlers", "cases"):
                    for one, two in zip(inner, other, strict=False):
                        self._align(one.body, two.body)
                else:
                    self._align(inner, other)
