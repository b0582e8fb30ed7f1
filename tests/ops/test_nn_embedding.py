"""Tables of vectors: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("embedding", of("long", 2), real(4, 5)),
    function("embedding", of("long", 2), real(4)),
    function("embedding", of("long", 2), real(4, 5, 6)),
    function("embedding", real(2), real(4, 5)),
    function("embedding", torch.ones(2, dtype=torch.int32), real(4, 5)),
    function("embedding", torch.ones(2, dtype=torch.int16), real(4, 5)),
    function("embedding", torch.ones(2, dtype=torch.bool), real(4, 5)),
    function("embedding", torch.ones(2, dtype=torch.uint8), real(4, 5)),
    function("embedding", torch.tensor([4]), real(4, 5)),
    function("embedding", torch.tensor([-1]), real(4, 5)),
    function("embedding", torch.tensor([1]), real(4, 5), padding_idx=4),
    function("embedding", torch.tensor([1]), real(4, 5), padding_idx=-4),
    function("embedding", torch.tensor([1]), real(4, 5), padding_idx=-5),
    function("embedding", torch.tensor([1]), real(4), max_norm=1),
    function("embedding", of("long", 2), of("long", 4, 5)),
    layer("Embedding", 4, 5, padding_idx=4)(real(1)),
    layer("Embedding", 4, 5, padding_idx=-5)(real(1)),
    layer("Embedding", 4, 5, _weight=real(4, 4))(real(1)),
    layer("EmbeddingBag", 4, 5)(of("long", 2, 3)),
    layer("EmbeddingBag", 4, 5)(of("long", 2, 3), of("long", 2)),
    layer("EmbeddingBag", 4, 5)(of("long", 6), torch.tensor([0, 2])),
    layer("EmbeddingBag", 4, 5)(of("long", 6)),
    layer("EmbeddingBag", 4, 5)(of("long", 6, 1, 1)),
    layer("EmbeddingBag", 4, 5)(real(6, 1)),
    layer("EmbeddingBag", 4, 5)(of("long", 6), torch.tensor([0, 2]).int()),
    layer("EmbeddingBag", 4, 5)(of("long", 6).int(), torch.tensor([0, 2])),
    layer("EmbeddingBag", 4, 5)(of("long", 6), torch.tensor([0.0, 2])),
    layer("EmbeddingBag", 4, 5)(of("long", 6), torch.tensor([[0, 2]])),
    layer("EmbeddingBag", 4, 5, mode="sum")(of("long", 6), torch.tensor([0, 2]), real(6)),
    layer("EmbeddingBag", 4, 5, mode="sum")(of("long", 6), torch.tensor([0, 2]), real(5)),
    layer("EmbeddingBag", 4, 5, mode="sum")(of("long", 2, 3), per_sample_weights=real(2, 3)),
    layer("EmbeddingBag", 4, 5, mode="sum")(of("long", 2, 3), per_sample_weights=real(2, 2)),
    layer("EmbeddingBag", 4, 5, mode="mean")(of("long", 2, 3), per_sample_weights=real(2, 3)),
    layer("EmbeddingBag", 4, 5, mode="sum", include_last_offset=True)(of("long", 6), torch.tensor([0, 2, 6])),
    layer("EmbeddingBag", 4, 5, mode="foo")(real(1)),
    function("embedding_bag", of("long", 2, 3), real(4, 5)),
    function("embedding_bag", real(4, 5), of("long", 2, 3)),
    function("one_hot", of("long", 2, 3), 5),
    function("one_hot", of("long", 2, 3)),
    function("one_hot", real(2, 3), 5),
    function("one_hot", torch.ones(2).int(), 5),
    function("one_hot", torch.tensor([5]), 5),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_torch_and_the_rule_agree(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_silent_and_right_with_less_known(case: Case) -> None:
    case.check_with_less_known()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_symbols_put_back_give_the_integers(case: Case) -> None:
    case.check_with_symbols_for_all_sizes()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_dtype_gives_a_false_alarm(case: Case) -> None:
    case.check_with_other_dtypes()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_for_any_strides(case: Case) -> None:
    case.check_with_other_strides()
