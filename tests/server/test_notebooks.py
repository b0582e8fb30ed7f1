"""Notebooks in the editor: the cells are one program, and everything comes back to its cell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from lsprotocol import types

from tests.server.conftest import PATIENCE, Editor

pytestmark = pytest.mark.asyncio(loop_scope="session")

CELLS = (
    "%matplotlib inline\nimport torch\nq = torch.randn(10, 512)",
    "k = torch.randn(10, 256)\n\nscores = q @ k.T",
    "batch = torch.bmm(torch.randn(3, 4), torch.randn(4, 5))",
)


class Notebook:
    """A notebook that is open in an editor."""

    def __init__(self, editor: Editor, texts: Sequence[str]) -> None:
        self.editor = editor
        self.uri = editor.uri("a.ipynb")
        self.version = 1
        self.cells = [f"vscode-notebook-cell:{self.uri}#c{number}" for number in range(len(texts))]
        text = types.NotebookCell(types.NotebookCellKind.Markup, f"vscode-notebook-cell:{self.uri}#text")
        code = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in self.cells]
        document = types.NotebookDocument(self.uri, "jupyter-notebook", 1, [text, *code])
        items = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(self.cells, texts, strict=True)]
        editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, items))

    def change(self, changes: types.NotebookDocumentCellChanges) -> None:
        self.version += 1
        identifier = types.VersionedNotebookDocumentIdentifier(self.version, self.uri)
        event = types.NotebookDocumentChangeEvent(cells=changes)
        self.editor.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(identifier, event))

    def replace(self, cell: int, text: str) -> None:
        identifier = types.VersionedTextDocumentIdentifier(2, self.cells[cell])
        change = types.TextDocumentContentChangeWholeDocument(text)
        content = types.NotebookDocumentCellContentChanges(identifier, [change])
        self.change(types.NotebookDocumentCellChanges(text_content=[content]))

    def close(self) -> None:
        identifiers = [types.TextDocumentIdentifier(uri) for uri in self.cells]
        params = types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(self.uri), identifiers)
        self.editor.client.notebook_document_did_close(params)

    async def shown(self, cell: int, wanted: Callable[[list[types.Diagnostic]], bool]) -> list[Any]:
        """The diagnostics pushed last for a cell, once they are as wanted."""

        async def wait() -> list[Any]:
            while True:
                found = [one for one in self.editor.pushes if one.uri == self.cells[cell]]
                if found and wanted(list(found[-1].diagnostics)):
                    return list(found[-1].diagnostics)
                await asyncio.sleep(0.005)

        return await asyncio.wait_for(wait(), PATIENCE)


async def test_findings_are_in_their_cells(editor: Editor) -> None:
    notebook = Notebook(editor, CELLS)
    (found,) = await notebook.shown(1, bool)
    assert found.code == "ATN101"
    assert found.range == types.Range(types.Position(2, 9), types.Position(2, 16))
    assert {one.location.uri for one in found.related_information} == {notebook.cells[1]}
    assert [one.code for one in await notebook.shown(2, bool)] == ["ATN103"]
    # What is right in one cell changes what is wrong in another.
    notebook.replace(0, CELLS[0].replace("512", "256"))
    assert await notebook.shown(1, lambda now: not now) == []
    notebook.close()
    assert await notebook.shown(2, lambda now: not now) == []


async def test_cells_are_told_of_by_push_also_where_the_client_asks_for_those_of_files(pulling: Editor) -> None:
    """Some clients (vscode-languageclient 9) never ask for those of cells, others do (11)."""
    notebook = Notebook(pulling, CELLS)
    (found,) = await notebook.shown(1, bool)
    assert found.code == "ATN101"
    assert await pulling.pull(notebook.cells[1]) == []  # they would be there twice
    notebook.replace(0, CELLS[0].replace("512", "256"))
    assert await notebook.shown(1, lambda now: not now) == []
    notebook.close()
    assert await notebook.shown(2, lambda now: not now) == []


async def test_cells_come_go_and_move(editor: Editor) -> None:
    notebook = Notebook(editor, CELLS)
    await notebook.shown(1, bool)
    # The second code cell is the third of the notebook; it is deleted.
    gone = types.NotebookDocumentCellChangeStructure(
        types.NotebookCellArrayChange(2, 1), did_close=[types.TextDocumentIdentifier(notebook.cells[1])]
    )
    notebook.change(types.NotebookDocumentCellChanges(structure=gone))
    assert await notebook.shown(1, lambda now: not now) == []
    new = types.NotebookCell(types.NotebookCellKind.Code, notebook.cells[1])
    item = types.TextDocumentItem(notebook.cells[1], "python", 1, "\n" + CELLS[1])
    back = types.NotebookDocumentCellChangeStructure(types.NotebookCellArrayChange(2, 0, [new]), did_open=[item])
    notebook.change(types.NotebookDocumentCellChanges(structure=back))
    (found,) = await notebook.shown(1, bool)
    assert found.range.start == types.Position(3, 9)
    notebook.close()


async def test_a_cell_that_does_not_parse_says_so_and_the_others_are_checked(editor: Editor) -> None:
    notebook = Notebook(editor, CELLS)
    await notebook.shown(1, bool)
    notebook.replace(2, "x = (\n")
    assert [one.code for one in await notebook.shown(2, lambda now: now and now[0].code == "ATN001")] == ["ATN001"]
    assert [one.code for one in await notebook.shown(1, bool)] == ["ATN101"]
    notebook.close()


async def test_hover_and_hints_in_a_cell(editor: Editor) -> None:
    notebook = Notebook(editor, CELLS)
    assert await editor.hover(notebook.cells[1], 2, 9) == "q: (10, 512) float32"
    assert await editor.hints(notebook.cells[1]) == [(0, 24, "(10, 256)"), (2, 16, "(10, 10)")]
    assert [line for line, _, _ in await editor.hints(notebook.cells[0])] == [2]
    notebook.close()


async def test_a_note_names_the_line_of_the_cell(editor: Editor) -> None:
    text = "try:\n    torch.randn(2, 3) @ torch.randn(2, 3)\nexcept RuntimeError:\n    pass"
    notebook = Notebook(editor, (CELLS[0], text))
    (found,) = await notebook.shown(1, bool)
    assert "the except clause at line 3 of cell 3" in found.message
    notebook.close()


async def test_a_repair_is_an_edit_of_the_cell(editor: Editor) -> None:
    notebook = Notebook(editor, CELLS)
    await notebook.shown(2, bool)
    actions = {one.title: one for one in await editor.actions(notebook.cells[2], 0, 10)}
    for action in actions.values():
        if action.edit is not None:
            (change,) = action.edit.document_changes
            assert change.text_document.uri == notebook.cells[2]
            assert {edit.range.start.line for edit in change.edits} == {0}
    assert "Suppress ATN103 here" in actions
    assert any("matmul" in title for title in actions)
    notebook.close()
