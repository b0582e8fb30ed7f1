"""A real client that talks to ``attnlint server`` over pipes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

PATIENCE = 30.0
"""Seconds after which a test fails that waits for the server."""


class Editor:
    """A client with what tests do over and over."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.versions: dict[str, int] = {}
        self.pushes: list[types.PublishDiagnosticsParams] = []

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str) -> str:
        uri = self.uri(name)
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def close(self) -> None:
        """Close what is open: the next test has the same server."""
        for uri in self.versions:
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        self.client.messages.clear()

    def replace(self, uri: str, text: str) -> None:
        self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, list(changes)))

    async def pushed(self, uri: str, wanted: Callable[[list[types.Diagnostic]], bool] | None = None) -> list[Any]:
        """The diagnostics pushed for the present version, once they are as wanted."""

        async def wait() -> list[types.Diagnostic]:
            while True:
                found = [one for one in self.pushes if one.uri == uri and one.version == self.versions[uri]]
                if found and (wanted is None or wanted(list(found[-1].diagnostics))):
                    return list(found[-1].diagnostics)
                await asyncio.sleep(0.005)

        return await asyncio.wait_for(wait(), PATIENCE)

    async def pull(self, uri: str) -> list[Any]:
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await self.client.text_document_diagnostic_async(params)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def hover(self, uri: str, line: int, character: int) -> str | None:
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value.removeprefix("```text\n").removesuffix("\n```")

    async def hints(self, uri: str, last_line: int = 1000) -> list[tuple[int, int, str]]:
        place = types.Range(types.Position(0, 0), types.Position(last_line, 0))
        params = types.InlayHintParams(types.TextDocumentIdentifier(uri), place)
        found = await self.client.text_document_inlay_hint_async(params)
        return [(one.position.line, one.position.character, str(one.label)) for one in found or ()]

    async def actions(self, uri: str, line: int, character: int) -> list[types.CodeAction]:
        place = types.Position(line, character)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext([])
        )
        found = await self.client.text_document_code_action_async(params)
        return [_as_action(one) for one in found or ()]


def _as_action(one: Any) -> types.CodeAction:
    """lsprotocol, on the client's side, takes every action that has a command for a command, and loses it."""
    if isinstance(one, types.CodeAction):
        return one
    return types.CodeAction(one.title)


class Server:
    """A running server and its client. It is shared: starting one takes a second."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.editor: Editor | None = None
        self.registered: list[str] = []


@asynccontextmanager
async def running(*, pull: bool) -> AsyncIterator[Server]:
    server = Server(client := make_test_lsp_client())
    # The client's own handler keeps no versions.
    del client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def on_push(params: types.PublishDiagnosticsParams) -> None:
        if server.editor is not None:
            server.editor.pushes.append(params)

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def on_register(params: types.RegistrationParams) -> None:
        server.registered.extend(one.method for one in params.registrations)

    capabilities = client_capabilities("visual-studio-code")
    assert capabilities.text_document is not None
    assert capabilities.workspace is not None
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities() if pull else None
    capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    await client.start_io(sys.executable, "-m", "attnlint", "server")
    try:
        await client.initialize_session(types.InitializeParams(capabilities=capabilities))
        yield server
    finally:
        await client.shutdown_session()
        await client.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pushing_server() -> AsyncIterator[Server]:
    async with running(pull=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pulling_server() -> AsyncIterator[Server]:
    async with running(pull=True) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def editor(pushing_server: Server, tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor that diagnostics are pushed to, with a folder of its own."""
    pushing_server.editor = editor = Editor(pushing_server.client, tmp_path)
    yield editor
    editor.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pulling(pulling_server: Server, tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor that asks for diagnostics."""
    pulling_server.editor = editor = Editor(pulling_server.client, tmp_path)
    yield editor
    editor.close()
