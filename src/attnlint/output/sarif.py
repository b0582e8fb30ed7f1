"""``sarif``: SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from attnlint import __version__
from attnlint.findings import Finding, Fix, Range
from attnlint.output.document import verdict_document
from attnlint.output.fingerprint import fingerprints
from attnlint.output.report import Located, Report, Sources
from attnlint.output.style import Style
from attnlint.rules import rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, style: Style) -> str:
    """One run, with the rules that it reports, and each result with its related locations, fixes and verdict."""
    findings = report.everything
    used = sorted({finding.code for finding in findings})
    names = fingerprints(findings, report.sources)
    run = {
        "tool": {
            "driver": {
                "name": "attnlint",
                "version": __version__,
                "informationUri": rule("ATN101").url.rpartition("/blob/")[0],
                "rules": [_rule(code) for code in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, used.index(finding.code), name, report.sources)
            for finding, name in zip(findings, names, strict=True)
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    described = rule(code)
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in described.name.split("-")),
        "shortDescription": {"text": described.summary},
        "fullDescription": {"text": described.explanation.strip()},
        "help": {"text": described.how_to_fix.strip()},
        "helpUri": described.url,
        "defaultConfiguration": {"level": described.severity},
    }


def _result(finding: Finding, index: int, fingerprint: str, sources: Sources) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.advice}" if finding.advice else finding.message
    located = sources.locate(finding.path, finding.range)
    if located.cell is not None:
        text = f"{located}: {text}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [_location(located)],
        "partialFingerprints": {"attnlint/v1": fingerprint},
    }
    related = [
        {"id": number, **_location(sources.locate(one.path, one.range)), "message": {"text": one.message}}
        for number, one in enumerate(finding.related, 1)
    ]
    if related:
        result["relatedLocations"] = related
    fixes = [_fix(finding.path, fix) for fix in (finding.fix, *finding.alternatives) if fix is not None]
    # What replaces code in a cell would have to be JSON in the file.
    if fixes and located.cell is None:
        result["fixes"] = fixes
    properties: dict[str, Any] = {}
    if finding.operands:
        properties["operands"] = [
            {"text": operand.text, "shape": operand.shape, "dtype": operand.dtype} for operand in finding.operands
        ]
    if finding.notes:
        properties["notes"] = list(finding.notes)
    if finding.verdict is not None:
        properties["verdict"] = verdict_document(finding.verdict)
    if properties:
        result["properties"] = properties
    return result


def _location(located: Located) -> dict[str, Any]:
    region = _region(located.range)
    if located.file_lines is not None:
        region = {"startLine": located.file_lines[0], "endLine": located.file_lines[1]}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(located.path)}, "region": region}}
    if located.cell is not None:
        location["logicalLocations"] = [{"name": f"cell {located.cell}", "fullyQualifiedName": str(located)}]
    return location


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def _region(place: Range) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(path: str, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.range), "insertedContent": {"text": edit.replacement}} for edit in fix.edits
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}],
    }
