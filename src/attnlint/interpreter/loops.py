"""Loops: over what is known they unroll; over the rest they run until nothing new is learnt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from attnlint.interpreter import appended, assignment, equal_layers, iteration
from attnlint.interpreter.conditions import Split, split
from attnlint.interpreter.containers import container_class
from attnlint.interpreter.costs import is_too_much
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import (
    BREAK,
    CONTINUE,
    ENDED,
    RETURN,
    Signal,
    capture,
    enter,
    joined,
    meet,
    record_raise,
)
from attnlint.interpreter.joins import alike
from attnlint.interpreter.library.iterators import spread
from attnlint.interpreter.objects import UNBOUND
from attnlint.interpreter.scopes import Loop, Outcome
from attnlint.interpreter.store import Delta, Snapshot
from attnlint.interpreter.widening import stands_for, widened
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Choice, Instance, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

ROUNDS = 5
"""Rounds of a loop of unknown length at most."""
ROUNDS_OF_ITEMS = 4
"""So many times more rounds are unrolled over items that the program has named one by one: attributes, keys."""
FORGETTING = 2
"""After so many, what still changes from round to round is forgotten."""


def run_for(run: Run, node: nodes.For) -> Signal:
    """``for target in iterable``"""
    iterable = spread(run, run.evaluate(node.iterable), node)
    items = run.iterate(iterable, node)
    most = run.options.rounds * (1 if type(iterable) is range else ROUNDS_OF_ITEMS)
    if items is not None and (len(items) <= most or equal_layers.any_of_row(run, items[2:]) is not None):
        return _unrolled(run, node, items, iterable)
    return _rounds(run, node, iterable, items)


def _rounds(run: Run, node: nodes.For, iterable: Value, items: list[Value] | None) -> Signal:
    """A loop that is not unrolled: as many rounds as say anything new."""
    element: Callable[[], Value] = (
        partial(iteration.element_like, run, iterable, node)
        if items is None or type(iterable) is range
        else _any_of(run, items)
    )
    certain = len(items) > 0 if items is not None else _has_rounds(iterable)
    last: list[Value] = []
    if isinstance(iterable, Repeated) and iterable.edges is not None and not _may_leave(node):
        but_last, *last = iterable.edges
        element = partial(iteration.take, run, but_last)

    first = items[0] if items else iteration.first_of(run, iterable, node)

    def round_(turn: int) -> Signal:
        item = first if turn == 0 and first is not None else element()
        assignment.assign(run, node.target, run.keyed(item), node.iterable)
        if turn == 0 or first is None or not (_is_one_of_several(item) or _is_of_a_row(first, item)):
            return _body(run, node)
        # The first element is among them, and it has had its turn: what it does to what it has made says nothing.
        run.quiet += 1
        try:
            return _body(run, node)
        finally:
            run.quiet -= 1

    def alike_rounds() -> bool:
        return first is None or alike(first, element(), loose=True)

    # Of several kinds of elements the first one is of one kind only where there are enough: `if index < count - 1`.
    exact = first is not None and (_is_one_of_several(first) or not _is_one_of_several(element()))
    lists = {} if _may_leave(node) else appended.lists_of(run, node)
    signal = _fixpoint(run, node, round_, None, certain=certain, exact=exact, alike_rounds=alike_rounds)
    if signal is None and not last:
        rounds = len(items) if items is not None else iterable.length if isinstance(iterable, Repeated) else None
        appended.note_lengths(run, lists, rounds)
    elif signal is None and isinstance(iterable, Repeated) and isinstance(iterable.length, int):
        appended.note_elements(run, lists, iterable.length - len(last))
    return _unrolled(run, node, last) if last and signal is None else signal


def _is_one_of_several(item: Value) -> bool:
    return type(item) is Choice or (type(item) is tuple and any(type(each) is Choice for each in item))


def _is_of_a_row(first: Value, item: Value) -> bool:
    """Whether an item stands for blocks that differ from the first one by a number: it may stand for that one, too,
    whose turn is over (no cache is written to twice by it)."""
    if isinstance(first, tuple) and isinstance(item, tuple) and len(first) == len(item):
        return any(map(_is_of_a_row, first, item))
    return isinstance(first, Instance) and isinstance(item, Instance) and not alike(first, item, loose=True)


def _may_leave(node: nodes.For) -> bool:
    """Whether a loop may end before its last round, or does something of its own when it ends."""
    return bool(node.orelse) or any(
        isinstance(each, nodes.Return | nodes.Jump) for statement in node.body for each in descendants(statement)
    )


def _has_rounds(iterable: Value) -> bool:
    """Whether a loop over what is not known one by one has a round: a number that is left open is at least 1."""
    return isinstance(iterable, Repeated) or (isinstance(iterable, Instance) and bool(container_class(iterable)))


def _any_of(run: Run, items: list[Value]) -> Callable[[], Value]:
    from attnlint.interpreter.joins import common_element

    return lambda: iteration.take(run, common_element(run, items))


def _body(run: Run, node: nodes.For | nodes.While) -> Signal:
    from attnlint.interpreter.statements import run_block

    signal = run_block(run, node.body)
    run.frame.statement = node
    return signal


def _round(run: Run, loop: Loop, node: nodes.For | nodes.While) -> Signal:
    """One round. Where some of its paths have left it and the last one raises, the loop goes on with those."""
    try:
        signal = _body(run, node)
    except Raised as error:
        if not (loop.breaks or loop.continues):
            raise
        record_raise(run, error)
        return ENDED
    return None if signal == CONTINUE else signal


def _else(run: Run, node: nodes.For | nodes.While) -> Signal:
    from attnlint.interpreter.statements import run_block

    return run_block(run, node.orelse) if node.orelse else None


def _unrolled(run: Run, node: nodes.For, items: list[Value], iterable: Value = None) -> Signal:
    targets = _target_names(node)
    loop = Loop(run.store.push())
    run.frame.loops.append(loop)
    ended: Signal = None
    before: Delta | None = None
    rest: list[Value] = []
    steps = 0
    try:
        for index, item in enumerate(items):
            run.step()
            if index == 2 and _stands_still(run, node, loop, items[2:], targets):
                break
            is_another = index > 1 and before is not None and alike(item, items[index - 1], loose=True)
            if index == 2 and not (is_another or _may_leave(node)):
                if is_too_much(run, steps - run.steps, len(items) - 2):
                    rest = items[2:]
                    break
            if index == 1:
                steps = run.steps
            if is_another and before is not None:
                # Two rounds of a row of blocks that are made alike left the same behind: so will this one.
                after = run.store.changes(loop.mark)
                if _same_state(run, before, after, targets):
                    continue
                before = after
            else:
                before = run.store.changes(loop.mark) if index and _is_object(item) else None
            assignment.assign(run, node.target, run.keyed(item), node.iterable)
            signal = _round(run, loop, node)
            if loop.continues:
                signal = _continue(run, loop, signal)
            if signal is not None:
                ended = signal
                break
    finally:
        run.frame.loops.pop()
    signal = _after(run, node, loop, ended)
    return _rounds(run, node, iterable[2:] if type(iterable) is range else iterable, rest) if rest else signal


def _stands_still(run: Run, node: nodes.For, loop: Loop, items: list[Value], targets: frozenset[str]) -> bool:
    """Whether a round for any one of a row of equal layers leaves everything as it is now."""
    found = equal_layers.any_of_row(run, items)
    if found is None:
        return False
    item, row = found
    frame = run.frame
    before = run.store.changes(loop.mark)
    mark = run.store.push()
    facts = run.facts
    run.facts = facts.fork()
    breaks, returns = len(loop.breaks), len(frame.returns)
    try:
        row.learn(run)
        assignment.assign(run, node.target, item, node.iterable)
        signal = _round(run, loop, node)
        is_alone = signal is None and not loop.continues and (len(loop.breaks), len(frame.returns)) == (breaks, returns)
        return is_alone and _same_state(run, before, run.store.changes(loop.mark), targets)
    except Raised:
        return False
    finally:
        run.store.undo_to(mark)
        run.facts = facts
        loop.continues = []
        del loop.breaks[breaks:], frame.returns[returns:]


def _is_object(item: Value) -> bool:
    """An element that may be one of a row of blocks made alike."""
    return isinstance(item, Instance) or (isinstance(item, tuple) and any(isinstance(each, Instance) for each in item))


def _same_state(run: Run, before: Delta, after: Delta, targets: frozenset[str]) -> bool:
    """Whether a round has left everything as the round before did."""
    if before.keys() != after.keys():
        return False
    variables = run.scope.variables
    for location, (owner, slot, value) in after.items():
        if owner is variables and slot in targets:
            continue
        old = before[location][2]
        if isinstance(value, Snapshot):
            if not stands_for(old, value) or not stands_for(value, old):
                return False
        elif not alike(old, value):
            return False
    return True


def _continue(run: Run, loop: Loop, signal: Signal) -> Signal:
    """Join the paths that went on to the next round with the one that came through."""
    outcomes = loop.continues
    loop.continues = []
    if signal is None:
        outcomes.append(capture(run, loop.mark))
    elif signal == BREAK:
        loop.breaks.append(capture(run, loop.mark))
    elif signal == RETURN:
        run.frame.returns.append(capture(run, run.frame.mark, run.frame.value))
    run.store.undo_to(loop.mark)
    run.store.push()
    meet(run, outcomes)
    return None


def _after(run: Run, node: nodes.For | nodes.While, loop: Loop, ended: Signal, *, run_else: bool = True) -> Signal:
    """Where the paths that left a loop by ``break`` meet the one that ran to its end."""
    mark = loop.mark
    if ended is None and run_else:
        ended = _else(run, node)
    elif ended == BREAK:
        ended = None
    if not loop.breaks:
        run.store.commit_to(mark - 1)
        return ended
    outcomes = loop.breaks
    if ended is None:
        outcomes.append(capture(run, mark))
    elif ended == RETURN:
        run.frame.returns.append(capture(run, run.frame.mark, run.frame.value))
    elif ended == CONTINUE and run.frame.loops:
        outer = run.frame.loops[-1]
        outer.continues.append(capture(run, outer.mark))
    run.store.undo_to(mark)
    meet(run, outcomes)
    return None


# --- loops of unknown length -----------------------------------------------------------------------------------------


def run_while(run: Run, node: nodes.While) -> Signal:
    """``while test``"""
    loop = Loop(run.store.push())
    run.frame.loops.append(loop)
    ended: Signal = None
    exhausted = False
    try:
        for _ in range(run.options.rounds):
            run.step()
            mark = run.store.push()
            facts = run.facts
            run.facts = facts.fork()
            found = split(run, node.test)
            if type(found) is Split:
                run.store.undo_to(mark)
                run.facts = facts
                break
            run.store.commit()
            if not found:
                exhausted = True
                break
            signal = _round(run, loop, node)
            if loop.continues:
                signal = _continue(run, loop, signal)
            if signal is not None:
                ended, exhausted = signal, True
                break
    finally:
        run.frame.loops.pop()
    if exhausted:
        return _after(run, node, loop, ended)
    ended = _fixpoint(run, node, lambda turn: _body(run, node), node.test, certain=False, exact=True)
    return _after(run, node, loop, ended, run_else=False)


def _fixpoint(
    run: Run,
    node: nodes.For | nodes.While,
    round_: Callable[[int], Signal],
    test: nodes.Expression | None,
    *,
    certain: bool,
    exact: bool,
    alike_rounds: Callable[[], bool] | None = None,
) -> Signal:
    """Run the body from states that stand for more and more rounds, until another round changes nothing.

    ``certain``: there is at least one round. What is found in any of the rounds holds: each starts from a state that
    stands for real ones. ``exact``: the first of them is a real one itself, and what its branches do is no mixture.
    ``alike_rounds`` says whether the first round is like any other: where it leaves what it found, no other is run.
    """
    frame = run.frame
    loop = Loop(run.store.push())
    frame.loops.append(loop)
    run.conditions.append((node, True, run.scope.module))
    outer = run.loops
    targets = _target_names(node)
    current = Outcome({}, run.facts)
    exits: list[Outcome] = [] if test is not None or certain else [current]
    returns, unbound = len(frame.returns), run.unbound_reads
    try:
        for turn in range(ROUNDS):
            run.step()
            run.loops = outer if exact and turn == 0 else len(run.conditions)
            _restart(run, loop)
            enter(run, Outcome(current.delta, current.facts.fork()))
            going = True
            left: Outcome | None = None if test is not None else current
            if test is not None:
                found = split(run, test)
                if type(found) is Split:
                    left = Outcome({**run.store.changes(loop.mark), **found.no.delta}, found.no.facts)
                    enter(run, found.yes)
                elif not found:
                    left = capture(run, loop.mark)
                    going = False
            if going:
                _one_round(run, loop, partial(round_, turn))
            outcomes, loop.continues = loop.continues, []
            _restart(run, loop)
            run.facts = current.facts
            if turn == 0:
                # The first round on its own: what it learns holds in all later ones.
                if test is not None and left is not None:
                    exits.append(left)
                if not outcomes:
                    break
                current = joined(run, outcomes)
                if (
                    alike_rounds is not None
                    and not loop.breaks
                    and len(frame.returns) == returns
                    and frame.yields is None
                    and _is_as_before(run, current, targets, run.unbound_reads == unbound)
                    and alike_rounds()
                ):
                    exits.append(current)
                    break
                continue
            if not outcomes:
                exits += [left] if left is not None else []
                break
            after = joined(run, outcomes)
            if _includes(run, current, after, targets):
                exits += [left] if left is not None else []
                break
            following = joined(run, [current, after])
            current = widened(run, current.delta, following) if turn > FORGETTING else following
        else:
            exits.append(current)
    finally:
        run.loops = outer
        run.conditions.pop()
        frame.loops.pop()
    run.store.undo_to(loop.mark)
    ended: Signal = ENDED
    if exits:
        mark = run.store.push()
        meet(run, exits)
        ended = _else(run, node)
        if not loop.breaks:
            run.store.commit()
            return ended
        if ended is None:
            loop.breaks.append(capture(run, mark))
        elif ended == RETURN:
            frame.returns.append(capture(run, frame.mark, frame.value))
        run.store.undo_to(mark)
    if not loop.breaks:
        return ENDED
    meet(run, loop.breaks)
    return None


def _restart(run: Run, loop: Loop) -> None:
    """Back to the state in which the loop began."""
    run.store.undo_to(loop.mark)
    run.store.push()


def _one_round(run: Run, loop: Loop, round_: Callable[[], Signal]) -> None:
    """Run the body once; its paths go on record."""
    frame = run.frame
    try:
        signal = round_()
    except Raised as error:
        record_raise(run, error)
        return
    if signal in (None, CONTINUE):
        loop.continues.append(capture(run, loop.mark))
    elif signal == BREAK:
        loop.breaks.append(capture(run, loop.mark))
    elif signal == RETURN:
        frame.returns.append(capture(run, frame.mark, frame.value))


def _target_names(node: nodes.For | nodes.While) -> frozenset[str]:
    """The names that every round binds anew before anything else."""
    if isinstance(node, nodes.While):
        return frozenset()
    return frozenset(each.name for each in descendants(node.target) if isinstance(each, nodes.Name))


def _includes(run: Run, current: Outcome, after: Outcome, targets: frozenset[str]) -> bool:
    """Whether the state before a round stands for the state after it as well."""
    variables = run.scope.variables
    for location, (owner, slot, value) in after.delta.items():
        if owner is variables and slot in targets:
            continue
        known = current.delta[location][2] if location in current.delta else run.store.read(owner, slot)
        if owner is not run.store.knowledge and not stands_for(known, value):
            return False
    return True


def _is_as_before(run: Run, after: Outcome, targets: frozenset[str], bound: bool) -> bool:
    """Whether a round has left the state of now as it is, so that another one would do what it did.

    ``bound``: it has read no variable before it had a value; then those that only the loop has say nothing to others.
    """
    variables, knowledge = run.scope.variables, run.store.knowledge
    for owner, slot, value in after.delta.values():
        if owner is variables and slot in targets:
            continue
        known = run.store.read(owner, slot)
        if known is UNBOUND and owner is variables:
            if not bound:
                return False
        elif owner is knowledge or not (stands_for(known, value) and stands_for(value, known)):
            return False
    return True


def repeat_call(run: Run, function: Value, value: Value, node: nodes.Node, first: Value = None) -> Value:
    """``for _ in ...: value = function(value)``, any number of times: nn.Sequential of unknown length."""
    from attnlint.interpreter.joins import join

    value = run.call(function if first is None else first, (value,), {}, node)
    for _ in range(2):
        after = run.call(function, (value,), {}, node)
        if alike(after, value):
            return value
        value = join(run, value, after)
    return run.fresh("the result of a sequence of modules of unknown length")
