"""``rdjson``: reviewdog's diagnostic format."""

from __future__ import annotations

import json
from typing import Any

from attnlint.findings import Finding, Range
from attnlint.output.report import Report
from attnlint.output.style import Style
from attnlint.rules import rule


def render(report: Report, style: Style) -> str:
    """All findings with suggestions and related locations."""
    url = rule("ATN101").url.rpartition("/blob/")[0]
    document = {
        "source": {"name": "attnlint", "url": url},
        "severity": "ERROR",
        "diagnostics": [_diagnostic(finding) for finding in report.everything],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding) -> dict[str, Any]:
    diagnostic: dict[str, Any] = {
        "message": f"{finding.message}\n{finding.advice}" if finding.advice else finding.message,
        "location": _location(finding.path, finding.range),
        "severity": finding.severity.upper(),
        "code": {"value": finding.code, "url": rule(finding.code).url},
    }
    suggestions = [
        {"range": _range(edit.range), "text": edit.replacement}
        for edit in (finding.fix.edits if finding.fix is not None else ())
    ]
    if suggestions:
        diagnostic["suggestions"] = suggestions
    related = [{"message": one.message, "location": _location(one.path, one.range)} for one in finding.related]
    if related:
        diagnostic["relatedLocations"] = related
    return diagnostic


def _location(path: str, place: Range) -> dict[str, Any]:
    return {"path": path, "range": _range(place)}


def _range(place: Range) -> dict[str, Any]:
    return {
        "start": {"line": place.line, "column": place.column},
        "end": {"line": place.end_line, "column": place.end_column},
    }
