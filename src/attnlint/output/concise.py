"""``concise``: one line a finding, which editors and people can jump from."""

from __future__ import annotations

from attnlint.findings import Verdict
from attnlint.output.report import Report
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """``path:line:column: CODE message``, and the verdict where there is one."""
    rows = []
    for finding in report.findings:
        place = f"{report.sources.locate(finding.path, finding.range)}:"
        colour = "red" if finding.severity == "error" else "yellow"
        verdict = f" [{_short(finding.verdict)}]" if finding.verdict is not None else ""
        rows.append(f"{style.paint('bold', place)} {style.paint(colour, finding.code)} {finding.message}{verdict}\n")
    return "".join(rows)


def _short(verdict: Verdict) -> str:
    message = " ".join(verdict.message.split())
    return f"{verdict.status}: {message}" if message else verdict.status
