"""The analysis thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from attnlint.interpreter import AnalysisOptions, analyse
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
