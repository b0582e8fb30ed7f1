"""Every program under ``fixtures/silent`` and its right twin: attnlint tells them apart, and so does torch.

That the wrong ones are found, confirmed and run is in ``test_fixtures``, as for every program there.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.twins import Twins, ran, read_twins, rows_of

ROOT = Path(__file__).parent.parent / "fixtures" / "silent"
TWINS = [pytest.param(read_twins(path), id=path.stem) for path in sorted(ROOT.glob("*.py"))]


@pytest.mark.parametrize("twins", TWINS)
def test_the_right_twin_is_another_program_of_which_nothing_is_said(twins: Twins) -> None:
    assert twins.right != twins.wrong
    assert "# error" not in twins.right
    report = check_source(twins.right, str(twins.path), Settings(preview=True))
    assert report.error is None
    assert report.findings == ()


@pytest.mark.parametrize("twins", TWINS)
def test_a_property_of_the_running_module_tells_the_twins_apart(twins: Twins) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        right, wrong = ran(twins.right, twins.path), ran(twins.wrong, twins.path)
        if not twins.differs:
            return  # told apart by the proof of the finding alone
        good, bad = rows_of(right)[twins.differs], rows_of(wrong)[twins.differs]
    assert good == ("holds", "")
    assert bad[0] == "fails"
