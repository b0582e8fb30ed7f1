"""ATN305 and ATN306: masks that do not take out the keys that they name.

What is looked at is what happens to the scores between the product and the softmax, and to the weights after it.
Where more than one thing is done to them, one may make up for the other: then nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attnlint.algebra import Answer, Dim, Shape
from attnlint.findings import Property
from attnlint.interpreter import operations
from attnlint.interpreter.silent.flow import Step, argument, is_same, maker_of
from attnlint.interpreter.silent.mask_meaning import (
    NEGATIVE,
    Meaning,
    additive_meaning,
    is_mask,
    is_negative,
    meaning_of,
)
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.weightings import Weighting, weighting_of
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_ABOUT_NUMBERS = frozenset("isnan isinf isfinite all any".split())
"""A mask made by these repairs rows; it does not name keys."""


_MASKING = frozenset(
    """masked_fill where eq ne lt le gt ge triu tril full full_like log logical_not bitwise_not logical_and logical_or
    bitwise_and bitwise_or invert and_ or_ generate_square_subsequent_mask setitem masked_scatter tensor
    as_tensor""".split()
)
"""Operations that masks are made with."""


@dataclass(frozen=True, slots=True)
class Masking:
    """One thing that is done to scores or weights with another tensor."""

    kind: Literal["fill", "times", "plus", "other"]
    call: Maker
    operand: Tensor
    """What it is done to."""
    mask: Value
    fill: Value = None


def watch(observation: Observation) -> None:
    """Look at the masks of weights that are made by a softmax and multiplied with values."""
    weighting = weighting_of(observation)
    if weighting is None:
        return
    run = observation.run
    before = [found for step in weighting.before if (found := _masking(run, step)) is not None]
    after = [found for step in weighting.after if (found := _masking(run, step)) is not None]
    if after and not before and not weighting.renormalized:
        _late(observation, weighting, after)
    elif weighting.normalized == weighting.summed:
        for masking in before:
            others = [
                each
                for each in before
                if each is not masking and (not _is_bias(run, each) or _is_made_of(each.mask, masking.mask))
            ]
            _early(observation, weighting, masking, alone=not others)


def _masking(run: Run, step: Step) -> Masking | None:
    """What a step does with another tensor; ``None`` where it only does arithmetic with numbers."""
    call = step.call
    if step.name == "masked_fill":
        if not is_same(argument(call, "input", 0), step.operand):
            return Masking("other", call, step.operand, None)
        return Masking("fill", call, step.operand, argument(call, "mask", 1), argument(call, "value", 2))
    if step.name == "where":
        condition, one, other = (
            argument(call, name, place) for place, name in enumerate(("condition", "input", "other"))
        )
        fill = other if is_same(one, step.operand) else one
        return Masking("other" if isinstance(fill, Tensor | Unknown) else "fill", call, step.operand, condition, fill)
    others = [value for value in call.arguments if not is_same(value, step.operand) and _may_be_tensor(run, value)]
    if step.name in ("add", "sub", "mul", "div", "maximum", "minimum", "addcmul") and others:
        if any(_is_number_tensor(value) for value in others):
            return None
        kind: Literal["times", "plus", "other"] = (
            "times" if step.name == "mul" else "plus" if step.name == "add" else "other"
        )
        return Masking(kind, call, step.operand, others[0])
    return Masking("other", call, step.operand, None) if step.name in ("cat", "concat", "pad", "getitem") else None


def _may_be_tensor(run: Run, value: Value) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, Unknown) and value.kind not in ("float", "int"))


def _is_number_tensor(value: Value) -> bool:
    """A tensor without axes: a scale."""
    return isinstance(value, Tensor) and value.shape.rest is None and not value.shape.dims


# --- after the softmax ------------------------------------------------------------------------------------------------


def _late(observation: Observation, weighting: Weighting, after: list[Masking]) -> None:
    """A mask on the weights: the keys that it takes out have had their share of the softmax."""
    if len(after) != 1 or weighting.normalized != weighting.summed:
        return
    if maker_of(weighting.raw) is None:
        # What comes in from elsewhere, or from two branches, may have been masked before.
        return
    masking = after[0]
    run = observation.run
    zero = masking.kind == "fill" and isinstance(masking.fill, int | float) and masking.fill == 0
    low = masking.kind == "fill" and is_negative(masking.fill)
    if not (zero or low or (masking.kind == "times" and is_mask(run, masking.mask))) or _repairs(masking.mask):
        return
    if _is_constant_along(run, masking, weighting.axis):
        return
    observation.report(
        Complaint(
            "ATN306",
            f"a mask after the softmax: {masking.fill} is no weight that takes an element out"
            if low
            else "a mask after the softmax: the weights that are left do not sum to 1",
            advice="mask the scores before the softmax: `scores.masked_fill(mask == 0, float('-inf'))`",
        ),
        Property(
            "rows_sum_to_one",
            {"weights": weighting.weights, "axis": weighting.axis, "mask": masking.mask},
            _inputs(run, weighting, masking),
        ),
        at=masking.call,
        alone=True,
    )


def _inputs(run: Run, weighting: Weighting, masking: Masking, code: str = "") -> tuple[Value, ...]:
    """Where the proof begins: scores and mask; a mask of unknown rank is one of every key of every query, or one
    that lies along the queries."""
    mask: Value = masking.mask
    known = _tensor(run, mask)
    if known is None or known.shape.rest is not None:
        shape = run.facts.resolve(masking.operand.shape)
        if code == "ATN305" and weighting.normalized is not None:
            dims = list(shape.dims)
            dims[weighting.normalized] = 1
            shape = Shape(tuple(dims), shape.rest)
        dtype = "bool" if masking.kind == "fill" else known.dtype if known is not None else None
        mask = (mask, Tensor(shape, dtype, label=known.label if known is not None else "mask"))
    return (weighting.raw, mask)


# --- before the softmax -----------------------------------------------------------------------------------------------


def _early(observation: Observation, weighting: Weighting, masking: Masking, *, alone: bool) -> None:
    """``alone``: nothing else is done to the scores that may mask them, too."""
    run = observation.run
    if masking.mask is None or _repairs(masking.mask):
        return
    wrong = sense(run, masking)
    if wrong is not None:
        observation.report(
            Complaint("ATN306", f"the mask is inverted: {wrong.summary}", advice="turn the mask round: `~mask`"),
            wrong.proof(weighting, masking.operand, observation.result),
            certain=wrong.certain,
            at=masking.call,
            alone=True,
        )
        return
    fault = _fault(run, weighting, masking) if alone or _is_tiny(masking.fill) else None
    if fault is None:
        return
    code, summary, advice = fault
    observation.report(
        Complaint(code, summary, advice=advice),
        Property(
            "masked_keys_have_no_weight",
            # What is multiplied or added takes out where it is 0; what is filled, where it is true.
            {
                "mask": masking.mask,
                "weights": weighting.weights,
                "axis": weighting.axis,
                "excluded": masking.kind == "fill",
            },
            _inputs(run, weighting, masking, code),
        ),
        at=masking.call,
        alone=True,
    )


def _is_tiny(fill: Value) -> bool:
    """1e-9: the minus is at the wrong place, whatever else is done to the scores."""
    return isinstance(fill, float) and 0 < fill < 1e-3


def _fault(run: Run, weighting: Weighting, masking: Masking) -> tuple[str, str, str] | None:
    """Code, summary and advice."""
    advice = "fill with `float('-inf')`, or the lowest number of the dtype"
    if masking.kind == "fill":
        if isinstance(masking.fill, int | float) and masking.fill > NEGATIVE:
            what = f"masked scores are filled with {masking.fill:g}: they keep a weight"
            if masking.fill > -NEGATIVE:
                what = f"masked scores are filled with {masking.fill:g}: they take all the weight"
            return "ATN306", what, advice
        if is_negative(masking.fill) and _lies_along_queries(run, masking, weighting.normalized):
            return (
                "ATN305",
                "the mask lies along the queries: every key of a query is masked, or none",
                "a mask of keys has its axis last: `mask[:, None, None, :]`",
            )
    if masking.kind == "times" and is_mask(run, masking.mask):
        return "ATN306", "scores times a mask are 0 where it is 0: those keys keep a weight", advice
    if masking.kind == "plus" and is_mask(run, masking.mask):
        return "ATN306", "a mask of 0 and 1 is added to the scores: it takes nothing out", advice
    return None


@dataclass(frozen=True, slots=True)
class Inverted:
    """A mask that takes out what should stay."""

    summary: str
    meaning: Meaning
    certain: bool = True

    def proof(self, weighting: Weighting, operand: Tensor, result: Value) -> Property | None:
        """What the verifier looks at."""
        axis, attention = weighting.axis, weighting.attention
        if self.meaning.tokens is None:
            arguments: dict[str, Value] = {"weights": weighting.weights, "key_axis": axis, "query_axis": -3 - axis}
            return Property("future_has_no_weight", arguments, (weighting.raw,))
        if attention is None:
            return None
        keys = ((attention.key, attention.key_axis), (attention.value, attention.value_axis))
        parts = (attention.query, attention.key, attention.value)
        if self.meaning.by_length:
            lengths = lengths_input(self.meaning.tokens, operand.shape.dims[0])
            given: dict[str, Value] = {"lengths": self.meaning.tokens, "keys": keys, "result": result}
            return Property("ignores_what_lies_behind", given, (*parts, lengths))
        pad = self.meaning.pad if isinstance(self.meaning.pad, int) else 0
        tokens: Value = self.meaning.tokens
        dims = operand.shape.dims
        if not (isinstance(tokens, Tensor) and tokens.shape.rest is None) and len(dims) > 2:
            tokens = (tokens, Tensor(Shape((dims[0], dims[-1])), "int64", label=tokens.label))
        return Property(
            "ignores_masked_keys",
            {
                "mask": self.meaning.tokens,
                "mask_axis": -1,
                "keys": keys,
                "result": result,
                "kept": pad + 1,
                "excluded": pad,
            },
            (*parts, tokens),
        )


def lengths_input(lengths: Value, samples: Dim) -> Value:
    """Lengths as an input of a proof: one number a sample."""
    if isinstance(lengths, Tensor) and lengths.shape.rest is None and lengths.dtype is not None:
        return lengths
    return (lengths, Tensor(Shape((samples,)), "int64", label=lengths.label))


def sense(run: Run, masking: Masking) -> Inverted | None:
    """What is wrong with the sense of a mask; ``None`` where it is right or not known."""
    if masking.kind == "fill" and is_negative(masking.fill):
        meaning = meaning_of(run, masking.mask)
    elif masking.kind == "plus":
        meaning = additive_meaning(run, masking.mask)
    else:
        return None
    return inverted(meaning)


def inverted(out: Meaning | None) -> Inverted | None:
    """What is wrong with taking out what has this meaning."""
    if out is None:
        return None
    if out.kind == "past":
        return Inverted("it takes out the past and leaves the future", out)
    if out.kind == "future" and out.diagonal <= 0:
        return Inverted("a token is masked itself, and the first one has no key left", out, certain=False)
    if out.kind == "real":
        # Numbers that come in from elsewhere may be where the tokens start, behind a padding on the left.
        told = not out.by_length or maker_of(out.tokens) is not None
        return Inverted("it takes out the tokens and leaves the padding", out, certain=told)
    return None


def _is_bias(run: Run, masking: Masking) -> bool:
    """Whether what is added is no mask: made of weights and positions, without a comparison and a low number."""
    if masking.kind != "plus":
        return False
    front, seen = [masking.mask], 0
    while front and seen < 40:
        value = front.pop()
        seen += 1
        if isinstance(value, Unknown) and value.kind not in ("float", "int"):
            return False
        if not isinstance(value, Tensor) or value.is_parameter:
            continue
        call = maker_of(value)
        if call is None or call.operation.rpartition(".")[2].strip("_") in _MASKING:
            return False
        front += (*call.arguments, *call.keywords.values())
    return not front


def _is_made_of(value: Value, mask: Value) -> bool:
    """Whether a mask has a part in what is added as well: ``scores * mask - 1e4 * (1 - mask)``."""
    if not isinstance(mask, Tensor):
        return False
    front, seen = [value], 0
    while front and seen < 40:
        value = front.pop()
        seen += 1
        if is_same(value, mask):
            return True
        call = maker_of(value)
        if call is not None:
            front += (*call.arguments, *call.keywords.values())
    return False


def _repairs(mask: Value) -> bool:
    """Whether a mask was made of what the scores are, to repair them."""
    front = [mask]
    for _ in range(12):
        if not front:
            return False
        call = maker_of(front.pop())
        if call is not None:
            if call.operation.rpartition(".")[2] in _ABOUT_NUMBERS:
                return True
            front += call.arguments
    return False


def _tensor(run: Run, value: Value) -> Tensor | None:
    return operations.tensor_of(run, value) if isinstance(value, Tensor | Unknown) else None


def _lies_along_queries(run: Run, masking: Masking, axis: int | None) -> bool:
    """Whether a mask has one element for all keys, and more along another axis: a token's own, alone, has none."""
    mask = _tensor(run, masking.mask)
    return (
        mask is not None
        and _is_constant_along(run, masking, axis)
        and (mask.shape.rest is not None or any(dim != 1 for dim in mask.shape.dims))
    )


def _is_constant_along(run: Run, masking: Masking, axis: int | None) -> bool:
    """Whether a mask is known to have one element along an axis of the scores that has more."""
    mask = _tensor(run, masking.mask)
    scores = run.facts.resolve(masking.operand.shape).dims
    if mask is None or axis is None or len(scores) < -axis or run.facts.is_one(scores[axis]) is Answer.YES:
        return False
    dims = mask.shape.dims
    if len(dims) >= -axis:
        return isinstance(dims[axis], int) and dims[axis] == 1
    if mask.shape.rest is None:
        return True
    # `mask[:, None, :, None]` of what may have any number of axes: as many as the scores, or nothing fits.
    call = maker_of(mask)
    index = call.arguments[1] if call is not None and call.operation.endswith("getitem") else None
    return isinstance(index, tuple) and len(index) == len(scores) and Ellipsis not in index and index[axis] is None


WATCHERS: dict[str, Watcher] = dict.fromkeys(("matmul", "bmm", "einsum", "__matmul__", "baddbmm"), watch)
