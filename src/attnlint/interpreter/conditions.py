"""Conditions: whether they hold, and what a path learns where that is not decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression
from attnlint.frozen import frozen
from attnlint.interpreter.contents import current
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import capture, enter, joined, record_raise
from attnlint.interpreter.numbers import as_dim, has_another_rank, learn_comparison
from attnlint.interpreter.objects import UNBOUND, Condition, FunctionValue, ModuleValue, OpenDict, OpenList, OpenSet
from attnlint.interpreter.scopes import Outcome
from attnlint.syntax import nodes
from attnlint.values import (
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    Repeated,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


class Identity(frozenset[int]):
    """An object as a key: equal only to itself. It holds the object, so that no other gets its identity.

    A frozen set of the identity: it is hashed and compared without a line of Python.
    """

    __slots__ = ("value",)
    value: Any

    def __new__(cls, value: Any) -> Identity:
        self = super().__new__(cls, (id(value),))
        self.value = value
        return self

    def __reduce__(self) -> tuple[type[Identity], tuple[Any]]:
        return (Identity, (self.value,))

    def __repr__(self) -> str:
        return f"Identity({self.value!r})"


def identity(value: Value) -> Any:
    """A key that is equal only for values that are the same object, or equal constants."""
    if isinstance(value, Unknown):
        return value.key if value.key is not None else Identity(value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return (type(value).__name__, value)
    if isinstance(value, Expression):
        return value
    if isinstance(value, tuple):
        return tuple(identity(item) for item in value)
    return Identity(value)


def truth(run: Run, value: Value, node: nodes.Node | None = None) -> bool | None:
    """Whether ``value`` is true; ``None`` when that is not known."""
    if value is None or isinstance(value, bool | int | float | str | bytes | tuple | complex | range):
        return bool(value)
    if isinstance(value, Unknown):
        known = None if value.key is None else run.store.knowledge.get(("truth", value.key))
        return known if isinstance(known, bool) else None
    if isinstance(value, ListValue | DictValue | SetValue):
        return bool(value.items)
    if isinstance(value, Expression):
        answer = run.facts.equal(value, 0)
        return None if answer is Answer.OPEN else answer is Answer.NO
    if isinstance(value, Tensor):
        value = current(run, value)
        return bool(value.elements) if isinstance(value.elements, bool | int | float) else None
    if isinstance(value, Repeated):
        if value.kind == "iterator":
            return True
        return None if value.length is None else truth(run, value.length)
    if isinstance(value, OpenDict):
        return True if any(not _maybe_unbound(each) for each in value.items.values()) else None
    if isinstance(value, OpenList | OpenSet | External):
        return None
    if isinstance(value, Choice):
        answers = {truth(run, each, node) for each in value.values if each is not UNBOUND}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(value, NamedTuple):
        return bool(value.values)
    if isinstance(value, Instance):
        return _instance_truth(run, value, node)
    return True


def asked(run: Run, value: Value, node: nodes.Node) -> bool | None:
    """``truth`` of what the running code asks: a tensor must have just one element."""
    decided = truth(run, value, node)
    if decided is None and type(value) is Tensor and value.shape.dims:
        from attnlint.interpreter.operations import call_by_name

        call_by_name(run, "torch.Tensor.__bool__", (value,), {}, node, evidence="operator.truth")
    return decided


def _maybe_unbound(value: Value) -> bool:
    return type(value) is Choice and UNBOUND in value.values


def _instance_truth(run: Run, value: Instance, node: nodes.Node | None) -> bool | None:
    from attnlint.interpreter.classes import find_special

    for name in ("__bool__", "__len__"):
        method = find_special(run, value, name)
        if method is None:
            continue
        if node is None:
            return None
        return truth(run, run.call(method, (), {}, node))
    return None if value.key is not None and not isinstance(value.cls, FunctionValue) else True


@frozen
class Split:
    """Where a condition is not decided: the path on which it holds, and the path on which it does not."""

    yes: Outcome
    no: Outcome


def split(run: Run, node: Any) -> bool | Split:
    """Decide a condition, or split the path in two. ``node`` is an expression, told apart by its exact class."""
    kind = type(node)
    if kind is nodes.Unary and node.operator == "not":
        found = split(run, node.operand)
        return Split(found.no, found.yes) if type(found) is Split else not found
    if kind is nodes.Boolean:
        return _split_chain(run, node.values, 0, node.operator == "or")
    value = run.evaluate(node)
    decided = asked(run, value, node)
    if decided is not None:
        return decided
    if isinstance(value, Unknown) and value.key is not None:
        run.asked.setdefault(("truth", value.key), (node, run.scope.module))
    return split_value(run, value)


def split_value(run: Run, value: Value) -> bool | Split:
    """Split the path by whether an undecided value is true."""
    yes, no = _assumed(run, value, True), _assumed(run, value, False)
    if yes is None and no is not None:
        enter(run, no)
        return False
    if no is None:
        if yes is not None:
            enter(run, yes)
        return True
    assert yes is not None
    return Split(yes, no)


def _assumed(run: Run, value: Value, holds: bool) -> Outcome | None:
    base = run.facts
    mark = run.store.push()
    run.facts = base.fork()
    try:
        return capture(run, mark) if assume(run, value, holds) else None
    finally:
        run.store.undo_to(mark)
        run.facts = base


def _split_chain(run: Run, operands: Sequence[nodes.Expression], start: int, is_or: bool) -> bool | Split:
    """``and`` stops at the first operand that does not hold, ``or`` at the first that does."""
    for index in range(start, len(operands)):
        found = split(run, operands[index])
        if type(found) is not Split:
            if found is is_or:
                return is_or
            continue
        if index == len(operands) - 1:
            return found
        stop, onward = (found.yes, found.no) if is_or else (found.no, found.yes)
        base = run.facts
        mark = run.store.push()
        going: Outcome | None = None
        stopping = [stop]
        try:
            enter(run, onward)
            try:
                rest = _split_chain(run, operands, index + 1, is_or)
            except Raised as error:
                record_raise(run, error)
                rest = None
            if type(rest) is Split:
                inside = run.store.changes(mark)
                last_stop, last_go = (rest.yes, rest.no) if is_or else (rest.no, rest.yes)
                stopping.append(Outcome({**inside, **last_stop.delta}, last_stop.facts))
                going = Outcome({**inside, **last_go.delta}, last_go.facts)
            elif rest is is_or:
                stopping.append(capture(run, mark))
            elif rest is not None:
                going = capture(run, mark)
        finally:
            run.store.undo_to(mark)
            run.facts = base
        stopped = joined(run, stopping)
        if going is None:
            enter(run, stopped)
            return is_or
        return Split(stopped, going) if is_or else Split(going, stopped)
    return not is_or


# --- what a path learns
# --------------------------------------------------------------------------------------------------


def assume(run: Run, value: Value, holds: bool) -> bool:
    """Learn that ``value`` is true (or not). False when that contradicts what is known."""
    if isinstance(value, Condition):
        if value.key is not None:
            run.store.know(("truth", value.key), holds)
        return _assume_condition(run, value, holds)
    if isinstance(value, Unknown):
        if value.key is None:
            return True
        run.store.know(("truth", value.key), holds)
        if value.kind == "bool" and not value.optional:
            run.store.know(value.key, holds)
        elif holds and value.optional:
            run.store.know(value.key, replace(value, optional=False))
        return True
    if isinstance(value, Expression):
        return run.facts.learn_different(value, 0) if holds else run.facts.learn_equal(value, 0)
    if isinstance(value, Choice):
        rest = [each for each in value.values if each is not UNBOUND and truth(run, each) in (holds, None)]
        _learn_guards(run, value, rest)
        if len(rest) == 1 and not assume(run, rest[0], holds):
            return False
        return narrow(run, value, rest)
    known = truth(run, value)
    return known is None or known is holds


def _learn_guards(run: Run, choice: Choice, rest: list[Value]) -> None:
    """What all alternatives that are left have in common: the conditions on which they were chosen."""
    if not choice.guards or not rest:
        return
    guards = [
        dict(guard or ())
        for each, guard in zip(choice.values, choice.guards, strict=True)
        if any(each is one for one in rest)
    ]
    for slot, holds in guards[0].items():
        if all(guard.get(slot) is holds for guard in guards[1:]):
            run.store.know(slot, holds)


def _assume_condition(run: Run, condition: Condition, holds: bool) -> bool:
    operator, operands = condition.operator, condition.operands
    if operator == "not":
        return assume(run, operands[0], not holds)
    if operator in ("and", "or"):
        if holds is (operator == "and"):
            return all(assume(run, each, holds) for each in operands)
        undecided = [each for each in operands if truth(run, each) is None]
        return assume(run, undecided[0], holds) if len(undecided) == 1 else True
    if not operands:
        return True
    subject = operands[0]
    if condition.test is not None and type(subject) is Choice:
        rest = [each for each in subject.values if each is not UNBOUND and condition.test(each) in (holds, None)]
        _learn_guards(run, subject, rest)
        if operator == "==" and not holds:
            rest = [each for each in rest if not has_another_rank(run, each, operands[1])]
        if len(rest) == 1 and operator == "is" and not _assume_identity(run, rest[0], operands[1], holds):
            return False
        return narrow(run, subject, rest)
    if operator == "is":
        return _assume_identity(run, subject, operands[1], holds)
    if operator == "isinstance":
        return _assume_instance(run, subject, operands[1], holds)
    if operator == "truth":
        return assume(run, subject, holds)
    if operator in ("==", "<", "<="):
        return _assume_comparison(run, operator, subject, operands[1], holds)
    return True


def narrow(run: Run, choice: Choice, rest: list[Value]) -> bool:
    """Only some alternatives of a choice are left: wherever the running code holds that choice, it holds those."""
    if not rest:
        return False
    value = rest[0] if len(rest) == 1 else choice.only(tuple(rest))
    seen: set[int] = set()
    scope = run.scope
    while scope is not None:
        _narrow_in(run, scope.variables, choice, value, seen)
        for held in list(scope.variables.values()):
            if type(held) is Instance:
                _narrow_in(run, held.attributes, choice, value, seen)
        scope = scope.parent if scope.parent is not None and scope.parent.kind != "module" else None  # type: ignore[assignment]
    for frame in run.frames[-3:]:
        _narrow_in(run, frame.scope.variables, choice, value, seen)
    return True


def _narrow_in(run: Run, variables: dict[str, Value], choice: Choice, value: Value, seen: set[int]) -> None:
    if id(variables) in seen:
        return
    seen.add(id(variables))
    for name in [name for name, held in variables.items() if held is choice]:
        run.store.put(variables, name, value)


def _assume_identity(run: Run, subject: Value, other: Value, holds: bool) -> bool:
    if isinstance(subject, Unknown) and subject.key is not None and (other is None or isinstance(other, bool)):
        if holds:
            if other is None and subject.kind in ("int", "float", "bool", "str") and not subject.optional:
                # The annotation says that it is not None: what the author handles all the same is not our concern.
                pass
            run.store.know(subject.key, other)
            run.store.know(("truth", subject.key), bool(other))
        elif other is None:
            run.store.know(subject.key, replace(subject, optional=False))
            run.store.know(("none", subject.key), False)
    return True


def _assume_instance(run: Run, subject: Value, cls: Value, holds: bool) -> bool:
    from attnlint.interpreter.classes import kind_of_class
    from attnlint.interpreter.library.instance_checks import alternatives

    if not isinstance(subject, Unknown) or subject.key is None:
        return True
    if holds:
        kind = kind_of_class(cls)
        if kind is not None:
            if subject.kind and subject.kind != kind and subject.kind != "tensor":
                return True  # the annotation is believed; where it says tensor, the author handles more than that
            run.store.know(subject.key, replace(subject, kind=kind, optional=False))
    elif not subject.kind and any(kind_of_class(each) == "tensor" for each in alternatives(cls)):
        # An array or a number: torch's rules do not bind it.
        run.store.know(subject.key, replace(subject, kind="object"))
    return True


def _assume_comparison(run: Run, operator: str, left: Value, right: Value, holds: bool) -> bool:
    if operator == "==":
        for subject, other in ((left, right), (right, left)):
            if isinstance(subject, Unknown) and subject.key is not None and isinstance(other, str | bool):
                if holds:
                    run.store.know(subject.key, other)
                return True
        if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
            if not holds:
                return True
            return all(_assume_comparison(run, "==", a, b, True) for a, b in zip(left, right, strict=True))
    a, b = as_dim(run, left), as_dim(run, right)
    if a is None or b is None:
        return True
    return learn_comparison(run, operator, a, b, holds)


def condition(
    operator: str, operands: tuple[Value, ...], test: Any = None, *, reason: str = "a condition that is not decided"
) -> Condition:
    """A bool that is not known, with what it asks."""
    key = ("condition", operator, *(identity(operand) for operand in operands))
    return Condition(reason, key, "", "bool", False, operator, operands, test)


def negated(value: Value) -> Value:
    """``not value`` of an undecided bool."""
    if isinstance(value, Condition) and value.operator == "not":
        return value.operands[0]
    return condition("not", (value,))


def is_module_value(value: Value) -> bool:
    """Whether it is a module of the project."""
    return isinstance(value, ModuleValue)
