"""Paths on which code computes that is not known, and that only some machines take: where a package is installed, where
there is a certain device.

What stands there for the other machines takes and returns the same, and is known: the program is followed on one of
those. That is a path that really can be taken, so what is found on it is true of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.scopes import Outcome
from attnlint.values import Choice, ListValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.store import Delta

MACHINE = "machine"
"""First part of the keys of what depends on the machine that runs the program, and on nothing in the program."""
TRUTH = "truth"
_CONSTANTS = frozenset({"str", "int", "float", "bool", "NoneType", "bytes"})
_QUESTIONS = (
    "is_available",
    "is_bf16_supported",
    "device_count",
    "get_device_capability",
    "get_device_name",
    "is_built",
)


def depends_on_machine(key: Any) -> bool:
    """Whether what is known by ``key`` is the same all through one run of the program, and depends on the machine."""
    if type(key) is not tuple or not key:
        return False
    kind = key[0]
    if kind == MACHINE:
        return True
    if kind == "call":
        return len(key) == 2 and isinstance(key[1], str) and key[1].endswith(_QUESTIONS)
    if kind == "condition":
        operands = key[2:]
        return any(map(depends_on_machine, operands)) and all(
            depends_on_machine(each) or _is_constant(each) for each in operands
        )
    return False


def _is_constant(key: Any) -> bool:
    if type(key) is not tuple:
        return False
    if len(key) == 2 and key[0] in _CONSTANTS:
        return True
    return all(map(_is_constant, key))


Truths = list[tuple[Any, bool]]


def machine_truths(run: Run, delta: Delta) -> Truths:
    """What a path has learnt about the machine: the locations of truths, and what they are."""
    knowledge = run.store.knowledge
    return [
        (slot, value)
        for owner, slot, value in delta.values()
        if owner is knowledge
        and type(value) is bool
        and type(slot) is tuple
        and slot[0] == TRUTH
        and depends_on_machine(slot[1])
    ]


def leaves_unknown(run: Run, delta: Delta, values: Iterable[Value]) -> bool:
    """Whether a path has left something behind, or returned, of which next to nothing is known."""
    knowledge = run.store.knowledge
    return any(map(_is_open, values)) or any(
        _is_open(value) for owner, _, value in delta.values() if owner is not knowledge
    )


def _is_open(value: Value, depth: int = 2) -> bool:
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Tensor):
        return value.shape.rest is not None
    if depth and isinstance(value, tuple | ListValue | Choice):
        items = value.items if isinstance(value, ListValue) else value.values if isinstance(value, Choice) else value
        return any(_is_open(item, depth - 1) for item in items[:8])
    return False


@dataclass(slots=True)
class Avoidance:
    """One of several branches computes with what is not known, where these truths hold of the machine."""

    truths: Truths

    def is_denied(self, run: Run, delta: Delta) -> bool:
        """Whether another path has learnt that one of them does not hold."""
        learnt = machine_truths(run, delta)
        return any((slot, not holds) in learnt for slot, holds in self.truths)

    def enter(self, run: Run) -> None:
        """The running branch, another one, is that of the other machines."""
        knowledge = run.store.knowledge
        if any(knowledge.get(slot) is (not holds) for slot, holds in self.truths):
            return
        whole = [(slot[1], holds) for slot, holds in self.truths if not self._is_part(slot[1])]
        key, holds = whole[-1]
        run.store.know((TRUTH, key), not holds)
        while key[:2] == ("condition", "not"):
            key, holds = key[2], not holds
            run.store.know((TRUTH, key), not holds)

    def _is_part(self, key: Any) -> bool:
        """Whether a condition is an operand of another one, which says more."""
        return any(slot[1] is not key and key in _operands(slot[1]) for slot, _ in self.truths)


def _operands(key: Any) -> list[Any]:
    if type(key) is not tuple or key[:1] != ("condition",):
        return []
    return [each for operand in key[2:] for each in (operand, *_operands(operand))]


def avoidance(run: Run, state: Outcome, left: Outcome, returned: Sequence[Outcome]) -> Avoidance | None:
    """Whether a branch is to be avoided that has run into what is not known."""
    truths = machine_truths(run, state.delta)
    if not truths:
        return None
    values = [outcome.value for outcome in returned]
    return Avoidance(truths) if leaves_unknown(run, left.delta, values) else None
