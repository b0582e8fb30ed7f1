"""The analysis thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from attnlint.interpreter import AnalysisOptions, analyse
from attnlint.server import thread as thread_module
from attnlint.server.project import OpenProjects
from attnlint.server.thread import AnalysisThread, Interrupt
from attnlint.syntax import parse

pytestmark = pytest.mark.asyncio


async def test_cancelling_the_wait_interrupts_the_work() -> None:
    thread = AnalysisThread()
    begun = threading.Event()

    def endless(interrupt: Interrupt) -> None:
        begun.set()
        while True:
            interrupt()

    waiting = asyncio.create_task(thread.run(endless))
    await asyncio.to_thread(begun.wait, 5)
    waiting.cancel()
    # The thread is free again.
    assert await asyncio.wait_for(thread.run(lambda interrupt: 7), 5) == 7
    thread.stop()


async def test_an_analysis_asks_at_every_step() -> None:
    source = parse("import torch\nfor i in range(50):\n    x = torch.zeros(i)\n", "a.py")
    asked = []

    class Counting(Interrupt):
        def __call__(self) -> None:
            asked.append(1)
            super().__call__()

    analyse(source, OpenProjects().around("a.py", {}, Counting()), AnalysisOptions())
    assert len(asked) > 100


async def test_a_failure_is_that_of_the_waiter() -> None:
    thread = AnalysisThread()

    def failing(interrupt: Interrupt) -> None:
        raise ValueError("this")

    with pytest.raises(ValueError, match="this"):
        await thread.run(failing)
    assert await thread.run(lambda interrupt: 7) == 7
    thread.stop()


async def test_what_may_be_needed_later_is_prepared_when_nothing_else_is_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_module, "IDLE", 0.01)
    prepared: list[str] = []
    done = threading.Event()

    def prepare() -> None:
        prepared.append(threading.current_thread().name)
        done.set()

    thread = AnalysisThread(prepare)
    assert not prepared
    await thread.run(lambda interrupt: None)
    assert await asyncio.to_thread(done.wait, 5)
    await thread.run(lambda interrupt: None)
    thread.stop()
    assert prepared == ["analysis"]
