"""``--verify=program`` for classes that nobody calls: a driver with the witness sizes, in the limits of the program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Finding, Verdict
from attnlint.verify.driver import NoDriver, driver_for
from attnlint.verify.program import driven

FIXTURE = Path(__file__).parents[2] / "fixtures" / "failing" / "classes_nobody_calls.py"

MODEL = """\
import torch
from torch import nn


class Feed(nn.Module):
    def __init__(self, config, depth, rate):
        super().__init__()
        self.first = nn.Linear(config.width, 4 * config.width)
        self.rest = nn.ModuleList(nn.Dropout(rate) for _ in range(depth))
        self.norm = nn.LayerNorm(config.width, eps=config.eps)

    def forward(self, hidden, scale=None):
        {first}
        return self.norm(self.first(hidden))  # error: ATN104


if __name__ == "__main__":
    raise SystemExit("this is not run")
"""


def found(text: str, path: Path) -> tuple[Finding, ...]:
    path.write_text(text)
    return check_source(text, str(path), Settings()).findings


def drive(text: str, path: Path, seconds: int = 60) -> tuple[Verdict, list[str]]:
    said: list[str] = []
    [finding] = driven(found(text, path), sys.executable, str(path), text, seconds=seconds, announce=said.append)
    assert finding.verdict is not None
    return finding.verdict, said


def test_every_class_of_the_fixture_raises_when_driven(tmp_path: Path) -> None:
    text = FIXTURE.read_text()
    path = tmp_path / "program.py"
    findings = found(text, path)
    assert len(findings) == text.count("# error:")
    for finding in driven(findings, sys.executable, str(path), text):
        assert finding.verdict is not None
        assert finding.verdict.status == "confirmed", finding.verdict.message
    assert [one.name for one in tmp_path.iterdir()] == ["program.py"]


def test_says_what_it_runs_and_makes_up_what_does_not_matter(tmp_path: Path) -> None:
    verdict, said = drive(MODEL.replace("{first}", "pass"), tmp_path / "program.py")
    assert (verdict.status, verdict.error) == ("confirmed", "RuntimeError"), verdict.message
    assert "Feed(config=object(" in verdict.message
    [line] = said
    assert "Feed(config=object(" in line
    assert "at most 60 s" in line


def test_a_driver_neither_writes_nor_hangs(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    verdict, _ = drive(MODEL.replace("{first}", "open('written', 'w')"), path)
    assert verdict.status == "unverified"
    assert "without letting it write" in verdict.message
    assert [one.name for one in tmp_path.iterdir()] == ["program.py"]
    verdict, _ = drive(MODEL.replace("{first}", "__import__('time').sleep(99)"), path, seconds=8)
    assert (verdict.status, verdict.message) == ("unverified", "the program was stopped after 8 s")


def test_what_made_up_arguments_raise_by_themselves_proves_nothing(tmp_path: Path) -> None:
    text = MODEL.replace("{first}", "pass").replace("self.first(hidden)", "self.first(hidden.missing or hidden)")
    path = tmp_path / "program.py"
    path.write_text(text)
    [finding] = found(MODEL.replace("{first}", "pass"), tmp_path / "other.py")
    [judged] = driven([finding], sys.executable, str(path), text)
    assert judged.verdict is not None
    assert judged.verdict.status == "unverified"


def test_no_driver_without_the_inputs(tmp_path: Path) -> None:
    text = MODEL.replace("{first}", "pass").replace("scale=None", "graph")
    [finding] = found(text, tmp_path / "program.py")
    with pytest.raises(NoDriver, match="nothing is known of graph, which forward needs"):
        driver_for(finding, text)
    verdict, said = drive(text, tmp_path / "program.py")
    assert verdict.message == "no driver could be made: nothing is known of graph, which forward needs"
    assert said == []


SIZES = """\
from torch import nn


class Feed(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.first = nn.Linear(sizes[0], sizes[1])
        self.norm = nn.LayerNorm(2 * sizes[1])

    def forward(self, hidden):
        return self.norm(self.first(hidden))  # error: ATN104
"""


def test_sizes_that_are_read_from_a_list(tmp_path: Path) -> None:
    [finding] = found(SIZES, tmp_path / "program.py")
    driver = driver_for(finding, SIZES)
    witness = dict(finding.evidence.witness or {}) if finding.evidence is not None else {}
    assert f"Feed(sizes=[{witness['sizes[0]']}, {witness['sizes[1]']}])" in driver.text()
    verdict, _ = drive(SIZES, tmp_path / "program.py")
    assert (verdict.status, verdict.error) == ("confirmed", "RuntimeError"), verdict.message
