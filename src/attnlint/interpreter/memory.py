"""What the entries of a file came to in the run before: after an edit, those that it cannot concern are not run again.

A file is seen as its top-level units: definitions, and the statements between them. An edit makes some units others.
An entry keeps its result when its unit does not mention, by itself or through what it mentions, a name that a changed
unit binds. Mentioning is any word in the text, strings and comments included: that is more than it can look up. What
running a unit binds, and whether it does anything else, was seen when it ran (the store logs every write); where such a
unit is concerned, everything runs again.

Nodes keep their numbers from text to text (``Numbers``), so that what was kept still names the right places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from attnlint.interpreter.global_state import names_set, names_written_into
from attnlint.interpreter.results import Analysis, AnalysisOptions
from attnlint.syntax.loading import IDS_A_CHARACTER, Numbers
from attnlint.syntax.parsing import unit_text
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax import Source

T = TypeVar("T")

_WORD = re.compile(r"[^\W\d]\w*")
_REFLECTION = re.compile(
    r"(?<![.\w])(?:globals|locals|vars|eval|exec|__import__)\s*\(|\bsys\.modules\b|\bimport_module\b|\b__subclasses__\b"
)
"""What may stand for any name."""
SPACE = 16
"""How many times as many numbers as it needs a unit gets: it may grow by so much before all are numbered anew."""


@dataclass(slots=True)
class Unit:
    """A top-level unit of a text, and what running it did."""

    text: str
    words: frozenset[str]
    reflects: bool
    """It may look at any name."""
    binds: set[str] = field(default_factory=set)
    """Names of the module."""
    has_effects: bool = False
    """It did more than bind names: it changed an object that was there before, or taught facts."""


@dataclass(slots=True)
class Record:
    """One entry and what it did."""

    allowed: int
    used: int
    before: frozenset[int]
    """What had run of its unit."""
    reported_before: frozenset[tuple[int, str]]
    analysis: Analysis
    covered: set[int]
    functions: set[int]
    classes: set[int]
    unsettled: set[int]
    doubted: set[int]
    reported: set[tuple[int, str]]
    makers_before: dict[tuple[int, str], Value]
    """What constructors had been given in place of their defaults."""
    makers: dict[tuple[int, str], Value]
    costly_before: dict[tuple[str, int], int]
    """What had been found to be costly: it gets less of a budget."""
    costly: dict[tuple[str, int], int]


@dataclass(slots=True)
class Known:
    """A text that was run to the end."""

    source: Source
    units: list[Unit]
    numbers: Numbers
    options: AnalysisOptions
    is_whole: bool
    """The module ran to its end."""
    entries: dict[tuple[str, int], Record] = field(default_factory=dict)
    """By label and the number of the class or function."""


class Memory:
    """The memory of one file, for one kind of run."""

    def __init__(self) -> None:
        self._known: Known | None = None
        self._now: Known | None = None
        self._dirty: list[bool] = []
        self._sizes: list[int] = []
        self.kept = 0
        """How many entries of the latest run were not run again."""
        self.total = 0
        """How many there were."""

    def forget(self) -> None:
        """Something else than the text has changed."""
        self._known = None

    # --- numbers ----------------------------------------------------------------------------------------------------

    def numbers(self, starts: Sequence[int], texts: Sequence[str]) -> Numbers:
        """The numbers of the units of a text: those that are in the known text, too, have the same."""
        fresh = Numbers(starts, [start * IDS_A_CHARACTER * SPACE for start in starts])
        known = self._known
        if known is None:
            return fresh
        old = [unit.text for unit in known.units]
        above, below = _common(old, texts)
        bases = list(known.numbers.bases)
        if len(old) == len(texts):
            middle = bases[above : len(bases) - below]
        else:
            # Between what stays above and what stays below.
            low = bases[above - 1] + (len(old[above - 1]) + 1) * IDS_A_CHARACTER if above else 0
            needed = [(len(text) + 1) * IDS_A_CHARACTER for text in texts[above : len(texts) - below]]
            high = bases[len(bases) - below] if below else low + sum(needed) * SPACE
            stretch = (high - low) // max(sum(needed), 1)
            middle = [low + stretch * each for each in accumulate(needed[:-1], initial=0)] if needed else []
            if stretch < 1 and needed:
                return fresh
        bases = [*bases[:above], *middle, *bases[len(bases) - below :]]
        ends = (base + len(text) * IDS_A_CHARACTER for base, text in zip(bases, texts, strict=True))
        if any(end >= base for end, base in zip(ends, bases[1:], strict=False)):
            return fresh
        return Numbers(starts, bases)

    # --- a run --------------------------------------------------------------------------------------------------------

    def start(self, run: Run) -> None:
        """A file is about to be run. One that is watched must run as a whole."""
        self._now = None
        self.kept = 0
        if run.options.watcher is not None:
            return
        source = run.source
        assert source.numbers is not None
        units = [_described(unit_text(unit, source.table)) for unit in source.units]
        self._sizes = [len(unit.text) * IDS_A_CHARACTER for unit in units]
        self._now = Known(source, units, source.numbers, run.options, False)

    def statement(self, run: Run, statement: int, perform: Callable[[], T]) -> T:
        """Run a top-level statement, and see what it does."""
        if self._now is None:
            return perform()
        unit = self._now.units[self._now.numbers.unit_of(statement)]
        mark = run.store.push()
        facts, classes = run.facts.count, len(run.classes)
        try:
            return perform()
        finally:
            written = run.store.written_since(mark)
            run.store.commit_to(mark - 1)
            own = {id(cls.attributes) for cls in run.classes[classes:]}
            for owner, slot in written:
                if owner is run.main.scope.variables:
                    unit.binds.add(str(slot))
                elif id(owner) not in own:
                    unit.has_effects = True
            unit.has_effects |= run.facts.count != facts

    def begin(self, run: Run) -> None:
        """The module of a file has run; its entries come next."""
        now, known = self._now, self._known
        if now is None:
            return
        spent = any(note.startswith("module: ") for note in run.analysis.notes)
        now.is_whole = not run.stopped and not spent and not any("left unread" in note for note in run.source.notes)
        if known is not None and known.is_whole and now.is_whole and known.options == run.options:
            self._dirty = _changed(known, now)
        else:
            self._dirty = [True] * len(now.units)

    def end(self) -> None:
        """All entries have run."""
        if self._now is None:
            return
        self.total = len(self._now.entries)
        self._known, self._now = self._now, None

    def entry(self, run: Run, label: str, node: int, perform: Callable[[], None]) -> None:
        """Run an entry, or do what it did before."""
        now = self._now
        if now is None:
            perform()
            return
        unit = now.numbers.unit_of(node)
        record = self._usable(run, label, node, unit)
        if record is not None:
            self.kept += 1
        else:
            record = self._recorded(run, unit, perform)
        now.entries[label, node] = record
        _merge(run, record)

    def _usable(self, run: Run, label: str, node: int, unit: int) -> Record | None:
        if self._known is None or self._dirty[unit]:
            return None
        record = self._known.entries.get((label, node))
        if record is None:
            return None
        allowed = min(run.options.entry_steps, run.total)
        if allowed != record.allowed and record.used >= min(allowed, record.allowed):
            return None
        if record.costly_before != run.costly or record.makers_before != run.makers:
            return None
        if record.before != self._ran_of(run, unit) or self._clean(record.reported_before) != self._clean(run.reported):
            return None
        run.total -= record.used
        run.spent += record.used
        return record

    def _recorded(self, run: Run, unit: int, perform: Callable[[], None]) -> Record:
        before, reported = self._ran_of(run, unit), frozenset(run.reported)
        costly, makers = run.costly.copy(), run.makers.copy()
        allowed, spent = min(run.options.entry_steps, run.total), run.spent
        analysis, earlier = run.analysis, run.earlier
        sets = run.covered, run.covered_functions, run.covered_classes
        unsettled, run.unsettled = run.unsettled, set()
        doubted, run.doubted = run.doubted, set()
        run.earlier = (*earlier, *sets)
        run.covered, run.covered_functions, run.covered_classes = set(), set(), set()
        run.analysis = Analysis(dependencies=analysis.dependencies)
        try:
            perform()
            return Record(
                allowed,
                run.spent - spent,
                before,
                reported,
                run.analysis,
                run.covered,
                run.covered_functions,
                run.covered_classes,
                run.unsettled,
                run.doubted,
                run.reported - reported,
                makers,
                run.makers.copy(),
                costly,
                run.costly.copy(),
            )
        finally:
            run.unsettled = unsettled
            run.doubted = doubted
            run.analysis, run.earlier = analysis, earlier
            run.covered, run.covered_functions, run.covered_classes = sets

    def _ran_of(self, run: Run, unit: int) -> frozenset[int]:
        """What has run of a unit: it decides what an entry goes through."""
        assert self._now is not None
        first = self._now.numbers.bases[unit]
        last = first + self._sizes[unit]
        return frozenset(
            node for some in (run.covered, run.covered_functions) for node in some if first <= node <= last
        )

    def _clean(self, reported: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
        """What was reported in units that are what they were: it is not reported again."""
        assert self._now is not None
        return {one for one in reported if not self._dirty[self._now.numbers.unit_of(one[0])]}


def _changed(old: Known, new: Known) -> list[bool]:
    """For each unit whether it may come to something else than before."""
    everything = [True] * len(new.units)
    before, after = [unit.text for unit in old.units], [unit.text for unit in new.units]
    if len(before) == len(after):
        kept = {index: index for index in range(len(after)) if before[index] == after[index]}
    else:
        above, below = _common(before, after)
        grown = len(after) - len(before)
        kept = {index: index for index in range(above)}
        kept.update({index: index - grown for index in range(len(after) - below, len(after))})
    if any(new.numbers.bases[here] != old.numbers.bases[there] for here, there in kept.items()):
        return everything
    gone = set(range(len(before))) - set(kept.values())
    concerned = [*(old.units[index] for index in gone)]
    concerned += (unit for index, unit in enumerate(new.units) if index not in kept)
    dirty = [index not in kept for index in range(len(after))]
    names: set[str] = set()
    while concerned:
        if any(unit.has_effects for unit in concerned):
            return everything
        names.update(*(unit.binds for unit in concerned))
        concerned = []
        for index, unit in enumerate(new.units):
            if not dirty[index] and (unit.reflects or unit.words & names):
                dirty[index] = True
                # What it did before counts, too.
                concerned += [unit, old.units[kept[index]]]
    return dirty


def _merge(run: Run, record: Record) -> None:
    run.covered |= record.covered
    run.covered_functions |= record.functions
    run.covered_classes |= record.classes
    run.unsettled |= record.unsettled
    run.doubted |= record.doubted
    run.reported |= record.reported
    run.costly = record.costly.copy()
    run.makers = record.makers.copy()
    mine, theirs = run.analysis, record.analysis
    mine.findings += theirs.findings
    mine.bindings += theirs.bindings
    mine.expressions += theirs.expressions
    mine.operations += theirs.operations
    mine.notes += theirs.notes
    mine.debug += theirs.debug
    mine.entries += theirs.entries
    for name, count in theirs.unknown_calls.items():
        mine.unknown_calls[name] = mine.unknown_calls.get(name, 0) + count


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many units are the same from the top, and how many of the others from the bottom."""
    shorter = min(len(old), len(new))
    above = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    most = shorter - above
    below = next((index for index in range(most) if old[-1 - index] != new[-1 - index]), most)
    return above, below


def _described(text: str) -> Unit:
    sets = names_set(text) | names_written_into(text)
    return Unit(text, frozenset(_WORD.findall(text)), _REFLECTION.search(text) is not None, set(sets))


__all__ = ["Memory"]
