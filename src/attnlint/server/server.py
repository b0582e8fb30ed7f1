"""The features of the protocol, each passed on to where its work is done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Iterable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method
from pygls.uris import to_fs_path

from attnlint import __version__
from attnlint.config import OWN_FILE, PROJECT_FILE
from attnlint.server import shapes
from attnlint.server.actions import Actions
from attnlint.server.notebooks import PYTHON, NotebookBuffer
from attnlint.server.session import Document, Session

HINTS = ("off", "assignments", "all")

WATCHED = ("**/*.py", f"**/{PROJECT_FILE}", f"**/{OWN_FILE}")


class Protocol(LanguageServerProtocol):
    """Leaves texts to us: pygls ends lines at form feeds too, and changes the positions that it is given."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Only call our own handler."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: types.DidOpenNotebookDocumentParams) -> Generator[Any, Any, None]:
        """Only call our own handler."""
        yield self.fm.features[types.NOTEBOOK_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(
        self, params: types.DidChangeNotebookDocumentParams
    ) -> Generator[Any, Any, None]:
        """Only call our own handler."""
        yield self.fm.features[types.NOTEBOOK_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(
        self, params: types.DidCloseNotebookDocumentParams
    ) -> Generator[Any, Any, None]:
        """Only call our own handler."""
        yield self.fm.features[types.NOTEBOOK_DOCUMENT_DID_CLOSE], (params,), None


class Server(LanguageServer):
    """attnlint as a language server."""

    def __init__(self) -> None:
        python = types.NotebookCellLanguage(PYTHON)
        cells = types.NotebookDocumentFilterWithCells(cells=[python])
        super().__init__(
            "attnlint",
            __version__,
            protocol_cls=Protocol,
            notebook_document_sync=types.NotebookDocumentSyncOptions([cells]),
        )
        self.hints = "assignments"
        self.session: Session
        self.actions: Actions
        self._background: set[asyncio.Task[Any]] = set()

    def start(self, params: types.InitializeParams) -> None:
        """The client has introduced itself."""
        self.session = Session(on_checked=self._checked, on_problem=self._problem, on_partial=self._partly_checked)
        self.session.encoding = str(self.workspace.position_encoding or types.PositionEncodingKind.Utf16)
        self.actions = Actions(self, self.session)
        self.configure(params.initialization_options)

    def end(self) -> None:
        """End the thread and the process that were started. May be called twice: not every client says goodbye."""
        if hasattr(self, "session"):
            self.actions.close()
            self.session.thread.stop()

    def configure(self, options: object) -> None:
        """Take over the client's settings: ``{"inlayHints": "all"}``, or the same below ``attnlint``."""
        if isinstance(options, dict):
            inner = options.get("attnlint")
            value = (inner if isinstance(inner, dict) else options).get("inlayHints")
            if value in HINTS and value != self.hints:
                self.hints = value
                self._refresh_hints()

    @property
    def pulls(self) -> bool:
        """Whether the client asks for diagnostics; otherwise they are pushed."""
        documents = self.client_capabilities.text_document
        return documents is not None and documents.diagnostic is not None

    def asks_for(self, document: Document) -> bool:
        """Whether the client asks for the diagnostics of a document.

        Those of the cells of a notebook are pushed: not every client asks for them (vscode-languageclient 9 never does,
        11 does and then gets none).
        """
        return self.pulls and not isinstance(document.buffer, NotebookBuffer)

    def document(self, identifier: types.TextDocumentIdentifier) -> Document | None:
        """An open document, or the notebook of a cell."""
        return self.session.find(identifier.uri)

    def publish(self, document: Document) -> None:
        """Push the diagnostics of a document."""
        for uri, found in self.session.diagnostics(document).items():
            version = document.buffer.version_of(uri)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def forget(self, uris: Iterable[str], *, pushed: bool) -> None:
        """Documents that are not open any more have no diagnostics. ``pushed``: they were not asked for."""
        for uri in uris:
            if pushed:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def show_again(self, document: Document) -> None:
        """The diagnostics are others although the text is the same."""
        if self.asks_for(document):
            workspace = self.client_capabilities.workspace
            if workspace is not None and workspace.diagnostics is not None and workspace.diagnostics.refresh_support:
                self.workspace_diagnostic_refresh(None)
        else:
            self.publish(document)

    def in_background(self, work: Any) -> None:
        """Run a coroutine to its end, whatever becomes of the request."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _checked(self, document: Document) -> None:
        if self.session.documents.get(document.buffer.uri) is not document:
            return
        if not self.asks_for(document):
            self.publish(document)
        elif not document.own_edit:
            # Another file or the configuration changed: the client does not know that there is something to ask for.
            self.show_again(document)
        if self.session.settings_for(document.buffer.path).verify:
            self.in_background(self.actions.verify(document))

    def _partly_checked(self, document: Document) -> None:
        if self.session.documents.get(document.buffer.uri) is document and not self.asks_for(document):
            self.publish(document)

    def _problem(self, text: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"attnlint: {text}"))

    def _refresh_hints(self) -> None:
        workspace = self.client_capabilities.workspace
        if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)


def make() -> Server:
    """A server with its features."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.start(params)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        if workspace is None:
            return
        watching = workspace.did_change_watched_files
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(one) for one in WATCHED])
            registration = types.Registration("attnlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shutdown(*params: object) -> None:
        server.end()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        if (
            document.uri.startswith("file:")
            and not document.uri.endswith((".py", ".pyw", ".pyi"))
            and document.language_id != PYTHON
        ):
            return
        server.session.open(document.uri, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        server.session.change(params.text_document.uri, params.content_changes, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.session.close(uri)
        server.forget([uri], pushed=not server.pulls)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open_notebook(params: types.DidOpenNotebookDocumentParams) -> None:
        server.session.open_notebook(params)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change_notebook(params: types.DidChangeNotebookDocumentParams) -> None:
        if params.change.cells is not None:
            server.forget(
                server.session.change_notebook(params.notebook_document.uri, params.change.cells), pushed=True
            )

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close_notebook(params: types.DidCloseNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        document = server.session.documents.get(uri)
        cells = document.buffer.uris if document is not None else []
        server.session.close(uri)
        server.forget(cells, pushed=True)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        _file_changed(server, params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for uri in dict.fromkeys(change.uri for change in params.changes):
            _file_changed(server, uri)
        if any(change.type != types.FileChangeType.Changed for change in params.changes):
            server.session.files_came_or_went()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        server.configure(params.settings)

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(identifier="attnlint", inter_file_dependencies=True, workspace_diagnostics=False),
    )
    async def pull(params: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
        document = server.document(params.text_document)
        if document is None or not server.asks_for(document):
            if document is not None:
                # They are pushed; who asks all the same hears when they are complete.
                await server.session.current(document, hurry=False)
            return types.RelatedFullDocumentDiagnosticReport([])
        if await server.session.current(document) is None:
            raise JsonRpcException(
                "the document was closed", types.LSPErrorCodes.ServerCancelled, {"retriggerRequest": False}
            )
        shown = server.session.diagnostics(document)
        return types.RelatedFullDocumentDiagnosticReport(shown.get(params.text_document.uri, []))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.document(params.text_document)
        known = await server.session.shapes(document) if document is not None else None
        if document is None or known is None:
            return None
        positions = document.buffer.positions
        here = document.buffer.in_program(params.text_document.uri, types.Range(params.position, params.position))
        found = shapes.hover(known, positions, *positions.from_client(here.start))
        if found is not None and found.range is not None:
            found.range = document.buffer.locate(found.range)[2]
        return found

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hints(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        document = server.document(params.text_document)
        if document is None or server.hints == "off":
            return None
        known = await server.session.shapes(document)
        if known is None:
            return None
        buffer, uri = document.buffer, params.text_document.uri
        place = buffer.in_program(uri, params.range)
        lowest, highest = buffer.lines_of(uri)
        first, last = max(place.start.line + 1, lowest), min(place.end.line + 1, highest)
        found = shapes.hints(known, buffer.positions, first, last, server.hints)
        for hint in found:
            hint.position = buffer.locate(types.Range(hint.position, hint.position))[2].start
        return found

    kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        document = server.document(params.text_document)
        wanted = params.context.only
        if document is None or (wanted is not None and types.CodeActionKind.QuickFix not in wanted):
            return None
        return await server.actions.offered(
            document, document.buffer.in_program(params.text_document.uri, params.range)
        )

    @server.command("attnlint.reproduction")
    async def reproduction(uri: str, code: str, message: str) -> str | None:
        document = server.session.documents.get(uri)
        return await server.actions.reproduction(document, code, message) if document is not None else None

    @server.command("attnlint.verify")
    async def verify(uri: str) -> list[dict[str, str]] | None:
        document = server.session.documents.get(uri)
        return await server.actions.verify(document) if document is not None else None

    return server


def _file_changed(server: Server, uri: str) -> None:
    path = os.path.abspath(to_fs_path(uri) or uri)
    if os.path.basename(path) in (OWN_FILE, PROJECT_FILE):
        server.session.settings_changed()
    else:
        server.session.file_changed(path)
