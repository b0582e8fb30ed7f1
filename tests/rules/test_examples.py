"""Every rule's examples are whole programs that do on real torch what the rule says."""

from __future__ import annotations

import pytest

from attnlint.rules import Rule, all_rules
from tests.harness.expectations import read_expectations
from tests.harness.tracer import run_program

RULES_THAT_RAISE = [pytest.param(one, id=one.code) for one in all_rules() if one.raises]
RULES_WITH_PROGRAMS = [pytest.param(one, id=one.code) for one in all_rules() if one.passing]


@pytest.mark.parametrize("rule", RULES_THAT_RAISE)
def test_the_failing_example_raises_at_the_marked_line_and_nowhere_else(rule: Rule) -> None:
    recording = run_program(rule.failing, f"<{rule.code} failing>")
    [(line, code)] = read_expectations(rule.failing).errors
    assert code == rule.code
    assert [raised[0] for raised in recording.raised] == [line]


@pytest.mark.parametrize(
    "rule", [pytest.param(one, id=one.code) for one in all_rules() if one.code[:4] in ("ATN2", "ATN3")]
)
def test_what_works_by_accident_or_computes_the_wrong_thing_runs_on_torch(rule: Rule) -> None:
    assert run_program(rule.failing, f"<{rule.code} failing>").raised == []


@pytest.mark.parametrize("rule", RULES_WITH_PROGRAMS)
def test_the_passing_example_runs(rule: Rule) -> None:
    recording = run_program(rule.passing, f"<{rule.code} passing>")
    assert recording.uncaught is None
    assert recording.raised == []
