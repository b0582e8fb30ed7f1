"""``full``: for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from attnlint.findings import Finding, Operand, Verdict
from attnlint.output.excerpt import Label, excerpt
from attnlint.output.report import Located, Report, Sources
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """Each finding with its source, the origins of what clashes, what to do, and the verdict."""
    return "".join(_finding(finding, report.sources, style) + "\n\n" for finding in report.findings)


def _finding(finding: Finding, sources: Sources, style: Style) -> str:
    located = sources.locate(finding.path, finding.range)
    near, elsewhere = _labels(finding, located, sources)
    numbers = [label.range.end_line for label in near] + [place.range.end_line for place, _ in elsewhere]
    gutter = len(str(max(numbers)))
    colour = "red" if finding.severity == "error" else "yellow"
    margin = " " * gutter
    arrow = style.paint("blue", f"{margin}-->")
    rows = [f"{style.paint(colour, finding.code)} {style.paint('bold', finding.message)}", f"{arrow} {located}"]
    rows.extend(excerpt(sources.lines_at(located), near, gutter, style))
    for place, label in elsewhere:
        rows.append(f"{style.paint('blue', margin + ':::')} {place}")
        rows.extend(excerpt(sources.lines_at(place), [label], gutter, style))
    rows.append(style.paint("blue", f"{margin} |"))
    equals = style.paint("blue", f"{margin} =")
    rows.extend(f"{equals} {row}" for row in _remarks(finding, sources, style))
    return "\n".join(rows)


def _labels(finding: Finding, located: Located, sources: Sources) -> tuple[list[Label], list[tuple[Located, Label]]]:
    """The labels in the file (or cell) of the finding, and those elsewhere, each with its place."""
    near: list[Label] = []
    for operand in finding.operands:
        if operand.range is not None:
            near.append(Label(sources.locate(finding.path, operand.range).range, describe(operand)))
    # Without operands to point at, the operation itself is what is wrong.
    near.append(Label(located.range, mark="~" if near else "^"))
    places = {label.range for label in near}
    elsewhere: list[tuple[Located, Label]] = []
    for one in finding.related:
        if one.kind == "call":
            continue
        place = sources.locate(one.path, one.range)
        label = Label(place.range, one.message, "-")
        if place.name != located.name:
            elsewhere.append((place, label))
        elif place.range not in places:
            near.append(label)
    return near, elsewhere


def _remarks(finding: Finding, sources: Sources, style: Style) -> Iterable[str]:
    for one in finding.related:
        if one.kind == "call":
            yield f"{style.paint('bold', 'call:')} {sources.locate(one.path, one.range)}: {one.message}"
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
