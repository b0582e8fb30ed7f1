"""ATN301: a softmax over another axis of the scores than the one that the values are summed over.

Left alone: weights that are divided by a sum of their own afterwards (slot attention), weights that meet other weights
(co-attention), and scores against something that is learned and not computed from an input (soft assignment).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import Attention, attention_of, comes_from_nowhere, history, is_heads_of
from attnlint.interpreter.silent.flow import (
    CASTS,
    ELEMENTWISE,
    SOFTMAXES,
    VIEWS,
    is_computed,
    maker_of,
    operands,
)
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.one_element import is_only_output
from attnlint.interpreter.silent.weightings import weighting_of
from attnlint.ops.complaint import Complaint
from attnlint.values import Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def product(observation: Observation) -> None:
    """A product of weights and values."""
    attention = attention_of(observation)
    if attention is None:
        if not _over_one(observation):
            observation.run.unsure += comes_from_nowhere(observation)
        return
    if attention.softmax is None or attention.renormalized:
        return
    run, over, summed = observation.run, attention.normalized, attention.summed
    if over is None or summed is None or over == summed:
        return
    if any(step.name == "getitem" for step in attention.after):
        # A part of the weights is looked at: what is summed over need not be the keys.
        return
    if _is_weights(attention.value) or not all(
        is_computed(run, tensor) for tensor in (attention.query, attention.key, attention.value)
    ):
        return
    weights = next(_made_by(observation, attention), None)
    if weights is None:
        return
    where = _role(run, attention, over)
    complaint = Complaint(
        "ATN301",
        f"the softmax runs over {where}, but the values are summed over the keys",
        advice=f"let the softmax run over the keys: `dim={summed}`",
        arguments=("input",),
    )
    wanted = Property("rows_sum_to_one", {"weights": weights, "axis": summed}, (attention.query, attention.key))
    observation.report(complaint, wanted, at=attention.softmax)


def _over_one(observation: Observation) -> bool:
    """Scores that a small network makes, one a token: a softmax over the axis of that one makes each weight 1."""
    weighting, run = weighting_of(observation), observation.run
    if weighting is None or weighting.normalized is None or weighting.normalized == weighting.summed:
        return False
    weights = weighting.after[-1].operand if weighting.after else weighting.weights
    softmax = maker_of(weights)
    dims = run.facts.resolve(weights.shape).dims
    if softmax is None or len(dims) < -min(weighting.normalized, weighting.summed):
        return False
    if dims[weighting.normalized] != 1 or dims[weighting.summed] == 1 or not is_computed(run, weighting.raw):
        return False
    given = next(operands(run, softmax), None)
    if given is not None and is_only_output(run, given, weighting.normalized):
        return True  # told where the softmax is
    complaint = Complaint(
        "ATN301",
        "the softmax runs over an axis of size 1: every weight is 1, and the values are just added up",
        advice=f"let the softmax run over what is summed: `dim={weighting.summed}`",
        arguments=("input",),
    )
    wanted = Property("rows_sum_to_one", {"weights": weights, "axis": weighting.summed}, (weighting.raw,))
    observation.report(complaint, wanted, at=softmax, several=(dims[weighting.summed],))
    return True


def _made_by(observation: Observation, attention: Attention) -> Iterator[Tensor]:
    """The result of the softmax."""
    call = maker_of(observation.result)
    near = [step.operand for step in attention.after] or (list(operands(observation.run, call)) if call else [])
    yield from (tensor for tensor in near if maker_of(tensor) is attention.softmax)


def _is_weights(value: Tensor) -> bool:
    """Whether the other operand is the result of a softmax, too: a product of two sets of weights."""
    call = maker_of(value)
    while call is not None and len(call.arguments) > 0:
        name = call.operation.rpartition(".")[2]
        if name in SOFTMAXES:
            return True
        if name not in VIEWS and name not in CASTS and name not in ELEMENTWISE:
            return False
        call = maker_of(call.arguments[0])
    return False


def _role(run: Run, attention: Attention, axis: int) -> str:
    """What an axis of the softmax's input is, in words."""
    place = attention.axis_in(run, axis)
    if place is None or attention.scores is None:
        return f"axis {axis}"
    if place == attention.scores_axes[0]:
        return "the queries"
    side = 1 if attention.swapped else 0
    ours = attention.scores.axes.get(place, (None, None))[side]
    if ours is None:
        return f"axis {axis}"
    if is_heads_of(history(attention.query, ours), history(attention.query, attention.width_axes[0])):
        return "the heads"
    return "the batch" if ours == -len(attention.query.shape.dims) else f"axis {axis}"


WATCHERS: dict[str, Watcher] = dict.fromkeys(("matmul", "bmm", "baddbmm", "einsum", "mm", "__matmul__"), product)
