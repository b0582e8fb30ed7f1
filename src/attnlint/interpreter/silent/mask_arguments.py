"""ATN305 and ATN306 where torch applies the mask: the mask arguments of attention functions and layers.

True in a bool mask says the opposite in two of them: ``scaled_dot_product_attention`` lets a key take part where it is
true, ``nn.MultiheadAttention`` and the layers made of it ignore it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Expression, Shape, Symbol
from attnlint.findings import Property
from attnlint.interpreter import operations
from attnlint.interpreter.silent.mask_meaning import Meaning, additive_meaning, meaning_of
from attnlint.interpreter.silent.masks import inverted
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_TRIANGLES = ("attn_mask", "mask", "src_mask", "tgt_mask")
_PADDING = ("key_padding_mask", "src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask")


def function(observation: Observation) -> None:
    """``F.scaled_dot_product_attention(query, key, value, attn_mask)``: true takes part."""
    bound = observation.call.arguments
    mask = bound.get("attn_mask")
    if not isinstance(mask, Tensor):
        return
    run = observation.run
    if _lies_along_queries(run, observation, mask):
        return
    if _adds_ones(run, observation, mask):
        return
    meaning = _taken_out(run, mask, true_takes_part=True)
    _report(observation, mask, meaning, "true in attn_mask says that a key takes part")


def layer(observation: Observation) -> None:
    """``nn.MultiheadAttention`` and the transformer layers: true is ignored."""
    run = observation.run
    for name in (*_TRIANGLES, *_PADDING):
        mask = observation.call.arguments.get(name)
        if isinstance(mask, Tensor):
            if name in _TRIANGLES and _adds_ones(run, observation, mask):
                return
            _report(
                observation,
                mask,
                _taken_out(run, mask, true_takes_part=False),
                f"true in {name} says that a key is ignored",
            )


def _taken_out(run: Run, mask: Tensor, *, true_takes_part: bool) -> Meaning | None:
    """What a mask takes out."""
    if mask.dtype == "bool":
        meaning = meaning_of(run, mask)
        return meaning.inverted() if meaning is not None and true_takes_part else meaning
    return additive_meaning(run, mask) if mask.dtype is None or mask.dtype.startswith("float") else None


def _report(observation: Observation, mask: Tensor, meaning: Meaning | None, convention: str) -> None:
    wrong = inverted(meaning)
    if wrong is None or meaning is None:
        return
    summary = f"the mask is inverted: {wrong.summary}"
    if mask.dtype == "bool" and wrong.certain:
        summary = f"{convention}: {wrong.summary}"
    elif not wrong.certain:
        summary = wrong.summary
    observation.report(
        Complaint("ATN306", summary, arguments=("attn_mask",), advice="turn the mask round: `~mask`"),
        _proof(observation, meaning),
        certain=wrong.certain,
    )


def _proof(observation: Observation, meaning: Meaning) -> Property | None:
    """The op again, with another content at one token."""
    bound = observation.call.arguments
    result = observation.result[0] if isinstance(observation.result, tuple) else observation.result
    axis = _token_axis(observation)
    sources = [bound[name] for name in ("key", "value", "src", "tgt", "input") if isinstance(bound.get(name), Tensor)]
    if not isinstance(result, Tensor) or axis is None or not sources:
        return None
    keys = tuple((each, axis) for index, each in enumerate(sources) if all(each is not one for one in sources[:index]))
    operands = [*sources, *(bound[name] for name in ("query",) if isinstance(bound.get(name), Tensor))]
    if meaning.tokens is None:
        return Property("is_causal", {"sources": keys, "result": result, "result_axis": axis}, tuple(operands))
    pad = meaning.pad if isinstance(meaning.pad, int) else 0
    arguments: dict[str, Value] = {
        "mask": meaning.tokens,
        "mask_axis": -1,
        "keys": keys,
        "result": result,
        "kept": pad + 1,
        "excluded": pad,
        "own_axis": axis,
    }
    return Property("ignores_masked_keys", arguments, tuple(_with_ranks(operands, meaning.tokens, axis)))


def _with_ranks(operands: list[Tensor], tokens: Value, axis: int) -> Iterator[Value]:
    """The operands and the tokens; three and two axes where their number is not known."""
    if all(each.shape.rest is None for each in operands) and isinstance(tokens, Tensor) and tokens.shape.rest is None:
        yield from (*operands, tokens)
        return
    samples, count = (Expression.of(Symbol(name, key=("proof", name), minimum=1)) for name in ("samples", "tokens"))
    for each in operands:
        if each.shape.rest is not None and len(each.shape.dims) == 1:
            leading = (samples, count) if axis == -2 else (count, samples)
            yield (each, Tensor(Shape((*leading, each.shape.dims[-1])), each.dtype, label=each.label))
        else:
            yield each
    yield (tokens, Tensor(Shape((samples, count)), "int64", label=tokens.label))


def _token_axis(observation: Observation) -> int | None:
    """The axis of the tokens in the operands."""
    if observation.layer is None:
        return -2
    settings: Mapping[str, Value] = observation.layer.attributes
    first = settings.get("batch_first")
    if not isinstance(first, bool):
        return None
    return -2 if first else -3


def _adds_ones(run: Run, observation: Observation, mask: Tensor) -> bool:
    """A mask of 1 and 0 in floats is added to the scores."""
    if mask.dtype is None or not mask.dtype.startswith("float"):
        return False
    meaning = meaning_of(run, mask)
    if meaning is None:
        return False
    proof = None
    if meaning.tokens is None:
        out = meaning if meaning.kind == "future" else meaning.inverted()
        proof = _proof(observation, out)
    observation.report(
        Complaint(
            "ATN306",
            "a float mask is added to the scores: 1 and 0 take nothing out",
            arguments=("attn_mask",),
            advice="make it a bool mask with `.bool()`, or fill with `float('-inf')`",
        ),
        proof,
    )
    return True


def _lies_along_queries(run: Run, observation: Observation, mask: Tensor) -> bool:
    """A mask with one element for all keys."""
    shape = run.facts.resolve(mask.shape)
    key = operations.tensor_of(run, observation.call.arguments.get("key"))
    if shape.rest is not None or not shape.dims or key is None or len(key.shape.dims) < 2:
        return False
    keys = run.facts.resolve(key.shape).dims[-2]
    if not isinstance(shape.dims[-1], int) or shape.dims[-1] != 1 or run.facts.is_one(keys) is Answer.YES:
        return False
    if len(shape.dims) < 2 or (isinstance(shape.dims[-2], int) and shape.dims[-2] == 1):
        return False
    query, value = observation.call.arguments.get("query"), observation.call.arguments.get("value")
    result = observation.result
    inputs = tuple(each for each in (query, key, value, mask) if isinstance(each, Tensor))
    proof = None
    if isinstance(result, Tensor) and mask.dtype == "bool":
        proof = Property("masks_leave_numbers", {"mask": mask, "result": result}, inputs)
    observation.report(
        Complaint(
            "ATN305",
            "the mask lies along the queries: every key of a query is masked, or none",
            arguments=("attn_mask",),
            advice="a mask of keys has its axis last: `mask[:, None, None, :]`",
        ),
        proof,
    )
    return True


WATCHERS: dict[str, Watcher] = {
    "scaled_dot_product_attention": function,
    **dict.fromkeys(
        (
            "MultiheadAttention",
            "TransformerEncoderLayer",
            "TransformerEncoder",
            "TransformerDecoderLayer",
            "TransformerDecoder",
            "Transformer",
        ),
        layer,
    ),
}
