"""Distances: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("normalize", real(2), dim=1),
    function("normalize", real(2, 3)),
    function("normalize", of("long", 2, 3)),
    layer("CosineSimilarity")(real(3, 4), real(3, 4)),
    layer("CosineSimilarity")(real(3, 4), real(4)),
    layer("CosineSimilarity", dim=2)(real(3, 4), real(3, 4)),
    layer("CosineSimilarity")(real(3, 4), real(3, 5)),
    function("cosine_similarity", real(3, 4), real(1, 4), dim=0),
    function("cosine_similarity", of("long", 3, 4), of("long", 1, 4), dim=0),
    function("cosine_similarity", real(3, 4), real(4), dim=1),
    function("cosine_similarity", real(3, 4), of("double", 4), dim=-1),
    function("cosine_similarity", real(3, 4), real(4), dim=0),
    function("cosine_similarity", real(4), real(3, 4), dim=-2),
    function("pairwise_distance", real(3, 4), real(3, 4)),
    function("pairwise_distance", real(3, 4), real(4)),
    function("pairwise_distance", real(4), real(4)),
    function("pairwise_distance", real(3, 4), real(3, 5)),
    function("pairwise_distance", real(3, 4), real(3, 4), keepdim=True),
    function("pairwise_distance", real(), real()),
    function("pairwise_distance", of("long", 3, 4), of("long", 3, 4)),
    function("pairwise_distance", real(2, 3, 4), real(3, 4)),
    function("pdist", real(4, 3)),
    function("pdist", real(4)),
    function("pdist", real(4, 3, 3)),
    function("pdist", of("long", 4, 3)),
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
