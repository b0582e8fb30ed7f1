"""Twins under ``fixtures/twins``: two programs that differ in one place, of which one computes the wrong attention.

Both run on torch. A comment at the head names the property that tells them apart: it must fail on the failing twin and
hold on the passing one. attnlint reports the failing twin where its comments say so, and nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.fixes import apply_edits, repaired
from attnlint.verify import properties
from tests.harness.expectations import read_expectations

ROOT = Path(__file__).parents[2] / "fixtures" / "twins"
TWINS = sorted(path for path in ROOT.iterdir() if path.is_dir())
_INPUT = re.compile(r"(\w+) \(([\d, ]+)\)")


@pytest.fixture(params=TWINS, ids=lambda path: path.name)
def twin(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_failing_twin_is_reported(twin: Path) -> None:
    text = (twin / "failing.py").read_text()
    expected = read_expectations(text).errors
    assert expected, "a failing twin says what is wrong with it"
    assert _found(text, twin) == expected


def test_the_passing_twin_is_not(twin: Path) -> None:
    assert _found((twin / "passing.py").read_text(), twin) == []


def test_the_property_tells_them_apart(twin: Path) -> None:
    assert _broken((twin / "failing.py").read_text())
    assert _broken((twin / "passing.py").read_text()) == ""


def test_the_property_holds_of_every_repair(twin: Path) -> None:
    text = (twin / "failing.py").read_text()
    report = check_source(text, str(twin / "program.py"), Settings())
    findings = repaired(text, report.path, Settings(), report.findings)
    if len(findings) > 1:
        pytest.skip("one repair does not do here")
    for finding in findings:
        for fix in (finding.fix,) if finding.fix is not None else finding.alternatives:
            assert _broken(apply_edits(text, fix.edits)) == "", fix.title


def _found(text: str, twin: Path) -> list[tuple[int, str]]:
    report = check_source(text, str(twin / "program.py"), Settings())
    return sorted((finding.range.line, finding.code) for finding in report.findings)


def _comment(text: str, name: str) -> str:
    found = re.search(rf"^# {name}: (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def _broken(text: str) -> str:
    """What the property of a program sees; empty where it holds."""
    torch.manual_seed(0)
    namespace: dict[str, Any] = {"__name__": "twin"}
    exec(compile(text, "twin.py", "exec"), namespace)
    namespace |= {
        name: torch.randn(*map(int, shape.split(","))) for name, shape in _INPUT.findall(_comment(text, "input"))
    }
    last = ast.unparse(ast.parse(_comment(text, "run") or text).body[-1])
    # Made once: every run of the property is on the same weights.
    last, maker = _made_once(last)
    exec(maker, namespace)
    call = ast.parse(_comment(text, "property"), mode="eval").body
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    check: Callable[..., str] = getattr(properties, call.func.id)
    used = {node.id for node in ast.walk(ast.parse(last)) if isinstance(node, ast.Name)}
    inputs = {name: namespace[name] for name in used if isinstance(namespace.get(name), torch.Tensor)}
    inputs = {name: tensor for name, tensor in inputs.items() if not last.startswith(name + " =")}

    def run(values: dict[str, torch.Tensor]) -> dict[str, Any]:
        inner = {**namespace, **values}
        exec(last, inner)
        return inner

    with torch.no_grad():
        return check(run, inputs, **{each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg})


def _made_once(statement: str) -> tuple[str, str]:
    """``output = Model(8)(hidden)`` as ``output = made(hidden)``, and ``made = Model(8).eval()``."""
    tree = ast.parse(statement)
    assign = tree.body[0]
    assert isinstance(assign, ast.Assign) and isinstance(assign.value, ast.Call)
    function = assign.value.func
    if not isinstance(function, ast.Call):
        return statement, ""
    assign.value.func = ast.Name("made")
    return ast.unparse(tree), f"made = {ast.unparse(function)}.eval()"
