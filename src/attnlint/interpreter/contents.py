"""Which tensors have been written into: what they were made of says nothing about their elements any more.

Tensor values are never changed, so a write goes on record with the makers of the tensor and of all that it is a view
of. It is never taken back: a path that did not write loses a little, none claims too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from attnlint.frozen import replace
from attnlint.ops.registry import Op
from attnlint.values import Maker, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

DEEPEST = 40


def note_write(run: Run, op: Op, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> None:
    """Note what a call of ``op`` writes into."""
    written = arguments[:1] if writes(op.name) else ()
    if "out" in keywords:
        written = (*written, keywords["out"])
    for value in written:
        if isinstance(value, Tensor):
            for maker in _makers(value):
                run.written[id(maker)] = maker


_AUGMENTED = frozenset("iadd isub imul itruediv ifloordiv imod ipow iand ior ixor".split())


@cache
def writes(name: str) -> bool:
    """Whether an operation writes into its first operand."""
    last = name.rpartition(".")[2]
    return last in ("__setitem__", "setitem") or last in _AUGMENTED or (last[-1:] == "_" and last[-2:] != "__")


def current(run: Run, value: Value) -> Value:
    """A tensor, without what was known of its elements before they were written."""
    if type(value) is not Tensor or value.maker is None:
        return value
    written = run.written
    for maker in _makers(value):
        if id(maker) in written:
            return replace(value, elements=None, maker=None)
    return value


def _makers(tensor: Tensor) -> list[Maker]:
    """The maker of a tensor, and those of what it may be a view of."""
    found: list[Maker] = []
    value: Value = tensor
    while type(value) is Tensor and len(found) < DEEPEST:
        maker = value.maker
        if maker is None:
            break
        if maker.whole is not None:
            maker = maker.whole
        found.append(maker)
        if writes(maker.operation):
            break  # it says what the tensor holds since then
        value = maker.arguments[0] if maker.arguments else None
    return found
