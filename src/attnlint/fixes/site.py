"""The place of a finding in the source: what a generator of repairs looks at and edits."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from attnlint.algebra import Dim
from attnlint.findings import Edit, Evidence, Finding, Range
from attnlint.fixes.edits import line_starts
from attnlint.values import Tensor


@dataclass(frozen=True, slots=True)
class Candidate:
    """A repair that is not proved yet."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
    """It does what the author wrote, by means that torch accepts."""
    intent: str = ""
    """Of several candidates that come to the same thing only the first that holds is offered."""
    evident: bool = False
    """That it works is seen without an operation of torch: as many names as a shape has sizes."""
    tier: int = 0
    """What changes other places than the failure is only tried when nothing nearer holds."""


@dataclass(slots=True)
class Site:
    """A finding and the syntax around it.

    Syntax nodes are those of ``ast``: their positions are all that edits need.
    """

    text: str
    finding: Finding
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)
    node: ast.expr | None = None
    """The expression that fails."""

    @staticmethod
    def of(text: str, tree: ast.Module, finding: Finding) -> Site:
        """The site of a finding in the text that it was found in."""
        site = Site(text, finding, tree)
        starts = line_starts(text)
        site._lines = [text[start:end] for start, end in pairwise(starts)]
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                site.parents[child] = node
        site.node = site.at(finding.range)
        return site

    @property
    def evidence(self) -> Evidence:
        """The evidence of the finding."""
        assert self.finding.evidence is not None
        return self.finding.evidence

    @property
    def operation(self) -> str:
        """The operation that fails: ``torch.bmm``."""
        return self.evidence.operation

    @property
    def call(self) -> ast.Call | None:
        """The failing expression, when it is a call."""
        return self.node if isinstance(self.node, ast.Call) else None

    def at(self, place: Range) -> ast.expr | None:
        """The expression with exactly that range."""
        found = None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and self.range(node) == place:
                found = node
        return found

    def range(self, node: ast.expr | ast.stmt | ast.keyword) -> Range:
        """The range of a node; ``ast`` counts columns in bytes."""
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset or 0
        return Range(
            node.lineno, self._column(node.lineno, node.col_offset), end_line, self._column(end_line, end_column)
        )

    def _column(self, line: int, offset: int) -> int:
        if not 1 <= line <= len(self._lines):
            return offset + 1
        row = self._lines[line - 1]
        return offset + 1 if row.isascii() else len(row.encode()[:offset].decode(errors="replace")) + 1

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        return ast.get_source_segment(self.text, node) or ""

    def short(self, node: ast.expr) -> str:
        """The text of a node for a title."""
        text = " ".join(self.source(node).split())
        return text if len(text) <= 40 else text[:39] + "…"

    # --- edits ------------------------------------------------------------------------------------------------------

    def replace(self, node: ast.expr, replacement: str) -> Edit:
        """Another text in the place of a node."""
        return Edit(self.range(node), replacement)

    def rename(self, node: ast.Attribute, name: str) -> Edit:
        """Another attribute name: ``x.reshape`` for ``x.view``."""
        place = self.range(node)
        return Edit(Range(place.end_line, place.end_column - len(node.attr), place.end_line, place.end_column), name)

    def append(self, node: ast.expr, suffix: str) -> tuple[Edit, ...]:
        """``.suffix`` after a node, which goes into parentheses where it must."""
        place = self.range(node)
        start = Range(place.line, place.column, place.line, place.column)
        end = Range(place.end_line, place.end_column, place.end_line, place.end_column)
        if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) or self.is_parenthesised(node):
            if self.is_parenthesised(node):
                return (Edit(place, f"({self.source(node)}){suffix}"),)
            return (Edit(end, suffix),)
        return (Edit(start, "("), Edit(end, ")" + suffix))

    def is_parenthesised(self, node: ast.expr) -> bool:
        """Whether a node stands in parentheses of its own: what is appended would land inside of them."""
        place = self.range(node)
        before = self._lines[place.line - 1][: place.column - 1].rstrip()
        after = self._lines[place.end_line - 1][place.end_column - 1 :].lstrip()
        parent = self.parents.get(node)
        return before.endswith("(") and after.startswith(")") and not isinstance(parent, ast.Call)

    def add_keyword(self, call: ast.Call, text: str) -> Edit:
        """One more keyword at the end of a call."""
        place = self.range(call)
        end = Range(place.end_line, place.end_column - 1, place.end_line, place.end_column - 1)
        last = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not last:
            return Edit(end, text)
        final = max((self.range(one) for one in last), key=lambda one: (one.end_line, one.end_column))
        return Edit(Range(final.end_line, final.end_column, final.end_line, final.end_column), f", {text}")

    # --- around -----------------------------------------------------------------------------------------------------

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node is part of, the innermost first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    @property
    def function(self) -> ast.AST:
        """The function that the finding is in, or the module."""
        if self.node is not None:
            for node in self.ancestors(self.node):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                    return node
        return self.tree

    @property
    def owner(self) -> ast.AST:
        """The class that the finding is in, or the module."""
        if self.node is not None:
            for node in self.ancestors(self.node):
                if isinstance(node, ast.ClassDef):
                    return node
        return self.tree

    def assignments(self, target: str, within: ast.AST) -> Iterator[ast.expr]:
        """What is assigned to a target of that text (``self.q_proj``)."""
        for node in ast.walk(within):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AnnAssign):
                targets = [node.target]
            if any(self.source(one) == target for one in targets):
                value = getattr(node, "value", None)
                if isinstance(value, ast.expr):
                    yield value

    def constructors(self, target: str, cls: str) -> Iterator[ast.Call]:
        """The calls that make a layer of the class ``cls`` (``Linear``) for ``target``: the layer itself, or one
        inside."""
        last = target.rpartition(".")[2]
        values = list(self.assignments(target, self.owner))
        for node in ast.walk(self.owner):
            # `nn.ModuleDict(dict(wpe=nn.Embedding(...)))`, `{"wpe": nn.Embedding(...)}`
            if isinstance(node, ast.keyword) and node.arg == last and isinstance(node.value, ast.Call):
                values.append(node.value)
            elif isinstance(node, ast.Dict):
                keys = (key.value if isinstance(key, ast.Constant) else None for key in node.keys)
                values += [value for key, value in zip(keys, node.values, strict=True) if key == last]
        for value in values:
            for node in ast.walk(value):
                if isinstance(node, ast.Call) and last_name(node.func) == cls:
                    yield node

    # --- operands ---------------------------------------------------------------------------------------------------

    def operands(self) -> list[tuple[ast.expr, Tensor | None]]:
        """The operands as syntax, with what is known of them."""
        node = self.node
        if isinstance(node, ast.BinOp):
            nodes: list[ast.expr] = [node.left, node.right]
        elif isinstance(node, ast.Call):
            nodes = list(node.args) + [keyword.value for keyword in node.keywords]
            if isinstance(node.func, ast.Attribute) and self.operation.startswith("torch.Tensor."):
                nodes.insert(0, node.func.value)
        elif isinstance(node, ast.Attribute):
            nodes = [node.value]
        else:
            statement = self.statement()
            if not isinstance(statement, ast.AugAssign):
                return []
            nodes = [statement.target, statement.value]
        values = [*self.evidence.arguments, *(self.evidence.keywords or {}).values()]
        if len(nodes) != len(values):
            return []
        return [(one, value if isinstance(value, Tensor) else None) for one, value in zip(nodes, values, strict=True)]

    def statement(self) -> ast.stmt | None:
        """The innermost statement that holds the finding."""
        wanted = self.finding.range
        best: ast.stmt | None = None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
                place = self.range(node)
                begins = (place.line, place.column) <= (wanted.line, wanted.column)
                if begins and (wanted.end_line, wanted.end_column) <= (place.end_line, place.end_column):
                    best = node
        return best


def last_name(node: ast.AST) -> str:
    """``Linear`` of ``nn.Linear``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def dims(tensor: Tensor | None) -> tuple[Dim, ...] | None:
    """The sizes of a tensor of known rank."""
    return tensor.shape.dims if tensor is not None and tensor.shape.rest is None else None


def is_integer(node: ast.AST | None) -> bool:
    """A literal int, a negative one included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int
