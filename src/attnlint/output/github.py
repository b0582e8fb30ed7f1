"""``github``: workflow commands that GitHub shows as annotations."""

from __future__ import annotations

from attnlint.findings import Finding
from attnlint.output.report import Report
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """``::error title=attnlint (CODE),file=...::path:line:column: CODE message``"""
    return "".join(_command(finding) + "\n" for finding in report.everything)


def _command(finding: Finding) -> str:
    place = finding.range
    properties = {
        "title": f"attnlint ({finding.code})",
        "file": finding.path,
        "line": str(place.line),
        "endLine": str(place.end_line),
    }
    # GitHub drops an annotation over several lines that has columns.
    if place.line == place.end_line:
        properties["col"] = str(place.column)
        properties["endColumn"] = str(place.end_column)
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = f"{finding.path}:{place.line}:{place.column}: {finding.code} {finding.message}"
    if finding.advice:
        text += f"\n{finding.advice}"
    return f"::{finding.severity} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
