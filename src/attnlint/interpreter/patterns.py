"""``match``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from attnlint.interpreter import attributes, classes, comparisons
from attnlint.interpreter.conditions import Split, split
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import Signal, capture, fork_blocks
from attnlint.interpreter.objects import ClassValue
from attnlint.interpreter.scopes import Outcome, bind_name
from attnlint.interpreter.sequences import as_items
from attnlint.syntax import nodes
from attnlint.values import DictValue, Instance, ListValue, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def run_match(run: Run, node: nodes.Match) -> Signal:
    """``match subject``: cases that may match fork the path, the first that certainly matches ends the search."""
    from attnlint.interpreter.statements import run_block

    subject = run.evaluate(node.subject)
    branches: list[tuple[Outcome, Callable[[], Signal]]] = []
    for case in node.cases:
        base = run.facts
        mark = run.store.push()
        run.facts = base.fork()
        matched = _matches(run, case.pattern, subject)
        if matched is not False and case.guard is not None:
            found = split(run, case.guard)
            if found is False:
                matched = False
            elif type(found) is Split:
                matched = None
        state = capture(run, mark)
        run.store.undo_to(mark)
        run.facts = base
        if matched is False:
            continue
        branches.append((state, partial(run_block, run, case.body)))
        if matched:
            break
    else:
        branches.append((Outcome({}, run.facts.fork()), lambda: None))
    if len(branches) == 1:
        state, run_body = branches[0]
        run.store.apply(state.delta)
        run.facts = state.facts
        return run_body()
    return fork_blocks(run, branches)


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _matches(run: Run, pattern: nodes.Pattern, subject: Value) -> bool | None:
    """Whether a pattern matches; its names are bound."""
    kind = pattern.kind
    if kind == "capture":
        if pattern.name:
            bind_name(run, pattern.name, run.keyed(subject))
        return True
    if kind == "value":
        assert pattern.value is not None
        value = run.evaluate(pattern.value)
        if value is None or isinstance(value, bool):
            return comparisons.same_object(run, subject, value)
        return comparisons.equal(run, subject, value)
    if kind == "as":
        answer = _matches(run, pattern.parts[0], subject) if pattern.parts else True
        if answer is not False and pattern.name:
            bind_name(run, pattern.name, run.keyed(subject))
        return answer
    if kind == "or":
        answers = [_matches(run, part, subject) for part in pattern.parts]
        return True if True in answers else None if None in answers else False
    if kind == "sequence":
        return _sequence(run, pattern, subject)
    if kind == "mapping":
        return _mapping(run, pattern, subject)
    if kind == "class":
        return _class(run, pattern, subject)
    return None


def _sequence(run: Run, pattern: nodes.Pattern, subject: Value) -> bool | None:
    items = as_items(subject)
    if isinstance(subject, str | int | float | None | DictValue):
        return False
    star = next((index for index, part in enumerate(pattern.parts) if part.kind == "star"), None)
    if items is None:
        for part in pattern.parts:
            _bind_unknown(run, part)
        return None
    if star is None:
        if len(items) != len(pattern.parts):
            return False
        return _all([_matches(run, part, item) for part, item in zip(pattern.parts, items, strict=True)])
    after = len(pattern.parts) - star - 1
    if len(items) < len(pattern.parts) - 1:
        return False
    answers = [_matches(run, part, item) for part, item in zip(pattern.parts[:star], items[:star], strict=True)]
    if pattern.parts[star].name:
        bind_name(run, pattern.parts[star].name or "_", ListValue(list(items[star : len(items) - after])))
    answers += [
        _matches(run, part, item)
        for part, item in zip(pattern.parts[star + 1 :], items[len(items) - after :], strict=True)
    ]
    return _all(answers)


def _bind_unknown(run: Run, pattern: nodes.Pattern) -> None:
    if pattern.name:
        bind_name(run, pattern.name, run.fresh("a part of what is matched"))
    for part in pattern.parts:
        _bind_unknown(run, part)


def _mapping(run: Run, pattern: nodes.Pattern, subject: Value) -> bool | None:
    if not isinstance(subject, DictValue):
        for part in pattern.parts:
            _bind_unknown(run, part)
        return None if not isinstance(subject, str | int | float | tuple | ListValue | None) else False
    answers: list[bool | None] = []
    used = set()
    for key_node, part in zip(pattern.keys, pattern.parts, strict=True):
        key = run.evaluate(key_node)
        if key not in subject.items:
            return False
        used.add(key)
        answers.append(_matches(run, part, subject.items[key]))
    if pattern.name:
        bind_name(run, pattern.name, DictValue({key: value for key, value in subject.items.items() if key not in used}))
    return _all(answers)


def _class(run: Run, pattern: nodes.Pattern, subject: Value) -> bool | None:
    assert pattern.value is not None
    cls = run.evaluate(pattern.value)
    answer = run.call(PythonName("isinstance"), (subject, cls), {}, pattern)
    matched = answer if isinstance(answer, bool) else None
    if matched is False:
        return False
    answers: list[bool | None] = [matched]
    names: list[str | None] = list(pattern.names)
    positional = len(pattern.parts) - len(names)
    own: tuple[Value, ...] = ()
    if positional and isinstance(cls, ClassValue):
        found, _ = classes.find_in_class(cls, "__match_args__")
        own = as_items(found) or ()
    for index, part in enumerate(pattern.parts):
        name = (
            own[index]
            if index < positional and index < len(own)
            else names[index - positional]
            if index >= positional
            else None
        )
        if isinstance(name, str):
            try:
                answers.append(_matches(run, part, attributes.get_attribute(run, subject, name, pattern)))
            except Raised:
                return False
        elif index == 0 and isinstance(cls, PythonName):
            answers.append(_matches(run, part, subject))
        else:
            _bind_unknown(run, part)
            answers.append(None)
    return _all(answers)


__all__ = ["Instance", "run_match"]
