"""Edits of an open document: its findings are those of a check from nothing, and the first of them come early."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from attnlint.check import check_source
from attnlint.config import SettingsResolver
from attnlint.findings import Finding
from attnlint.interpreter import memory
from attnlint.server.session import Document, Session
from tests.harness.random_edits import random_edits

pytestmark = pytest.mark.asyncio

MODEL = """\
import torch
from torch import nn

WIDTH = 6


class Part(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, WIDTH)

    def forward(self, x):  # (batch, width)
        return self.layer(x) @ torch.randn(6, 4)


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part(8)

    def forward(self, x):
        y = self.part(x)
        return y @ torch.randn(5, 4)  # wrong


class Beside(nn.Module):
    def forward(self, x):
        y = torch.randn(2, 3)  # (2, 4)
        return y @ torch.randn(2, 3)  # wrong
"""


Shown = list[tuple[object, ...]]


def shown(findings: tuple[Finding, ...]) -> Shown:
    """All that a user sees of findings."""
    return [
        (one.range, one.code, one.message, one.advice, one.related, one.notes, one.operands, one.severity, one.fix)
        for one in findings
    ]


class Editor:
    """A session with one open document."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.version = path, 1
        self.partial: list[list[tuple[int, str]]] = []
        """The lines and messages that were told before the rest."""
        self.session = Session(on_checked=lambda document: None, on_problem=pytest.fail, on_partial=self._on_partial)
        self.session.open(path.as_uri(), text, 1)

    @property
    def document(self) -> Document:
        return self.session.documents[self.path.as_uri()]

    def _on_partial(self, document: Document) -> None:
        self.partial.append([(one.range.line, one.message) for one in document.findings])

    async def edit(self, text: str) -> Shown:
        """Replace the text; all findings."""
        self.partial.clear()
        self.version += 1
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.session.change(self.path.as_uri(), [change], self.version)
        return await self.findings()

    async def findings(self) -> Shown:
        document = self.document
        report = await self.session.current(document)
        while document.others:
            await asyncio.wait(document.others)
        assert report is not None and report.error is None and document.report is not None
        return shown(document.report.findings)


def from_nothing(path: Path, text: str) -> Shown:
    return shown(check_source(text, str(path), SettingsResolver().for_file(path)).findings)


@pytest.mark.parametrize("seed", range(4))
async def test_findings_after_random_edits_are_those_of_a_check_from_nothing(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "model.py"
    editor = Editor(path, MODEL)
    try:
        assert await editor.findings() == from_nothing(path, MODEL) != []
        for text in random_edits(MODEL, 12, seed):
            assert await editor.edit(text) == from_nothing(path, text)
    finally:
        editor.session.thread.stop()


async def test_edits_that_are_not_waited_for_leave_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    editor = Editor(path, MODEL)
    try:
        for text in random_edits(MODEL, 20, 11):
            waiting = asyncio.ensure_future(editor.edit(text))
            await asyncio.sleep(0.02)
            waiting.cancel()
        assert await editor.edit(MODEL) == from_nothing(path, MODEL)
    finally:
        editor.session.thread.stop()


async def test_what_was_edited_is_told_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "WORTH_TELLING", -1.0)
    path = tmp_path / "model.py"
    editor = Editor(path, MODEL)
    try:
        await editor.findings()
        # Now this one is wrong as well; a line more, so that the others have moved.
        edited = MODEL.replace(
            "        return self.layer(x) @ torch.randn(6", "\n        return self.layer(x) @ torch.randn(7"
        )
        assert await editor.edit(edited) == from_nothing(path, edited)
        (first,) = editor.partial
        wrong = [
            1 + edited[: edited.index(each)].count("\n") for each in ("randn(7, 4)", "return y @ torch.randn(2, 3)")
        ]
        assert set(wrong) <= {line for line, _ in first}
        # It is put right: that is told as soon, and nothing is said of the edited line any more.
        assert await editor.edit(MODEL) == from_nothing(path, MODEL)
        (first,) = editor.partial
        assert first and not any(line in (wrong[0], wrong[0] - 1) for line, _ in first)
    finally:
        editor.session.thread.stop()
