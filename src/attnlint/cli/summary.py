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
    yield from refuted(report)
    if report.problem:
        yield f"Nothing was verified: {report.problem}."
        yield "Install torch in that environment, or name one that has it: --python PATH."
    elif report.findings and not report.verified:
        yield "Run with --verify to let torch itself confirm each finding."


def fixable(report: Report, *, applied: bool) -> Iterator[str]:
    """What could be repaired, where repairs were asked for."""
    safe = sum(one.fix is not None and one.fix.safe for one in report.findings)
    unsafe = sum(one.fix is not None and not one.fix.safe for one in report.findings)
    several = sum(bool(one.alternatives) for one in report.findings)
    if safe and not applied:
        yield f"{safe} fixable with --fix."
    if unsafe:
        yield f"{unsafe} fixable with --fix --unsafe-fixes."
    if several:
        yield f"{several} with several repairs to choose from (--show-fixes lists them)."


def refuted(report: Report) -> Iterator[str]:
    """What to report where torch refuted a finding: a defect of a shape rule, and none of the user's code."""
    if not report.refuted:
        return
    count = _count(len(report.refuted), "finding")
    yield f"{count} refuted by torch: a shape rule of attnlint is wrong. Please report:"
    for finding in report.refuted:
        verdict = finding.verdict
        if verdict is None:
            continue
        yield f"  {finding.code} {finding.message}"
        witness = f", with {verdict.witness}" if verdict.witness else ""
        yield f"    torch {verdict.torch_version}{witness}: {verdict.message}"
        from attnlint.verify.repro import reproduction

        for row in reproduction(finding).splitlines()[1:]:
            yield f"    {row}".rstrip()


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
