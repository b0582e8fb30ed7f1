"""``json``: one array of findings."""

from __future__ import annotations

import json

from attnlint.output.document import document
from attnlint.output.report import Report
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """All findings; files that could not be checked are among them (``ATN0xx``)."""
    return (
        json.dumps([document(finding, report.sources) for finding in report.everything], indent=2, ensure_ascii=False)
        + "\n"
    )
