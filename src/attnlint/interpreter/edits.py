"""What an edit of a file changes for what runs in it: names, bodies of functions, or everything.

A file is seen as its pieces (``syntax.outline``): the statements between definitions, the headers of definitions, the
bodies of functions. Another body of a function concerns those who have looked at that body. Any other change concerns
those who have looked up a name that its top-level unit binds; those units, when they ran, may have looked at names and
bodies themselves, and then the names that they bind are concerned as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from attnlint.interpreter.global_state import class_attributes_set, names_set, names_written_into
from attnlint.syntax import Source
from attnlint.syntax.loading import Numbers
from attnlint.syntax.outline import Definition, Piece, all_pieces
from attnlint.syntax.outline import Unit as Outline
from attnlint.syntax.parsing import unit_text
from attnlint.syntax.reads import Reads

_REFLECTION = re.compile(
    r"(?<![.\w])(?:globals|locals|vars|eval|exec|__import__)\s*\(|\bsys\.modules\b|\bimport_module\b|\b__subclasses__\b"
)
"""What may stand for any name."""


@dataclass(slots=True)
class Unit:
    """A top-level unit of a text, and what running it did."""

    text: str
    reflects: bool
    """It may look at any name."""
    sets: frozenset[str]
    """Global names that its functions set, or write into."""
    sets_in_classes: frozenset[tuple[str, str]]
    reads: Reads = field(default_factory=Reads)
    binds: set[str] = field(default_factory=set)
    """Names of the module."""
    has_effects: bool = False
    """It did more than bind names: it changed an object that was there before, or taught facts."""


class Text:
    """A text, and what running its top level did."""

    def __init__(self, source: Source, numbers: Numbers, known: Mapping[str, Unit]) -> None:
        """``known``: units of an earlier text, by their own text."""
        self.source = source
        self.numbers = numbers
        self.units = [_described(unit_text(unit, source.table), known) for unit in source.units]
        self.pieces: list[Piece] = list(all_pieces(source.units))
        self.texts = [source.table.between(piece.first, piece.last) for piece in self.pieces]
        self.unit_of = [index for index, unit in enumerate(source.units) for _ in all_pieces((unit,))]
        """The unit of each piece."""
        self.body_of = list(_bodies(source.units, iter(numbers.bases)))
        """For each piece the number of the function whose body it is; ``None`` for those that are no body."""

    def unit_at(self, node_id: int) -> int:
        """The unit that a node belongs to."""
        return self.unit_of[self.numbers.piece_of(node_id)]


@dataclass(slots=True)
class Edit:
    """What is different from one text to the next."""

    names: set[str] = field(default_factory=set)
    """Global names that may stand for something else."""
    bodies: set[int] = field(default_factory=set)
    """Functions with another body, by the number of their first node."""
    units: set[int] = field(default_factory=set)
    """Units of the new text that may have come to something else."""
    pieces: set[int] = field(default_factory=set)
    """Pieces of the new text that are not in the old one."""
    is_all: bool = False
    """Everything may be different."""

    def concerns(self, reads: Reads, source: Source) -> bool:
        """Whether it may matter to those who have looked at something; ``source`` is the new text."""
        if self.is_all or not (self.names.isdisjoint(reads.names) and self.bodies.isdisjoint(reads.bodies)):
            return True
        if any(source.holds(words) is not found for words, found in reads.words.items()):
            return True
        return reads.is_all and bool(self.names or self.bodies or self.units)


def edit_between(old: Text, new: Text) -> Edit:
    """What is different."""
    edit = Edit()
    pairs = _pairs(old, new)
    pair_of = dict(pairs)
    if any(old.numbers.bases[there] != new.numbers.bases[here] for here, there in pairs):
        edit.is_all = True
        return edit
    lost = set(range(len(old.pieces))) - set(pair_of.values())
    edit.pieces = set(range(len(new.pieces))) - pair_of.keys()
    for here, there in pairs:
        if _is_same(old, there, new, here):
            continue
        edit.pieces.add(here)
        body = new.body_of[here]
        if body is not None:
            edit.bodies.add(body)
        else:
            lost.add(there)
    gone = {old.unit_of[there] for there in lost}
    before = {new.unit_of[here]: old.unit_of[there] for here, there in pairs}
    torn = {new.unit_of[here] for here, there in pairs if old.unit_of[there] in gone}
    torn |= {new.unit_of[here] for here in edit.pieces if new.body_of[here] is None or here not in pair_of}
    _spread(edit, old, new, gone, torn, before)
    return edit


def _pairs(old: Text, new: Text) -> list[tuple[int, int]]:
    """The pieces of the new text, each with the one of the old text that it was."""
    above, below = common(old.texts, new.texts)
    pairs = [(index, index) for index in range(above)]
    grown = len(new.texts) - len(old.texts)
    if not grown:
        pairs += [(index, index) for index in range(above, len(new.texts) - below)]
    pairs += [(index, index - grown) for index in range(len(new.texts) - below, len(new.texts))]
    # What was the header of a definition and is a statement now is no longer the same.
    return [(here, there) for here, there in pairs if new.body_of[here] == old.body_of[there]]


def _is_same(old: Text, there: int, new: Text, here: int) -> bool:
    """Whether two pieces mean the same: comments and spaces aside."""
    if new.texts[here] == old.texts[there]:
        return True
    if new.pieces[here].is_header != old.pieces[there].is_header:
        return False
    tree = new.source.tree_of(new.pieces[here])
    return tree is not None and tree == old.source.tree_of(old.pieces[there])


def _spread(edit: Edit, old: Text, new: Text, gone: set[int], torn: set[int], before: dict[int, int]) -> None:
    """What else is concerned when units of the old text are gone, and others of the new one are torn."""
    sets_before, sets_now = (frozenset().union(*(unit.sets for unit in text.units)) for text in (old, new))
    in_classes = [frozenset().union(*(unit.sets_in_classes for unit in text.units)) for text in (old, new)]
    edit.names |= sets_before ^ sets_now
    edit.is_all |= in_classes[0] != in_classes[1]
    concerned = [old.units[index] for index in gone]
    edit.units |= torn
    concerned += [new.units[index] for index in torn]
    if edit.pieces or gone:
        mirrors = {index for index, unit in enumerate(new.units) if unit.reflects} - edit.units
        edit.units |= mirrors
        concerned += [new.units[index] for index in mirrors]
    while True:
        edit.is_all |= any(unit.has_effects for unit in concerned)
        edit.names.update(*(unit.binds for unit in concerned))
        if edit.is_all:
            return
        concerned = []
        for index, unit in enumerate(new.units):
            if index in edit.units:
                continue
            known = old.units[before[index]]
            if edit.concerns(unit.reads, new.source) or edit.concerns(known.reads, new.source):
                edit.units.add(index)
                concerned += [unit, known]
        if not concerned:
            return


def common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many texts are the same from the top, and how many of the others from the bottom."""
    shorter = min(len(old), len(new))
    above = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    most = shorter - above
    below = next((index for index in range(most) if old[-1 - index] != new[-1 - index]), most)
    return above, below


def _bodies(units: Sequence[Outline], bases: Iterator[int]) -> Iterator[int | None]:
    """For each piece the number of the function whose body it is. ``bases``: the numbers of all pieces."""
    for unit in units:
        first = next(bases)
        yield None
        if isinstance(unit, Definition):
            if unit.is_function:
                for _ in all_pieces(unit.body):
                    next(bases)
                    yield first
            else:
                yield from _bodies(unit.body, bases)


def _described(text: str, units: Mapping[str, Unit]) -> Unit:
    known = units.get(text)
    if known is not None:
        return Unit(text, known.reflects, known.sets, known.sets_in_classes)
    return Unit(
        text,
        _REFLECTION.search(text) is not None,
        names_set(text) | names_written_into(text),
        class_attributes_set(text),
    )
