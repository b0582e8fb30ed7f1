"""ATN301: weights that a small network makes, one number a token, and a softmax over the other axis than the tokens.

    weights = softmax(score(states), dim=0)      # states: (batch, tokens, features), score: nn.Linear(features, 1)
    pooled = (weights * states).sum(dim=1)

The scores have two axes, samples and tokens, and both are those of the states. The softmax runs over one, and the sum
over the other. So it is with the gate of a mixture of experts, where the softmax runs over the samples. Left alone:
scores with an axis of their own, as the clusters of a soft assignment have, and values that do not have both axes (the
centres of the clusters).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim
from attnlint.findings import Property
from attnlint.frozen import frozen
from attnlint.interpreter.silent.attention import PASSING, certain_softmax_axis, followed
from attnlint.interpreter.silent.flow import (
    CASTS,
    DROPOUTS,
    ELEMENTWISE,
    SOFTMAXES,
    Way,
    argument,
    is_computed,
    maker_of,
    operands,
    short_name,
    ways,
)
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.one_element import is_only_output
from attnlint.interpreter.silent.products import product_of
from attnlint.interpreter.silent.weightings import weighting_of
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_BETWEEN = PASSING - {"cat", "concat", "concatenate", "pad", "getitem", "div", "repeat"}
"""What may stand between the softmax and the weights that are used: no second normalisation, no choice of some."""

_BEFORE = (
    ELEMENTWISE | CASTS | DROPOUTS | frozenset({"squeeze", "unsqueeze", "relu", "leaky_relu", "LeakyReLU", "ReLU"})
)
"""What is done to scores on their way to the softmax."""

_MOST_STEPS = 10


@frozen
class Pooling:
    """Weights of a softmax, and what they are multiplied with and summed over. Axes are counted from the end."""

    softmax: Maker
    given: Tensor
    """The scores that the softmax is given."""
    weights: Tensor
    """What the softmax makes."""
    values: Tensor
    value_axes: tuple[int, int]
    """The axes of the values that are those of the softmax and of the sum."""
    normalized: int
    """The axis of the scores along which the softmax runs."""
    summed: int
    """The axis of the scores that is summed over."""


def watch(observation: Observation) -> None:
    """A sum over a product, or a product that sums."""
    found = _weighted_sum(observation) or _contraction(observation)
    if found is None or found.normalized == found.summed:
        return
    run = observation.run
    dims = run.facts.resolve(found.given.shape).dims
    if found.given.shape.rest is not None or len(dims) < -min(found.normalized, found.summed):
        return
    over_one = _is_one(dims[found.normalized])
    gate = None if over_one else _gated(run, found)
    scored = _scored(run, found.given) or gate
    if _is_one(dims[found.summed]) or scored is None or not is_computed(run, scored):
        return
    if over_one and is_only_output(run, found.given, found.normalized):
        return  # told where the softmax is
    if not over_one:
        wide = {axis - len(dims) for axis, dim in enumerate(dims) if not _is_one(dim)}
        if gate is None and not wide <= {found.normalized, found.summed}:
            return
        values = run.facts.resolve(found.values.shape)
        rank = len(values.dims)
        gated = scored is gate
        if values.rest is not None or rank != (len(dims) + 1 if gated else 3):
            return
        if not gated and set(found.value_axes) != {-3, -2}:
            return
        sides = zip(found.value_axes, (found.normalized, found.summed), strict=True)
        if any(run.facts.equal(values.dims[axis], dims[other]) is not Answer.YES for axis, other in sides):
            return
    what = "an axis of size 1: every weight is 1" if over_one else f"axis {found.normalized} of the scores"
    complaint = Complaint(
        "ATN301",
        f"the softmax runs over {what}, but the values are summed over another one",
        advice=f"let the softmax run over what is summed: `dim={found.summed}`",
        arguments=("input",),
    )
    wanted = Property("rows_sum_to_one", {"weights": found.weights, "axis": found.summed}, (found.given,))
    several = tuple(dims[axis] for axis in (found.normalized, found.summed) if not _is_one(dims[axis]))
    observation.report(complaint, wanted, at=found.softmax, several=several)


def _weighted_sum(observation: Observation) -> Pooling | None:
    """``(weights * values).sum(dim=1)``"""
    if observation.op.name.rpartition(".")[2] != "sum":
        return None
    run, given, dim = observation.run, observation.call.arguments.get("input"), observation.call.arguments.get("dim")
    if isinstance(dim, tuple) and len(dim) == 1:
        dim = dim[0]
    if not isinstance(given, Tensor) or not isinstance(dim, int) or isinstance(dim, bool):
        return None
    rank = run.facts.resolve(given.shape).rank
    if dim >= 0 and rank is None:
        return None
    axis = dim if dim < 0 else dim - (rank or 0)
    call = maker_of(given)
    if call is None or short_name(call.operation) != "mul":
        return None
    both = list(operands(run, call))
    if len(both) != 2:
        return None
    for weights, values in (both, both[::-1]):
        if len(weights.shape.dims) < -axis or len(values.shape.dims) < -axis:
            continue
        for way, made in ways(run, weights, _BETWEEN, _is_softmax, most=6):
            found = _over_axes(run, way, made, axis)
            if found is None:
                continue
            softmax, scores, normalized, summed = found
            places = [
                place
                for place in range(-len(weights.shape.dims), 0)
                if followed(run, way, place) == normalized and len(values.shape.dims) >= -place
            ]
            if not places and not _is_one_along(run, scores, normalized):
                continue
            return Pooling(softmax, scores, made, values, (places[0] if places else axis, axis), normalized, summed)
    return None


def _contraction(observation: Observation) -> Pooling | None:
    """``einsum("bt,btd->bd", weights, values)``, ``weights.unsqueeze(1) @ values``"""
    if observation.op.name.rpartition(".")[2] == "sum":
        return None
    weighting, run = weighting_of(observation), observation.run
    if weighting is None or weighting.attention is not None or weighting.normalized is None:
        return None
    call = maker_of(observation.result)
    if call is None:
        return None
    product = product_of(run, call)
    if product is None:
        return None
    side = 0 if product.left is weighting.weights else 1
    made = weighting.after[-1].operand if weighting.after else weighting.weights
    softmax = maker_of(made)
    scores = next(operands(run, softmax), None) if softmax is not None else None
    if softmax is None or scores is None:
        return None
    for pair in product.axes.values():
        own, other = pair[side], pair[1 - side]
        if own is not None and other is not None and followed(run, weighting.after, own) == weighting.normalized:
            return Pooling(
                softmax,
                scores,
                made,
                (product.right, product.left)[side],
                (other, product.contracted[1 - side]),
                weighting.normalized,
                weighting.summed,
            )
    return None


def _over_axes(run: Run, way: Way, made: Tensor, axis: int) -> tuple[Maker, Tensor, int, int] | None:
    """The softmax, its input, the axis along which it runs, and which of its axes is summed over."""
    softmax = maker_of(made)
    scores = next(operands(run, softmax), None) if softmax is not None else None
    summed = followed(run, way, axis)
    if softmax is None or scores is None or summed is None:
        return None
    normalized = certain_softmax_axis(run, softmax, scores)
    return None if normalized is None else (softmax, scores, normalized, summed)


def _is_softmax(call: Maker) -> bool:
    return short_name(call.operation) in SOFTMAXES


def _is_one(dim: Dim) -> bool:
    return isinstance(dim, int) and dim == 1


def _is_one_along(run: Run, tensor: Tensor, axis: int) -> bool:
    dims = run.facts.resolve(tensor.shape).dims
    return len(dims) >= -axis and _is_one(dims[axis])


def _scored(run: Run, scores: Tensor) -> Tensor | None:
    """The tensor for whose elements a network has made one number each; ``None`` where the scores are something
    else."""
    for _ in range(_MOST_STEPS):
        call = maker_of(scores)
        if call is None:
            return None
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if name in ("Linear", "linear") and parts:
            return parts[0] if _is_one_along(run, scores, -1) else None
        if name in ("matmul", "mv") and len(parts) == 2 and parts[1].is_parameter:
            column = parts[1].shape
            return parts[0] if column.rank == 1 or (column.rank == 2 and _is_one(column.dims[1])) else None
        if name == "sum" and parts and argument(call, "dim", 1) in (-1, (parts[0].shape.rank or 0) - 1):
            return _widest(run, parts[0])
        if name not in _BEFORE or not parts:
            return None
        scores = next(_alike(run, parts, scores), parts[0])
    return None


def _gated(run: Run, found: Pooling) -> Tensor | None:
    """The input of a gate: a layer makes a weight for each of several experts, the softmax runs over the samples or
    tokens and the sum over the experts."""
    scores = found.given
    call = maker_of(scores)
    if call is None or short_name(call.operation) not in ("Linear", "linear") or scores.shape.rank is None:
        return None
    return next(operands(run, call), None) if found.summed == -1 != found.normalized else None


def _alike(run: Run, parts: list[Tensor], result: Tensor) -> Iterator[Tensor]:
    """Of the operands of an operation the computed ones."""
    return (part for part in parts if is_computed(run, part) and not part.is_parameter and part is not result)


def _widest(run: Run, product: Tensor) -> Tensor | None:
    """Of a product that is summed along its width the operand that has all of its axes."""
    call = maker_of(product)
    if call is None or short_name(call.operation) != "mul":
        return None
    dims = product.shape.dims
    for part in operands(run, call):
        if len(part.shape.dims) == len(dims) and part.shape.rest is None and part.shape.dims[:-1] == dims[:-1]:
            return part
    return None


WATCHERS: dict[str, Watcher] = dict.fromkeys(("sum", "matmul", "bmm", "einsum", "__matmul__", "mm"), watch)
