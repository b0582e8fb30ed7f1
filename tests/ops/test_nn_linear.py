"""Linear layers: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, real

CASES = [
    function("linear", real(3, 4), real(4), real()),
    function("linear", real(3, 4), real(4), real(1)),
    function("linear", real(3, 4), real(4), real(3)),
    function("linear", real(3, 4), real(5, 4), real()),
    function("linear", real(3, 4), real(5, 4), real(1)),
    function("linear", real(3, 4), real(5, 4), real(3, 5)),
    function("linear", real(2, 3, 4), real(5, 4), real(3, 5)),
    function("linear", real(2, 3, 4), real(5, 4), real(2, 3, 5)),
    function("linear", real(4), real(5, 4), real(1)),
    function("linear", real(4), real(5, 4), real(2, 5)),
    function("linear", real(4), real(1, 4), real(5)),
    function("linear", real(3, 4), real(1, 4), real(5)),
    function("linear", real(2, 3, 4), real(1, 4), real(5)),
    function("bilinear", real(3, 4), real(3, 5), real(6, 4, 5)),
    function("bilinear", real(4), real(5), real(6, 4, 5)),
    function("bilinear", real(2, 3, 4), real(3, 5), real(6, 4, 5)),
    function("bilinear", real(1, 4), real(3, 5), real(6, 4, 5)),
    layer("Linear", 4, 6)(torch.ones(4, 4, dtype=torch.complex64)),
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
