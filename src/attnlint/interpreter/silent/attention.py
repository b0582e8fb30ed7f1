"""Recognising an attention from its flow of data: weights, made by a softmax of scores, times values.

Roles come from what is done with an axis, never from a name: what is summed over with the values is *keys*, the other
axis of the scores is *queries*, what query and key are multiplied along is their *width*.

    attention = attention_of(observation)   # None, unless this call makes the output of an attention

Every axis is counted from the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.frozen import frozen
from attnlint.interpreter.silent.flow import (
    CASTS,
    DROPOUTS,
    ELEMENTWISE,
    PRODUCTS,
    SOFTMAXES,
    VIEWS,
    Step,
    Way,
    argument,
    axis_before,
    is_made_of,
    maker_of,
    operands,
    short_name,
    ways,
)
from attnlint.interpreter.silent.products import Product, product_of
from attnlint.values import Axis, Maker, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.silent.observation import Observation

FUSED = {"scaled_dot_product_attention": (-2, -2), "flash_attn_func": (-3, -3), "memory_efficient_attention": (-3, -3)}
"""Ops that are an attention by themselves: the axis of the tokens in query and in key and value, for 4 dimensions."""

PASSING = ELEMENTWISE | CASTS | DROPOUTS | VIEWS | {"cat", "concat", "concatenate", "pad"}


@frozen
class Attention:
    """An attention, and which axis is what."""

    call: Maker
    """What makes the output: the product of weights and values, or the fused op."""
    query: Tensor
    key: Tensor
    value: Tensor
    query_axis: int
    """The axis of ``query`` along which the queries lie."""
    key_axis: int
    value_axis: int
    """The axis of ``value`` that is summed over."""
    width_axes: tuple[int, int] = (-1, -1)
    """The axis of ``query`` and that of ``key`` along which they are multiplied."""
    scores: Product | None = None
    """The product of query and key; ``None`` for a fused op."""
    before: Way = ()
    """From the input of the softmax back to the scores: scale, mask, bias, views (the nearest to the softmax first)."""
    softmax: Maker | None = None
    normalized: int | None = None
    """The axis along which the softmax runs, of its input."""
    summed: int | None = None
    """The axis of the softmax's input that is summed over with the values: the keys."""
    after: Way = ()
    """From the weights that are multiplied with the values back to the softmax."""
    renormalized: bool = False
    """The weights are divided (or multiplied) by something made of them: what the softmax ran over says little."""
    scores_axes: tuple[int, int] = (-2, -1)
    """The axes of the scores along which the queries and the keys lie."""
    swapped: bool = False
    """The query is the right operand of the product."""

    def axis_in(self, run: Run, axis: int) -> int | None:
        """Which axis of the scores an axis of the softmax's input is."""
        return followed(run, self.before, axis)


def followed(run: Run, way: Way, axis: int) -> int | None:
    """An axis of the result of a way, at its beginning."""
    current: int | None = axis
    for step in way:
        if current is None:
            return None
        current = axis_before(run, step, current)
    return current


def attention_of(observation: Observation) -> Attention | None:
    """The attention whose output the observed call makes."""
    call = maker_of(observation.result)
    if call is None or call.node is not observation.node:
        return None
    name = short_name(call.operation)
    if name in FUSED:
        return _fused(observation.run, call, name)
    return observation.once("attention", lambda: _composed(observation.run, call)) if name in PRODUCTS else None


def comes_from_nowhere(observation: Observation) -> bool:
    """Whether nothing is known of where the first operand comes from: it may be anything, weights included."""
    value: Value = next(iter(observation.arguments), None)
    for _ in range(8):
        call = maker_of(value)
        if call is None or short_name(call.operation) not in PASSING | SOFTMAXES:
            break
        value = next(iter(call.arguments), None)
    return isinstance(value, Unknown) or (isinstance(value, Tensor) and value.maker is None)


def _fused(run: Run, call: Maker, name: str) -> Attention | None:
    tensors = list(operands(run, call))[:3]
    if len(tensors) < 3 or any(len(tensor.shape.dims) < 2 for tensor in tensors):
        return None
    axis, other = FUSED[name]
    if axis == -3 and any(tensor.shape.rank != 4 for tensor in tensors):
        return None
    query, key, value = tensors
    return Attention(call, query, key, value, axis, other, other)


def _composed(run: Run, call: Maker) -> Attention | None:
    product = product_of(run, call)
    if product is None:
        return None
    for side in (0, 1):
        weights = (product.left, product.right)[side]
        found = next(ways(run, weights, PASSING, _is_softmax, most=12), None)
        if found is not None:
            return _from_weights(run, product, side, *found)
    return None


def _is_softmax(call: Maker) -> bool:
    return short_name(call.operation) in SOFTMAXES


def _from_weights(run: Run, product: Product, side: int, after: Way, weights: Tensor) -> Attention | None:
    softmax = maker_of(weights)
    assert softmax is not None
    given = next(operands(run, softmax), None)
    if given is None:
        return None
    for before, scores in ways(run, given, PASSING, lambda call: short_name(call.operation) in PRODUCTS, most=24):
        inner = product_of(run, maker_of(scores))
        if inner is None or inner.left.is_parameter or inner.right.is_parameter:
            continue
        value = (product.right, product.left)[side]
        summed = followed(run, after, product.contracted[side])
        key_in_scores = None if summed is None else followed(run, before, summed)
        own = (inner.own_axes(0), inner.own_axes(1))
        if len(own[0]) != 1 or len(own[1]) != 1:
            continue
        swapped = key_in_scores == own[0][0]
        sides = (1, 0) if swapped else (0, 1)
        both = (inner.left, inner.right)
        axes = tuple(inner.axes[own[one][0]][one] for one in sides)
        assert axes[0] is not None and axes[1] is not None
        return Attention(
            product.call,
            both[sides[0]],
            both[sides[1]],
            value,
            axes[0],
            axes[1],
            product.contracted[1 - side],
            (inner.contracted[sides[0]], inner.contracted[sides[1]]),
            inner,
            before,
            softmax,
            softmax_axis(softmax, given),
            summed,
            after,
            _is_renormalized(run, after, softmax),
            (own[sides[0]][0], own[sides[1]][0]),
            swapped,
        )
    return None


def softmax_axis(call: Maker, given: Tensor) -> int | None:
    """The axis along which a softmax runs, counted from the end; ``None`` when not known."""
    if call.layer is not None:
        axis = call.layer.attributes.get("dim")
    elif short_name(call.operation) == "gumbel_softmax":
        axis = call.keywords.get("dim", call.arguments[4] if len(call.arguments) > 4 else -1)
    else:
        axis = argument(call, "dim", 1)
    if axis is None and short_name(call.operation) != "gumbel_softmax" and given.shape.rank is not None:
        # What torch takes where none is given, with a warning.
        axis = 0 if given.shape.rank in (0, 1, 3) else 1
    if not isinstance(axis, int) or isinstance(axis, bool):
        return None
    if axis < 0:
        return axis
    # A mask of unknown rank may have made the number of axes unknown; it does not add any.
    return axis - len(given.shape.dims) if len(given.shape.dims) > axis else None


def certain_softmax_axis(run: Run, call: Maker, given: Tensor) -> int | None:
    """The same, where nothing is taken for granted: of a tensor of unknown rank only what is counted from the end."""
    axis = softmax_axis(call, given)
    if axis is None or run.facts.resolve(given.shape).rank is not None:
        return axis
    named = call.layer.attributes.get("dim") if call.layer is not None else argument(call, "dim", 1)
    return axis if named == axis else None


def _is_renormalized(run: Run, after: Way, softmax: Maker) -> bool:
    return any(
        step.name in ELEMENTWISE
        and any(
            operand is not step.operand and is_made_of(run, operand, softmax, most=12)
            for operand in operands(run, step.call)
        )
        for step in after
    )


def history(tensor: Tensor, axis: int) -> Axis | None:
    """What an axis of a tensor is made of."""
    axes = tensor.axes
    return axes[axis] if axes is not None and len(axes) >= -axis else None


def is_layer_output(axis: Axis | None) -> bool:
    """Whether an axis holds the features that a layer made."""
    return axis is not None and isinstance(axis.source, tuple) and axis.source[:1] == ("output",)


def is_heads_of(axis: Axis | None, width: Axis | None) -> bool:
    """Whether two axes were split from one axis of features, ``axis`` the outer: heads, and the width of a head."""
    return (
        axis is not None
        and width is not None
        and axis.parent is not None
        and axis.parent == width.parent
        and axis.factor < width.factor
    )


__all__ = [
    "Attention",
    "Step",
    "Value",
    "Way",
    "attention_of",
    "certain_softmax_axis",
    "comes_from_nowhere",
    "followed",
    "history",
    "is_heads_of",
    "is_layer_output",
    "softmax_axis",
]
