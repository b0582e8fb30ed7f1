"""Pooling and unpooling: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("max_pool1d", real(2, 3, 8), 2),
    function("max_pool1d", real(3, 8), 2),
    function("max_pool1d", real(8), 2),
    function("max_pool2d", of("long", 2, 3, 8, 8), 2),
    function("max_pool3d", of("long", 2, 3, 8, 8, 8), 2),
    function("max_pool2d", real(2, 3, 8, 8).bool(), 2),
    function("max_pool2d", of("half", 2, 3, 8, 8), 2),
    function("max_pool1d", real(2, 3, 8), 3, padding=2),
    function("max_pool1d", real(2, 3, 8), 3, padding=2, dilation=3),
    function("max_pool2d", real(2, 3, 8, 8), 3, padding=2),
    function("max_pool2d", real(2, 3, 8, 8), 3, padding=2, dilation=3),
    function("max_pool2d", real(2, 3, 2, 8), 3),
    function("max_pool1d", real(2, 3, 2), 3),
    function("max_pool1d", real(2, 3, 2), 3, return_indices=True),
    function("max_pool1d", real(2, 3, 2), 3, ceil_mode=True),
    function("max_pool2d", real(2, 3, 8, 8), 2, return_indices=True),
    function("max_pool2d", real(0, 3, 8, 8), 2),
    function("max_pool2d", real(2, 0, 8, 8), 2),
    function("max_pool2d", real(2, 3, 8, 8), (2,)),
    function("max_pool2d", real(2, 3, 8, 8), 2, stride=()),
    function("max_pool2d", real(2, 3, 8, 8), 2, stride=0),
    function("max_pool2d", real(2, 3, 8, 8), 0),
    function("max_pool2d", real(2, 3, 8, 8), 2, padding=-1),
    function("max_pool2d", real(8, 8), 2),
    function("max_pool2d", real(2, 2, 2, 8, 8), 2),
    function("avg_pool1d", real(2, 3, 8), 2),
    function("avg_pool1d", real(3, 8), 2),
    function("avg_pool1d", real(8), 2),
    function("avg_pool1d", of("long", 2, 3, 8), 2),
    function("avg_pool2d", of("long", 2, 3, 8, 8), 2),
    function("avg_pool3d", of("long", 2, 3, 8, 8, 8), 2),
    function("avg_pool2d", real(2, 3, 8, 8), 3, padding=2),
    function("avg_pool2d", real(2, 3, 8, 8), 2, divisor_override=0),
    function("avg_pool2d", real(2, 3, 2, 8), 3),
    function("avg_pool2d", real(0, 3, 8, 8), 3),
    function("avg_pool2d", real(2, 0, 8, 8), 3),
    function("avg_pool1d", real(0, 3, 8), 3),
    function("lp_pool1d", real(2, 3, 8), 2, 3),
    function("lp_pool1d", real(3, 8), 2, 3),
    function("lp_pool2d", real(3, 8, 8), 2, 3),
    function("lp_pool2d", real(2, 3, 8, 8), 2, (3, 2), stride=1),
    function("lp_pool3d", real(2, 3, 8, 8, 8), 2, 3),
    function("lp_pool2d", of("long", 2, 3, 8, 8), 2, 3),
    function("lp_pool2d", real(2, 3, 2, 8), 2, 3),
    function("adaptive_avg_pool1d", real(2, 3, 8), 5),
    function("adaptive_avg_pool1d", real(3, 8), 5),
    function("adaptive_avg_pool1d", real(8), 5),
    function("adaptive_avg_pool2d", real(2, 3, 8, 8), (None, 7)),
    function("adaptive_avg_pool2d", real(2, 3, 8, 8), 7),
    function("adaptive_avg_pool2d", real(2, 3, 8, 8), (7,)),
    function("adaptive_avg_pool2d", real(2, 3, 8, 8), (7, 7, 7)),
    function("adaptive_avg_pool2d", real(3, 8, 8), 0),
    function("adaptive_avg_pool2d", real(3, 8, 8), -1),
    function("adaptive_avg_pool2d", real(8, 8), 1),
    function("adaptive_avg_pool2d", of("long", 3, 8, 8), 1),
    function("adaptive_avg_pool2d", of("long", 3, 8, 8), 2),
    function("adaptive_avg_pool3d", of("long", 3, 8, 8, 8), 1),
    function("adaptive_avg_pool1d", of("long", 3, 8), 1),
    function("adaptive_avg_pool3d", real(3, 8, 8, 8), (1, None, 4)),
    function("adaptive_max_pool1d", real(2, 3, 8), 5),
    function("adaptive_max_pool1d", real(3, 8), 5, return_indices=True),
    function("adaptive_max_pool2d", real(2, 3, 8, 8), (None, 7)),
    function("adaptive_max_pool2d", real(2, 3, 8, 8), 7, True),
    function("adaptive_max_pool2d", of("long", 2, 3, 8, 8), 7),
    function("adaptive_max_pool3d", real(2, 3, 8, 8, 8), 7),
    function("fractional_max_pool2d", real(2, 3, 8, 8), 3, output_size=4),
    function("fractional_max_pool2d", real(2, 3, 8, 8), 3, output_size=7),
    function("fractional_max_pool2d", real(2, 3, 8, 8), 3, output_size=6),
    function("fractional_max_pool2d", real(2, 3, 8, 8), 3),
    function("fractional_max_pool2d", real(3, 8, 8), 3, output_size=(4, 5), return_indices=True),
    function("fractional_max_pool3d", real(2, 3, 8, 8, 8), 3, output_size=4),
    layer("FractionalMaxPool2d", 3)(real(1)),
    layer("FractionalMaxPool2d", 3, output_size=3, output_ratio=0.5)(real(1)),
    layer("FractionalMaxPool2d", 3, output_ratio=1.5)(real(1)),
    function("max_unpool1d", real(2, 3, 4), of("long", 2, 3, 4), 2),
    function("max_unpool1d", real(2, 3, 4), of("long", 2, 3, 4), 2, output_size=(9,)),
    function("max_unpool1d", real(2, 3, 4), of("long", 2, 3, 4), 2, output_size=(10,)),
    function("max_unpool1d", real(2, 3, 4), of("long", 2, 3, 4), 2, output_size=(2, 3, 9)),
    function("max_unpool1d", real(3, 4), of("long", 3, 4), 2, output_size=(3, 9)),
    function("max_unpool1d", real(2, 3, 4), of("long", 2, 3, 5), 2),
    function("max_unpool1d", real(2, 3, 4), real(2, 3, 4), 2),
    function("max_unpool2d", real(2, 3, 4, 4), of("long", 2, 3, 4, 4), 2),
    function("max_unpool2d", real(3, 4, 4), of("long", 3, 4, 4), 2),
    function("max_unpool3d", real(2, 3, 4, 4, 4), of("long", 2, 3, 4, 4, 4), 2),
    function("max_unpool2d", real(2, 3, 4, 4), of("long", 2, 3, 4, 4), 2, stride=3, padding=1),
    layer("MaxPool2d", 2, 3)(real(2, 3, 8, 8)),
    layer("MaxPool2d", 2, stride=None)(real(2, 3, 8, 8)),
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
