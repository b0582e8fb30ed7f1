"""The property functions on attention that is right, and on the same with one mistake each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from attnlint.verify import properties
from attnlint.verify.property_script import source_of

Tensors = dict[str, torch.Tensor]
SAMPLES, HEADS, TOKENS, WIDTH = 2, 3, 5, 7


def inputs() -> Tensors:
    torch.manual_seed(0)
    shape = (SAMPLES, HEADS, TOKENS, WIDTH)
    mask = torch.zeros(SAMPLES, 1, 1, TOKENS, dtype=torch.bool)
    return {"q": torch.randn(shape), "k": torch.randn(shape), "v": torch.randn(shape), "mask": mask}


def attention(
    *, scale: float = WIDTH**-0.5, axis: int = -1, fill: float = -1e9, causal: bool = False, dropout: float = 0.0
) -> Callable[[Tensors], Tensors]:
    def run(given: Tensors) -> Tensors:
        scores = given["q"] @ given["k"].transpose(-2, -1) * scale
        raw = scores
        scores = scores.masked_fill(given["mask"], fill)
        if causal:
            scores = scores.masked_fill(torch.ones(TOKENS, TOKENS).tril() == 0, float("-inf"))
        weights = torch.nn.functional.dropout(scores.softmax(axis), dropout)
        return {"scores": raw, "weights": weights, "output": weights @ given["v"]}

    return run


def split(view: bool) -> Callable[[Tensors], Tensors]:
    def run(given: Tensors) -> Tensors:
        x = given["x"]
        if view:
            return {"heads": x.view(SAMPLES, HEADS, TOKENS, WIDTH)}
        return {"heads": x.view(SAMPLES, TOKENS, HEADS, WIDTH).transpose(1, 2)}

    return run


KEYS = [("k", -2), ("v", -2)]
MASKED = ("mask", -1, KEYS, "output")
CASES: list[tuple[Callable[..., str], Any, Any, tuple[Any, ...], dict[str, Any], str]] = [
    (properties.rows_sum_to_one, attention(), attention(axis=-2), ("weights",), {}, "over the keys, not to 1"),
    (properties.rows_sum_to_one, attention(), attention(dropout=0.5), ("weights",), {"mask": "mask"}, "not to 1"),
    (properties.scores_have_unit_variance, attention(), attention(scale=1.0), (("q", "k"), "scores"), {}, "variance 7"),
    (properties.masked_keys_have_no_weight, attention(), attention(fill=1e-9), ("mask", "weights"), {}, "the weight"),
    (
        properties.ignores_masked_keys,
        attention(),
        attention(fill=0.0),
        MASKED,
        {"kept": 0, "excluded": 1},
        "key 4 is masked, and the result changes",
    ),
    (
        properties.is_causal,
        attention(causal=True),
        attention(),
        (KEYS, "output", -2),
        {},
        "token 0 changes when the later",
    ),
    (properties.future_has_no_weight, attention(causal=True), attention(), ("weights",), {}, "which comes later"),
    (properties.ignores_order_of_keys, attention(), attention(causal=True), (KEYS, "output"), {}, "in another order"),
    (
        properties.evaluation_repeats_itself,
        attention(),
        attention(dropout=0.3),
        ("output",),
        {},
        "another result every",
    ),
]


@pytest.mark.parametrize(
    ("question", "right", "wrong", "arguments", "keywords", "seen"),
    CASES,
    ids=[f"{number}-{case[0].__name__}" for number, case in enumerate(CASES)],
)
def test_it_holds_where_it_should_and_says_what_it_saw(
    question: Callable[..., str], right: Any, wrong: Any, arguments: Any, keywords: Any, seen: str
) -> None:
    assert question(right, inputs(), *arguments, **keywords) == ""
    assert seen in question(wrong, inputs(), *arguments, **keywords)


def test_tokens_of_a_head() -> None:
    given = {"x": torch.randn(SAMPLES, TOKENS, HEADS * WIDTH)}
    arguments = ("x", 1, "heads", 2)
    assert properties.made_of_its_own(split(view=False), given, *arguments, heads_axis=1) == ""
    seen = properties.made_of_its_own(split(view=True), given, *arguments, heads_axis=1)
    assert seen == "head 0 of token 1 is made of tokens 0"


def test_samples_that_mix_and_tokens_that_do_not() -> None:
    given = inputs()
    assert properties.made_of_its_own(attention(), given, "v", 0, "output", 0, word="sample") == ""

    def mixing(tensors: Tensors) -> Tensors:
        return {"output": tensors["v"] - tensors["v"].mean(0)}

    seen = properties.made_of_its_own(mixing, given, "v", 0, "output", 0, word="sample")
    assert seen == "sample 0 changes when sample 1 does"
    assert properties.sees_others(attention(), given, "v", -2, "output", -2) == ""
    assert properties.sees_others(lambda tensors: {"output": tensors["v"]}, given, "v", -2, "output", -2) == (
        "no token sees another one"
    )


def test_every_function_is_complete_by_itself() -> None:
    own = [value for value in vars(properties).values() if getattr(value, "__module__", "") == properties.__name__]
    assert len(own) > 12
    for name in (each.__name__ for each in own):
        names: dict[str, Any] = {"torch": torch}
        exec(source_of(name), names)
        assert callable(names[name])


def of_rows(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Tensors], Tensors]:
    return lambda given: {"made": change(given["x"])}


ROWS = {"x": torch.randn(4, 4), "y": torch.randn(4)}


@pytest.mark.parametrize(
    ("question", "right", "wrong", "arguments", "seen"),
    [
        (properties.depends_on_its_input, of_rows(lambda x: x.softmax(1)), of_rows(lambda x: x[:, :1].softmax(1)),
         ("x", "made"), "every input gives the same result, 1"),
        (properties.exponentials_sum_to_one, of_rows(lambda x: x.log_softmax(1)), of_rows(lambda x: x.log_softmax(0)),
         ("made", 1), "over the classes, not to 1"),
        (properties.can_be_certain, of_rows(lambda x: x.softmax(1)), of_rows(lambda x: x.softmax(1).softmax(1)),
         ("x", 1, "made", 1), "the highest probability that certain logits get is 0.48"),
        (properties.keeps_lengths, of_rows(lambda x: x.flip(1)), of_rows(lambda x: x + x.flip(1)),
         ("x", "made"), "comes out with length"),
        (properties.depends_on_order, of_rows(lambda x: x @ ROWS["x"]), of_rows(lambda x: x.sum(1)),
         ("x", 1, "made"), "none is paired with its own"),
        (properties.is_a_part, of_rows(lambda x: x.T.reshape(16)), of_rows(lambda x: x.reshape(16)),
         ("x", 1, "made", 0, 4), "index 4 changes when index 0 does, and not index 1"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_properties_of_rows(question: Any, right: Any, wrong: Any, arguments: Any, seen: str) -> None:
    assert question(right, ROWS, *arguments) == ""
    assert seen in question(wrong, ROWS, *arguments)


def test_copies_that_meet_their_own() -> None:
    given = {"x": torch.randn(2, 3), "keep": torch.randn(2)}

    def copied(how: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Tensors], Tensors]:
        return lambda tensors: {"rows": tensors["x"].reshape(6), "mask": how(tensors["keep"])}

    sides = (("x", 0, "rows", 0), ("keep", 0, "mask", 0))
    assert properties.meets_its_own(copied(lambda keep: keep.repeat_interleave(3)), given, *sides) == ""
    seen = properties.meets_its_own(copied(lambda keep: keep.repeat(3)), given, *sides)
    assert seen == "index 0 of one lies at 0, 1 and 2, that of the other at 0, 2 and 4"


def test_a_mask_of_each_sample() -> None:
    heads = {"mask": torch.zeros(2, 5, 5), "x": torch.randn(2, 5, 6)}

    def attending(copies: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Tensors], Tensors]:
        torch.manual_seed(0)
        layer = torch.nn.MultiheadAttention(6, 3, batch_first=True)
        return lambda given: {"out": layer(*[given["x"]] * 3, attn_mask=copies(given["mask"]))[0]}

    where = ("mask", 0, "out", 0)
    assert properties.masks_its_own(attending(lambda mask: mask.repeat_interleave(3, dim=0)), heads, *where) == ""
    seen = properties.masks_its_own(attending(lambda mask: mask.repeat(3, 1, 1)), heads, *where)
    assert seen == "the mask of sample 0 changes sample 1"
