"""ATN304: scores that are not scaled by the root of the head width.

Scores of queries and keys of unit variance have the variance of the head width; the root of that width brings them back
to one. What is followed is every factor that is a number, on the scores and on the query and the key before them. A
factor of which nothing is known (a learnt temperature, an argument of the constructor) ends the search: then nothing is
said. Models without any scale exist by design (T5), and so does 1/width; both are told only in preview.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Shape, floor_divide, product
from attnlint.findings import Property
from attnlint.interpreter.silent.attention import Attention, attention_of, history, is_heads_of
from attnlint.interpreter.silent.factors import Factor, factor_of
from attnlint.interpreter.silent.flow import CASTS, DROPOUTS, VIEWS, argument, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Axis, Maker, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_SCALES = ("mul", "div", "truediv")
_FOLLOWED = 24
_PASSED = CASTS | DROPOUTS | VIEWS | {"cat", "concat", "chunk", "split", "unbind", "tensor_split", "add", "sub", "neg"}
_BENDING = frozenset({"tanh", "sigmoid", "exp", "pow", "normalize", "softplus"})
"""Operations on scores after which a factor before them is no scale any more."""

_NORMALIZING = frozenset(
    {"normalize", "LayerNorm", "RMSNorm", "layer_norm", "rms_norm", "rsqrt", "norm", "vector_norm"}
)


@dataclass(slots=True)
class _Found:
    """The factors of one attention."""

    factors: list[tuple[Factor, Maker]]
    known: bool = True
    """No factor that is not known."""
    normalized: bool = False
    """Query or key went through a normalization: their variance is what its author made it."""
    split: bool = False
    """Query or key were split into heads: attentions with one and no scale are common (dot products, 2015)."""


def watch(observation: Observation) -> None:
    """Look at the scale of an attention."""
    attention = attention_of(observation)
    if attention is None:
        return
    run = observation.run
    found = _Found([])
    scores = _scores_factors(run, attention, found)
    query = _operand_factors(run, attention.query, found)
    key = _operand_factors(run, attention.key, found)
    if not found.known:
        return
    width = _size(run, attention.query, attention.width_axes[0])
    if width is None or run.facts.is_one(width) is Answer.YES:
        return
    fault = _fault(run, attention, found, width)
    if fault is None:
        return
    summary, advice, certain = fault
    if scores is None:
        scores = _as_documented(attention, observation, width)
    observation.report(
        Complaint("ATN304", summary, advice=advice),
        Property("scores_have_unit_variance", {"operands": (query, key), "scores": scores}, (query, key)),
        certain=certain,
        at=found.factors[0][1] if found.factors else None,
        several=(width, *run.facts.resolve(attention.query.shape).dims),
    )


def _size(run: Run, tensor: Tensor, axis: int) -> Dim | None:
    dims = run.facts.resolve(tensor.shape).dims
    return dims[axis] if len(dims) >= -axis else None


def _scores_factors(run: Run, attention: Attention, found: _Found) -> Tensor | None:
    """The factors between the product and the softmax; returns the tensor that has them all."""
    if attention.scores is None:
        if short_name(attention.call.operation) != "scaled_dot_product_attention":
            found.known = False
            return None
        given = _keyword(attention.call, "scale")
        width = _size(run, attention.query, -1)
        if given is None and width is not None:
            found.factors.append((Factor.root(width), attention.call))
        else:
            factor = factor_of(run, given)
            found.known = factor is not None
            if factor is not None:
                found.factors.append((factor, attention.call))
        return None
    scores = attention.before[-1].operand if attention.before else next(operands(run, attention.softmax), None)  # type: ignore[arg-type]
    for step in reversed(attention.before):
        if step.name in _BENDING or short_name(step.call.operation) in ("baddbmm", "addcmul", "addcdiv"):
            found.known = False
        if step.name in _SCALES:
            _note(run, step.call, step.operand, found)
            scores = scores if scores is None else _again(step.call, step.operand, scores)
    if short_name(attention.scores.call.operation) == "baddbmm":
        alpha = _keyword(attention.scores.call, "alpha")
        factor = factor_of(run, 1.0 if alpha is None else alpha)
        if factor is None:
            found.known = False
        else:
            found.factors.append((factor, attention.scores.call))
    return scores


def _again(call: Maker, operand: Tensor, scores: Tensor) -> Tensor:
    """The result of a multiplication, done to the scores alone: a mask between has no part in the scale."""

    def put(value: Value) -> Value:
        mine = value is operand or (
            isinstance(value, Tensor) and value.maker is not None and value.maker is operand.maker
        )
        return scores if mine else value

    maker = Maker(call.operation, tuple(map(put, call.arguments)), call.keywords, node=call.node)
    return Tensor(scores.shape, scores.dtype, label="scores", maker=maker)


def _keyword(call: Maker, name: str) -> Value:
    return call.keywords.get(name)


def _note(run: Run, call: Maker, operand: Tensor, found: _Found) -> None:
    """The factor of one multiplication or division of ``operand``."""
    first, second = argument(call, "input", 0), argument(call, "other", 1)
    name = short_name(call.operation)
    divides = name in ("div", "truediv")
    mine_first = first is operand or (isinstance(first, Tensor) and first.maker is operand.maker)
    other = second if mine_first else first
    factor = factor_of(run, other)
    if factor is None or (divides and not mine_first):
        found.known = False
        return
    found.factors.append((factor.inverse() if divides else factor, call))


def _operand_factors(run: Run, tensor: Tensor, found: _Found) -> Tensor:
    """The factors on the way back from a query or key to the layer that makes it; returns what it was before them."""
    before = tensor
    for _ in range(_FOLLOWED):
        call = maker_of(tensor)
        if call is None or tensor.is_parameter:
            break
        name = short_name(call.operation)
        found.normalized |= name in _NORMALIZING
        tensors = [each for each in operands(run, call) if not each.is_parameter]
        if not tensors:
            break
        if name in _SCALES:
            scaled = _scaled(run, call, tensors)
            if scaled is not None:
                _note(run, call, scaled, found)
                before = tensor = scaled
                continue
            # A rotation, a gate: it has its own idea of variance.
            found.normalized = True
        elif name not in _PASSED and name not in _NORMALIZING:
            break
        found.split |= name in VIEWS and len(tensors[0].shape.dims) < len(tensor.shape.dims)
        tensor = tensors[0]
    return before


def _scaled(run: Run, call: Maker, tensors: list[Tensor]) -> Tensor | None:
    """The operand of a multiplication with a number; ``None`` when it is with something else."""
    if len(tensors) == 1:
        return tensors[0] if any(not isinstance(value, Tensor) for value in call.arguments) else None
    numbers = [each for each in tensors if factor_of(run, each) is not None]
    return next(each for each in tensors if each is not numbers[0]) if len(numbers) == 1 and len(tensors) == 2 else None


def _fault(run: Run, attention: Attention, found: _Found, width: Dim) -> tuple[str, str, bool] | None:
    """What is wrong with the scale, what to do about it, and whether that is certain."""
    total = Factor.one()
    for factor, _ in found.factors:
        total = total.times(factor)
    root = f"the root of the head width {width}"
    if total.is_power(run, width, -1):
        return None
    if total.is_power(run, width, 1):
        if found.normalized:
            return None
        return f"scores are multiplied by {root}, not divided by it", f"divide by {root}", True
    if total.is_power(run, width, -2):
        roots = [factor for factor, _ in found.factors if factor.is_power(run, width, -1)]
        if len(roots) == 2:
            return f"scores are divided by {root} twice", "scale the query or the scores, not both", True
        return f"scores are divided by the head width {width}, not by its root", f"divide by {root}", False
    whole = _all_heads(run, attention, total, width)
    if whole is not None:
        summary = f"scores are divided by the root of {whole}, the width of all heads together, not of one"
        return summary, f"divide by {root}", True
    other = _other_axis(run, attention, total, width)
    if other is not None:
        return (
            f"scores are divided by the root of {other}, not of the head width {width}",
            f"divide by {root}",
            True,
        )
    if not found.factors and not found.normalized and found.split:
        return f"scores are not scaled: their variance is the head width {width}", f"divide by {root}", False
    return None


def _all_heads(run: Run, attention: Attention, total: Factor, width: Dim) -> Dim | None:
    """The width of all heads together, where its root was taken."""
    dims = run.facts.resolve(attention.query.shape).dims
    for axis in range(-len(dims), 0):
        if axis in (attention.width_axes[0], attention.query_axis) or run.facts.is_one(dims[axis]) is Answer.YES:
            continue
        if isinstance(width, int) and isinstance(heads := dims[axis], int) and _is_written_down(run, heads):
            continue  # `0.25 / sqrt(width)` with 16 heads: an author's own factor comes to the same number
        whole = run.facts.normal(product((dims[axis], width)))
        if total.is_power(run, whole, -1):
            return whole
        for size in total.powers:
            # `width // heads` is the width of a head, also where nothing says that it comes out even.
            each = run.facts.normal(floor_divide(size, dims[axis]))
            if run.facts.equal(each, width) is Answer.YES and total.is_power(run, size, -1):
                return size
    return None


def _is_written_down(run: Run, heads: int) -> bool:
    """Whether the code holds the number 1 / sqrt(heads)."""
    root = math.isqrt(heads)
    if root**2 != heads or root < 2:
        return False
    written = re.escape(repr(1 / root).removeprefix("0"))
    return bool(run.scope.module.source.holds(re.compile(rf"(?<![\w.])0?{written}0*(?!\w)")))


def _other_axis(run: Run, attention: Attention, total: Factor, width: Dim) -> str | None:
    """The axis of query or key whose root was taken instead, where it is certainly none of features."""
    for name, tensor, width_axis in (
        ("query", attention.query, attention.width_axes[0]),
        ("key", attention.key, attention.width_axes[1]),
    ):
        dims = run.facts.resolve(tensor.shape).dims
        for axis in range(-len(dims), 0):
            size = dims[axis]
            if axis == width_axis or size == 1 or run.facts.equal(size, width) is Answer.YES:
                continue
            if total.is_power(run, size, -1):
                made_of, wide = history(tensor, axis), history(tensor, width_axis)
                if is_heads_of(made_of, wide):
                    return f"the number of heads {size}"
                if not isinstance(size, Expression):
                    continue  # two numbers that happen to be equal
                if _is_input_axis(made_of) and not _is_input_axis(wide):
                    # Attention across channels is scaled by their number: there the axis is one of features.
                    return f"{size} (axis {axis} of the {name})"
    return None


def _is_input_axis(axis: Axis | None) -> bool:
    """Whether an axis is one that came in: samples or tokens, not features that a layer made."""
    return (
        axis is not None
        and axis.source is not None
        and not (isinstance(axis.source, tuple) and axis.source[:1] == ("output",))
    )


def _as_documented(attention: Attention, observation: Observation, width: Dim) -> Tensor:
    """The scores that a fused op makes inside: ``query @ key^T * scale``."""
    query, key = attention.query, attention.key
    dims = key.shape.dims
    flipped = Shape((*dims[:-2], dims[-1], dims[-2]), key.shape.rest)
    turned = Tensor(flipped, key.dtype, maker=Maker("torch.Tensor.transpose", (key, -2, -1), {}))
    shape = Shape((*query.shape.dims[:-1], dims[-2]), query.shape.rest)
    raw = Tensor(shape, query.dtype, maker=Maker("operator.matmul", (query, turned), {}))
    given = _keyword(attention.call, "scale")
    scale: Value = given
    if given is None:
        number = ("number", "int", width)
        scale = Unknown("the default scale", ("float", "**", number, ("number", "float", -0.5)), kind="float")
    return Tensor(shape, query.dtype, label="scores", maker=Maker("operator.mul", (raw, scale), {}))


WATCHERS: dict[str, Watcher] = dict.fromkeys(
    ("matmul", "bmm", "einsum", "__matmul__", "baddbmm", "scaled_dot_product_attention"), watch
)
