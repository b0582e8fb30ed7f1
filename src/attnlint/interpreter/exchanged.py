"""ATN201: two names of an unpacked shape that have changed places.

``B, C, T = x.shape`` of what is (B, T, C) mostly raises nothing by itself: the demands that come later hold where two
sizes happen to be equal. A function that has shown such a coincidence, and nothing else, is run again with two of the
names exchanged. Where everything then fits for all sizes, the author has mixed them up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Facts, Rest, Shape, Symbol, symbols_of
from attnlint.interpreter.axis_order import is_from_outside
from attnlint.interpreter.common_factors import is_division
from attnlint.interpreter.errors import TrialFailed
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.syntax import nodes
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

FAILURES = ("ATN1", "ATN2")
MOST_NAMES = 4
"""Of more names only neighbours are exchanged."""
MOST_TRIALS = 4
MOST_STEPS = 1_500
"""A function that takes more is not run again and again."""
ENOUGH = 3
"""What must be left of the budget for another trial, in runs of the function."""


@dataclass(frozen=True, slots=True)
class Event:
    """An operation that fits by coincidence."""

    node: int
    strong: bool
    """Two sizes that have nothing to do with each other are equal; else the one divides the other."""
    early: bool
    """Nothing had failed before."""
    symbols: frozenset[Symbol]
    """Those of the two sizes."""


@dataclass(slots=True)
class Trial:
    """One run of a function: with two names exchanged, or as it stands."""

    exchange: tuple[int, int, int] | None = None
    """The node of the names, and which two of them."""
    told: int = 0
    """The node of the operation to report."""
    names: tuple[str, str] = ("", "")
    complaint: Complaint | None = None
    """What was reported."""
    unpackings: dict[int, tuple[tuple[str, Dim], ...]] = field(default_factory=dict)
    """The names of the shapes that were unpacked, and the sizes that they got, by node."""
    events: list[Event] = field(default_factory=list)
    forced: set[int] = field(default_factory=set)
    """Operations that fit only where two sizes are equal of which none is just an axis of what comes in."""
    complaints: set[tuple[int, str]] = field(default_factory=set)
    """What was said of which operations."""

    def fails(self) -> bool:
        """Whether an operation fails, or is known to work by luck alone."""
        return any(code.startswith(FAILURES) for _, code in self.complaints)

    def complain(self, node: int, code: str) -> None:
        """Note what is said of an operation. With names exchanged nothing may fail: there it ends."""
        self.complaints.add((node, code))
        if self.exchange is not None and code.startswith(FAILURES):
            raise TrialFailed

    def note(self, event: Event) -> None:
        """Note an operation that fits by coincidence. With names exchanged no strong one may be left: there it ends."""
        self.events.append(event)
        if self.exchange is not None and event.strong:
            raise TrialFailed


def run_with_trials(run: Run, body: Callable[[], object]) -> None:
    """Run a function of the checked file; again with names exchanged, where it works by coincidence."""
    found, reported = len(run.analysis.findings), set(run.reported)
    unsure, steps = run.unsure, run.steps
    trial = _run_trial(run, body, Trial())
    used = steps - run.steps
    early = [event.node for event in trial.events if event.early]
    if (
        not (early and trial.unpackings)
        or not (trial.fails() or any(event.strong for event in trial.events))
        or run.options.record_bindings
        or run.quiet
        or not 0 <= used <= MOST_STEPS
    ):
        return
    unsure = run.unsure - unsure
    # The next entry of the same function, with defaults or options, mostly fits by the same coincidences.
    futile = run.futile.setdefault(frozenset(event.node for event in trial.events), set())
    for exchange in _exchanges(trial):
        if run.steps < used * ENOUGH:
            return
        if exchange in futile:
            continue
        fixed = _fixed(run, body, exchange, unsure)
        left = {event.node for event in fixed.events} if fixed is not None else set(early)
        if fixed is None or not left.issubset(event.node for event in trial.events) or left.issuperset(early):
            futile.add(exchange)
            continue
        if not fixed.forced <= trial.forced:
            continue  # what was a coincidence of two sizes is one of others now
        # What is said only of the names as they stand comes of the same mistake.
        others = [one for one in run.analysis.findings[found:] if (one.place, one.code) in fixed.complaints]
        del run.analysis.findings[found:]
        run.reported = reported
        node, first, second = exchange
        names = (trial.unpackings[node][first][0], trial.unpackings[node][second][0])
        last = _run_trial(run, body, Trial(told=next(each for each in early if each not in left), names=names))
        told = [one for one in run.analysis.findings[found:] if one.complaint is last.complaint]
        run.analysis.findings[found:] = [*told, *others]
        run.reported.update((one.statement, one.code) for one in others)
        return


def _run_trial(run: Run, body: Callable[[], object], trial: Trial) -> Trial:
    outer, run.trial = run.trial, trial
    try:
        body()
    finally:
        run.trial = outer
    return trial


def _fixed(run: Run, body: Callable[[], object], exchange: tuple[int, int, int], unsure: int) -> Trial | None:
    """The run with two names exchanged; ``None`` where more is left to coincidence than that one size divides
    another."""
    before, watcher = run.unsure, run.watcher
    scope, frame, quiet, models = run.scope, run.frame, run.quiet, run.models
    depths = [(stack, len(stack)) for stack in (run.frames, run.tries, run.conditions)]
    run.quiet += 1
    run.watcher = None
    try:
        trial = _run_trial(run, body, Trial(exchange))
    except TrialFailed:
        # The body has undone what it wrote.
        run.scope, run.frame, run.models = scope, frame, models
        for stack, depth in depths:
            del stack[depth:]
        return None
    finally:
        run.quiet = quiet
        run.watcher = watcher
    return trial if run.unsure - before <= unsure else None


def _exchanges(trial: Trial) -> list[tuple[int, int, int]]:
    """The pairs of names that may have changed places, first those whose sizes meet by coincidence."""
    found: list[tuple[int, int, int]] = []
    odd = frozenset().union(*(event.symbols for event in trial.events))
    for node, names in trial.unpackings.items():
        places = [place for place, (name, _) in enumerate(names) if name]
        pairs = combinations(places, 2) if len(names) <= MOST_NAMES else pairwise(places)
        found += [(node, *pair) for pair in pairs if names[pair[0]][0] != names[pair[1]][0]]

    def concerned(exchange: tuple[int, int, int]) -> int:
        names = trial.unpackings[exchange[0]]
        return sum(not odd.isdisjoint(symbols_of(names[place][1])) for place in exchange[1:])

    found = [exchange for exchange in found if concerned(exchange)]
    return sorted(found, key=concerned, reverse=True)[:MOST_TRIALS]


def unpacked(run: Run, trial: Trial, target: nodes.Display, values: list[Value]) -> list[Value]:
    """The values that the names of an unpacked shape get: those of the shape, or two of them exchanged."""
    if run.scope.module is not run.main or sum(isinstance(each, int | Expression) for each in values) < 2:
        return values
    if trial.exchange is not None:
        node, first, second = trial.exchange
        if node == target.id and len(values) > second:
            values = list(values)
            values[first], values[second] = values[second], values[first]
        return values
    trial.unpackings[target.id] = tuple(
        (element.name, value)
        if isinstance(element, nodes.Name) and isinstance(value, int | Expression) and not isinstance(value, bool)
        else ("", 0)
        for element, value in zip(target.elements, values, strict=False)
    )
    return values


def coincidence(run: Run, trial: Trial, call: Call, before: Facts, node: nodes.Node) -> Complaint | None:
    """Note an operation that fits by coincidence; the complaint about it, where that is wanted."""
    if trial.told and trial.told != node.id:
        return None
    for left, right, clash in call.lucky:
        if not all(map(is_from_outside, symbols_of(left) | symbols_of(right))):
            continue  # `int(width * scale)` is whatever was worked out
        strong = _is_strong(run, left, right, before)
        if strong is None:
            if not is_division(left, right) and not any(_is_axis(before.normal(side)) for side in (left, right)):
                trial.forced.add(node.id)
            continue
        trial.note(Event(node.id, strong, not trial.fails(), symbols_of(left, right)))
        if trial.told:
            trial.told = -1
            trial.complaint = _complaint(trial, left, right, clash)
            return trial.complaint
    return None


def _complaint(trial: Trial, left: Dim, right: Dim, clash: tuple[Clash, ...]) -> Complaint:
    first, second = trial.names
    return Complaint(
        "ATN201",
        f"runs only where {left} equals {right}; with `{first}` and `{second}` exchanged where the shape is unpacked "
        "it always fits",
        advice=f"unpack the shape in its order: `{first}` stands where `{second}` should",
        arguments=tuple(side.argument for side in clash),
        clash=clash,
        recovery=Tensor(Shape((), Rest(object()))),
    )


def _is_strong(run: Run, left: Dim, right: Dim, before: Facts) -> bool | None:
    """Whether two sizes that a call forces to be equal have nothing to do with each other: two axes of one parameter,
    or two hyper-parameters. ``False`` where the one only has to divide the other, ``None`` where nothing is odd."""
    symbols = symbols_of(left) | symbols_of(right)
    keys = [symbol.key for symbol in symbols]
    hyper = [isinstance(key, tuple) and key[:1] == ("int",) for key in keys]
    owners = [key[1] for key in keys if isinstance(key, tuple) and len(key) == 3 and key[0] == "axis"]
    if is_division(left, right):
        return False if owners else None
    if symbols and all(hyper):
        return True
    return True if any(_has_become_square(run, owner, before) for owner in owners) else None


def _is_axis(dim: Dim) -> bool:
    """Whether a size is one axis of a tensor that comes in: a layer or a table may say how long it is."""
    keys = [symbol.key for symbol in symbols_of(dim)]
    return len(keys) == 1 and isinstance(keys[0], tuple) and keys[0][:1] == ("axis",)


def _has_become_square(run: Run, owner: object, before: Facts) -> bool:
    dims = run.facts.resolve(Shape((), Rest(owner))).dims
    return any(
        run.facts.equal(one, other) is Answer.YES and before.equal(one, other) is not Answer.YES
        for one, other in combinations(dims, 2)
    )
