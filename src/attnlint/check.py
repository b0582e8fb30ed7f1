"""Source text to findings: the one function that every front end calls.

Parse, interpret, place in the source, apply the selection of rules and the suppressions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from attnlint.findings import Evidence, Finding, Range

if TYPE_CHECKING:
    from attnlint.config import Settings
    from attnlint.declared.watch import Watch
    from attnlint.interpreter import Project
    from attnlint.interpreter.results import RawFinding
    from attnlint.syntax import Source


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file could not be checked: one clear line."""

    code: str
    """``ATN001`` syntax error, ``ATN003`` unreadable, ``ATN004`` a failure of our own."""
    message: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file."""

    path: str
    findings: tuple[Finding, ...] = ()
    error: FileError | None = None
    lines: int = 0
    skipped: bool = False
    """No word of torch in it: nothing was parsed."""
    notes: tuple[str, ...] = ()
    """Where a budget cut in, what was left opaque (shown with ``-v``)."""
    unread: tuple[str, ...] = ()
    """What could not be parsed although the rest of the file was, one line each (always shown)."""
    suppressed: int = 0
    dependencies: tuple[str, ...] = ()
    """Project files that the result depends on (for the cache and the editor)."""


@dataclass(frozen=True, slots=True)
class PlacedOperation:
    """An op that the file calls: where, whether its result is known, and its arguments as evidence."""

    range: Range
    name: str
    known: bool
    evidence: Evidence


def check_source(
    text: str | bytes,
    path: str,
    settings: Settings,
    project: Project | Callable[[str], Project] | None = None,
    *,
    operations: list[PlacedOperation] | None = None,
    partial: Callable[[FileReport], None] | None = None,
) -> FileReport:
    """Check one source text. ``path`` names it in the findings and is where imports are resolved from.

    ``project`` is what imports are looked up in, or finds it for a file that turns out to need one.

    ``partial`` is told what was found when what was edited has run, where the project remembers the run before and much
    is left to do. What else is found is not in it, nor whether a suppression is of any use.

    ``operations`` is filled with every op that was called, for those who prove something by it. Raises nothing for bad
    input: that is in ``FileReport.error``.
    """
    from attnlint.syntax.gate import mentions_torch

    if not mentions_torch(text):
        return FileReport(path, lines=_count_lines(text), skipped=True)
    # Imported here: a run over files without torch must not pay for libcst.
    from attnlint.syntax import SourceError, decode, parse

    code = "ATN003"
    try:
        decoded = decode(text) if isinstance(text, bytes) else text
        code = "ATN001"
        if project is None or callable(project):
            source = parse(decoded, path, keep_tree=True)
        else:
            source = project.parse_checked(decoded, path)
    except SourceError as error:
        failure = FileError(code, error.message, error.line, error.column)
        return FileReport(path, error=failure, lines=_count_lines(text))
    return _check(source, settings, project, operations, partial)


def check_notebook(
    data: str | bytes,
    path: str,
    settings: Settings,
    project: Project | Callable[[str], Project] | None = None,
) -> FileReport:
    """Check the program of a notebook; ``data`` is its file. The findings count the lines of the program."""
    from attnlint.syntax.gate import mentions_torch

    if not mentions_torch(data):
        return FileReport(path, lines=_count_lines(data), skipped=True)
    from attnlint.notebook.program import in_cells, read_notebook
    from attnlint.syntax.errors import SourceError

    try:
        notebook = read_notebook(data.encode(errors="surrogatepass") if isinstance(data, str) else data)
    except SourceError as error:
        return FileReport(path, error=FileError("ATN003", error.message, error.line, error.column))
    report = check_source(notebook.text, path, settings, project)

    unread = tuple(f"{error.place}: left out: {error.message}" for error in notebook.errors)
    return replace(
        report,
        findings=tuple(
            replace(one, notes=tuple(in_cells(note, notebook) for note in one.notes)) for one in report.findings
        ),
        unread=(*unread, *(in_cells(one, notebook) for one in report.unread)),
        notes=tuple(in_cells(note, notebook) for note in report.notes),
    )


def _check(
    source: Source,
    settings: Settings,
    project: Project | Callable[[str], Project] | None,
    operations: list[PlacedOperation] | None,
    partial: Callable[[FileReport], None] | None,
) -> FileReport:
    """Interpret a parsed file and place what was found."""
    from attnlint.assemble import assemble
    from attnlint.environment import followed_packages
    from attnlint.interpreter import AnalysisOptions, Project, analyse
    from attnlint.interpreter.results import without_refused
    from attnlint.ops.declared_signature import declared_ops
    from attnlint.selection import reported

    if not isinstance(project, Project):
        project = (project or Project.around)(source.path)
    project.follow(followed_packages(settings))
    watch = _declared_shapes(source, settings)
    trusted = settings.parameter_shapes
    options = AnalysisOptions(
        preview=settings.preview,
        record_operations=operations is not None,
        trusted=trusted,
        declarations=watch.declarations if watch is not None and trusted != ("jaxtyping",) else None,
        watcher=watch,
        signatures=declared_ops(settings.signatures),
    )

    def placed(found: list[RawFinding]) -> list[Finding]:
        certain = [raw for raw in found if raw.certain or settings.preview]
        return assemble(certain, source, project.source)

    def tell(found: list[RawFinding]) -> None:
        if partial is not None:
            kept, _ = reported(placed(without_refused(found)), source.text, source.path, settings)
            partial(FileReport(source.path, tuple(one for one in kept if not one.code.startswith("ATN0"))))

    if project.memory is not None:
        project.memory.on_partial = tell if partial is not None else None
    analysis = analyse(source, project, options)
    if operations is not None:
        ranges = source.ranges({operation.node for operation in analysis.operations})
        for operation in analysis.operations:
            place = ranges[operation.node]
            operations.append(PlacedOperation(place, operation.name, operation.known, operation.evidence))
    findings = placed(analysis.findings)
    if watch is not None and watch.cases:
        from attnlint.declared.report import findings as declared_findings

        findings += declared_findings(watch.cases.values(), source, preview=settings.preview)
    kept, suppressed = reported(findings, source.text, source.path, settings)
    return FileReport(
        source.path,
        kept,
        lines=len(source.lines),
        notes=tuple(analysis.notes),
        unread=tuple(source.notes),
        suppressed=suppressed,
        dependencies=tuple(analysis.dependencies),
    )


def _declared_shapes(source: Source, settings: Settings) -> Watch | None:
    """Who compares declared shapes with what is inferred; ``None`` where there are none, or nobody wants to know."""
    from attnlint.selection import is_selected

    tree, source.tree = source.tree, None
    trusted = set(settings.parameter_shapes) & {"comments", "docstrings"}
    if not trusted and not any(is_selected(code, settings) for code in ("ATN401", "ATN402", "ATN403")):
        return None
    from attnlint.declarations.collect import collect

    declarations = collect(source.text, tree)
    if declarations is None:
        return None
    from attnlint.declared.watch import Watch

    return Watch(source, declarations)


def _count_lines(text: str | bytes) -> int:
    newline: Any = b"\n" if isinstance(text, bytes) else "\n"
    return text.count(newline) + (not text.endswith(newline) and bool(text))
