"""``full``: for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from attnlint.findings import Finding, Operand, Related, Verdict
from attnlint.output.excerpt import Label, excerpt
from attnlint.output.report import Report, Sources
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """Each finding with its source, the origins of what clashes, what to do, and the verdict."""
    return "".join(_finding(finding, report.sources, style) + "\n\n" for finding in report.findings)


def _finding(finding: Finding, sources: Sources, style: Style) -> str:
    place = f"{finding.path}:{finding.range.line}:{finding.range.column}"
    here = [one for one in finding.related if one.kind != "call" and one.path == finding.path]
    elsewhere = [one for one in finding.related if one.kind != "call" and one.path != finding.path]
    numbers = [finding.range.end_line, *(one.range.end_line for one in finding.related)]
    gutter = len(str(max(numbers)))
    colour = "red" if finding.severity == "error" else "yellow"
    margin = " " * gutter
    arrow = style.paint("blue", f"{margin}-->")
    rows = [f"{style.paint(colour, finding.code)} {style.paint('bold', finding.message)}", f"{arrow} {place}"]
    rows.extend(excerpt(sources.lines(finding.path), _labels(finding, here), gutter, style))
    for one in elsewhere:
        rows.append(f"{style.paint('blue', margin + ':::')} {one.path}:{one.range.line}:{one.range.column}")
        rows.extend(excerpt(sources.lines(one.path), [Label(one.range, one.message, "-")], gutter, style))
    rows.append(style.paint("blue", f"{margin} |"))
    equals = style.paint("blue", f"{margin} =")
    rows.extend(f"{equals} {row}" for row in _remarks(finding, style))
    return "\n".join(rows)


def _labels(finding: Finding, related: Iterable[Related]) -> list[Label]:
    labels = [Label(operand.range, describe(operand)) for operand in finding.operands if operand.range is not None]
    # Without operands to point at, the operation itself is what is wrong.
    labels.append(Label(finding.range, mark="~" if labels else "^"))
    places = {label.range for label in labels}
    labels.extend(Label(one.range, one.message, "-") for one in related if one.range not in places)
    return labels


def _remarks(finding: Finding, style: Style) -> Iterable[str]:
    for one in finding.related:
        if one.kind == "call":
            yield f"{style.paint('bold', 'call:')} {one.path}:{one.range.line}:{one.range.column}: {one.message}"
    for operand in finding.operands:
        if operand.range is None:
            yield f"{style.paint('bold', 'operand:')} {operand.text}: {describe(operand)}"
    for note in finding.notes:
        yield f"{style.paint('bold', 'note:')} {note}"
    if finding.advice:
        yield f"{style.paint('cyan', 'help:')} {finding.advice}"
    for fix in (finding.fix, *finding.alternatives):
        if fix is not None:
            yield f"{style.paint('cyan', 'fix:')} {fix.title}"
    if finding.verdict is not None:
        yield verdict_line(finding.verdict, style)


def describe(operand: Operand) -> str:
    """``(10, 512) float32``"""
    return f"{operand.shape} {operand.dtype}" if operand.dtype else operand.shape


def verdict_line(verdict: Verdict, style: Style) -> str:
    """What torch said, in a line."""
    message = " ".join(verdict.message.split())
    if verdict.status == "unverified":
        return f"{style.paint('yellow', 'unverified:')} {message}"
    witness = f" (with {verdict.witness})" if verdict.witness else ""
    error = f"{verdict.error}: " if verdict.error else ""
    return f"{style.paint('green', verdict.status)} by torch {verdict.torch_version}{witness}: {error}{message}"
