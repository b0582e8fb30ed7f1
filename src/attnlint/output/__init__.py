"""Findings to text: one module a format, each with one function ``render``."""

from __future__ import annotations

import importlib

from attnlint.output.report import Failure, Report, Sources
from attnlint.output.style import PLAIN, Style

__all__ = ["PLAIN", "Failure", "Report", "Sources", "Style", "render"]

_MODULES = {"json": "json_array", "json-lines": "json_lines"}
"""Formats whose module has another name (``json`` would read like the standard library's)."""


def render(report: Report, output_format: str, style: Style = PLAIN) -> str:
    """A report in one of the formats of ``settings.OUTPUT_FORMATS``; it ends in a newline unless it is empty."""
    module = importlib.import_module(f"{__name__}.{_MODULES.get(output_format, output_format)}")
    text: str = module.render(report, style)
    return text
