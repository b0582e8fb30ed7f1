"""The layers judged by torch's ModuleInfo database: constructors, parameters and forwards."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.ops.coverage import judge_module_entry
from tests.ops.moduleinfo_cases import modules
from tests.ops.test_opinfo import expect_none, outdated, problems

SAMPLES = 16


@pytest.mark.parametrize("info", modules(), ids=lambda info: info.name)
def test_module(info: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdicts = list(judge_module_entry(info, samples=SAMPLES))
    expect_none(problems(verdicts))
    expect_none(outdated(verdicts, {info.name}))
