"""``github``: workflow commands that GitHub shows as annotations."""

from __future__ import annotations

from attnlint.findings import Finding
from attnlint.output.report import Report, Sources
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """``::error title=attnlint (CODE),file=...::path:line:column: CODE message``"""
    return "".join(_command(finding, report.sources) + "\n" for finding in report.everything)


def _command(finding: Finding, sources: Sources) -> str:
    located = sources.locate(finding.path, finding.range)
    # GitHub shows lines of files: for a notebook those of its JSON, in which the cells stand line by line.
    first, last = located.file_lines or (finding.range.line, finding.range.end_line)
    properties = {
        "title": f"attnlint ({finding.code})",
        "file": finding.path,
        "line": str(first),
        "endLine": str(last),
    }
    # GitHub drops an annotation over several lines that has columns.
    if first == last and located.cell is None:
        properties["col"] = str(finding.range.column)
        properties["endColumn"] = str(finding.range.end_column)
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = f"{located}: {finding.code} {finding.message}"
    if finding.advice:
        text += f"\n{finding.advice}"
    return f"::{finding.severity} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
