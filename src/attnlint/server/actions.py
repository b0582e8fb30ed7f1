"""Code actions: repairs, suppression, a reproduction, a verdict of torch."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from attnlint.findings import Edit, Finding, Fix, Range, Verdict
from attnlint.fixes.prove import Prover
from attnlint.server.analysis import Task
from attnlint.server.diagnostics import diagnostic
from attnlint.server.session import Document, Session
from attnlint.server.thread import Interrupt
from attnlint.suppression import add_noqa
from attnlint.syntax.lines import split_lines

if TYPE_CHECKING:
    from attnlint.server.server import Server
    from attnlint.verify import Verifier

SECONDS = 3.0
"""How long the repairs of one finding may take to prove while somebody waits for the menu."""


class Actions:
    """What can be done about findings."""

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._verifiers: dict[str, Verifier] = {}
        # The verifier talks to one process, one request at a time.
        self._torch = ThreadPoolExecutor(1, thread_name_prefix="torch")
        self._asked = 0
        self._fixes: dict[tuple[str, int, object], tuple[Fix, ...]] = {}

    def close(self) -> None:
        """End torch's process."""
        self._torch.shutdown(wait=False, cancel_futures=True)
        for verifier in self._verifiers.values():
            verifier.close()

    async def offered(self, document: Document, place: types.Range) -> list[types.CodeAction]:
        """The actions for the findings at a place, repairs first."""
        await self._session.current(document)
        report = document.report
        if report is None or report.error is not None:
            return []
        positions = document.buffer.positions
        here = [finding for finding in document.findings if _overlap(positions.to_client(finding.range), place)]
        repairs: list[types.CodeAction] = []
        others: list[types.CodeAction] = []
        for finding in here:
            one = diagnostic(finding, document.buffer.uri, self._session.positions_of)
            shown = [self._session.located(document, one)[1]]
            fixes = await self._repairs(document, finding)
            for fix in fixes:
                if not document.buffer.can_make(fix.edits):
                    continue
                edits = [_text_edit(edit, document) for edit in fix.edits]
                only = len(fixes) == 1 and fix.safe
                repairs.append(_edit_action(_sentence(fix.title), edits, document, shown, preferred=only))
            others.extend(self._others(document, finding, shown))
        return repairs + others

    def _others(
        self, document: Document, finding: Finding, shown: list[types.Diagnostic]
    ) -> Iterator[types.CodeAction]:
        edits = suppression(document, finding)
        if edits:
            yield _edit_action(f"Suppress {finding.code} here", edits, document, shown)
        if finding.evidence is None:
            return
        uri = document.buffer.uri
        arguments: list[Any] = [uri, finding.code, finding.message]
        yield _command_action("Copy a reproduction", "attnlint.reproduction", arguments, shown)
        if finding.verdict is None:
            yield _command_action("Verify with torch", "attnlint.verify", [uri], shown)

    # --- repairs ----------------------------------------------------------------------------------------------------

    async def _repairs(self, document: Document, finding: Finding) -> tuple[Fix, ...]:
        key = (document.buffer.uri, document.revision, finding.sort_key)
        known = self._fixes.get(key)
        if known is None:
            task, findings = self._session.job(document), document.findings
            proving = self._session.for_now(
                document, self._session.thread.run(lambda interrupt: prove(task, findings, finding, interrupt))
            )
            await asyncio.wait({proving})
            if proving.cancelled():
                return ()
            known = proving.result()
            self._fixes = {one: fixes for one, fixes in self._fixes.items() if one[:2] == key[:2]}
            self._fixes[key] = known
        return known

    # --- reproduction -------------------------------------------------------------------------------------------------

    async def reproduction(self, document: Document, code: str, message: str) -> str | None:
        """The program that shows a finding. Clients have no command to copy text: it is the answer, which an extension
        can put on the clipboard, and it is shown as a file where the client can do that."""
        from attnlint.verify.repro import reproduction

        finding = next((one for one in document.findings if (one.code, one.message) == (code, message)), None)
        text = reproduction(finding) if finding is not None else ""
        if not text:
            return None
        window = self._server.client_capabilities.window
        if window is not None and window.show_document is not None and window.show_document.support:
            name = f"attnlint-{code.lower()}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.py"
            path = Path(tempfile.gettempdir()) / name
            path.write_text(text, encoding="utf-8")
            shown = types.ShowDocumentParams(from_fs_path(str(path)) or "", take_focus=True)
            self._server.in_background(self._server.window_show_document_async(shown))
        return text

    # --- verification -------------------------------------------------------------------------------------------------

    async def verify(self, document: Document) -> list[dict[str, str]]:
        """Let torch confirm or refute the findings of a document; the verdicts come back in its diagnostics."""
        if await self._session.current(document) is None:
            return []
        findings = [one for one in document.findings if one.evidence is not None and one.verdict is None]
        if not findings:
            return []
        settings = self._session.settings_for(document.buffer.path)
        start = Path(document.buffer.path).parent
        loop = asyncio.get_running_loop()

        def ask(finding: Finding) -> Verdict:
            from attnlint.runner import verifier_for

            name = str((settings.python, start))
            if name not in self._verifiers:
                self._verifiers[name] = verifier_for(settings, start)
            assert finding.evidence is not None
            return self._verifiers[name].verify(finding.evidence)

        progress = await self._begin_progress(len(findings))
        answers = []
        try:
            for number, finding in enumerate(findings, 1):
                verdict = await loop.run_in_executor(self._torch, ask, finding)
                document.verdicts[finding.code, finding.message] = verdict
                answers.append(
                    {
                        "code": finding.code,
                        "message": finding.message,
                        "status": verdict.status,
                        "torch": verdict.message,
                    }
                )
                if progress is not None:
                    report = types.WorkDoneProgressReport(message=f"{number} of {len(findings)}")
                    self._server.work_done_progress.report(progress, report)
        finally:
            if progress is not None:
                self._server.work_done_progress.end(progress, types.WorkDoneProgressEnd())
        self._server.show_again(document)
        return answers

    async def _begin_progress(self, count: int) -> str | None:
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return None
        self._asked += 1
        token = f"attnlint-torch-{self._asked}"
        await self._server.work_done_progress.create_async(token)
        self._server.work_done_progress.begin(token, types.WorkDoneProgressBegin("attnlint asks torch"))
        return token


def prove(task: Task, findings: tuple[Finding, ...], finding: Finding, interrupt: Interrupt) -> tuple[Fix, ...]:
    """The repairs of a finding that hold."""
    project = task.project(interrupt)
    prover = Prover(task.text, task.path, task.settings, findings, project, seconds=SECONDS)
    return prover.proved(finding)


def suppression(document: Document, finding: Finding) -> list[types.TextEdit]:
    """The edits that make ``# noqa`` comments suppress a finding: the lines that change."""
    changed, written = add_noqa(document.buffer.text, [finding])
    if not written:
        return []
    positions = document.buffer.positions
    edits = []
    for number, (old, new) in enumerate(zip(positions.table.lines, split_lines(changed), strict=True), 1):
        if old != new:
            start = 0
            body, after = old.rstrip("\r\n"), new.rstrip("\r\n")
            while start < min(len(body), len(after)) and body[start] == after[start]:
                start += 1
            place = positions.to_client(Range(number, start + 1, number, len(body) + 1))
            edits.append(types.TextEdit(place, after[start:]))
    return edits


def _text_edit(edit: Edit, document: Document) -> types.TextEdit:
    return types.TextEdit(document.buffer.positions.to_client(edit.range), edit.replacement)


def _edit_action(
    title: str,
    edits: list[types.TextEdit],
    document: Document,
    shown: list[types.Diagnostic],
    *,
    preferred: bool = False,
) -> types.CodeAction:
    by_document: dict[tuple[str, int | None], list[types.TextEdit]] = {}
    for edit in edits:
        uri, version, place = document.buffer.locate(edit.range)
        by_document.setdefault((uri, version), []).append(types.TextEdit(place, edit.new_text))
    # With the version: edits of a text that is gone must not be made.
    changes = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), list(some))
        for (uri, version), some in by_document.items()
    ]
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=shown,
        is_preferred=preferred or None,
        edit=types.WorkspaceEdit(document_changes=changes),
    )


def _command_action(title: str, command: str, arguments: list[Any], shown: list[types.Diagnostic]) -> types.CodeAction:
    made = types.Command(title, command, arguments=arguments)
    return types.CodeAction(title, kind=types.CodeActionKind.QuickFix, diagnostics=shown, command=made)


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]


def _overlap(one: types.Range, other: types.Range) -> bool:
    def key(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)
