"""Normalisation layers: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    layer("LayerNorm", 4)(of("half", 2, 4)),
    layer("LayerNorm", 4)(of("bfloat16", 2, 4)),
    layer("LayerNorm", 4)(of("double", 2, 4)),
    layer("LayerNorm", 4)(of("long", 2, 4)),
    layer("LayerNorm", 4)(of("complex64", 2, 4)),
    layer("LayerNorm", 4, dtype=torch.half)(real(2, 4)),
    function("layer_norm", of("long", 2, 4), (4,)),
    function("layer_norm", real(2, 4), (4,), real(3)),
    function("layer_norm", real(2, 4), ()),
    function("layer_norm", real(2, 4), [4], of("double", 4)),
    function("layer_norm", real(2, 4), [4], bias=real(1)),
    layer("LayerNorm", ())(real(2, 3)),
    layer("RMSNorm", 4)(of("half", 2, 4)),
    layer("RMSNorm", 4)(of("double", 2, 4)),
    layer("RMSNorm", 4)(of("long", 2, 4)),
    layer("RMSNorm", 4)(of("complex64", 2, 4)),
    layer("RMSNorm", 4, dtype=torch.half)(real(2, 4)),
    layer("RMSNorm", 4, eps=1e-06)(of("long", 2, 4)),
    function("rms_norm", of("long", 2, 4), (4,)),
    function("rms_norm", real(2, 4), (4,), real(3)),
    function("rms_norm", real(2, 4), (4,), of("half", 4)),
    function("rms_norm", of("half", 2, 4), (4,), real(4)),
    function("rms_norm", real(2, 4), ()),
    layer("BatchNorm1d", 4)(real(2, 4)),
    layer("BatchNorm1d", 4)(real(4)),
    layer("BatchNorm1d", 4)(real(2, 4, 5, 6)),
    layer("BatchNorm1d", 4)(of("long", 2, 4, 5)),
    layer("BatchNorm1d", 4)(of("half", 2, 4, 5)),
    layer("BatchNorm1d", 4)(of("bfloat16", 2, 4, 5)),
    layer("BatchNorm1d", 4)(of("double", 2, 4, 5)),
    layer("BatchNorm1d", 4, dtype=torch.half)(real(2, 4, 5)),
    layer("BatchNorm1d", 4, affine=False, track_running_stats=False)(real(2, 3, 5)),
    layer("BatchNorm1d", 4, affine=False)(real(2, 3, 5)),
    layer("BatchNorm1d", 4, track_running_stats=False)(real(2, 3, 5)),
    layer("BatchNorm1d", 4, affine=False, track_running_stats=False)(of("long", 2, 3, 5)),
    function("batch_norm", real(4), None, None, training=True),
    function("batch_norm", real(2, 4), None, None, training=True),
    function("batch_norm", real(2, 4), None, None),
    function("batch_norm", real(2, 4), real(4), real(4)),
    function("batch_norm", real(2, 4), real(3), real(4)),
    function("batch_norm", real(2, 4), real(4), real(4), real(3)),
    function("batch_norm", real(1, 4), real(4), real(4), training=True),
    layer("GroupNorm", 2, 4)(real(2, 4)),
    layer("GroupNorm", 2, 4)(real(4)),
    layer("GroupNorm", 2, 4)(real(2, 3, 4)),
    layer("GroupNorm", 2, 4, affine=False)(real(2, 6, 4)),
    layer("GroupNorm", 2, 4, affine=False)(real(2, 5, 4)),
    layer("GroupNorm", 2, 5)(real(1)),
    layer("GroupNorm", 4, 4)(real(1, 4)),
    layer("GroupNorm", 2, 4)(real(1, 4)),
    layer("GroupNorm", 4, 4)(real(2, 4)),
    layer("GroupNorm", 2, 4)(of("long", 2, 4)),
    layer("GroupNorm", 2, 4)(of("half", 2, 4)),
    layer("GroupNorm", 2, 4)(of("double", 2, 4)),
    layer("GroupNorm", 2, 4, dtype=torch.half)(real(2, 4)),
    layer("GroupNorm", 0, 4)(real(1)),
    function("group_norm", real(2, 4), 3),
    function("group_norm", real(2, 4), 2, real(4, 1)),
    function("group_norm", real(2, 4), 2, real(2, 2)),
    function("group_norm", real(2, 4), 2, real(3)),
    function("group_norm", real(2, 4), 2, real(4), real(3)),
    layer("InstanceNorm1d", 4)(real(2, 4, 5)),
    layer("InstanceNorm1d", 4)(real(4, 5)),
    layer("InstanceNorm1d", 4)(real(2, 3, 5)),
    layer("InstanceNorm1d", 4)(real(3, 5)),
    layer("InstanceNorm1d", 4, affine=True)(real(2, 3, 5)),
    layer("InstanceNorm1d", 4, affine=True)(real(3, 5)),
    layer("InstanceNorm1d", 4, track_running_stats=True)(real(2, 3, 5)),
    layer("InstanceNorm1d", 4)(real(2, 4, 1)),
    layer("InstanceNorm1d", 4)(real(2)),
    layer("InstanceNorm1d", 4)(real(2, 4, 5, 6)),
    layer("InstanceNorm2d", 4)(real(2, 4, 1, 1)),
    layer("InstanceNorm2d", 4)(real(4, 3, 3)),
    layer("InstanceNorm2d", 4)(of("long", 2, 4, 3, 3)),
    layer("InstanceNorm2d", 4)(of("half", 2, 4, 3, 3)),
    layer("InstanceNorm2d", 4, affine=True)(of("half", 2, 4, 3, 3)),
    layer("InstanceNorm2d", 4, affine=True)(of("long", 2, 4, 3, 3)),
    function("instance_norm", real(2, 4)),
    function("instance_norm", real(2, 4, 1)),
    function("instance_norm", real(2, 4, 3)),
    function("instance_norm", real(4)),
    function("instance_norm", real(2, 4, 3), use_input_stats=False),
    function("instance_norm", real(2, 4, 3), real(4), real(4), use_input_stats=False),
    function("instance_norm", real(2, 4, 3), real(3), real(3)),
    function("instance_norm", real(2, 4, 3), weight=real(3)),
    layer("LocalResponseNorm", 2)(real(2, 3)),
    layer("LocalResponseNorm", 2)(real(2, 3, 4)),
    layer("LocalResponseNorm", 2)(real(2, 3, 4, 5, 6)),
    layer("LocalResponseNorm", 2)(real(2, 3, 4, 5, 6, 7)),
    layer("LocalResponseNorm", 2)(of("long", 2, 3, 4)),
    layer("CrossMapLRN2d", 2)(real(2, 3, 4, 5)),
    layer("CrossMapLRN2d", 2)(real(2, 3, 4)),
    layer("SyncBatchNorm", 4)(real(2, 4)),
    layer("SyncBatchNorm", 4)(real(4)),
    layer("SyncBatchNorm", 4)(real(2, 4, 4)),
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
