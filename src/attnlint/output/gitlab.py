"""``gitlab``: GitLab's code quality report."""

from __future__ import annotations

import json

from attnlint.output.fingerprint import fingerprints
from attnlint.output.report import Report
from attnlint.output.style import Style

_SEVERITY = {"error": "major", "warning": "minor"}


def render(report: Report, style: Style) -> str:
    """One array; the fingerprints stay the same when lines shift."""
    findings = report.everything
    names = fingerprints(findings, report.sources)
    entries = [
        {
            "check_name": finding.code,
            "description": f"{finding.code}: {finding.message}",
            "severity": _SEVERITY[finding.severity],
            "fingerprint": name,
            "location": {
                "path": finding.path,
                "positions": {
                    "begin": {"line": finding.range.line, "column": finding.range.column},
                    "end": {"line": finding.range.end_line, "column": finding.range.end_column},
                },
            },
        }
        for finding, name in zip(findings, names, strict=True)
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
