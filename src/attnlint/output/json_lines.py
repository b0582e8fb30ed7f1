"""``json-lines``: one JSON document a line."""

from __future__ import annotations

import json

from attnlint.output.document import document
from attnlint.output.report import Report
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """All findings; files that could not be checked are among them (``ATN0xx``)."""
    return "".join(
        json.dumps(document(finding, report.sources), ensure_ascii=False) + "\n" for finding in report.everything
    )
