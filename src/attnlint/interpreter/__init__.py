"""Runs lowered code on abstract values: scopes, statements, expressions, calls, ``nn.Module`` objects, imports."""

from __future__ import annotations

from attnlint.interpreter.project import Project
from attnlint.interpreter.results import Analysis, AnalysisOptions, Binding, Link, Operand, RawFinding
from attnlint.interpreter.run import Run

from attnlint.interpreter.entries import analyse  # isort: skip (after run)

__all__ = ["Analysis", "AnalysisOptions", "Binding", "Link", "Operand", "Project", "RawFinding", "Run", "analyse"]
