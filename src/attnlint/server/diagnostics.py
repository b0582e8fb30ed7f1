"""Findings as diagnostics of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lsprotocol import types
from pygls.uris import from_fs_path

from attnlint.check import FileError
from attnlint.findings import Finding, Range, Related
from attnlint.rules import rule
from attnlint.server.buffers import Positions

SOURCE = "attnlint"

PositionsOf = Callable[[str], Positions]
"""Path to the positions of its text."""

SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}


def diagnostic(finding: Finding, uri: str, positions_of: PositionsOf) -> types.Diagnostic:
    """One finding; ``uri`` is that of the document it stands in."""
    place = positions_of(finding.path)
    related = [_related(one, finding, uri, positions_of) for one in (*_operands(finding), *finding.related)]
    return types.Diagnostic(
        range=place.to_client(finding.range),
        message="\n".join(_rows(finding)),
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(rule(finding.code).url),
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code == "ATN002" else None,
        related_information=related or None,
    )


def error_diagnostic(error: FileError, positions: Positions) -> types.Diagnostic:
    """Why the document could not be checked."""
    line = min(error.line, max(len(positions.table.lines), 1))
    return types.Diagnostic(
        range=positions.to_client(Range(line, error.column, line, error.column)),
        message=error.message,
        severity=types.DiagnosticSeverity.Error,
        code=error.code,
        code_description=types.CodeDescription(rule(error.code).url),
        source=SOURCE,
    )


def _rows(finding: Finding) -> Iterator[str]:
    yield finding.message
    yield from (f"note: {note}" for note in finding.notes)
    if finding.advice:
        yield f"help: {finding.advice}"
    verdict = finding.verdict
    if verdict is not None:
        text = f"{verdict.error}: {verdict.message}" if verdict.error else verdict.message
        first = text.splitlines()[0] if text else ""
        witness = f" with {verdict.witness}" if verdict.witness else ""
        version = f" by torch {verdict.torch_version}" if verdict.torch_version else ""
        yield f"{verdict.status}{version}{witness}: {first}"


def _operands(finding: Finding) -> Iterator[Related]:
    """The operands where the operation has them."""
    for operand in finding.operands:
        if operand.range is not None:
            dtype = f" {operand.dtype}" if operand.dtype else ""
            yield Related(finding.path, operand.range, f"{operand.text}: {operand.shape}{dtype}", "operand")


def _related(one: Related, finding: Finding, uri: str, positions_of: PositionsOf) -> types.DiagnosticRelatedInformation:
    # The client's own way to write the URI of its document: it may differ from ours.
    where = uri if one.path == finding.path else from_fs_path(one.path) or uri
    return types.DiagnosticRelatedInformation(
        types.Location(where, positions_of(one.path).to_client(one.range)), one.message
    )
