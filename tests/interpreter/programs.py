"""Small programs with their expectation in comments: see ``tests.harness.expectations``."""

from __future__ import annotations

from pathlib import Path

from attnlint.interpreter import Analysis, AnalysisOptions, Project, analyse
from attnlint.syntax import Source, parse
from attnlint.values import Tensor
from tests.harness.expectations import read_expectations

HEADER = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch import Tensor\n"


def analysed(text: str, **options: bool | int) -> tuple[Source, Analysis]:
    """A program, run in every way that it can be entered; bugs raise."""
    source = parse(text, "program.py")
    return source, analyse(
        source, Project("/nonexistent"), AnalysisOptions(record_bindings=True, strict=True, **options)
    )  # type: ignore[arg-type]


def errors(source: Source, analysis: Analysis) -> list[tuple[int, str]]:
    """(line, code) of what was found with certainty."""
    return sorted(
        (source.range(finding.statement).line, finding.code) for finding in analysis.findings if finding.certain
    )


def shapes(source: Source, analysis: Analysis) -> dict[tuple[int, str], set[str]]:
    """(line, name) to the shapes of all tensors that were bound there."""
    found: dict[tuple[int, str], set[str]] = {}
    for binding in analysis.bindings:
        if isinstance(binding.value, Tensor):
            line = source.range(binding.node).line
            found.setdefault((line, binding.name), set()).add(str(binding.value.shape).replace(" ", ""))
    return found


def check(text: str, **options: bool | int) -> None:
    """Compare what a program's comments say with what the interpreter says."""
    text = HEADER + text
    source, analysis = analysed(text, **options)
    expected = read_expectations(text)
    assert errors(source, analysis) == expected.errors, f"found {errors(source, analysis)}, expected {expected.errors}"
    found = shapes(source, analysis)
    for (line, name), shape in expected.shapes.items():
        candidates = {key: value for key, value in found.items() if key[0] == line and name in ("", key[1])}
        assert candidates, f"line {line - HEADER.count(chr(10))}: no tensor is bound to {name or 'a name'}"
        for (_, bound), values in candidates.items():
            assert shape in values, f"line {line - HEADER.count(chr(10))}: {bound} is {values}, not {shape}"


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")
