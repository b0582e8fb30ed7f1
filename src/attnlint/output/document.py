"""A finding as a JSON document: what ``json`` and ``json-lines`` write."""

from __future__ import annotations

from typing import Any

from attnlint.findings import Finding, Fix, Operand, Range, Related, Verdict
from attnlint.rules import rule


def document(finding: Finding) -> dict[str, Any]:
    """Lines and columns count from 1, in characters; ends are exclusive."""
    described = rule(finding.code)
    return {
        "path": finding.path,
        **_range(finding.range),
        "code": finding.code,
        "name": described.name,
        "message": finding.message,
        "advice": finding.advice,
        "severity": finding.severity,
        "operands": [_operand(operand) for operand in finding.operands],
        "related": [_related(one) for one in finding.related],
        "notes": list(finding.notes),
        "verdict": verdict_document(finding.verdict) if finding.verdict is not None else None,
        "fix": fix_document(finding.fix) if finding.fix is not None else None,
        "alternatives": [fix_document(fix) for fix in finding.alternatives],
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


def fix_document(fix: Fix) -> dict[str, Any]:
    """A repair and its edits."""
    edits = [{**_range(edit.range), "replacement": edit.replacement} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _range(place: Range) -> dict[str, int]:
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _operand(operand: Operand) -> dict[str, Any]:
    place = _range(operand.range) if operand.range is not None else None
    return {"text": operand.text, "shape": operand.shape, "dtype": operand.dtype, "range": place}


def _related(one: Related) -> dict[str, Any]:
    return {"path": one.path, **_range(one.range), "message": one.message, "kind": one.kind}
