"""Layers that take one sample or a batch of them: what the author of a class that nobody calls has in mind is a batch.

Where the rank of an input is open, such a layer leaves it open, and the code behind it is seen only as far as it is
true of both. So a ``forward`` that nobody calls is run a second time, with a batch. What that run finds about ranks is
not reported: the author may mean single samples after all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlint.algebra import Rest, Shape
from attnlint.algebra.ranks import origin
from attnlint.ops.registry import Op
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_BY_DIGIT = ("Conv", "ConvTranspose", "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "LazyConv")
"""Layers of one, two or three axes of space: there are two more."""
_SEQUENCES = frozenset({"LSTM", "GRU", "RNN", "MultiheadAttention", "TransformerEncoderLayer", "TransformerEncoder",
                        "TransformerDecoderLayer", "TransformerDecoder", "Transformer"})  # fmt: skip
RANK_CODES = frozenset({"ATN103", "ATN107", "ATN113", "ATN116"})
"""Rules about the number of axes."""


def _batched_rank(op: Op) -> int | None:
    """The rank of a batch of samples for a layer; ``None`` for what is no such layer."""
    head, _, name = op.name.rpartition(".")
    if head != "torch.nn":
        return None
    if name in _SEQUENCES:
        return 3
    if name[-2:] in ("1d", "2d", "3d") and name[:-2] in _BY_DIGIT:
        return int(name[-2]) + 2
    return None


def note(run: Run, op: Op, bound: Mapping[str, Value]) -> None:
    """Note what a layer was given whose rank is open."""
    rank = _batched_rank(op)
    if rank is None:
        return
    from attnlint.interpreter.operations import tensor_of

    first = next(iter(bound.values()), None)
    tensor = tensor_of(run, first)
    if isinstance(tensor, Tensor):
        note_rank(run, tensor.shape, rank)


def note_rank(run: Run, shape: Shape, rank: int) -> None:
    """Note the rank that the author has in mind, where that is open."""
    if shape.rest is not None:
        root, lacking = origin(shape.rest)
        run.open_ranks[root] = rank - len(shape.dims) + lacking


def assume(run: Run) -> None:
    """Take it that the parameters on record are batches."""
    for root, rank in run.open_ranks.items():
        if isinstance(root, tuple) and len(root) == 2 and root[0] == "shape" and 0 < rank <= 5:
            shape = Shape((), Rest(root, _name(root[1])))
            if run.facts.least_rank(shape) <= rank:
                run.facts.require_rank(shape, rank)


def _name(key: object) -> str:
    return str(key[-1]) if isinstance(key, tuple) and key and isinstance(key[-1], str) else ""
