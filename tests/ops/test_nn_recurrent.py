"""Recurrent layers and cells: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import Case, layer, of, real

CASES = [
    layer("RNNCell", 3, 4)(real(2, 3), real(1, 4)),
    layer("RNNCell", 3, 4)(real(2, 3), real(4)),
    layer("RNNCell", 3, 4)(real(3), real(4)),
    layer("RNNCell", 3, 4)(real(2, 3), real(2, 1)),
    layer("RNNCell", 3, 4)(real(2, 3), real(3, 4)),
    layer("LSTMCell", 3, 4)(real(2, 3), (real(2, 4), real(2, 4))),
    layer("LSTMCell", 3, 4)(real(2, 3), (real(1, 4), real(2, 4))),
    layer("LSTMCell", 3, 4)(real(2, 3), (real(2, 4), real(1, 4))),
    layer("LSTMCell", 3, 4)(real(2, 3), (real(2, 4), real(2, 1))),
    layer("LSTMCell", 3, 4)(real(3), (real(4), real(4))),
    layer("GRUCell", 3, 4)(real(2, 3), real(1, 4)),
    layer("GRUCell", 3, 4)(real(2, 3), real(2, 1)),
    layer("GRUCell", 3, 4)(real(3), real(4)),
    layer("GRUCell", 0, 4)(real(1)),
    layer("LSTM", 3, 4)(real(2, 3)),
    layer("LSTM", 3, 4)(real(5, 2, 3), (real(1, 2, 4), real(1, 2, 4))),
    layer("LSTM", 3, 4)(real(5, 2, 3), (real(1, 2, 4), real(1, 2, 3))),
    layer("LSTM", 3, 4, proj_size=2)(real(5, 2, 3), (real(1, 2, 2), real(1, 2, 4))),
    layer("LSTM", 3, 4)(real(5, 2, 3), (real(1, 4), real(1, 4))),
    layer("LSTM", 3, 4)(real(5, 3), (real(1, 4), real(1, 4))),
    layer("LSTM", 3, 4, 2.5)(real(1)),
    layer("LSTM", 3, 4)(real(5)),
    layer("GRU", 3, 4)(real(0, 2, 3)),
    layer("GRU", 3, 4)(real(5, 0, 3)),
    layer("GRU", 3, 4)(of("half", 5, 2, 3)),
    layer("GRU", 3, 4, dropout=1.5)(real(1)),
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
