"""A parsed file."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from attnlint.findings import Range
from attnlint.syntax import nodes
from attnlint.syntax.bodies import Body
from attnlint.syntax.comments import Comments, scan_comments
from attnlint.syntax.lines import LineTable
from attnlint.syntax.loading import Loader, Numbers
from attnlint.syntax.outline import Piece, Unit
from attnlint.syntax.plan import Plan
from attnlint.syntax.reads import Reads
from attnlint.syntax.walk import children

_TEXT_LENGTH = 60


class Source:
    """A file's text and its lowered syntax. Nothing is parsed by libcst before it is looked at."""

    def __init__(
        self,
        path: str,
        table: LineTable,
        units: tuple[Unit, ...],
        loader: Loader,
        numbers: Numbers | None = None,
        tree: ast.Module | None = None,
    ) -> None:
        self.path = path
        self._tree = tree
        self._plan: Plan | None = None
        self.text = table.text
        self.table = table
        self.tree: ast.Module | None = None
        """The tree of ``ast`` that the file was planned from, for those who asked for it."""
        self._loader = loader
        self.units = units
        """The definitions and other statements of the top level."""
        self.numbers = numbers
        """How its nodes are numbered, where they were to have the numbers that they had before an edit."""
        self._comments: Comments | None = None
        self._holds: dict[re.Pattern[str], bool] = {}
        self._last_unit: tuple[Unit, Sequence[nodes.Statement]] | None = None
        self.body: Sequence[nodes.Statement] = Body(units, self._loader.load)

    @property
    def reads(self) -> Reads | None:
        """What is being looked at, where somebody wants to know."""
        return self._loader.reads

    @reads.setter
    def reads(self, reads: Reads | None) -> None:
        self._loader.reads = reads

    @property
    def plan(self) -> Plan | None:
        """Which statements a name depends on; ``None`` where only libcst could parse the file."""
        if self._plan is None and self._tree is not None:
            self._plan = Plan(self._tree.body, self.text)
            self._tree = None
        return self._plan

    @property
    def lines(self) -> list[str]:
        """The physical lines, with their ends."""
        return self.table.lines

    @property
    def notes(self) -> list[str]:
        """What was left opaque so far: parsing is lazy, and so are its failures."""
        return self._loader.notes

    # --- places -----------------------------------------------------------------------------------------------------

    def range(self, node_id: int) -> Range:
        """Where a node stands in the text."""
        return self.ranges((node_id,))[node_id]

    def ranges(self, ids: Iterable[int]) -> dict[int, Range]:
        """Where several nodes stand. Asking for all at once parses each chunk that they are in once more."""
        # Imported here: without anything to report, there is no need for libcst.
        from attnlint.syntax import positions

        return positions.find_ranges(self._loader, self.table, ids)

    def first_line(self, node_id: int) -> int:
        """The first line of the unit that a node belongs to: for a definition, that of its decorators."""
        return self._loader.unit_of(node_id).first

    def text_in(self, place: Range) -> str:
        """The text of a range, as written."""
        start = self.table.offset(place.line, place.column)
        return self.text[start : self.table.offset(place.end_line, place.end_column)]

    def text_of(self, node_id: int, length: int = _TEXT_LENGTH) -> str:
        """The text of a node on one line, shortened to ``length`` characters."""
        text = " ".join(self.text_in(self.range(node_id)).split())
        return text if len(text) <= length else text[: length - 3].rstrip() + "..."

    def holds(self, words: re.Pattern[str]) -> bool:
        """Whether the text has words like these. Every file of a project is asked for the same few, again and again."""
        found = self._holds.get(words)
        if found is None:
            found = self._holds[words] = words.search(self.text) is not None
        if self._loader.reads is not None:
            self._loader.reads.words[words] = found
        return found

    def tree_of(self, piece: Piece) -> str | None:
        """Python's own parse of a piece, as a text: what is written otherwise and means the same has the same."""
        tree = self._loader.chunk(piece).tree
        return None if tree is None else ast.dump(tree)

    # --- structure --------------------------------------------------------------------------------------------------

    def statement_of(self, node_id: int) -> int:
        """The innermost statement that a node belongs to: a statement belongs to itself, a header to its definition."""
        found = node_id
        # A node has a smaller number than its parts, and a part than the next: go into the last that is not past it.
        parts: Sequence[nodes.Node] = self._statements_around(node_id)
        while parts:
            index = bisect_right(parts, node_id, key=lambda part: part.id) - 1
            if index < 0:
                break
            part = parts[index]
            if isinstance(part, nodes.Statement):
                found = part.id
            parts = sorted(children(part, lazy=False), key=lambda part: part.id)
        return found

    def _statements_around(self, node_id: int) -> Sequence[nodes.Statement]:
        unit = self._loader.unit_of(node_id)
        # Findings come in bunches: the last unit is kept.
        if self._last_unit is None or self._last_unit[0] is not unit:
            self._last_unit = (unit, self._loader.load(unit))
        return self._last_unit[1]

    # --- physical lines ---------------------------------------------------------------------------------------------

    def comments(self) -> dict[int, str]:
        """Line to comment, from its ``#`` on."""
        return self._scan().by_line

    def joined_lines(self, line: int) -> tuple[int, int]:
        """The first and last of the physical lines whose ``# noqa`` counts for a line, as flake8 sees it."""
        return self._scan().joined.get(line, (line, line))

    def _scan(self) -> Comments:
        if self._comments is None:
            self._comments = scan_comments(self.table)
        return self._comments
