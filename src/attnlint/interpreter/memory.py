"""What the entries of a file came to in the run before: after an edit, those that it cannot concern are not run again.

While an entry runs, it is noted what it looks at: global names, bodies of functions, words in the text. An edit makes
some of these others (``edits``). An entry that has looked at none of them keeps its result. What running the top level
binds, and whether it does anything else, was seen when it ran (the store logs every write).

Nodes keep their numbers from text to text (``Numbers``), so that what was kept still names the right places.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

from attnlint.interpreter.configs_given import GivenConfig
from attnlint.interpreter.edits import Edit, Text, common, edit_between
from attnlint.interpreter.objects import Unbound
from attnlint.interpreter.results import Analysis, AnalysisOptions, RawFinding
from attnlint.syntax.loading import IDS_A_CHARACTER, Numbers
from attnlint.syntax.reads import Reads
from attnlint.values import External, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

T = TypeVar("T")

WORTH_TELLING = 0.1
"""Seconds: where so much is left to do when what was edited has run, those who wait are told what is known by then."""

SPACE = 16
"""How many times as many numbers as it needs a unit gets: it may grow by so much before all are numbered anew."""


@dataclass(slots=True)
class Record:
    """One entry and what it did."""

    allowed: int
    used: int
    seconds: float
    reads: Reads
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
    futile_before: dict[frozenset[int], frozenset[tuple[int, int, int]]]
    """Of the exchanges of names that it asked about: those that had been found to be of no use."""
    futile: dict[frozenset[int], set[tuple[int, int, int]]]


@dataclass(slots=True)
class Known:
    """A text that was run to the end."""

    text: Text
    options: AnalysisOptions
    is_whole: bool = False
    """The module ran to its end."""
    around: tuple[Any, ...] = ()
    """What else the module's run has left behind that any entry may look at."""
    entries: dict[tuple[str, int], Record] = field(default_factory=dict)
    """By label and the number of the class or function."""


class Memory:
    """The memory of one file, for one kind of run."""

    def __init__(self) -> None:
        self._known: Known | None = None
        self._now: Known | None = None
        self._edit = Edit(is_all=True)
        self.on_partial: Callable[[list[RawFinding]], None] | None = None
        """Told what was found when what was edited has run and much is left to do; once, or never."""
        self.kept = 0
        """How many entries of the latest run were not run again."""
        self.entered: list[str] = []
        """Those that were."""
        self.total = 0
        """How many there were."""

    def forget(self) -> None:
        """Something else than the text has changed."""
        self._known = None

    # --- numbers ----------------------------------------------------------------------------------------------------

    def numbers(self, starts: Sequence[int], texts: Sequence[str]) -> Numbers:
        """The numbers of the pieces of a text: those that are in the known text, too, have the same."""
        fresh = Numbers(starts, [start * IDS_A_CHARACTER * SPACE for start in starts])
        known = self._known
        if known is None:
            return fresh
        old = known.text.texts
        above, below = common(old, texts)
        bases = list(known.text.numbers.bases)
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
        self.kept, self.entered = 0, []
        if run.options.watcher is not None:
            return
        source = run.source
        source.reads = None
        assert source.numbers is not None
        units = {unit.text: unit for unit in self._known.text.units} if self._known is not None else {}
        self._now = Known(Text(source, source.numbers, units), run.options)

    def statement(self, run: Run, statement: int, perform: Callable[[], T]) -> T:
        """Run a top-level statement, and see what it does."""
        if self._now is None:
            return perform()
        unit = self._now.text.units[self._now.text.unit_at(statement)]
        mark = run.store.push()
        facts = run.facts.count
        run.said.clear()
        run.source.reads = unit.reads
        try:
            return perform()
        finally:
            run.source.reads = None
            written = run.store.written_since(mark)
            run.store.commit_to(mark - 1)
            for owner, slot in written:
                if owner is run.main.scope.variables:
                    unit.binds.add(str(slot))
                else:
                    unit.has_effects = True
            unit.has_effects |= run.facts.count != facts

    def begin(self, run: Run) -> None:
        """The module of a file has run; its entries come next."""
        now, known = self._now, self._known
        if now is None:
            return
        spent = any(note.startswith("module: ") for note in run.analysis.notes)
        now.is_whole = not run.stopped and not spent and not any("left unread" in note for note in run.source.notes)
        now.around = (frozenset(run.heard), frozenset(cls.name for cls in run.classes), run.contexts_open)
        if (
            known is not None
            and known.is_whole
            and now.is_whole
            and known.options == run.options
            and known.around == now.around
            and not run.saved
        ):
            self._edit = edit_between(known.text, now.text)
        else:
            self._edit = Edit(is_all=True)

    def end(self) -> None:
        """All entries have run."""
        self.on_partial = None
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
        unit = now.text.unit_at(node)
        record = self._usable(run, label, node, unit)
        if record is not None:
            self.kept += 1
        else:
            self.entered.append(label)
            record = self._recorded(run, unit, perform)
        now.entries[label, node] = record
        _merge(run, record)
        if self.on_partial is not None and self._is_worth_telling(run):
            self.on_partial(list(run.analysis.findings))
            self.on_partial = None

    def _is_worth_telling(self, run: Run) -> bool:
        known, now, edit = self._known, self._now, self._edit
        if known is None or now is None or edit.is_all or not edit.bodies or not edit.bodies <= run.covered_functions:
            return False
        left = (record for key, record in known.entries.items() if key not in now.entries)
        seconds = sum(record.seconds for record in left if edit.concerns(record.reads, run.source))
        return seconds > WORTH_TELLING

    def _usable(self, run: Run, label: str, node: int, unit: int) -> Record | None:
        known, now, edit = self._known, self._now, self._edit
        if known is None or now is None or edit.is_all or unit in edit.units:
            return None
        record = known.entries.get((label, node))
        if record is None or self._is_edited(node) or edit.concerns(record.reads, run.source):
            return None
        allowed = min(run.options.entry_steps, run.total)
        if allowed != record.allowed and record.used >= min(allowed, record.allowed):
            return None
        if record.costly_before != run.costly or record.makers_before != run.makers:
            return None
        if not all(_is_constant(run, value) for value in record.makers.values()):
            return None  # a class of the text before
        if any(run.futile.get(key, frozenset()) != tried for key, tried in record.futile_before.items()):
            return None
        before = self._known_of(run, unit)
        if self._unedited(record.before) != self._unedited(before):
            return None
        if self._clean(record.reported_before) != self._clean(run.reported):
            return None
        run.total -= record.used
        run.spent += record.used
        return record

    def _recorded(self, run: Run, unit: int, perform: Callable[[], None]) -> Record:
        before, reported, doubted = self._known_of(run, unit), frozenset(run.reported), frozenset(run.doubted)
        costly, makers = run.costly.copy(), run.makers.copy()
        allowed, spent = min(run.options.entry_steps, run.total), run.spent
        analysis, earlier = run.analysis, run.earlier
        sets = run.covered, run.covered_functions, run.covered_classes
        unsettled, run.unsettled = run.unsettled, set()
        futile, asked = run.futile, _Asked(run.futile)
        run.futile = asked
        run.earlier = (*earlier, *sets)
        run.covered, run.covered_functions, run.covered_classes = set(), set(), set()
        run.analysis = Analysis(dependencies=analysis.dependencies)
        reads = run.source.reads = Reads()
        began = time.thread_time()
        try:
            perform()
            return Record(
                allowed=allowed,
                used=run.spent - spent,
                seconds=time.thread_time() - began,
                reads=reads,
                before=before,
                reported_before=reported,
                analysis=run.analysis,
                covered=run.covered,
                functions=run.covered_functions,
                classes=run.covered_classes,
                unsettled=run.unsettled,
                doubted=run.doubted - doubted,
                reported=run.reported - reported,
                makers_before=makers,
                makers=run.makers.copy(),
                costly_before=costly,
                costly=run.costly.copy(),
                futile_before=asked.before,
                futile=dict(asked),
            )
        finally:
            run.source.reads = None
            run.unsettled, run.futile = unsettled, futile
            run.analysis, run.earlier = analysis, earlier
            run.covered, run.covered_functions, run.covered_classes = sets

    def _known_of(self, run: Run, unit: int) -> frozenset[int]:
        """What has run of a unit, and by negative numbers what is doubted: it decides what an entry goes through."""
        assert self._now is not None
        text = self._now.text
        first = bisect_left(text.unit_of, unit)
        last = bisect_right(text.unit_of, unit) - 1
        low, high = text.numbers.bases[first], text.numbers.bases[last] + len(text.texts[last]) * IDS_A_CHARACTER
        ran = {node for some in (run.covered, run.covered_functions) for node in some if low <= node <= high}
        return frozenset(ran.union(-node for node in run.doubted if low <= node <= high))

    def _is_edited(self, node: int) -> bool:
        assert self._now is not None
        return self._now.text.numbers.piece_of(node) in self._edit.pieces

    def _unedited(self, nodes: Iterable[int]) -> set[int]:
        return {node for node in nodes if not self._is_edited(abs(node))}

    def _clean(self, reported: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
        """What was reported in pieces that are what they were: it is not reported again."""
        return {one for one in reported if not self._is_edited(one[0])}


class _Asked(dict[frozenset[int], set[tuple[int, int, int]]]):
    """The exchanges that are of no use, of those that somebody asks about while an entry runs."""

    def __init__(self, known: dict[frozenset[int], set[tuple[int, int, int]]]) -> None:
        super().__init__()
        self._known = known
        self.before: dict[frozenset[int], frozenset[tuple[int, int, int]]] = {}

    def setdefault(self, key: frozenset[int], default: Any = None) -> set[tuple[int, int, int]]:
        if key not in self:
            self.before[key] = frozenset(self._known.get(key, ()))
            self[key] = set(self.before[key])
        return self[key]


_CONSTANT = (type(None), bool, int, float, str, TorchName, PythonName, External, Unbound, Unknown)


def _is_constant(run: Run, value: Value) -> bool:
    """Whether a value is the same from run to run."""
    if isinstance(value, GivenConfig):
        return value.cls.module is not run.main
    return isinstance(value, _CONSTANT)


def _merge(run: Run, record: Record) -> None:
    run.covered |= record.covered
    run.covered_functions |= record.functions
    run.covered_classes |= record.classes
    run.unsettled |= record.unsettled
    run.doubted |= record.doubted
    run.reported |= record.reported
    run.costly = record.costly.copy()
    run.futile.update((key, set(tried)) for key, tried in record.futile.items())
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


__all__ = ["Memory"]
