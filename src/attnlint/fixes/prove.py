"""Proves repairs: the edited source is checked again, and torch is asked where it is at hand."""

from __future__ import annotations

import ast
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from attnlint.check import PlacedOperation, check_source
from attnlint.findings import Finding, Fix
from attnlint.fixes.edits import apply_edits, moved_line
from attnlint.fixes.generators import candidates, codes
from attnlint.fixes.site import Candidate, Site

if TYPE_CHECKING:
    from attnlint.config import Settings
    from attnlint.interpreter import Project
    from attnlint.verify import Verifier

SECONDS = 20.0
"""How long the repairs of one finding may take to prove."""

MOST_OFFERED = 5


@dataclass(slots=True)
class Prover:
    """Proves the repairs of the findings of one text."""

    text: str
    path: str
    settings: Settings
    findings: tuple[Finding, ...]
    """All that was found in the text."""
    project: Project | None = None
    verifier: Verifier | None = None
    seconds: float = SECONDS
    _before: list[PlacedOperation] | None = None
    _tree: ast.Module | None = None
    _seen: dict[str, tuple[tuple[Finding, ...], list[PlacedOperation]]] = field(default_factory=dict)

    def proved(self, finding: Finding) -> tuple[Fix, ...]:
        """The repairs of a finding that hold, the likeliest first."""
        if (finding.evidence is None and not _is_declared(finding)) or finding.code not in codes():
            return ()
        try:
            tree = self._tree = self._tree or _parsed(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
        started = time.monotonic()
        fixes: list[Fix] = []
        intents: set[str] = set()
        tier = 0
        for candidate in candidates(Site.of(self.text, tree, finding)):
            if time.monotonic() - started > self.seconds or len(fixes) == MOST_OFFERED:
                break
            if candidate.intent and candidate.intent in intents:
                continue
            if fixes and candidate.tier > tier:
                break
            tier = candidate.tier
            if self.holds(candidate, finding):
                intents.add(candidate.intent)
                fixes.append(Fix(candidate.title, candidate.edits, candidate.safe))
        return tuple(fixes)

    def holds(self, candidate: Candidate, finding: Finding) -> bool:
        """Whether a candidate repairs a finding: the finding is gone, nothing new appeared, and the operation is
        known to work."""
        try:
            edited = apply_edits(self.text, candidate.edits)
        except ValueError:
            return False
        if edited == self.text:
            return False
        try:
            _parsed(edited)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        known = self._seen.get(edited)
        if known is None:
            operations: list[PlacedOperation] = []
            report = check_source(edited, self.path, self.settings, self.project, operations=operations)
            if report.error is not None:
                return False
            known = self._seen[edited] = (report.findings, operations)
        found, operations = known
        before = Counter((moved_line(one.range.line, candidate.edits), one.code) for one in self.findings)
        place = (moved_line(finding.range.line, candidate.edits), finding.code)
        before[place] -= 1
        after = Counter((one.range.line, one.code) for one in found)
        if any(after[key] > before[key] for key in after):
            return False
        if _is_declared(finding):
            # The code is what it was; that the finding is gone says that the shape is now declared as it is.
            return True
        last = moved_line(finding.range.end_line, candidate.edits)
        here = [one for one in operations if place[0] <= one.range.line <= last]
        # Silence is no proof: each operation there must be one whose result is known, every time that it is reached.
        if not (here or candidate.evident) or not all(one.known for one in here):
            return False
        if not self._reached_before(candidate, finding) <= {
            (one.range.line, one.name) for one in operations if one.known
        }:
            return False
        if self._is_luck(candidate, finding, operations, (place[0], last)):
            return False
        return self.verifier is None or self._runs(here)

    def _is_luck(
        self, candidate: Candidate, finding: Finding, operations: list[PlacedOperation], place: tuple[int, int]
    ) -> bool:
        """Whether the repair only works for some sizes: not for those of the finding's witness.

        Symbols that may be equal are no clash for the checker, which is silent then. So for the operations at the
        place, and for those that worked before, the rules are asked again with numbers.
        """
        witness = finding.evidence.witness if finding.evidence is not None else None
        if not witness:
            return False
        # Imported here: most findings have no symbols.
        from attnlint.verify.rehearse import refused

        before = {
            (moved_line(one.range.line, candidate.edits), one.name)
            for one in self._before or ()
            if not refused(one.evidence, witness)
        }
        return any(
            refused(one.evidence, witness)
            for one in operations
            if place[0] <= one.range.line <= place[1] or (one.range.line, one.name) in before
        )

    def _reached_before(self, candidate: Candidate, finding: Finding) -> set[tuple[int, str]]:
        """The operations that work without the repair: they must be reached, and work, with it.

        Those that it edits aside.
        """
        if self._before is None:
            self._before = []
            check_source(self.text, self.path, self.settings, self.project, operations=self._before)
        edited = {line for edit in candidate.edits for line in range(edit.range.line, edit.range.end_line + 1)}
        edited.update(range(finding.range.line, finding.range.end_line + 1))
        return {
            (moved_line(one.range.line, candidate.edits), one.name)
            for one in self._before
            if one.known and one.range.line not in edited
        }

    def _runs(self, operations: list[PlacedOperation]) -> bool:
        """Whether torch runs each of the operations."""
        assert self.verifier is not None
        verdicts = [self.verifier.verify(operation.evidence).status for operation in operations[-8:]]
        return "confirmed" not in verdicts


def repaired(
    text: str,
    path: str,
    settings: Settings,
    findings: tuple[Finding, ...],
    *,
    project: Project | None = None,
    verifier: Verifier | None = None,
) -> tuple[Finding, ...]:
    """The findings of a text with their repairs: the one that holds, or the alternatives where several do."""
    prover = Prover(text, path, settings, findings, project, verifier)
    results = []
    for finding in findings:
        fixes = prover.proved(finding)
        if len(fixes) == 1:
            finding = replace(finding, fix=fixes[0], alternatives=())
        elif fixes:
            finding = replace(finding, fix=None, alternatives=fixes)
        results.append(finding)
    return tuple(results)


def _is_declared(finding: Finding) -> bool:
    """Whether a finding is about a declared shape, which is no code."""
    return finding.code.startswith("ATN4")


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
