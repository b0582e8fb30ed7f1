"""Hover and inlay hints."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.server.conftest import Editor

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = """import torch
from torch import nn

class Head(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q = self.q(x)
        return q @ q.transpose(1, 2)

a = Head(8)(torch.randn(2, 3, 8))
b = Head(16)(torch.randn(5, 7, 16))
"""


def at(text: str, what: str, number: int = 1) -> tuple[int, int]:
    """Line and character of an occurrence of a text."""
    offset = -1
    for _ in range(number):
        offset = text.index(what, offset + 1)
    before = text[:offset]
    return before.count("\n"), offset - before.rfind("\n") - 1


async def test_hover_says_what_each_caller_sees(editor: Editor) -> None:
    uri = editor.open("a.py", TEXT)
    shown = await editor.hover(uri, *at(TEXT, "q @"))
    assert shown is not None
    assert "(2, 3, 8) float32" in shown
    assert "(5, 7, 16) float32" in shown


async def test_hover_on_an_assigned_name(editor: Editor) -> None:
    uri = editor.open("a.py", TEXT)
    assert await editor.hover(uri, *at(TEXT, "a =")) == "a: (2, 3, 3) float32"


async def test_hover_on_an_operation_shows_what_it_takes(editor: Editor) -> None:
    text = "import torch\nx = torch.randn(2, 3)\ny = torch.matmul(x, x.T)\n"
    uri = editor.open("a.py", text)
    shown = await editor.hover(uri, *at(text, "matmul"))
    assert shown == "torch.matmul(x, x.T): (2, 2) float32\n  x: (2, 3) float32\n  x.T: (3, 2) float32"


async def test_hover_on_a_size_and_on_a_shape(editor: Editor) -> None:
    text = "import torch\nx = torch.randn(2, 3)\nn = x.shape[1]\nprint(x.shape, n)\n"
    uri = editor.open("a.py", text)
    assert await editor.hover(uri, *at(text, "shape,")) == "x.shape: (2, 3)\n  x: (2, 3) float32"
    assert await editor.hover(uri, *at(text, "n)")) == "n: 3"


async def test_hover_where_nothing_is_known(editor: Editor) -> None:
    uri = editor.open("a.py", TEXT)
    assert await editor.hover(uri, 1, 2) is None
    assert await editor.hover(uri, 500, 2) is None


async def test_what_was_known_stays_while_it_does_not_parse(editor: Editor) -> None:
    text = "import torch\nx = torch.randn(2, 3)\ny = x.T\n"
    uri = editor.open("a.py", text)
    assert await editor.hints(uri) == [(1, 21, "(2, 3)"), (2, 7, "(3, 2)")]
    editor.replace(uri, "import torch\nx = torch.randn(2, 3)\nif (\ny = x.T\n")
    assert await editor.hints(uri) == [(1, 21, "(2, 3)"), (3, 7, "(3, 2)")]


async def test_hints_have_the_names_of_the_author(editor: Editor) -> None:
    text = TEXT[: TEXT.index("a =")]
    uri = editor.open("a.py", text)
    hints = {line: label for line, _, label in await editor.hints(uri)}
    assert "(B, T, dim)" in hints[at(text, "q = self")[0]]


async def test_how_many_hints_there_are_is_a_setting(editor: Editor) -> None:
    text = "import torch\nx = torch.randn(2, 3)\nprint(x.T @ x)\n"
    uri = editor.open("a.py", text)

    async def with_setting(value: str) -> list[tuple[int, int, str]]:
        settings = {"attnlint": {"inlayHints": value}}
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
        return await editor.hints(uri)

    assert await with_setting("off") == []
    assert await with_setting("all") == [(1, 21, "(2, 3)"), (2, 9, "(3, 2)"), (2, 13, "(3, 3)")]
    assert await with_setting("assignments") == [(1, 21, "(2, 3)")]
