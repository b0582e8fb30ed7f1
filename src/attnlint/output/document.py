"""A finding as a JSON document: what ``json`` and ``json-lines`` write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attnlint.findings import Finding, Fix, Operand, Range, Related, Verdict
from attnlint.output.report import Sources
from attnlint.rules import rule


def document(finding: Finding, sources: Sources) -> dict[str, Any]:
    """Lines and columns count from 1, in characters; ends are exclusive. In a notebook they count in a cell."""
    described = rule(finding.code)
    path = finding.path

    def place(there: Range) -> dict[str, Any]:
        return _place(sources, path, there)

    return {
        "path": path,
        **place(finding.range),
        "code": finding.code,
        "name": described.name,
        "message": finding.message,
        "advice": finding.advice,
        "severity": finding.severity,
        "operands": [_operand(operand, place) for operand in finding.operands],
        "related": [_related(one, sources) for one in finding.related],
        "notes": list(finding.notes),
        "verdict": verdict_document(finding.verdict) if finding.verdict is not None else None,
        "fix": fix_document(finding.fix, place) if finding.fix is not None else None,
        "alternatives": [fix_document(fix, place) for fix in finding.alternatives],
        "reproduction": _reproduction(finding),
        "url": described.url,
    }


def _reproduction(finding: Finding) -> str | None:
    """A program that shows the finding on real torch; ``None`` where there is none."""
    if finding.evidence is None:
        return None
    from attnlint.verify.repro import reproduction

    return reproduction(finding) or None


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """What torch said."""
    return {
        "status": verdict.status,
        "message": verdict.message,
        "error": verdict.error or None,
        "torch": verdict.torch_version or None,
        "witness": verdict.witness or None,
        "device": verdict.device,
    }


Place = Callable[[Range], dict[str, Any]]
"""A range of the finding's file as a document."""


def fix_document(fix: Fix, place: Place) -> dict[str, Any]:
    """A repair and its edits."""
    edits = [{**place(edit.range), "replacement": edit.replacement} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(sources: Sources, path: str, place: Range) -> dict[str, Any]:
    located = sources.locate(path, place)
    inside = located.range
    return {
        "cell": located.cell,
        "line": inside.line,
        "column": inside.column,
        "end_line": inside.end_line,
        "end_column": inside.end_column,
    }


def _operand(operand: Operand, place: Place) -> dict[str, Any]:
    where = place(operand.range) if operand.range is not None else None
    return {"text": operand.text, "shape": operand.shape, "dtype": operand.dtype, "range": where}


def _related(one: Related, sources: Sources) -> dict[str, Any]:
    return {"path": one.path, **_place(sources, one.path, one.range), "message": one.message, "kind": one.kind}
