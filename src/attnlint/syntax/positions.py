"""Source ranges on demand.

A chunk that has something to report is parsed and lowered once more, this time noting which libcst node each number
came from, and rendered by a code generator that records just the wanted nodes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from attnlint.findings import Range
from attnlint.syntax import nodes
from attnlint.syntax.chunk import ChunkError, collector_paused
from attnlint.syntax.lines import LineTable
from attnlint.syntax.loading import Loader, room_to_recurse
from attnlint.syntax.lower_statements import Lowering
from attnlint.syntax.outline import Definition, Piece, Unit, pieces_of


class _Tracing(Lowering):
    """Lowers, and notes the libcst nodes (first and last) that each number came from."""

    def __init__(self, first_id: int) -> None:
        super().__init__(first_id)
        self.origins: dict[int, tuple[Any, Any]] = {}

    def _note(self, lowered: Any, node: Any) -> Any:
        if isinstance(node, (cst.Tuple, cst.GeneratorExp, cst.MatchTuple)) and node.lpar:
            # The innermost parentheses belong to a tuple and to a generator.
            self.origins[lowered.id] = (node.lpar[-1], node.rpar[0])
        else:
            self.origins[lowered.id] = (node, node)
        return lowered

    def expression(self, node: Any) -> nodes.Expression:
        lowered: nodes.Expression = self._note(super().expression(node), node)
        return lowered

    def statement(self, node: Any) -> nodes.Statement:
        lowered: nodes.Statement = self._note(super().statement(node), node)
        return lowered

    def if_branch(self, node: cst.If) -> nodes.If:
        lowered: nodes.If = self._note(super().if_branch(node), node)
        return lowered

    def argument(self, node: cst.Arg) -> nodes.Argument:
        lowered: nodes.Argument = self._note(super().argument(node), node)
        return lowered

    def several_indices(self, elements: Any) -> nodes.Expression:
        lowered = super().several_indices(elements)
        comma = elements[-1].comma
        self.origins[lowered.id] = (elements[0], comma if isinstance(comma, cst.Comma) else elements[-1])
        return lowered

    def index(self, node: cst.SubscriptElement) -> nodes.Expression:
        lowered = super().index(node)
        self.origins.setdefault(lowered.id, (node.slice, node.slice))
        return lowered

    def formatted_piece(self, node: Any, parts: Any, opening: str, closing: str) -> nodes.Formatted:
        lowered: nodes.Formatted = self._note(super().formatted_piece(node, parts, opening, closing), node)
        return lowered

    def clause(self, node: cst.CompFor) -> nodes.Clause:
        lowered = super().clause(node)
        self.origins[lowered.id] = (node, node)
        return lowered

    def parameter(self, node: cst.Param, kind: str) -> nodes.Parameter:
        lowered: nodes.Parameter = self._note(super().parameter(node, kind), node)
        return lowered

    def imported_name(self, node: cst.ImportAlias) -> nodes.ImportedName:
        lowered: nodes.ImportedName = self._note(super().imported_name(node), node)
        return lowered

    def imported_star(self, node: cst.ImportStar) -> nodes.ImportedName:
        lowered: nodes.ImportedName = self._note(super().imported_star(node), node)
        return lowered

    def handler(self, node: Any) -> nodes.Handler:
        lowered: nodes.Handler = self._note(super().handler(node), node)
        return lowered

    def with_item(self, node: cst.WithItem) -> nodes.WithItem:
        lowered: nodes.WithItem = self._note(super().with_item(node), node)
        return lowered

    def case(self, node: cst.MatchCase) -> nodes.Case:
        lowered: nodes.Case = self._note(super().case(node), node)
        return lowered

    def pattern(self, node: Any) -> nodes.Pattern:
        # A value has the parentheses around its pattern.
        place = node.value if isinstance(node, (cst.MatchValue, cst.MatchSingleton)) else node
        lowered: nodes.Pattern = self._note(super().pattern(node), place)
        return lowered


class _Recorder(CodegenState):
    """Renders, and records the offsets between which the wanted nodes appear."""

    def __init__(self, module: cst.Module, wanted: set[int]) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.wanted = wanted
        self.offset = 0
        self.starts: dict[int, list[int]] = {}
        self.spans: dict[int, tuple[int, int]] = {}

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.offset -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.starts.setdefault(id(node), []).append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        # A node wanted only while it was being rendered has no start here; its syntactic span is known all the same.
        if id(node) in self.starts and id(node) not in self.spans:
            self.spans[id(node)] = (self.starts[id(node)][0], self.offset)

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        if id(node) not in self.wanted:
            yield
            return
        for other in (start_node, end_node):
            if other is not None:
                self.wanted.add(id(other))
        start = self.offset
        yield
        end = self.offset
        if start_node is not None:
            start = self.spans[id(start_node)][0]
        if end_node is not None:
            end = self.spans[id(end_node)][1]
        self.spans[id(node)] = (start, end)


def find_ranges(loader: Loader, table: LineTable, ids: Iterable[int]) -> dict[int, Range]:
    """The ranges of several nodes."""
    wanted: dict[int, tuple[Unit, list[int]]] = {}
    for node_id in ids:
        unit = loader.unit_of(node_id)
        wanted.setdefault(unit.first, (unit, []))[1].append(node_id)
    ranges: dict[int, Range] = {}
    for unit, members in wanted.values():
        ranges.update(_ranges_in_unit(loader, table, unit, members))
    return ranges


def _ranges_in_unit(loader: Loader, table: LineTable, unit: Unit, ids: list[int]) -> dict[int, Range]:
    piece = unit.header if isinstance(unit, Definition) else unit
    if loader.is_opaque(piece):
        return dict.fromkeys(ids, _whole(piece, table))
    first_id = loader.chunk(piece).first_id
    with collector_paused(), room_to_recurse():
        ranges = _ranges_in_piece(loader, table, piece, first_id, ids)
    if isinstance(unit, Definition) and first_id in ranges:
        begin = ranges[first_id]
        ranges[first_id] = Range(begin.line, begin.column, unit.end_line, unit.end_column)
    return ranges


def _whole(piece: Piece, table: LineTable) -> Range:
    end = table.lines[piece.last - 2].rstrip("\r\n")
    return Range(piece.first, len(table.indentation(piece.first)) + 1, piece.last - 1, len(end) + 1)


def _ranges_in_piece(loader: Loader, table: LineTable, piece: Piece, first_id: int, ids: list[int]) -> dict[int, Range]:
    try:
        module, body = loader.parse(piece)
    except ChunkError:
        return _ranges_in_parts(loader, table, piece, ids)
    lowering = _Tracing(first_id)
    lowering.block(body)
    origins = lowering.origins
    known = sorted(origins)
    chosen: dict[int, tuple[Any, Any]] = {}
    for node_id in ids:
        # A literal piece of an f-string has no place of its own: it shares that of the string.
        nearest = known[max(bisect_right(known, node_id) - 1, 0)]
        chosen[node_id] = origins[nearest]
    recorder = _Recorder(module, {id(node) for pair in chosen.values() for node in pair})
    module._codegen(recorder)
    return _ranges_from_spans(loader, table, piece, chosen, recorder)


def _ranges_in_parts(loader: Loader, table: LineTable, piece: Piece, ids: list[int]) -> dict[int, Range]:
    """Where libcst refuses what Python parses: of the statement that it refuses, only the whole has a place."""
    chunk = loader.chunk(piece)
    parts = pieces_of(piece, chunk.text, chunk.lines_before)
    if len(parts) == 1:
        return dict.fromkeys(ids, _whole(piece, table))
    statements = loader.lower(piece)
    starts = [statements[sum(part.count for part in parts[:index])].id for index in range(len(parts))]
    members: dict[int, list[int]] = {}
    for node_id in ids:
        members.setdefault(max(bisect_right(starts, node_id) - 1, 0), []).append(node_id)
    ranges: dict[int, Range] = {}
    for index, inside in members.items():
        ranges.update(_ranges_in_piece(loader, table, parts[index], starts[index], inside))
    return ranges


def _ranges_from_spans(
    loader: Loader, table: LineTable, piece: Piece, chosen: dict[int, tuple[Any, Any]], recorder: _Recorder
) -> dict[int, Range]:
    rendered = LineTable("".join(recorder.tokens))
    down = piece.first - 1 - loader.chunk(piece).lines_before
    ranges = {}
    for node_id, (first, last) in chosen.items():
        start, end = recorder.spans[id(first)][0], recorder.spans[id(last)][1]
        # The colon of a slice owns the blanks after it, and a starred pattern the comma too.
        trailing = ", \t\r\n\f" if type(last) is cst.MatchStar else None
        end = start + len(rendered.text[start:end].rstrip(trailing))
        line, column = _place_in_file(rendered.place(start), down, table)
        end_line, end_column = _place_in_file(rendered.place(end), down, table)
        ranges[node_id] = Range(line, column, end_line, end_column)
    return ranges


def _place_in_file(place: tuple[int, int], down: int, table: LineTable) -> tuple[int, int]:
    """A place in what was rendered for a chunk, as one in the file: chunks have no form feeds in their indentation."""
    line = place[0] + down
    return line, place[1] + len(table.form_feeds(line))
