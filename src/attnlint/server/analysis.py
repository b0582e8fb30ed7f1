"""What the analysis thread does for a document: check it, infer its shapes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from attnlint.check import FileError, FileReport, check_source
from attnlint.config import ConfigError, Settings
from attnlint.findings import Range
from attnlint.rules import codes
from attnlint.selection import is_selected
from attnlint.server.project import OpenProject, OpenProjects
from attnlint.server.thread import Interrupt


@dataclass(frozen=True, slots=True)
class Task:
    """A document as it was when its analysis was asked for."""

    path: str
    text: str
    settings: Settings
    texts: Mapping[str, str]
    """The texts of all open files, by path."""
    projects: OpenProjects

    def project(self, interrupt: Interrupt, kind: str = "") -> OpenProject:
        """The project for one run; ``kind`` names a kind of run of which the entries are remembered."""
        return self.projects.around(self.path, self.texts, interrupt, kind)


def check(task: Task, interrupt: Interrupt, partial: Callable[[FileReport], None] | None = None) -> FileReport:
    """The report of a document, the baseline applied. A bug in attnlint is an error of this file.

    ``partial`` may be told before what was found by then.
    """

    def tell(report: FileReport) -> None:
        if partial is not None:
            partial(_without_baseline(task, report))

    project = task.project(interrupt, "check")
    try:
        report = check_source(task.text, task.path, task.settings, project, partial=tell if partial else None)
    except Exception as error:
        message = f"attnlint failed here, please report it: {type(error).__name__}: {error}"
        return FileReport(task.path, error=FileError("ATN004", " ".join(message.split())))
    return _without_baseline(task, report)


def _without_baseline(task: Task, report: FileReport) -> FileReport:
    baseline = task.settings.baseline
    if baseline is not None and report.findings:
        from attnlint.baseline import withhold_known
        from attnlint.output.report import Sources

        try:
            sources = Sources({task.path: task.text})
            new, _ = withhold_known(report.findings, task.settings.resolve(baseline), sources)
        except ConfigError:
            return report
        report = replace(report, findings=new)
    return report


def prepare() -> None:
    """Import what the first finding needs: libcst takes longer to import than an edit to check."""
    importlib.import_module("attnlint.syntax.positions")


def without_declared(settings: Settings) -> Settings:
    """The settings without the rules about declared shapes: they need the whole file to run again after every edit."""
    return replace(settings, extend_ignore=(*settings.extend_ignore, *DECLARED))


def wants_declared(task: Task) -> bool:
    """Whether a rule about declared shapes is selected, and something looks like one."""
    from attnlint.declarations.collect import may_declare

    selected = any(is_selected(code, task.settings) for code in codes() if code.startswith(DECLARED))
    return selected and may_declare(task.text)


DECLARED = ("ATN4", *(code for code in codes() if code.startswith("ATN4")))


class LineMap:
    """Where the lines of a text are after it was edited in one place: what was edited is gone."""

    def __init__(self, before: str, after: str) -> None:
        old, new = before.splitlines(), after.splitlines()
        shorter = min(len(old), len(new))
        self._above = next((index for index in range(shorter) if old[index] != new[index]), shorter)
        below = next((index for index in range(shorter) if old[-1 - index] != new[-1 - index]), shorter)
        self._below = min(below, shorter - self._above)
        self._old, self._new = len(old), len(new)

    def line(self, number: int) -> int | None:
        """Where a line is now; None when it was edited."""
        if number <= self._above:
            return number
        return number + self._new - self._old if number > self._old - self._below else None

    def range(self, place: Range) -> Range | None:
        """Where a range is now; None when something in it was edited."""
        first, last = self.line(place.line), self.line(place.end_line)
        if first is None or last is None or last - first != place.end_line - place.line:
            return None
        return replace(place, line=first, end_line=last)


def moved(report: FileReport, before: str, after: str) -> FileReport:
    """The findings of an earlier text, in the present one."""
    lines = LineMap(before, after)
    kept = []
    for finding in report.findings:
        place = lines.range(finding.range)
        if place is None:
            continue
        related = []
        for one in finding.related:
            where = lines.range(one.range) if one.path == report.path else one.range
            if where is not None:
                related.append(replace(one, range=where))
        # The repairs were proved for another text.
        kept.append(replace(finding, range=place, related=tuple(related), fix=None, alternatives=()))
    return replace(report, findings=tuple(kept))
