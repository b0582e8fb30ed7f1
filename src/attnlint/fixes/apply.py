"""Applies repairs to a text until there are none left that hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.check import FileReport, check_source
from attnlint.findings import Edit, Finding, Fix
from attnlint.fixes.edits import apply_edits, overlap
from attnlint.fixes.prove import repaired

if TYPE_CHECKING:
    from attnlint.config import Settings
    from attnlint.verify import Verifier

ROUNDS = 10
"""A repair may bring to light what could not be seen before it; so ruff has it too."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its repairs."""

    text: str
    report: FileReport
    """What is left, each finding with its repair or its alternatives."""
    applied: tuple[tuple[Finding, Fix], ...] = ()
    rounds: tuple[tuple[Edit, ...], ...] = ()
    """The edits that were made, one set after the other."""


def fix_text(
    text: str,
    path: str,
    settings: Settings,
    *,
    unsafe: bool = False,
    apply: bool = True,
    verifier: Verifier | None = None,
) -> Fixed:
    """Repair what has exactly one repair that holds; with ``unsafe``, also where it changes what the code computes."""
    applied: list[tuple[Finding, Fix]] = []
    rounds: list[tuple[Edit, ...]] = []
    report = _checked(text, path, settings, verifier)
    for _ in range(ROUNDS if apply else 0):
        chosen = _chosen(report.findings, unsafe)
        done = None
        # Each was proved by itself. Where they do not go together, the first goes alone.
        for some in (chosen, chosen[:1]) if len(chosen) > 1 else (chosen,):
            if some:
                edited = apply_edits(text, [edit for _, fix in some for edit in fix.edits])
                after = _checked(edited, path, settings, verifier)
                if after.error is None and _is_better(report.findings, after.findings, len(some)):
                    done = edited, after, some
                    break
        if done is None:
            break
        text, report, some = done
        applied += some
        rounds.append(tuple(edit for _, fix in some for edit in fix.edits))
    return Fixed(text, report, tuple(applied), tuple(rounds))


def _checked(text: str, path: str, settings: Settings, verifier: Verifier | None) -> FileReport:
    report = check_source(text, path, settings)
    if report.error is not None or not report.findings:
        return report
    from dataclasses import replace

    return replace(report, findings=repaired(text, path, settings, report.findings, verifier=verifier))


def _chosen(findings: Iterable[Finding], unsafe: bool) -> list[tuple[Finding, Fix]]:
    chosen: list[tuple[Finding, Fix]] = []
    taken: list[Edit] = []
    for finding in findings:
        fix = finding.fix
        if fix is not None and (fix.safe or unsafe) and not overlap(fix.edits, taken):
            chosen.append((finding, fix))
            taken += fix.edits
    return chosen


def _is_better(before: Iterable[Finding], after: Iterable[Finding], count: int) -> bool:
    old, new = Counter(one.code for one in before), Counter(one.code for one in after)
    return sum(new.values()) <= sum(old.values()) - count
