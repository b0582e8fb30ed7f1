"""ATN305 and ATN306 where torch applies the mask: the mask arguments of attention functions and layers.

True in a bool mask says the opposite in two of them: ``scaled_dot_product_attention`` lets a key take part where it is
true, ``nn.MultiheadAttention`` and the layers made of it ignore it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Shape
from attnlint.findings import Property
from attnlint.interpreter import operations
from attnlint.interpreter.silent.mask_meaning import Meaning, additive_meaning, meaning_of
from attnlint.interpreter.silent.masks import inverted, lengths_input
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
    known = {
        name: tensor
        for name in ("query", "key", "value", "src", "tgt", "input")
        if (tensor := operations.tensor_of(observation.run, bound.get(name))) is not None
    }
    sources = [bound[name] for name in known if name != "query"]
    if not isinstance(result, Tensor) or axis is None or not sources:
        return None
    keys = tuple((each, axis) for index, each in enumerate(sources) if all(each is not one for one in sources[:index]))
    samples, inputs = _with_ranks(observation.run, [(bound[name], known[name]) for name in known], axis)
    if meaning.tokens is None:
        return Property("is_causal", {"sources": keys, "result": result, "result_axis": axis}, inputs)
    if meaning.by_length:
        given: dict[str, Value] = {"lengths": meaning.tokens, "keys": keys, "result": result, "own_axis": axis}
        return Property("ignores_what_lies_behind", given, (*inputs, lengths_input(meaning.tokens, samples)))
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
    tokens = meaning.tokens
    if not (isinstance(tokens, Tensor) and tokens.shape.rest is None and tokens.dtype is not None):
        count = inputs[-1][1].shape.dims[axis]
        tokens = (tokens, Tensor(Shape((samples, count)), "int64", label=tokens.label))
    return Property("ignores_masked_keys", arguments, (*inputs, tokens))


def _with_ranks(
    run: Run, operands: list[tuple[Value, Tensor]], axis: int
) -> tuple[Dim, tuple[tuple[Value, Tensor], ...]]:
    """The number of samples, and the operands; as many axes as the others have, or three, where that is not known."""
    facts = run.facts.fork()
    leading = (facts.leading(operands[0][1].shape, index) for index in ((0, 1) if axis == -2 else (1, 0)))
    samples, count = leading
    whole = next((tensor.shape.dims for _, tensor in operands if tensor.shape.rest is None), None)
    inputs: list[tuple[Value, Tensor]] = []
    for value, tensor in operands:
        dims = tensor.shape.dims
        if tensor.shape.rest is None or len(dims) > 2:
            inputs.append((value, tensor))
            continue
        if whole is not None and len(whole) >= len(dims):
            dims = (*whole[: len(whole) - len(dims)], *dims)
        elif len(dims) == 2:
            dims = (samples, *dims)
        else:
            dims = (samples, count, *dims) if axis == -2 else (count, samples, *dims)
        inputs.append((value, Tensor(Shape(dims), tensor.dtype, label=tensor.label)))
    return inputs[0][1].shape.dims[0 if axis == -2 else 1], tuple(inputs)


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
