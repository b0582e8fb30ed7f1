"""Weights that a softmax makes and that are multiplied with values, whatever the scores are made of.

An attention is one (``attention``); so is one whose scores a small network makes.
"""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.interpreter.silent.attention import PASSING, Attention, attention_of, followed, softmax_axis
from attnlint.interpreter.silent.flow import ELEMENTWISE, SOFTMAXES, Step, Way, maker_of, operands, short_name, ways
from attnlint.interpreter.silent.observation import Observation
from attnlint.interpreter.silent.products import product_of
from attnlint.values import Maker, Tensor

_MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Weighting:
    """A product of weights and values, and the way back to the scores. Axes are counted from the end."""

    weights: Tensor
    axis: int
    """The axis of the weights that is summed over."""
    raw: Tensor
    """The scores before anything was done to them."""
    before: Way
    """From the input of the softmax back to ``raw``, the nearest to the softmax first."""
    after: Way
    """From the weights back to the softmax."""
    normalized: int | None
    """The axis along which the softmax runs, of its input."""
    summed: int
    """The axis of the softmax's input that is summed over with the values."""
    renormalized: bool
    attention: Attention | None = None


def weighting_of(observation: Observation) -> Weighting | None:
    """The weights that the observed product multiplies with values."""
    return observation.once("weighting", lambda: _weighting_of(observation))


def _weighting_of(observation: Observation) -> Weighting | None:
    run = observation.run
    call = maker_of(observation.result)
    product = product_of(run, call) if call is not None and call.node is observation.node else None
    if product is None:
        return None
    attention = attention_of(observation)
    if attention is not None and attention.softmax is not None and attention.summed is not None:
        side = 1 if product.left is attention.value else 0
        raw = attention.before[-1].operand if attention.before else next(operands(run, attention.softmax), None)
        if raw is None:
            return None
        return Weighting(
            (product.left, product.right)[side],
            product.contracted[side],
            raw,
            attention.before,
            attention.after,
            attention.normalized,
            attention.summed,
            attention.renormalized,
            attention,
        )
    for side in (0, 1):
        weights = (product.left, product.right)[side]
        found = next(ways(run, weights, PASSING, _is_softmax, most=_MOST_STEPS), None)
        softmax = maker_of(found[1]) if found is not None else None
        given = next(operands(run, softmax), None) if softmax is not None else None
        if found is None or softmax is None or given is None:
            continue
        summed = followed(run, found[0], product.contracted[side])
        if summed is None or any(step.name in ("div", "mul") for step in found[0]):
            return None
        before = _elementwise(observation, given)
        raw = before[-1].operand if before else given
        axis = product.contracted[side]
        return Weighting(weights, axis, raw, before, found[0], softmax_axis(softmax, given), summed, False)
    return None


def _is_softmax(call: Maker) -> bool:
    return short_name(call.operation) in SOFTMAXES


def _elementwise(observation: Observation, tensor: Tensor) -> Way:
    """The steps back through what works element by element on the first operand."""
    steps: list[Step] = []
    while len(steps) < _MOST_STEPS:
        call = maker_of(tensor)
        name = short_name(call.operation) if call is not None else ""
        first = next(operands(observation.run, call), None) if call is not None else None
        if call is None or first is None or name not in ELEMENTWISE or name == "where":
            break
        steps.append(Step(call, name, first))
        tensor = first
    return tuple(steps)
