"""Paths: running several branches from one state, and going on from where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Facts
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.foreign_paths import Avoidance, avoidance
from attnlint.interpreter.joins import join_all, join_slots
from attnlint.interpreter.objects import UNBOUND
from attnlint.interpreter.scopes import Outcome
from attnlint.syntax import nodes
from attnlint.values import Choice, Instance, Value

if TYPE_CHECKING:
    from attnlint.interpreter.results import RawFinding
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.store import Delta

RETURN, BREAK, CONTINUE, ENDED = "return", "break", "continue", "ended"
"""How a statement ended; ``None`` when it went through. ``ENDED``: no path goes on from here, the ended ones are on
record."""

MOST_COMBINATIONS = 8

Signal = str | None


def enter(run: Run, state: Outcome) -> None:
    """Go on in the state of a path."""
    run.store.apply(state.delta)
    run.facts = state.facts


def capture(run: Run, mark: int, value: Value = None) -> Outcome:
    """The state of the running path, relative to the frame of ``mark``."""
    return Outcome(run.store.changes(mark), run.facts, value)


def joined(run: Run, outcomes: Sequence[Outcome]) -> Outcome:
    """The state where several paths meet, all relative to the state of now."""
    if len(outcomes) == 1:
        return outcomes[0]
    facts = outcomes[0].facts
    for outcome in outcomes[1:]:
        facts = Facts.join(facts, outcome.facts)
    delta: Delta = {}
    store = run.store
    knowledge = store.knowledge
    own: list[Guard] | None = None
    deltas = [outcome.delta for outcome in outcomes]
    seen: set[tuple[int, Any]] = set()
    for one in deltas:
        for location, entry in one.items():
            if location in seen:
                continue
            seen.add(location)
            owner, slot, value = entry
            if owner is knowledge:
                # What a single path has learnt is mostly forgotten, and was not known before: that is no change.
                value = _known_to_all(deltas, location, value, knowledge.get(slot, UNBOUND))
                if value is not UNBOUND or slot in knowledge:
                    delta[location] = (owner, slot, value)
                continue
            values = []
            same = True
            for each in deltas:
                entry = each.get(location, _ABSENT)
                other = store.read(owner, slot) if entry is _ABSENT else entry[2]
                values.append(other)
                same = same and other is value
            if not same:
                value = join_slots(run, owner, values)
                if type(value) is Choice:
                    if own is None:
                        own = _own(run, deltas)
                    value = _guarded(value, values, own)
            delta[location] = (owner, slot, value)
    values = [outcome.value for outcome in outcomes]
    value = join_all(run, values)
    if type(value) is Choice:
        value = _guarded(value, values, _own(run, deltas) if own is None else own)
    return Outcome(delta, facts, value)


_LASTING = ("truth", "training", "parameter")
"""What is learnt of these is not about what may be changed later: a condition, the mode, what a caller passes."""
_ABSENT: Any = (None, None, None)


def _known_to_all(deltas: Sequence[Delta], location: tuple[int, Any], value: Value, before: Value) -> Value:
    """What every path knows of an object; UNBOUND where one knows something else."""
    for each in deltas:
        entry = each.get(location)
        other = before if entry is None else entry[2]
        if other is not value and not (type(other) is type(value) and other == value):
            return UNBOUND
    return value


Guard = dict[Any, bool]
"""For one of several paths: the conditions that it has found to hold, or not to, and that others have not."""


def _own(run: Run, deltas: Sequence[Delta]) -> list[Guard]:
    knowledge = run.store.knowledge
    learnt: list[Guard] = [
        {
            slot: value
            for owner, slot, value in delta.values()
            if owner is knowledge and type(value) is bool and type(slot) is tuple and slot[0] in _LASTING
        }
        for delta in deltas
    ]
    return [
        {slot: holds for slot, holds in here.items() if any(each.get(slot) is not holds for each in learnt)}
        for here in learnt
    ]


def _guarded(choice: Choice, values: Sequence[Value], own: list[Guard]) -> Choice:
    """A choice that says under which conditions it is which of its alternatives, as far as the paths tell."""
    alternatives = choice.values
    for value in values:
        for each in value.values if type(value) is Choice else (value,):
            if not any(each is alternative for alternative in alternatives):
                return choice  # it was merged with one of them, which then does not stand for one path alone
    guards: list[tuple[tuple[Any, bool], ...] | None] = []
    for alternative in alternatives:
        common: Guard | None = None
        for index, value in enumerate(values):
            if not _holds(value, alternative):
                continue
            inner = _guard_within(value, alternative)
            guard = {} if inner is None else {**own[index], **dict(inner)}
            # Of several paths that lead to it, what all have found.
            common = (
                guard if common is None else {slot: is_so for slot, is_so in common.items() if guard.get(slot) is is_so}
            )
        guards.append(tuple(common.items()) if common else None)
    return Choice(alternatives, tuple(guards)) if any(guard is not None for guard in guards) else choice


def _holds(value: Value, alternative: Value) -> bool:
    return value is alternative or (type(value) is Choice and any(each is alternative for each in value.values))


def _guard_within(value: Value, alternative: Value) -> tuple[tuple[Any, bool], ...] | None:
    """Under which conditions a value, a choice perhaps, is ``alternative``."""
    if type(value) is not Choice:
        return ()
    if not value.guards:
        return None
    return next(guard for each, guard in zip(value.values, value.guards, strict=True) if each is alternative)


def meet(run: Run, outcomes: Sequence[Outcome]) -> Value:
    """Go on from where several paths meet; returns their joined value."""
    outcome = joined(run, outcomes)
    enter(run, outcome)
    return outcome.value


def record_raise(run: Run, error: Raised) -> None:
    """One of several paths raised: an enclosing ``try`` gets it."""
    error.leave_frames()
    run.uncertain += 1
    if run.frame is not None:
        run.frame.raised = error
    if run.tries:
        record = run.tries[-1]
        record.raises.append(capture(run, record.mark, error.value))


def fork_blocks(run: Run, branches: Sequence[tuple[Outcome, Callable[[], Signal]]]) -> Signal:
    """Run statements on each of several paths, and go on from where those meet that come through."""
    base = run.facts
    paths: list[_Path] = []
    avoided: Avoidance | None = None
    error: Raised | None = None
    for state, body in branches:
        mark = run.store.push()
        foreign, recorded = run.foreign, _recorded(run)
        try:
            enter(run, state)
            if avoided is not None:
                avoided.enter(run)
            try:
                signal = body()
            except Raised as raised:
                error = raised
                record_raise(run, raised)
                continue
            path = _Path(signal, Outcome({}, run.facts) if signal is ENDED else capture(run, mark), recorded)
            if signal is not None and signal is not ENDED:
                _record_end(run, signal)
            if run.foreign != foreign:
                returned = run.frame.returns[recorded[0] :] if signal is not None else ()
                found = avoidance(run, state, path.outcome, returned)
                if found is not None and (not paths or found.is_denied(run, paths[-1].learnt)):
                    avoided, path.is_avoided = found, True
            path.end = _recorded(run)
            path.learnt = state.delta
            paths.append(path)
        finally:
            run.store.undo_to(mark)
            run.facts = base
    if avoided is not None and any(not path.is_avoided for path in paths):
        paths = _without_avoided(run, paths)
    normal = [path.outcome for path in paths if path.signal is None]
    ended = [path for path in paths if path.signal is not None]
    if normal:
        meet(run, normal)
        return None
    if not ended:
        assert error is not None
        raise error
    if len(ended) == 1 and ended[0].signal is not ENDED:
        # A single path is left: it simply goes on.
        signal = ended[0].signal
        _take_back(run, signal)
        enter(run, ended[0].outcome)
        return signal
    return ENDED


@dataclass(slots=True)
class _Path:
    """One of several paths, at its end."""

    signal: Signal
    outcome: Outcome
    start: tuple[int, int, int]
    """How many paths had ended before, in each of the ways that are on record."""
    end: tuple[int, int, int] = (0, 0, 0)
    learnt: Delta = field(default_factory=dict)
    """What its condition has taught."""
    is_avoided: bool = False


def _records(run: Run) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
    frame = run.frame
    loop = frame.loops[-1] if frame.loops else None
    return (frame.returns, [], []) if loop is None else (frame.returns, loop.breaks, loop.continues)


def _recorded(run: Run) -> tuple[int, int, int]:
    returns, breaks, continues = _records(run)
    return len(returns), len(breaks), len(continues)


def _without_avoided(run: Run, paths: list[_Path]) -> list[_Path]:
    """The paths that are left where one is avoided; its ends are taken off the record."""
    for path in reversed(paths):
        if path.is_avoided:
            for record, start, end in zip(_records(run), path.start, path.end, strict=True):
                del record[start:end]
    return [path for path in paths if not path.is_avoided]


def _record_end(run: Run, signal: Signal) -> None:
    frame = run.frame
    if signal == RETURN:
        frame.returns.append(capture(run, frame.mark, frame.value))
        return
    loop = frame.loops[-1]
    (loop.breaks if signal == BREAK else loop.continues).append(capture(run, loop.mark))


def _take_back(run: Run, signal: Signal) -> None:
    frame = run.frame
    if signal == RETURN:
        frame.value = frame.returns.pop().value
    else:
        loop = frame.loops[-1]
        (loop.breaks if signal == BREAK else loop.continues).pop()


def fork_values(run: Run, branches: Sequence[tuple[Outcome | None, Callable[[], Value]]]) -> Value:
    """Evaluate on each of several paths; the joined value, in the state where they meet."""
    base = run.facts
    outcomes: list[Outcome] = []
    error: Raised | None = None
    for state, thunk in branches:
        mark = run.store.push()
        try:
            if state is None:
                run.facts = base.fork()
            else:
                enter(run, state)
            try:
                value = thunk()
            except Raised as raised:
                error = raised
                record_raise(run, raised)
                continue
            outcomes.append(capture(run, mark, value))
        finally:
            run.store.undo_to(mark)
            run.facts = base
    if not outcomes:
        assert error is not None
        raise error
    return meet(run, outcomes)


def for_each_choice(run: Run, values: Sequence[Value], function: Callable[[tuple[Value, ...]], Value]) -> Value:
    """Apply ``function`` with every ``Choice`` among ``values`` replaced by each of its alternatives.

    What is found on the way is reported only when every combination fails: which of them can occur is not known. One of
    which nothing is known does not clear what computes the wrong thing in the others.
    A choice between modules is an option of the constructor: where the conditions are known under which one of them is
    there, and nothing else on the path is undecided, what it does is reported. So is what happens to the tensor that a
    parameter gets where the caller leaves it out: ``if mask is None: mask = ...``.
    """
    columns = [_alternatives(run, value) if type(value) is Choice else (value,) for value in values]
    count = 1
    for column in columns:
        count *= len(column)
    if count > MOST_COMBINATIONS:
        from attnlint.interpreter.joins import generalise

        columns = [column if len(column) == 1 else (generalise(run, list(column)),) for column in columns]
    findings = run.analysis.findings
    start, waiting = len(findings), len(run.withheld)
    refused = len(run.refused) if run.refused is not None else 0
    reported = run.reported
    failing: list[bool | None] = []
    alone = [value for value in values if type(value) is Choice] if _is_straight(run) else []
    is_option = len(alone) == 1 and all(type(each) is Instance for each in alone[0].values)
    leaves_out = bool(alone) and all(any(map(_is_left_out, choice.guards)) for choice in alone)
    guarded: list[RawFinding] = []

    def attempt(combination: tuple[Value, ...]) -> Callable[[], Value]:
        def thunk() -> Value:
            before = len(findings)
            failing.append(False)
            run.reported = set(reported)
            run.failures = run.unsure = 0
            known, complete = _joint_guard(values, combination)
            for slot, holds in known:
                # So that what comes of it is told apart by the same conditions.
                run.store.know(slot, holds)
            is_told = complete and (is_option or (leaves_out and _is_left_out(known)))
            guard = known if is_told else None
            depth = len(run.conditions)
            for slot, holds in guard or ():
                if slot in run.asked:
                    node, module = run.asked[slot]
                    run.conditions.append((node, holds, module))
            try:
                value = function(combination)
            finally:
                del run.conditions[depth:]
            failing[-1] = len(findings) > before or run.failures > 0 or (None if run.unsure else False)
            if guard:
                guarded.extend(findings[before:])
            return value

        return thunk

    failures, unsure = run.failures, run.unsure
    try:
        value = fork_values(run, [(None, attempt(combination)) for combination in _combinations(values, columns)])
    finally:
        run.failures, run.unsure = failures, unsure
        run.reported = reported
        standing = _standing(findings[start:], guarded)
        if None in failing:
            findings[start:] = [finding for finding in findings[start:] if finding.code.startswith("ATN3")]
        if False in failing or None in failing:
            del run.withheld[waiting:]
            if run.refused is not None:
                del run.refused[refused:]
        if False in failing or (None in failing and True not in failing):
            findings[start:] = standing
            reported |= {(finding.statement, finding.code) for finding in standing}
        else:
            run.failures += 1
            kept = (*findings[start : start + 1], *standing)
            findings[start:] = list({(each.statement, each.code): each for each in reversed(kept)}.values())[::-1]
            for finding in findings[start:]:
                reported.add((finding.statement, finding.code))
    return value


def _standing(findings: list[RawFinding], guarded: list[RawFinding]) -> list[RawFinding]:
    """Those that stand though another alternative does not fail, each once."""
    found: dict[tuple[int, str], RawFinding] = {}
    for finding in findings:
        if finding.alone or any(finding is each for each in guarded):
            found.setdefault((finding.statement, finding.code), finding)
    return list(found.values())


def _alternatives(run: Run, choice: Choice) -> tuple[Value, ...]:
    """What a choice can be on this path."""
    if not choice.guards:
        return tuple(each for each in choice.values if each is not UNBOUND)
    knowledge = run.store.knowledge
    possible = tuple(
        each
        for each, guard in zip(choice.values, choice.guards, strict=True)
        if each is not UNBOUND and all(knowledge.get(slot) in (None, holds) for slot, holds in guard or ())
    )
    return possible or tuple(each for each in choice.values if each is not UNBOUND)


def _combinations(values: Sequence[Value], columns: Sequence[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """One alternative of each choice: those that can be together, as far as their conditions tell."""
    every = list(product(*columns))
    guarded = [(index, value) for index, value in enumerate(values) if type(value) is Choice and value.guards]
    if len(guarded) < 2:
        return every
    possible = []
    for combination in every:
        known: dict[Any, bool] = {}
        for index, choice in guarded:
            for slot, holds in _guard_of(choice, (combination[index],)) or ():
                if known.setdefault(slot, holds) is not holds:
                    break
            else:
                continue
            break
        else:
            possible.append(combination)
    return possible or every


def _joint_guard(values: Sequence[Value], combination: tuple[Value, ...]) -> tuple[tuple[tuple[Any, bool], ...], bool]:
    """The conditions under which the choices among ``values`` are what they are in a combination; whether those of all
    of them are known."""
    joint: dict[Any, bool] = {}
    complete = True
    for value, each in zip(values, combination, strict=True):
        if type(value) is Choice:
            guard = _guard_of(value, (each,))
            complete = complete and guard is not None
            joint.update(guard or ())
    return tuple(joint.items()), complete


def _guard_of(choice: Choice, combination: tuple[Value, ...]) -> tuple[tuple[Any, bool], ...] | None:
    for each, guard in zip(choice.values, choice.guards, strict=bool(choice.guards)):
        if any(value is each for value in combination):
            return guard
    return None


def _is_left_out(guard: Iterable[tuple[Any, bool]] | None) -> bool:
    """Whether all of a guard says that one parameter is ``None``."""
    asked = [_plainly(slot[1], holds) for slot, holds in guard or () if len(slot) > 1]
    left_out = None
    for key, holds in asked:
        if holds and type(key) is tuple and key[:2] == ("condition", "is") and key[3:] == (("NoneType", None),):
            left_out = key[2]
    if not (type(left_out) is tuple and left_out[:1] == ("parameter",)):
        return False
    return all(key == left_out or (type(key) is tuple and key[2:3] == (left_out,)) for key, _ in asked)


def _plainly(key: Any, holds: bool) -> tuple[Any, bool]:
    """``x is None`` for ``not (x is not None)``."""
    while type(key) is tuple and len(key) == 3 and key[:2] == ("condition", "not"):
        key, holds = key[2], not holds
    return key, holds


def _is_straight(run: Run) -> bool:
    """Whether nothing is undecided on the path but that a loop has a round."""
    return all(type(node) is nodes.For for node, _, _ in run.conditions)


def has_choice(values: Sequence[Value]) -> bool:
    """Whether one of ``values`` is a choice."""
    return any(type(value) is Choice for value in values)
