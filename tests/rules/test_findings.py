"""attnlint reports for each rule's failing example exactly what it is marked with, and nothing for the passing one."""

from __future__ import annotations

import pytest

from attnlint.check import FileReport, check_source
from attnlint.rules import Rule, all_rules
from attnlint.settings import Settings
from tests.harness.expectations import read_expectations

WITH_PROGRAMS = [pytest.param(one, id=one.code) for one in all_rules() if one.failing]
# Everything on, also what is off by default.
SETTINGS = Settings(select=("ALL",), preview=True)


def found(report: FileReport) -> list[tuple[int, str]]:
    codes = [(finding.range.line, finding.code) for finding in report.findings]
    if report.error is not None:
        codes.append((report.error.line, report.error.code))
    return sorted(codes)


def expected(rule: Rule) -> list[tuple[int, str]]:
    # What does not parse has no tokens to find comments in.
    return [(3, "ATN001")] if rule.code == "ATN001" else read_expectations(rule.failing).errors


@pytest.mark.parametrize("rule", WITH_PROGRAMS)
def test_the_failing_example(rule: Rule) -> None:
    report = check_source(rule.failing, f"{rule.code}_failing.py", SETTINGS)
    assert found(report) == expected(rule)
    assert all(finding.severity == rule.severity for finding in report.findings)


@pytest.mark.parametrize("rule", WITH_PROGRAMS)
def test_the_passing_example(rule: Rule) -> None:
    assert found(check_source(rule.passing, f"{rule.code}_passing.py", SETTINGS)) == []
