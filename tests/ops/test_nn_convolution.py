"""Convolutions, folding and unfolding: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("unfold", real(2, 3, 8, 8), 3),
    function("unfold", real(3, 8, 8), 3),
    function("unfold", real(8, 8), 3),
    function("unfold", real(2, 3, 2, 8), 3),
    function("unfold", real(2, 3, 8, 8).long(), 3),
    function("fold", real(2, 27, 36), (8, 8), 3),
    function("fold", real(27, 36), (8, 8), 3),
    function("fold", real(2, 28, 36), (8, 8), 3),
    function("fold", real(2, 27, 35), (8, 8), 3),
    function("fold", real(2, 27, 36, 1), (8, 8), 3),
    layer("ConvTranspose1d", 4, 6, 3, stride=2, output_padding=2)(real(1, 4, 5)),
    layer("ConvTranspose1d", 4, 6, 3, stride=2, output_padding=1)(real(1, 4, 5)),
    layer("ConvTranspose1d", 4, 6, 3, stride=2)(real(1, 4, 5), output_size=[12]),
    layer("ConvTranspose1d", 4, 6, 3, stride=2)(real(1, 4, 5), output_size=[13]),
    layer("ConvTranspose1d", 4, 6, 3, stride=2)(real(4, 5), output_size=[12]),
    layer("ConvTranspose1d", 4, 6, 3, stride=2)(real(4, 5), output_size=[1, 6, 12]),
    layer("ConvTranspose1d", 4, 6, 3, padding=5)(real(1, 4, 5)),
    layer("Conv1d", 4, 6, 3, padding_mode="reflect", padding=5)(real(1, 4, 5)),
    layer("Conv2d", 4, 6, 3, padding=-1)(real(1, 4, 5, 5)),
    layer("Conv2d", 4, 6, 0)(real(1, 4, 5, 5)),
    layer("Conv2d", 4, 6, 3, dilation=0)(real(1, 4, 5, 5)),
    layer("Conv2d", 4, 6, 3, stride=0)(real(1, 4, 5, 5)),
    layer("Conv2d", 4, 6, 4, padding="same")(real(1, 4, 5, 5)),
    layer("Conv2d", 4, 6, 4, padding="same", padding_mode="reflect")(real(1, 4, 1, 5)),
    layer("Conv2d", 4, 6, 3)(real(0, 4, 5, 5)),
    layer("Conv1d", 4, 6, 3)(real(1, 0, 5)),
    layer("Conv1d", 4, 6, 3)(torch.ones(1, 4, 5, dtype=torch.long)),
    layer("Conv1d", 4, 6, 3)(of("half", 1, 4, 5)),
    layer("Conv1d", 4, 6, 3)(torch.ones(1, 4, 5, dtype=torch.complex64)),
    function("conv1d", torch.ones(1, 4, 5, dtype=torch.long), torch.ones(6, 4, 3, dtype=torch.long)),
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
