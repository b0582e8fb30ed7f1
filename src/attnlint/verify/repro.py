"""The reproduction: a small program, complete by itself, that shows a finding on real torch."""

from __future__ import annotations

from attnlint.findings import Finding, Step
from attnlint.notebook import is_notebook
from attnlint.verify.encode import Encoder, about_devices
from attnlint.verify.property_script import property_script
from attnlint.verify.rehearse import rehearsed
from attnlint.verify.script import CannotWrite
from attnlint.verify.statements import Statements


def reproduction(finding: Finding) -> str:
    """The program as text; empty when the finding has no operation that could be written down.

    It builds the operands, follows the operations that led to the failure, and ends in the one that fails.
    """
    evidence = finding.evidence
    if evidence is None:
        return ""
    # A line of a notebook says nothing without its cell.
    where = finding.path if is_notebook(finding.path) else f"{finding.path}:{finding.range.line}"
    heading = f"{where}: {finding.code} {finding.message}"
    if evidence.property is not None:
        return property_script(evidence, heading, finding.verdict)
    plain = Step(evidence.operation, evidence.arguments, evidence.keywords, evidence.constructor, ("layer", 1))
    for steps in (evidence.steps, (plain,)):
        if not steps:
            continue
        encoder = Encoder(evidence.witness)
        encoder.devices = about_devices(evidence)
        try:
            # In the order in which the verifier meets them, so that symbols without a witness get the same numbers.
            for value in (*evidence.arguments, *(evidence.keywords or {}).values()):
                encoder.value(value)
            return Statements(evidence, rehearsed(steps, encoder)).text(heading, encoder, finding.verdict)
        except (CannotWrite, ArithmeticError, LookupError, ValueError):
            # No text for a value, or no number for a size (a division by zero): try with less.
            continue
    return ""
