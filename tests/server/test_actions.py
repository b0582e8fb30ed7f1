"""Code actions."""

from __future__ import annotations

import pytest
from lsprotocol import types

from attnlint.findings import Edit, Range
from attnlint.fixes.edits import apply_edits
from tests.server.conftest import Editor

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = """import torch
query = torch.randn(4, 10, 64)
key = torch.randn(4, 20, 64)
scores = query @ key
"""


def edited(text: str, action: types.CodeAction) -> str:
    """The text after an action, whose columns are those of plain text."""
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    edits = []
    for one in change.edits:
        assert isinstance(one, types.TextEdit)
        start, end = one.range.start, one.range.end
        place = Range(start.line + 1, start.character + 1, end.line + 1, end.character + 1)
        edits.append(Edit(place, one.new_text))
    return apply_edits(text, edits)


async def offered(editor: Editor, uri: str, title: str) -> types.CodeAction:
    """The action of a title for the wrong line."""
    actions = {one.title: one for one in await editor.actions(uri, 3, 12)}
    assert title in actions, list(actions)
    return actions[title]


async def test_a_proved_repair_is_offered_first(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    actions = await editor.actions(uri, 3, 12)
    first = actions[0]
    assert first.kind == types.CodeActionKind.QuickFix
    assert [one.code for one in first.diagnostics or ()] == ["ATN101"]
    assert edited(WRONG, first) == WRONG.replace("@ key", "@ key.transpose(-2, -1)")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_suppressing_a_finding(editor: Editor, ending: str) -> None:
    text = WRONG.replace("\n", ending)
    uri = editor.open("a.py", text)
    action = await offered(editor, uri, "Suppress ATN101 here")
    after = edited(text, action)
    assert after == text.replace("@ key", "@ key  # noqa: ATN101")
    editor.replace(uri, after)
    assert await editor.pushed(uri) == []


async def test_a_comment_that_suppresses_others_is_extended(editor: Editor) -> None:
    text = WRONG.replace("@ key", "@ key  # noqa: E501")
    uri = editor.open("a.py", text)
    action = await offered(editor, uri, "Suppress ATN101 here")
    assert edited(text, action) == WRONG.replace("@ key", "@ key  # noqa: E501, ATN101")


async def test_there_is_nothing_to_do_where_nothing_is_wrong(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    assert await editor.actions(uri, 1, 2) == []


async def test_a_reproduction_can_be_copied(editor: Editor) -> None:
    uri = editor.open("a.py", WRONG)
    await offered(editor, uri, "Copy a reproduction")
    (found,) = await editor.pushed(uri)
    message = found.message.splitlines()[0]
    params = types.ExecuteCommandParams("attnlint.reproduction", arguments=[uri, "ATN101", message])
    text = await editor.client.workspace_execute_command_async(params)
    assert isinstance(text, str)
    assert "torch.randn" in text
    compile(text, "reproduction", "exec")


async def test_torch_says_its_verdict_in_the_diagnostic(editor: Editor) -> None:
    pytest.importorskip("torch")
    uri = editor.open("a.py", WRONG)
    await offered(editor, uri, "Verify with torch")
    params = types.ExecuteCommandParams("attnlint.verify", arguments=[uri])
    await editor.client.workspace_execute_command_async(params)
    (found,) = await editor.pushed(uri, lambda found: "confirmed" in found[0].message)
    assert "RuntimeError" in found.message
    # It said how far it was, and that it was done.
    kinds = [one.kind for reports in editor.client.progress_reports.values() for one in reports]
    assert kinds[:1] == ["begin"]
    assert kinds[-1:] == ["end"]
    assert "report" in kinds
    assert "Verify with torch" not in {one.title for one in await editor.actions(uri, 3, 12)}
