"""The one thread that analyses. It has a large stack: libcst's parser kills the process where the stack is small."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from attnlint.syntax.chunk import ParserThread

T = TypeVar("T")

STACK_SIZES = (256 << 20, 64 << 20, 16 << 20)
"""Bytes; the first that the system grants."""


COLLECTION = (20_000, 1_000_000, 1_000_000)
"""Only new objects are gone through during a check; going through all takes longer than a check, and waits for rest."""
IDLE = 1.0
"""Seconds without a job after which the garbage is collected."""


class Interrupted(BaseException):
    """The result is not wanted any more. (Not an ``Exception``: no guard in the analysis may swallow it.)"""


class Interrupt:
    """Set by those who wait for a result, asked by the analysis every so often."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """The result is not wanted any more."""
        self._event.set()

    def __call__(self) -> None:
        """Raise Interrupted when the result is not wanted any more."""
        if self._event.is_set():
            raise Interrupted


class AnalysisThread:
    """Runs functions one after the other."""

    def __init__(self, prepare: Callable[[], None] | None = None) -> None:
        """``prepare`` is called once, in the thread, when there is nothing to do for the first time after a job."""
        self._prepare = prepare
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        before = threading.stack_size()
        try:
            for size in STACK_SIZES:
                try:
                    threading.stack_size(size)
                    self._thread = ParserThread(target=self._work, name="analysis", daemon=True)
                    self._thread.start()
                    return
                except (ValueError, RuntimeError):
                    continue
            raise RuntimeError("the system grants no thread with a stack that is large enough")
        finally:
            threading.stack_size(before)

    async def run(self, function: Callable[[Interrupt], T]) -> T:
        """The result of ``function``. Cancelling the wait for it interrupts it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        interrupt = Interrupt()

        def job() -> None:
            result: Any = None
            failure: BaseException | None = None
            try:
                interrupt()
                result = function(interrupt)
            except Interrupted:
                return
            except Exception as error:
                failure = error
            # The loop is closed when the server has ended meanwhile.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_deliver, future, result, failure)

        self._jobs.put(job)
        try:
            return await future
        except asyncio.CancelledError:
            interrupt.set()
            raise

    def stop(self) -> None:
        """End after the job that runs."""
        self._jobs.put(None)

    def _work(self) -> None:
        gc.set_threshold(*COLLECTION)
        is_clean = True
        while True:
            try:
                job = self._jobs.get(timeout=None if is_clean else IDLE)
            except queue.Empty:
                if self._prepare is not None:
                    self._prepare()
                    self._prepare = None
                # What is in use now is mostly there to stay: collections during a check pass over it.
                gc.unfreeze()
                gc.collect()
                gc.freeze()
                is_clean = True
                continue
            if job is None:
                return
            job()
            is_clean = False


def _deliver(future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(result)
