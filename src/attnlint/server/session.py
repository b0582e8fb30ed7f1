"""The open documents and what is known of them: what to analyse when, and for whom."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types

from attnlint.check import FileReport
from attnlint.config import ConfigError, Settings, SettingsResolver
from attnlint.files import is_left_out
from attnlint.findings import Finding, Range, Verdict
from attnlint.server.analysis import DECLARED, Task, check, moved, prepare, wants_declared, without_declared
from attnlint.server.buffers import Buffer, Positions
from attnlint.server.diagnostics import diagnostic, error_diagnostic
from attnlint.server.notebooks import NotebookBuffer
from attnlint.server.project import OpenProjects
from attnlint.server.shapes import Shapes, infer
from attnlint.server.thread import AnalysisThread
from attnlint.syntax import SourceError
from attnlint.syntax.gate import mentions_torch

T = TypeVar("T")

DELAY = 0.025
"""Seconds without an edit after which the analysis begins: enough for edits that come together. A run that an edit
makes outdated is given up, so there is no need to wait until somebody stops typing."""


@dataclass(slots=True, eq=False)
class Document:
    """An open document."""

    buffer: Buffer
    revision: int = 0
    """Counts what may change its findings: its own edits, those of the files that it imports, the settings."""
    checked: int = -1
    """The revision that ``report`` belongs to."""
    report: FileReport | None = None
    good: FileReport | None = None
    """The latest report of a text that could be checked, and that text."""
    good_text: str | None = None
    shapes: Shapes | None = None
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody waits for the report: there is nothing to wait for any more."""
    own_edit: bool = True
    """The revision comes from the client's own edit: it knows that there are new diagnostics to ask for."""
    task: asyncio.Task[None] | None = None
    others: set[asyncio.Task[Any]] = field(default_factory=set)
    """What else is worked out for this revision: shapes, repairs. An edit makes it useless."""
    inferring: asyncio.Task[Shapes | None] | None = None
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    """By code and message."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be shown, the verdicts of torch included; what it refuted is not."""
        if self.report is None:
            return ()
        report = self.report
        if report.error is not None and self.good is not None and self.good_text is not None:
            # While it is being typed in, a text mostly does not parse: what was known stays.
            report = moved(self.good, self.good_text, self.buffer.text)
        found = []
        for finding in report.findings:
            verdict = self.verdicts.get((finding.code, finding.message), finding.verdict)
            if verdict is None or verdict.status != "refuted":
                found.append(replace(finding, verdict=verdict))
        return tuple(found)


def _order(finding: Finding) -> tuple[str, Range, str, str]:
    return finding.sort_key


class Session:
    """All that the server knows. Everything here runs in the thread of the event loop."""

    def __init__(
        self,
        *,
        on_checked: Callable[[Document], None],
        on_problem: Callable[[str], None],
        on_partial: Callable[[Document], None] = lambda document: None,
    ) -> None:
        """``on_checked`` hears of every new report, ``on_partial`` of what there is of one before it is complete,
        ``on_problem`` of what the user must know, one line."""
        self.documents: dict[str, Document] = {}
        self.thread = AnalysisThread(prepare)
        self.encoding: str = types.PositionEncodingKind.Utf16
        self._on_checked = on_checked
        self._on_problem = on_problem
        self._on_partial = on_partial
        self._projects = OpenProjects()
        self._resolver = SettingsResolver()
        self._problems: set[str] = set()
        self._settings: dict[str, Settings] = {}
        """The latest settings of each file that could be read."""

    # --- documents --------------------------------------------------------------------------------------------------

    def open(self, uri: str, text: str, version: int | None) -> None:
        """A document was opened."""
        self.close(uri)
        document = self.documents[uri] = Document(Buffer(uri, text, version, self.encoding))
        self.invalidate(document, 0.0, own_edit=True)

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """A notebook was opened: its cells are one document."""
        notebook = params.notebook_document
        self.close(notebook.uri)
        buffer = NotebookBuffer(notebook.uri, notebook.cells, self.encoding)
        buffer.open_cells(params.cell_text_documents)
        document = self.documents[notebook.uri] = Document(buffer)
        self.invalidate(document, 0.0, own_edit=True)

    def change_notebook(self, uri: str, changes: types.NotebookDocumentCellChanges) -> list[str]:
        """Cells of a notebook came, went or were edited; returns those that went."""
        document = self.documents.get(uri)
        if document is None or not isinstance(document.buffer, NotebookBuffer):
            return []
        before = document.buffer.uris
        document.buffer.change_cells(changes)
        self.invalidate(document, DELAY, own_edit=True)
        return [one for one in before if one not in document.buffer.uris]

    def find(self, uri: str) -> Document | None:
        """The open document that a file or a cell belongs to."""
        known = self.documents.get(uri)
        if known is None:
            known = next((one for one in self.documents.values() if uri in one.buffer.uris), None)
        return known

    def change(self, uri: str, changes: Iterable[types.TextDocumentContentChangeEvent], version: int | None) -> None:
        """A document was edited."""
        document = self.documents.get(uri)
        if document is not None:
            document.buffer.change(list(changes), version)
            self.invalidate(document, DELAY, own_edit=True)

    def close(self, uri: str) -> None:
        """A document was closed: what is on disk counts again."""
        document = self.documents.pop(uri, None)
        if document is not None:
            for task in (document.task, *document.others):
                if task is not None:
                    task.cancel()
            self.file_changed(document.buffer.path)

    def file_changed(self, path: str) -> None:
        """A file is another on disk, or for those who import it."""
        for other in self.documents.values():
            report = other.good
            if report is not None and path in report.dependencies and other.buffer.path != path:
                self.invalidate(other, DELAY)

    def files_came_or_went(self) -> None:
        """Files are there that were not, or the other way round: an import may find another one."""
        for document in self.documents.values():
            if document.good is not None and not document.good.skipped:
                self.invalidate(document, DELAY)

    def settings_changed(self) -> None:
        """A configuration file changed."""
        self._resolver = SettingsResolver()
        self._problems.clear()
        for document in self.documents.values():
            self.invalidate(document, 0.0)

    # --- analysis ---------------------------------------------------------------------------------------------------

    def invalidate(self, document: Document, delay: float, *, own_edit: bool = False) -> None:
        """What is known of a document is out of date; the run that works on it is of no use any more."""
        document.revision += 1
        document.wanted.clear()
        document.own_edit = own_edit
        if document.task is not None:
            document.task.cancel()
        for other in document.others:
            other.cancel()
        document.inferring = None
        document.task = asyncio.get_running_loop().create_task(self._check(document, delay))

    async def current(self, document: Document, *, hurry: bool = True) -> FileReport | None:
        """The report of the document as it is now; None when it is closed meanwhile. ``hurry``: wait for no edits."""
        while document.checked != document.revision:
            if self.documents.get(document.buffer.uri) is not document or document.task is None:
                return None
            if hurry:
                document.wanted.set()
            # Not the task itself: whoever waits here may be cancelled, and the others still want it.
            task = document.task
            await asyncio.wait({task})
            if document.task is task and document.checked != document.revision:
                # It failed, which only a defect of ours makes it do: better what was known than to wait for ever.
                break
        return document.report

    async def shapes(self, document: Document) -> Shapes | None:
        """The shapes of a document as it is now; while it does not parse, those before."""
        if document.shapes is not None and document.shapes.revision == document.revision:
            return document.shapes
        # The findings first: they are what somebody waits for.
        await self.current(document)
        if document.inferring is None:
            document.inferring = self.for_now(document, self._infer(document))
        inferring = document.inferring
        # Whoever waits here may be cancelled, and the others still want it.
        await asyncio.wait({inferring})
        if not inferring.cancelled() and inferring.exception() is None and (found := inferring.result()) is not None:
            document.shapes = found
        return document.shapes

    async def _infer(self, document: Document) -> Shapes | None:
        revision, task = document.revision, self.job(document)
        if mentions_torch(task.text) and not is_left_out(task.path, task.settings):
            with contextlib.suppress(SourceError):
                return await self.thread.run(lambda interrupt: infer(task, revision, interrupt))
        return None

    def for_now(self, document: Document, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that an edit of the document makes useless."""
        task = asyncio.get_running_loop().create_task(work)
        document.others.add(task)
        task.add_done_callback(document.others.discard)
        return task

    def job(self, document: Document) -> Task:
        """The document as it is now, for the analysis thread."""
        buffer = document.buffer
        return Task(buffer.path, buffer.text, self.settings_for(buffer.path), self._texts(), self._projects)

    def positions_of(self, path: str) -> Positions:
        """The positions of any file: as the editor has it, or as it is on disk."""
        for document in self.documents.values():
            if document.buffer.path == path:
                return document.buffer.positions
        text = ""
        with contextlib.suppress(OSError):
            text = Path(path).read_bytes().decode("utf-8-sig", errors="replace")
        return Positions(text, self.encoding)

    def diagnostics(self, document: Document) -> dict[str, list[types.Diagnostic]]:
        """What the editor shows for a document, or for each cell of a notebook."""
        known: dict[str, Positions] = {}

        def positions_of(path: str) -> Positions:
            if path not in known:
                known[path] = self.positions_of(path)
            return known[path]

        found = [diagnostic(finding, document.buffer.uri, positions_of) for finding in document.findings]
        if document.report is not None and document.report.error is not None:
            found.append(error_diagnostic(document.report.error, document.buffer.positions))
        shown: dict[str, list[types.Diagnostic]] = {uri: [] for uri in document.buffer.uris}
        for one in found:
            uri, located = self.located(document, one)
            shown.setdefault(uri, []).append(located)
        for uri, error in document.buffer.own_errors():
            shown.setdefault(uri, []).append(error)
        return shown

    def located(self, document: Document, one: types.Diagnostic) -> tuple[str, types.Diagnostic]:
        """A diagnostic of the whole text, in the document that the client knows."""
        uri, _, place = document.buffer.locate(one.range)
        one.range = place
        one.message = document.buffer.in_words(one.message)
        for related in one.related_information or ():
            if related.location.uri == document.buffer.uri:
                related.location.uri, _, related.location.range = document.buffer.locate(related.location.range)
        return uri, one

    def settings_for(self, path: str) -> Settings:
        """The settings of a file. While its configuration is wrong, those before."""
        try:
            self._settings[path] = self._resolver.for_file(Path(path))
        except ConfigError as error:
            text = str(error)
            if text not in self._problems:
                self._problems.add(text)
                self._on_problem(text)
        return self._settings.get(path) or Settings()

    async def _check(self, document: Document, delay: float) -> None:
        if delay:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(document.wanted.wait(), delay)
        revision, text = document.revision, document.buffer.text
        task = self.job(document)
        if is_left_out(task.path, task.settings):
            report = FileReport(task.path, skipped=True)
        else:
            later = wants_declared(task)
            quick = replace(task, settings=without_declared(task.settings)) if later else task
            loop = asyncio.get_running_loop()

            def partial(found: FileReport) -> None:
                # The loop is closed when the server has ended meanwhile.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._show_partial, document, revision, found)

            report = await self.thread.run(lambda interrupt: check(quick, interrupt, partial))
            if later and report.error is None and not report.skipped:
                if document.good is not None and document.good_text is not None:
                    known = moved(document.good, document.good_text, text).findings
                    declared = [one for one in known if one.code.startswith(DECLARED)]
                    report = replace(report, findings=tuple(sorted((*report.findings, *declared), key=_order)))
                self.for_now(document, self._check_declared(document, task, revision))
        document.report, document.checked = report, revision
        if report.error is None:
            before = document.good_text
            document.good, document.good_text = report, text
            if before is not None and before != text:
                self.file_changed(task.path)
        self._on_checked(document)

    def _show_partial(self, document: Document, revision: int, report: FileReport) -> None:
        """What was found when what was edited has run, and what was known of the rest; the whole comes soon."""
        if document.revision != revision or document.checked == revision:
            return
        if document.good is not None and document.good_text is not None:
            found = {(one.code, one.range.line) for one in report.findings}
            known = moved(document.good, document.good_text, document.buffer.text).findings
            rest = (one for one in known if (one.code, one.range.line) not in found)
            report = replace(report, findings=tuple(sorted((*report.findings, *rest), key=_order)))
        document.report = report
        self._on_partial(document)

    async def _check_declared(self, document: Document, task: Task, revision: int) -> None:
        """Check once more, with the rules about declared shapes; until then those of before are shown."""
        report = await self.thread.run(lambda interrupt: check(task, interrupt))
        if document.checked == revision and document.report is not None and report.error is None:
            different = report.findings != document.report.findings
            document.report = document.good = report
            if different:
                document.own_edit = False
                self._on_checked(document)

    def _texts(self) -> dict[str, str]:
        """What others see of the open files: while one does not parse, what it was before."""
        return {
            document.buffer.path: document.buffer.text if document.good_text is None else document.good_text
            for document in self.documents.values()
        }
