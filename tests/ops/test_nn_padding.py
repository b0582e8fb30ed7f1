"""Padding: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("pad", real(2, 3), (1, 1)),
    function("pad", real(2, 3), (1, 1, 2, 2)),
    function("pad", real(2, 3), (1, 1, 2, 2, 3, 3)),
    function("pad", real(2, 3), (1,)),
    function("pad", real(2, 3), ()),
    function("pad", real(2, 3), (-1, -1)),
    function("pad", real(2, 3), (-2, -1)),
    function("pad", real(2, 3), (-2, -2)),
    function("pad", real(2, 3), (1, 1), mode="reflect"),
    function("pad", real(3), (1, 1), mode="reflect"),
    function("pad", real(2, 3), (3, 1), mode="reflect"),
    function("pad", real(2, 3), (2, 2), mode="reflect"),
    function("pad", real(2, 3), (-2, 2), mode="reflect"),
    function("pad", real(2, 3), (-2, -2), mode="reflect"),
    function("pad", real(2, 2, 3), (2, 2), mode="reflect"),
    function("pad", real(2, 2, 3), (1, 1, 1, 1), mode="reflect"),
    function("pad", real(2, 2, 3), (1, 1, 2, 1), mode="reflect"),
    function("pad", real(2, 2, 3, 3), (1, 1), mode="reflect"),
    function("pad", real(2, 2, 3, 3), (1, 1, 1, 1, 1, 1), mode="reflect"),
    function("pad", real(2, 2, 3, 3, 3), (1, 1, 1, 1, 1, 1), mode="reflect"),
    function("pad", real(2, 2, 3, 3, 3), (1, 1, 1, 1), mode="reflect"),
    function("pad", real(2, 3), (10, 1), mode="replicate"),
    function("pad", real(2, 0), (10, 1), mode="replicate"),
    function("pad", real(2, 3, 3), (10, 1), mode="replicate"),
    function("pad", real(2, 3), (3, 3), mode="circular"),
    function("pad", real(2, 3), (4, 3), mode="circular"),
    function("pad", real(2, 2, 3), (4, 3), mode="circular"),
    function("pad", real(2, 2, 3), (3, 3), mode="circular"),
    function("pad", real(2, 2, 3), (-1, 3), mode="circular"),
    function("pad", real(2, 2, 3), (-2, -2), mode="circular"),
    function("pad", real(3), (1, 1), mode="circular"),
    function("pad", real(2, 3), (1, 1), mode="foo"),
    function("pad", real(2, 3), (1, 1), mode="reflect", value=1),
    function("pad", real(2, 3), (1, 1), mode="reflect", value=0),
    function("pad", of("long", 2, 3), (1, 1), mode="reflect"),
    function("pad", of("long", 2, 3), (1, 1)),
    function("pad", real(2, 3).bool(), (1, 1)),
    function("pad", real(2, 3).bool(), (1, 1), value=True),
    function("pad", of("long", 2, 3), (1, 1), value=0.5),
    function("pad", of("long", 2, 3), (1, 1), mode="replicate"),
    function("pad", of("long", 2, 3), (1, 1), mode="circular"),
    function("pad", of("half", 2, 3), (1, 1), mode="reflect"),
    function("pad", of("complex64", 2, 3), (1, 1), mode="reflect"),
    function("pad", real(), (1, 1)),
    function("pad", real(), ()),
    layer("ReflectionPad1d", 1)(real(2, 3)),
    layer("ReflectionPad1d", (1, 2))(real(2, 3, 3)),
    layer("ReflectionPad1d", 1)(real(2, 3, 3, 4)),
    layer("ReflectionPad2d", 1)(real(2, 3, 3, 4)),
    layer("ReflectionPad2d", (1, 2, 3, 4))(real(2, 3, 3, 4)),
    layer("ReflectionPad2d", (1, 2))(real(2, 3, 3, 4)),
    layer("ConstantPad2d", 1, 0)(real(3)),
    layer("ConstantPad2d", (1, 2), 0)(real(3)),
    layer("ConstantPad1d", (1, 2), 0.0)(real(3)),
    layer("ZeroPad2d", (1, 2, 3, 4))(real(3, 3)),
    layer("ZeroPad2d", 1)(real(3, 3)),
    layer("ZeroPad2d", (1, 2, 3))(real(3, 3)),
    layer("CircularPad1d", 1)(real(3, 3)),
    layer("CircularPad1d", 1)(real(3)),
    layer("CircularPad2d", 1)(real(3, 3, 3, 3)),
    layer("ReplicationPad2d", -1)(real(3, 3, 3, 3)),
    layer("ReplicationPad2d", -2)(real(3, 3, 3, 3)),
    layer("ReplicationPad3d", 1)(real(3, 3, 3, 3)),
    layer("ReplicationPad3d", 1)(real(3, 3, 3)),
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
