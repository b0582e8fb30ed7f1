"""Resizing, sampling and shuffling images: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest
import torch

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    function("interpolate", real(2, 3, 8), scale_factor=2),
    function("interpolate", real(2, 3, 8), scale_factor=1.7),
    function("interpolate", real(2, 3, 8), 16),
    function("interpolate", real(3, 8), 16),
    function("interpolate", real(2, 3, 8, 8), 16),
    function("interpolate", real(2, 3, 8, 8), (16,)),
    function("interpolate", real(2, 3, 8, 8), (16, 17)),
    function("interpolate", real(2, 3, 8, 8), 0),
    function("interpolate", real(2, 3, 8, 8), scale_factor=0.1),
    function("interpolate", real(2, 3, 8, 8), scale_factor=(2, 3)),
    function("interpolate", real(2, 3, 8, 8), scale_factor=(2, 3, 4)),
    function("interpolate", real(2, 3, 8, 8), 16, mode="linear"),
    function("interpolate", real(2, 3, 8), 16, mode="bilinear"),
    function("interpolate", real(2, 3, 8), 16, mode="linear"),
    function("interpolate", real(2, 3, 8, 8), 16, mode="bicubic"),
    function("interpolate", real(2, 3, 8), 16, mode="bicubic"),
    function("interpolate", real(2, 3, 8, 8), 16, mode="area"),
    function("interpolate", real(2, 3, 8, 8), scale_factor=0.1, mode="area"),
    function("interpolate", real(2, 3, 8, 8), 16, mode="foo"),
    function("interpolate", real(2, 3, 8, 8, 8), 16, mode="trilinear"),
    function("interpolate", real(2, 3, 8, 8), 16, mode="nearest", align_corners=True),
    function("interpolate", real(2, 3, 8, 8), 16, mode="nearest", align_corners=False),
    function("interpolate", real(2, 3, 8, 8), 16, scale_factor=2),
    function("interpolate", real(2, 3, 8, 8)),
    function("interpolate", of("long", 2, 3, 8, 8), 16),
    function("interpolate", torch.ones(2, 3, 8, 8, dtype=torch.uint8), 16),
    function("interpolate", torch.ones(2, 3, 8, 8, dtype=torch.uint8), 16, mode="bilinear"),
    function("interpolate", of("long", 2, 3, 8, 8), 16, mode="bilinear"),
    function("interpolate", real(2, 3, 8, 8).bool(), 16),
    function("interpolate", of("half", 2, 3, 8, 8), 16),
    function("interpolate", real(0, 3, 8, 8), 16),
    function("interpolate", real(2, 0, 8, 8), 16),
    function("interpolate", real(2, 3, 8, 8), (16, 17), antialias=True, mode="bilinear"),
    function("interpolate", real(2, 3, 8, 8), (16, 17), antialias=True),
    function("interpolate", real(2, 3, 8, 8), size=torch.tensor(3)),
    layer("Upsample", scale_factor=2)(real(2, 3, 8, 8)),
    layer("Upsample", scale_factor=2)(real(2, 3, 8)),
    layer("Upsample")(real(2, 3, 8)),
    layer("Upsample", size=(2, 3), mode="bilinear")(real(2, 3, 8, 8)),
    layer("UpsamplingBilinear2d", scale_factor=2)(real(2, 3, 8, 8)),
    layer("UpsamplingNearest2d", size=3)(real(2, 3, 8, 8)),
    function("grid_sample", real(2, 3, 8, 8), real(2, 5, 6, 2)),
    function("grid_sample", real(2, 3, 8, 8), real(2, 5, 6, 3)),
    function("grid_sample", real(2, 3, 8, 8), real(3, 5, 6, 2)),
    function("grid_sample", real(2, 3, 8, 8), real(2, 5, 2)),
    function("grid_sample", real(2, 3, 8, 8, 8), real(2, 5, 6, 7, 3)),
    function("grid_sample", real(3, 8, 8), real(5, 6, 2)),
    function("grid_sample", real(2, 3, 8, 8), of("double", 2, 5, 6, 2)),
    function("grid_sample", of("long", 2, 3, 8, 8), of("long", 2, 5, 6, 2)),
    function("grid_sample", real(2, 3, 8, 8, 8), real(2, 5, 6, 7, 3), mode="bicubic"),
    function("grid_sample", real(2, 3, 0, 8), real(2, 5, 6, 2)),
    function("affine_grid", real(2, 2, 3), (2, 3, 5, 6)),
    function("affine_grid", real(2, 3, 4), (2, 3, 5, 6, 7)),
    function("affine_grid", real(2, 2, 3), (2, 3, 5, 6, 7)),
    function("affine_grid", real(2, 2, 3), (3, 3, 5, 6)),
    function("affine_grid", of("long", 2, 2, 3), (2, 3, 5, 6)),
    function("affine_grid", real(2, 3), (2, 3, 5, 6)),
    function("affine_grid", real(2, 2, 3), (2, 3, 5)),
    function("affine_grid", real(2, 2, 3), (2, 3, 0, 6)),
    function("pixel_shuffle", real(2, 8, 3, 4), 2),
    function("pixel_shuffle", real(8, 3, 4), 2),
    function("pixel_shuffle", real(5, 2, 8, 3, 4), 2),
    function("pixel_shuffle", real(3, 4), 2),
    function("pixel_shuffle", real(7, 3, 4), 2),
    function("pixel_unshuffle", real(2, 3, 4, 6), 2),
    function("pixel_unshuffle", real(2, 3, 5, 6), 2),
    function("pixel_unshuffle", real(4, 6), 2),
    function("pixel_shuffle", real(7, 3, 4), 0),
    function("channel_shuffle", real(2, 6, 3, 4), 3),
    function("channel_shuffle", real(2, 6, 3), 3),
    function("channel_shuffle", real(2, 6), 3),
    function("channel_shuffle", real(2, 7, 3, 4), 3),
    function("channel_shuffle", real(2, 6, 3, 4), 0),
    layer("ChannelShuffle", 3)(real(2, 6, 3, 4)),
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
