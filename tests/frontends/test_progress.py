"""The progress bar."""

from __future__ import annotations

import io

from attnlint.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_appears_after_a_while_and_goes_away() -> None:
    terminal = Terminal()
    progress = Progress(terminal, delay=0)
    progress.update("checking", 5, 10)
    assert "checking [###############...............] 5/10" in terminal.getvalue()
    progress.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_short_run_shows_nothing() -> None:
    terminal = Terminal()
    progress = Progress(terminal, delay=60)
    progress.update("checking", 5, 10)
    progress.clear()
    assert terminal.getvalue() == ""


def test_a_file_gets_nothing() -> None:
    stream = io.StringIO()
    Progress(stream, delay=0).update("checking", 5, 10)
    assert stream.getvalue() == ""
