"""Diagnostics: pushed, pulled, of texts that were never saved, in the columns of the protocol."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from tests.server.conftest import Editor

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = """import torch
query = torch.randn(10, 512)
key = torch.randn(10, 256)
scores = query @ key.T
"""
RIGHT = WRONG.replace("256", "512")


def insertion(line: int, character: int, text: str) -> types.TextDocumentContentChangePartial:
    place = types.Position(line, character)
    return types.TextDocumentContentChangePartial(types.Range(place, place), text)


async def test_a_finding_is_pushed_with_all_that_explains_it(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    (found,) = await editor.pushed(uri)
    assert found.code == "ATN101"
    assert found.source == "attnlint"
    assert found.severity == types.DiagnosticSeverity.Error
    assert found.code_description.href.endswith("/ATN101.md")
    assert found.range == types.Range(types.Position(3, 9), types.Position(3, 22))
    assert "512 and 256" in found.message
    operands = {one.message: one.location for one in found.related_information}
    assert operands["query: (10, 512) float32"].uri == uri
    assert operands["key.T: (256, 10) float32"].range == types.Range(types.Position(3, 17), types.Position(3, 22))


async def test_an_edit_that_was_not_saved_counts(editor: Editor) -> None:
    uri = editor.open("a.py", RIGHT)
    assert await editor.pushed(uri) == []
    editor.change(uri, insertion(2, 25, "0"))
    (found,) = await editor.pushed(uri)
    assert "512 and 5120" in found.message
    assert not (editor.folder / "a.py").exists()


async def test_a_client_that_can_pull_is_not_pushed_to(pulling: Editor) -> None:
    editor = pulling
    uri = editor.open("a.py", WRONG)
    assert [one.code for one in await editor.pull(uri)] == ["ATN101"]
    editor.replace(uri, RIGHT)
    assert await editor.pull(uri) == []
    assert editor.pushes == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_columns_count_as_the_protocol_does(editor: Editor, ending: str) -> None:
    text = 'import torch\nq = torch.randn(10, 512)\nif True:\n\ts = "😀é"; t = q @ q\n'
    uri = editor.open("a.py", text.replace("\n", ending))
    (found,) = await editor.pushed(uri)
    # The tab is one column, the emoji two.
    assert found.range == types.Range(types.Position(3, 16), types.Position(3, 21))
    # Behind the emoji, in the client's columns: "q @ q" becomes "q @ q.T".
    editor.change(uri, insertion(3, 21, ".T"))
    assert await editor.pushed(uri) == []


async def test_a_form_feed_ends_no_line(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG.replace("key =", "\f\nkey ="))
    assert [one.range.start.line for one in await editor.pushed(uri)] == [4]
    editor.change(uri, insertion(4, 22, "  "), insertion(3, 25, "0"), insertion(0, 0, "\n"))
    (found,) = await editor.pushed(uri)
    assert found.range == types.Range(types.Position(5, 9), types.Position(5, 22))
    assert "512 and 2560" in found.message


async def test_while_it_does_not_parse_the_last_good_result_stays(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    await editor.pushed(uri)
    editor.change(uri, insertion(1, 0, "def f(:\n"))
    found = {one.code: one.range.start.line for one in await editor.pushed(uri)}
    assert found["ATN101"] == 4
    assert found["ATN001"] == 1
    # What stands in an edited line is gone until the text parses.
    editor.change(uri, insertion(4, 0, "("))
    assert "ATN101" not in {one.code for one in await editor.pushed(uri)}


async def test_configuration_takes_effect_when_it_is_saved(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    assert len(await editor.pushed(uri)) == 1
    configuration = editor.folder / "pyproject.toml"
    configuration.write_text('[tool.attnlint]\nignore = ["ATN101"]\n')
    event = types.FileEvent(configuration.as_uri(), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    assert await editor.pushed(uri, lambda found: not found) == []
    # A mistake in it is said, and what held before holds on.
    configuration.write_text("[tool.attnlint]\nignoer = []\n")
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    editor.replace(uri, WRONG + "\n")
    assert await editor.pushed(uri) == []
    assert ["did you mean" in one.message for one in editor.client.messages] == [True]


async def test_an_edit_checks_the_open_files_that_import_it(editor: Editor) -> None:
    sizes = "WIDTH = 512\n"
    model = "import torch\nfrom sizes import WIDTH\ns = torch.randn(10, 512) @ torch.randn(WIDTH, 10)\n"
    (editor.folder / "sizes.py").write_text(sizes)
    uri = editor.open("model.py", model)
    assert await editor.pushed(uri) == []
    other = editor.open("sizes.py", sizes)
    await editor.pushed(other)
    editor.replace(other, sizes.replace("512", "256"))
    (found,) = await editor.pushed(uri, bool)
    assert "512 and 256" in found.message
    # Closed without saving: what is on disk counts again.
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(other)))
    assert await editor.pushed(uri, lambda now: not now) == []


async def test_a_file_that_comes_is_imported(editor: Editor) -> None:
    uri = editor.open(
        "model.py", "import torch\nfrom later import WIDTH\ns = torch.zeros(2, WIDTH) @ torch.zeros(4, 2)\n"
    )
    assert await editor.pushed(uri) == []
    later = editor.folder / "later.py"
    later.write_text("WIDTH = 5\n")
    event = types.FileEvent(later.as_uri(), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    (found,) = await editor.pushed(uri, bool)
    assert "5 and 4" in found.message
    # On disk, and nobody says so: the next edit sees it.
    later.write_text("WIDTH = 4  # now\n")
    editor.change(uri, insertion(2, 0, "\n"))
    assert await editor.pushed(uri) == []


async def test_declared_shapes_are_compared_after_the_rest(editor: Editor) -> None:
    text = "import torch\n\n\ndef f(x):\n    y = torch.zeros(2, 3)  # shape: (2, 4)\n    return y\n"
    uri = editor.open("a.py", text)
    (found,) = await editor.pushed(uri, bool)
    assert str(found.code).startswith("ATN4")
    # It stays where it is while something else is found.
    editor.change(uri, insertion(5, 0, "    z = y @ torch.zeros(4, 2)\n"))
    assert len(await editor.pushed(uri)) == 2
    editor.replace(uri, text.replace("(2, 4)", "(2, 3)"))
    assert await editor.pushed(uri, lambda now: not now) == []


async def test_an_outdated_run_is_given_up(editor: Editor) -> None:
    slow = "import torch\nx = torch.randn(2, 3)\n" + "for i in range(60):\n for j in range(60):\n  x = x + x * x\n" * 8
    uri = editor.open("a.py", slow)
    await asyncio.sleep(0.2)
    for _ in range(5):
        editor.change(uri, insertion(0, 0, "\n"))
        await asyncio.sleep(0.01)
    editor.replace(uri, WRONG)
    assert [one.code for one in await editor.pushed(uri)] == ["ATN101"]
    # Only the last of the edits got an answer.
    versions = {one.version for one in editor.pushes if one.uri == uri}
    assert versions <= {1, editor.versions[uri]}


async def test_deep_nesting_does_not_end_the_server(editor: Editor) -> None:
    uri = editor.open("a.py", "import torch\nx = " + "(" * 150 + "1" + ")" * 150 + "\n")
    assert await editor.pushed(uri) == []
    uri = editor.open("b.py", "import torch\nx = " + "[" * 5000 + "]" * 5000 + "\n")
    assert await editor.pushed(uri) == []
    editor.replace(uri, WRONG)
    assert [one.code for one in await editor.pushed(uri)] == ["ATN101"]


async def test_a_document_without_a_file_is_checked(editor: Editor) -> None:
    uri = "untitled:Untitled-1"
    editor.versions[uri] = 1
    item = types.TextDocumentItem(uri, "python", 1, WRONG)
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    (found,) = await editor.pushed(uri)
    assert {one.location.uri for one in found.related_information} == {uri}


async def test_excluded_files_are_left_alone(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.attnlint]\nextend-exclude = ["generated"]\n')
    assert await editor.pushed(editor.open("generated/a.py", WRONG)) == []
    assert len(await editor.pushed(editor.open("a.py", WRONG))) == 1


async def test_a_very_long_file(editor: Editor) -> None:
    text = "import torch\n" + "# A line.\n" * 20_000 + WRONG
    uri = editor.open("a.py", text)
    await editor.pushed(uri)
    editor.change(uri, insertion(0, 0, "\n"))
    (found,) = await editor.pushed(uri)
    assert found.range.start.line == 20_005


async def test_only_the_protocol_is_in_standard_output() -> None:
    program = "from attnlint.cli import main; main(['server', '--stdio'])"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    # The client goes without a word: so does the server.
    output, _ = await asyncio.wait_for(process.communicate(b""), 30)
    assert output == b""
    assert process.returncode == 0
