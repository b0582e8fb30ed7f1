"""Every program under ``fixtures``: attnlint says exactly what its comments say, and so does real torch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import AnalysisOptions, Project, analyse
from attnlint.syntax import parse
from attnlint.values import Tensor
from attnlint.verify import Verifier
from tests.harness.agreement import compare, inferred_shapes
from tests.harness.expectations import read_expectations
from tests.harness.tracer import run_program

ROOT = Path(__file__).parent.parent / "fixtures"
PROGRAMS = sorted(ROOT.rglob("*.py"))


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(sys.executable) as one:
        yield one


@pytest.fixture(params=PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def program(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_findings_are_those_of_the_comments(program: Path) -> None:
    text = program.read_text()
    report = check_source(text, str(program), Settings(preview="# preview" in text))
    assert report.error is None
    assert sorted((finding.range.line, finding.code) for finding in report.findings) == read_expectations(text).errors


def test_torch_confirms_every_finding(program: Path, verifier: Verifier) -> None:
    text = program.read_text()
    for finding in check_source(text, str(program), Settings(preview="# preview" in text)).findings:
        assert finding.evidence is not None, finding
        verdict = verifier.verify(finding.evidence)
        assert verdict.status == "confirmed", f"{finding.range.line}: {finding.message}: {verdict}"


def test_torch_does_what_the_comments_say(program: Path) -> None:
    """The program runs to its end, or torch raises first at the first line that has an ``# error`` comment and is
    reached. What works only by luck (``ATN2xx``) may raise."""
    text = program.read_text()
    expected = read_expectations(text)
    crashing = {line for line, code in expected.errors if code.startswith("ATN1")}
    recording = run_program(text, str(program))
    torch_errors = [line for line, kind, _ in recording.raised if kind not in ("StopIteration", "GeneratorExit")]
    if torch_errors:
        lucky = {line for line, code in expected.errors if code.startswith("ATN2")}
        assert torch_errors[0] in crashing | lucky, recording.raised
    else:
        assert recording.uncaught is None
        assert not crashing & recording.lines, "torch did not raise at a line that says so"


def test_inferred_shapes_are_torchs(program: Path) -> None:
    text = program.read_text()
    result = compare(run_program(text, str(program)), inferred_shapes(text, str(program)))
    assert result.disagreements == []


def test_shape_comments(program: Path) -> None:
    text = program.read_text()
    expected = read_expectations(text).shapes
    source = parse(text, str(program))
    analysis = analyse(source, Project.around(str(program)), AnalysisOptions(record_bindings=True))
    ranges = source.ranges({binding.node for binding in analysis.bindings})
    found: dict[tuple[int, str], set[str]] = {}
    for binding in analysis.bindings:
        if isinstance(binding.value, Tensor):
            for name in (binding.name, ""):
                shape = str(binding.value.shape).replace(" ", "")
                found.setdefault((ranges[binding.node].line, name), set()).add(shape)
    missing = {key: shape for key, shape in expected.items() if shape not in found.get(key, set())}
    assert not missing, {key: found.get(key) for key in missing}
