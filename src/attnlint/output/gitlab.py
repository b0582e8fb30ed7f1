"""``gitlab``: GitLab's code quality report."""

from __future__ import annotations

import json
from typing import Any

from attnlint.findings import Finding
from attnlint.output.fingerprint import fingerprints
from attnlint.output.report import Report, Sources
from attnlint.output.style import Style

_SEVERITY = {"error": "major", "warning": "minor"}


def render(report: Report, style: Style) -> str:
    """One array; the fingerprints stay the same when lines shift."""
    findings = report.everything
    names = fingerprints(findings, report.sources)
    entries = [_entry(finding, name, report.sources) for finding, name in zip(findings, names, strict=True)]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(finding: Finding, fingerprint: str, sources: Sources) -> dict[str, Any]:
    place = finding.range
    description = f"{finding.code}: {finding.message}"
    located = sources.locate(finding.path, place)
    where: dict[str, Any] = {
        "positions": {
            "begin": {"line": place.line, "column": place.column},
            "end": {"line": place.end_line, "column": place.end_column},
        }
    }
    if located.file_lines is not None:
        # GitLab knows lines of files only.
        description = f"{located}: {description}"
        where = {"lines": {"begin": located.file_lines[0], "end": located.file_lines[1]}}
    return {
        "check_name": finding.code,
        "description": description,
        "severity": _SEVERITY[finding.severity],
        "fingerprint": fingerprint,
        "location": {"path": finding.path, **where},
    }
