"""What fails on both sides of a condition of another file.

Code for all callers has branches that this caller may never lead to, and what fails in one of them is not reported.
But where the sides are two implementations of one thing, a fused attention and one that is written out, and the same
call of the checked file fails on either, it fails whatever the condition is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.forks import Signal, fork_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attnlint.interpreter.results import RawFinding
    from attnlint.interpreter.run import Run


@dataclass(frozen=True, slots=True)
class Withheld:
    """A finding that waits for what the other side of a condition does."""

    finding: RawFinding
    undecided: int
    """On how many conditions of other files it hangs."""


def on_either_side(run: Run, branches: Sequence[tuple[Any, Callable[[], Signal]]]) -> Signal:
    """Run the two sides of a condition of another file, and report what fails on either."""
    from attnlint.interpreter.reports import MOST_UNDECIDED, undecided_elsewhere

    start = len(run.withheld)
    ends: list[int] = []

    def ending(branch: Callable[[], Signal]) -> Callable[[], Signal]:
        def thunk() -> Signal:
            try:
                return branch()
            finally:
                ends.append(len(run.withheld))

        return thunk

    try:
        return fork_blocks(run, [(path, ending(branch)) for path, branch in branches])
    finally:
        undecided = undecided_elsewhere(run)
        between = ends[0] if len(ends) == len(branches) else start
        found = _on_both_sides(run.withheld[start:between], run.withheld[between:], undecided)
        del run.withheld[start:]
        for one in found:
            told = (one.finding.statement, one.finding.code)
            if undecided >= MOST_UNDECIDED:
                run.withheld.append(one)
            elif told not in run.reported:
                run.reported.add(told)
                run.analysis.findings.append(one.finding)


def _on_both_sides(yes: Sequence[Withheld], no: Sequence[Withheld], undecided: int) -> list[Withheld]:
    """What fails on both sides of a condition that stands behind ``undecided`` others; it no longer hangs on it."""
    other = {_subject(one.finding) for one in yes if one.undecided == undecided + 1}
    return [
        Withheld(one.finding, undecided)
        for one in no
        if one.undecided == undecided + 1 and _subject(one.finding) in other
    ]


def _subject(finding: RawFinding) -> tuple[int, bool]:
    return finding.statement, finding.code.startswith("ATN1")
