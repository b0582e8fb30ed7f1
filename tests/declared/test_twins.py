"""A stale declaration is found, the right one is not, and torch agrees with both verdicts."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.declarations.collect import Declaration, Declared, collect
from attnlint.declarations.spec import Spec
from attnlint.fixes.apply import fix_text
from attnlint.verify import Verifier
from tests.declared.programs import ALL, HEAD, Twins
from tests.harness.tracer import Recording, run_program

TWINS = [pytest.param(one, id=f"{one.code} {one.name}") for one in ALL]


def stale(twins: Twins) -> str:
    return HEAD + twins.program.replace("{}", twins.stale)


def right(twins: Twins) -> str:
    return HEAD + twins.program.replace("{}", twins.right)


def line_of(twins: Twins) -> int:
    return (HEAD + twins.program).split("{}")[0].count("\n") + 1


def declared_shapes(text: str, recording: Recording) -> Iterator[tuple[Declaration, tuple[int, ...]]]:
    """The declarations of a program and the shapes that torch made: of a parameter, those of the variable of the same
    name that is passed; of a result, those of ``out``."""
    found = collect(text)
    assert found is not None
    by_name = {name: shapes[-1] for (_, name), shapes in recording.shapes.items()}
    for declared in [*found.functions.values(), *([found.top] if found.top is not None else [])]:
        yield from _of(declared, recording, by_name)


def _of(
    declared: Declared, recording: Recording, by_name: dict[str, tuple[int, ...]]
) -> Iterator[tuple[Declaration, tuple[int, ...]]]:
    for name, listed in declared.parameters.items():
        for one in listed:
            yield one, by_name[name]
    for statement, listed in declared.by_statement.items():
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        for one in listed:
            for name in names:
                yield one, recording.shapes[statement.lineno, name][-1]
    for one in declared.returns:
        yield one, by_name["out"]


def agrees(spec: Spec, shape: tuple[int, ...], names: dict[str, int]) -> bool:
    """Whether a real shape is the declared one; a name keeps the size that it had first."""
    many = next((place for place, axis in enumerate(spec.axes) if axis.many), None)
    axes, sizes = spec.axes, shape
    if many is not None:
        after = len(axes) - many - 1
        if len(shape) < many + after:
            return False
        axes = (*axes[:many], *axes[many + 1 :])
        sizes = (*shape[:many], *shape[len(shape) - after :])
    if len(axes) != len(sizes):
        return False
    for axis, size in zip(axes, sizes, strict=True):
        assert axis.expression is not None
        if isinstance(axis.expression, ast.Name):
            if names.setdefault(axis.expression.id, size) != size:
                return False
        elif eval(ast.unparse(axis.expression), {}, names) != size:
            return False
    return True


def local_sizes(text: str) -> dict[str, int]:
    """The ints that are local variables when a function of the program returns."""
    sizes: dict[str, int] = {}

    def trace(frame: types.FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != "<sizes>":
            return None
        if event == "return" and frame.f_code.co_name != "<module>":
            sizes.update({name: value for name, value in frame.f_locals.items() if type(value) is int})
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(compile(text, "<sizes>", "exec"), {"__name__": "__main__"})
    finally:
        sys.settrace(previous)
    return sizes


def disagreements(text: str) -> list[int]:
    """The lines of the declarations that torch contradicts. The sizes of local variables are what they are."""
    recording = run_program(text, "<twins>")
    assert recording.uncaught is None, recording.uncaught
    names = local_sizes(text)
    lines = {
        declaration.line
        for declaration, shape in declared_shapes(text, recording)
        if not agrees(declaration.said.spec, shape, names)
    }
    return sorted(lines)


def found(text: str, twins: Twins) -> list[tuple[int, str]]:
    report = check_source(text, "twins.py", Settings())
    assert report.error is None
    return [(finding.range.line, finding.code) for finding in report.findings]


@pytest.mark.parametrize("twins", TWINS)
def test_the_stale_declaration_is_found(twins: Twins) -> None:
    assert found(stale(twins), twins) == [(line_of(twins), twins.code)]


@pytest.mark.parametrize("twins", TWINS)
def test_the_right_declaration_is_left_alone(twins: Twins) -> None:
    assert found(right(twins), twins) == []


@pytest.mark.parametrize("twins", TWINS)
def test_torch_says_which_is_stale(twins: Twins) -> None:
    assert disagreements(right(twins)) == []
    assert disagreements(stale(twins)) == [line_of(twins)]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(sys.executable) as one:
        yield one


@pytest.mark.parametrize("twins", TWINS)
def test_torch_confirms_what_an_operation_makes(twins: Twins, verifier: Verifier) -> None:
    [finding] = check_source(stale(twins), "twins.py", Settings()).findings
    if finding.evidence is None:
        # Nothing makes a parameter.
        assert "param" in twins.name or "list" in twins.name
        return
    verdict = verifier.verify(finding.evidence)
    assert verdict.status == "confirmed", verdict


@pytest.mark.parametrize("twins", TWINS)
def test_the_repair_is_right_too(twins: Twins) -> None:
    fixed = fix_text(stale(twins), "twins.py", Settings())
    if not fixed.applied:
        assert not (fixed.report.findings[0].extra or {})["replacement"]
        return
    assert fixed.report.findings == ()
    assert disagreements(fixed.text) == []
