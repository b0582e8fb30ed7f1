"""Activations and dropout: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("dropout1d", real(4)),
    function("dropout1d", real(4, 4, 4, 4)),
    function("dropout1d", real(4, 4)),
    function("dropout2d", real(4)),
    function("dropout2d", real(4, 4)),
    function("dropout2d", real(4, 4, 4, 4, 4)),
    function("dropout3d", real(4, 4, 4, 4, 4, 5)),
    function("feature_alpha_dropout", real(4), training=True),
    layer("Dropout2d")(real(4, 4)),
    layer("Dropout3d")(real(4, 4)),
    function("dropout", real()),
    function("prelu", real(4), real(4)),
    function("prelu", real(4), real(1)),
    function("prelu", real(), real(1)),
    function("prelu", real(), real(2)),
    function("prelu", real(2, 4), real(4)),
    function("prelu", real(2, 4), real()),
    function("prelu", real(2, 4), real(2)),
    function("prelu", real(2, 4), real(4, 1)),
    function("glu", real()),
    function("glu", real(3)),
    function("softmax", real(), 0),
    function("softmax", real(), 1),
    function("softmax", real(2), 1),
    function("softmax", of("long", 2), 0, dtype=torch.float32),
    function("log_softmax", of("long", 2), 0, dtype=torch.float32),
    function("softmin", of("long", 2), 0, dtype=torch.float32),
    function("softmax", real(2, 3)),
    layer("Softmax2d")(real(2, 3)),
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
