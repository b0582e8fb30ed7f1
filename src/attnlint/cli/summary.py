"""What a run comes to, in a few lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from attnlint.output import Report
from attnlint.rules import rule


def summary(report: Report) -> Iterator[str]:
    """The last lines of a run for a person."""
    if not report.checked and report.failures:
        yield "Nothing could be checked."
        return
    severities = Counter(finding.severity for finding in report.findings)
    found = " and ".join(_count(severities[name], name) for name in ("error", "warning") if severities[name])
    count = _count(report.checked, "file")
    row = f"Found {found} in {count}" if found else f"No errors in {count}"
    remarks = [remark for remark in _remarks(report) if remark]
    yield row + (f" ({', '.join(remarks)})." if remarks else ".")
    if report.failures:
        yield f"{_count(len(report.failures), 'file')} could not be checked."
    if report.problem:
        yield f"Nothing was verified: {report.problem}."
        yield "Install torch in that environment, or name one that has it: --python PATH."
    elif report.findings and not report.verified:
        yield "Run with --verify to let torch itself confirm each finding."


def _remarks(report: Report) -> Iterator[str]:
    verdicts = Counter(finding.verdict.status for finding in report.findings if finding.verdict is not None)
    for status in ("confirmed", "unverified"):
        yield f"{verdicts[status]} {status}" if verdicts[status] else ""
    yield f"{len(report.refuted)} refuted by torch and withheld" if report.refuted else ""
    yield f"{report.baselined} in the baseline" if report.baselined else ""
    yield f"{report.suppressed} suppressed" if report.suppressed else ""


def statistics(report: Report, output_format: str) -> str:
    """How many findings each rule has, the most frequent first."""
    counts = sorted(Counter(finding.code for finding in report.findings).items(), key=lambda item: (-item[1], item[0]))
    if output_format == "json":
        rows = [{"code": code, "name": rule(code).name, "count": count} for code, count in counts]
        return json.dumps(rows, indent=2) + "\n"
    width = len(str(counts[0][1])) if counts else 0
    return "".join(f"{count:>{width}}  {code}  {rule(code).name}\n" for code, count in counts)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
