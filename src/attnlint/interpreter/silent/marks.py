"""What was done along the axis that is taken for the batch: a table was added, or a learned token joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.interpreter.silent.flow import (
    ACTIVATIONS,
    CASTS,
    DROPOUTS,
    ELEMENTWISE,
    NORMS,
    VIEWS,
    Step,
    axis_before,
    is_computed,
    joined_axis,
    maker_of,
    operands,
    short_name,
)
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

BETWEEN = ELEMENTWISE | CASTS | DROPOUTS | VIEWS | NORMS | ACTIVATIONS | {"Linear", "linear"}
"""What leaves samples samples and tokens tokens."""

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
ATTENDING = frozenset(
    """MultiheadAttention TransformerEncoderLayer TransformerEncoder TransformerDecoderLayer TransformerDecoder
    Transformer""".split()
)
LAYERS = RECURRENT | ATTENDING
"""Layers of torch that mix the tokens of a sample."""

_BEFORE = BETWEEN | LAYERS | {"cat", "concat", "chunk", "split", "unbind"}


@dataclass(frozen=True, slots=True)
class Marked:
    """What was done along the axis that is taken for the batch."""

    kind: str
    """``add`` or ``cat``."""
    call: Maker
    tensor: Tensor
    """What came out of it."""
    table: Tensor
    other: Tensor
    batch: int
    """The axis, of the tensor that came out."""
    has_batch_axis: bool
    """The table has an axis of size 1 for what the layer takes for the length."""
    is_counted: bool
    """The table is cut to the length of the axis, or looked up by counting along it."""


def marked_batch(run: Run, given: Tensor, batch: int, length: int) -> Marked | None:
    """A table that was added, or a learned token that was joined, along the batch and not along the length."""
    current = given
    for _ in range(16):
        call = maker_of(current)
        if call is None or current.is_parameter:
            return None
        name = short_name(call.operation)
        parts = list(operands(run, call))
        tables = [part for part in parts if not is_computed(run, part)] if name in ("add", "cat", "concat") else []
        computed = next((part for part in parts if part not in tables), None)
        if name not in _BEFORE or computed is None:
            return None
        for table in tables:
            kind = "add" if name == "add" else "cat"
            along = _along(table, batch, length) if kind == "add" else _joined_along(call, current, batch, length)
            if along == length:
                return None
            if along == batch:
                wide = len(table.shape.dims) >= -length
                return Marked(kind, call, current, table, computed, batch, wide, is_counted(run, table))
        step = Step(call, name, computed, current.maker.index if current.maker and current.maker.whole else None)
        places = axis_before(run, step, batch), axis_before(run, step, length)
        if places[0] is None or places[1] is None:
            return None
        batch, length = places[0], places[1]
        current = computed
    return None


def _along(table: Tensor, batch: int, length: int) -> int | None:
    """Along which of the two axes a table that is added varies, when it is only one."""
    varied = [axis for axis in (batch, length) if len(table.shape.dims) >= -axis and table.shape.dims[axis] != 1]
    if table.shape.rank is None or not varied:
        return None
    return varied[0] if len(varied) == 1 else length


def _joined_along(call: Maker, joined: Tensor, batch: int, length: int) -> int | None:
    axis = joined_axis(call, joined)
    return axis if axis in (batch, length) else None


def is_counted(run: Run, table: Tensor) -> bool:
    """``table[: x.size(0)]``, ``embedding(arange(x.size(0)))``"""
    front, seen = [table], 0
    while front and seen < 8:
        seen += 1
        call = maker_of(front.pop(0))
        if call is None:
            continue
        name = short_name(call.operation)
        if name in ("getitem", "narrow", "arange"):
            return True
        front += operands(run, call)
    return False
