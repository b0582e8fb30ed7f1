"""ATN308: positions that are added along another axis than that of the tokens.

A table of positions that is cut to the length of the batch, ``table[: x.size(0)]`` with (batch, tokens, features), or
looked up by counting the samples. With an axis of size 1 for the tokens it is broadcast: every sample gets a position,
and all of its tokens the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression
from attnlint.findings import Property
from attnlint.interpreter import reports
from attnlint.interpreter.silent.attention import Attention, attention_of, history, is_heads_of
from attnlint.interpreter.silent.flow import is_computed
from attnlint.interpreter.silent.marks import Marked, is_counted, marked_batch
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.proofs import sizes_of_a_proof
from attnlint.ops.complaint import Clash, Complaint
from attnlint.values import Tensor

if TYPE_CHECKING:
    pass

_ADVICE = "take the positions along the tokens: `table[:, : x.size(1)]`, with the batch as an axis of size 1"


def report_positions(observation: Observation, found: Marked, why: str) -> None:
    """At the addition."""
    complaint = Complaint(
        "ATN308",
        f"every sample gets a position, and all its tokens the same one: {why}",
        advice=_ADVICE,
        arguments=("input", "other"),
    )
    wanted = Property(
        "samples_are_alike",
        {"source": found.other, "result": found.tensor, "axis": found.batch},
        (found.other, found.table),
    )
    with sizes_of_a_proof(observation.run, found.other):
        observation.report(complaint, wanted, at=found.call)


def product(observation: Observation) -> None:
    """The output of an attention, and what was added to its input."""
    attention = attention_of(observation)
    if attention is None:
        return
    batch = _batch_axis(attention)
    if batch is None:
        return
    found = marked_batch(observation.run, attention.query, batch, attention.query_axis)
    if found is not None and found.kind == "add" and found.is_counted:
        report_positions(observation, found, "the attention runs over the other axis")


def _batch_axis(attention: Attention) -> int | None:
    """The one axis of the query that is neither tokens nor heads nor width."""
    query = attention.query
    if query.shape.rank is None:
        return None
    width = attention.width_axes[0]
    free = [
        axis
        for axis in range(-query.shape.rank, 0)
        if axis not in (attention.query_axis, width) and not is_heads_of(history(query, axis), history(query, width))
    ]
    return free[0] if len(free) == 1 else None


def added(observation: Observation) -> None:
    """``x + table[: x.size(0)]`` that runs only where there are as many samples as tokens."""
    run, call = observation.run, observation.call
    before = call.before or run.facts
    tensors = [value for value in observation.arguments if isinstance(value, Tensor)]
    if len(tensors) != 2:
        return
    for table, other in (tensors, tensors[::-1]):
        if is_computed(run, table) or not is_counted(run, table) or not is_computed(run, other):
            continue
        clash = _counts_another_axis(before.resolve(table.shape).dims, before.resolve(other.shape).dims)
        if clash is None or before.is_one(clash[0]) is not Answer.NO:
            continue
        complaint = Complaint(
            "ATN308",
            f"{clash[0]} positions are laid along the {clash[1]} of axis {clash[2]}: the table counts another axis",
            advice="cut the table to the length of the axis that it is added along: `table[: x.size(1)]`",
            arguments=("input", "other"),
            clash=(Clash("input", clash[2], clash[1]), Clash("other", clash[2], clash[0])),
        )
        after, run.facts = run.facts, before
        # The proof is that torch raises where the two sizes differ.
        reports.report(
            run,
            complaint,
            observation.op,
            call,
            observation.arguments,
            observation.keywords,
            observation.node,
            observation.evidence,
        )
        run.facts = after
        return


def _counts_another_axis(table: tuple[Dim, ...], dims: tuple[Dim, ...]) -> tuple[Dim, Dim, int] | None:
    """An axis of the table whose length is that of another axis of the tensor that it is added to."""
    for axis in range(-min(len(table), len(dims)), 0):
        size, target = table[axis], dims[axis]
        if not isinstance(size, Expression) or not isinstance(target, Expression):
            continue
        counted = size.symbols()
        if counted & target.symbols():
            continue
        others = [dim for place, dim in enumerate(dims) if place - len(dims) != axis and isinstance(dim, Expression)]
        if any(dim.symbols() and dim.symbols() <= counted and len(dim.atoms()) == 1 for dim in others):
            return size, target, axis
    return None


WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys(("matmul", "bmm", "baddbmm", "einsum", "scaled_dot_product_attention"), product),
    **dict.fromkeys(("add", "add_"), added),
}
