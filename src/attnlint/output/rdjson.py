"""``rdjson``: reviewdog's diagnostic format."""

from __future__ import annotations

import json
from typing import Any

from attnlint.findings import Finding, Range
from attnlint.output.report import Located, Report, Sources
from attnlint.output.style import Style
from attnlint.rules import rule


def render(report: Report, style: Style) -> str:
    """All findings with suggestions and related locations."""
    url = rule("ATN101").url.rpartition("/blob/")[0]
    document = {
        "source": {"name": "attnlint", "url": url},
        "severity": "ERROR",
        "diagnostics": [_diagnostic(finding, report.sources) for finding in report.everything],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, sources: Sources) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.advice}" if finding.advice else finding.message
    located = sources.locate(finding.path, finding.range)
    diagnostic: dict[str, Any] = {
        "message": text if located.cell is None else f"{located}: {text}",
        "location": _location(located),
        "severity": finding.severity.upper(),
        "code": {"value": finding.code, "url": rule(finding.code).url},
    }
    suggestions = [
        {"range": _range(edit.range), "text": edit.replacement}
        for edit in (finding.fix.edits if finding.fix is not None else ())
    ]
    # What replaces code in a cell would have to be JSON in the file.
    if suggestions and located.cell is None:
        diagnostic["suggestions"] = suggestions
    related = [
        {"message": one.message, "location": _location(sources.locate(one.path, one.range))} for one in finding.related
    ]
    if related:
        diagnostic["relatedLocations"] = related
    return diagnostic


def _location(located: Located) -> dict[str, Any]:
    if located.file_lines is not None:
        first, last = located.file_lines
        return {"path": located.path, "range": {"start": {"line": first}, "end": {"line": last}}}
    return {"path": located.path, "range": _range(located.range)}


def _range(place: Range) -> dict[str, Any]:
    return {
        "start": {"line": place.line, "column": place.column},
        "end": {"line": place.end_line, "column": place.end_column},
    }
