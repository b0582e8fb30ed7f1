"""Parsing one chunk of a file, with Python's own parser or with libcst."""

from __future__ import annotations

import ast
import gc
import sys
import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import libcst as cst

_STACK = 64 * 1024 * 1024
# libcst's native parser dies without an exception when the stack ends. Seventy nested brackets need 512 KB, which is
# all that a thread gets on macOS; the main thread has 8 MB there and on Linux, and 2 MB on Windows.


class ChunkError(Exception):
    """libcst could not parse a chunk that Python can parse."""


class Remembered:
    """What came of texts, each with a number, for so many characters; the oldest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._characters = 0

    def get(self, key: tuple[str, int]) -> Any:
        """What came of a text; ``None`` where that is not known."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def put(self, key: tuple[str, int], value: Any) -> None:
        """Remember."""
        self._known[key] = value
        self._characters += len(key[0])
        while self._characters > self._most and len(self._known) > 1:
            (text, _), _ = self._known.popitem(last=False)
            self._characters -= len(text)


class ParserThread(threading.Thread):
    """A thread that was started with room on its stack, and that parses the same texts again and again.

    After an edit all chunks but one are what they were, and parsing is half of the work.
    """

    REMEMBERED = 2_000_000
    """Characters of the chunks that are kept; their trees take some fifty times as many bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._trees = Remembered(self.REMEMBERED)
        self.lowered = Remembered(self.REMEMBERED)
        """The statements of texts that began with the same number."""

    def parse(self, text: str) -> cst.Module:
        """Parse, or remember."""
        known: cst.Module | None = self._trees.get((text, 0))
        if known is None:
            known = _parse(text)
            self._trees.put((text, 0), known)
        return known


def lowered_before() -> Remembered | None:
    """What this thread has lowered before, where it remembers that."""
    thread = threading.current_thread()
    return thread.lowered if isinstance(thread, ParserThread) else None


def parse_with_python(text: str) -> ast.Module | None:
    """Parse with Python's own parser; ``None`` for syntax that it does not know."""
    try:
        with warnings.catch_warnings():
            # Unknown escapes, ``is`` with a literal: not our business.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse_chunk(text: str) -> cst.Module:
    """Parse with libcst, with room on the stack. The tree may be shared: nobody changes it."""
    thread = threading.current_thread()
    if isinstance(thread, ParserThread):
        return thread.parse(text)
    if thread is threading.main_thread() and sys.platform != "win32":
        return _parse(text)
    return _parse_in_roomy_thread(text)


def _parse(text: str) -> cst.Module:
    # Imported here: most files need no libcst at all, and it takes as long to import as a small file to check.
    import libcst as cst

    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise ChunkError("libcst cannot parse it") from error
    except RecursionError:
        raise
    except Exception as error:
        raise ChunkError(f"libcst: {type(error).__name__}: {error}") from error
    except BaseException as error:
        # A panic of the native parser arrives as an exception outside of the Exception hierarchy.
        if type(error).__name__ == "PanicException":
            raise ChunkError(f"libcst: {error}") from error
        raise


def _parse_in_roomy_thread(text: str) -> cst.Module:
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(_parse(text))
        except BaseException as error:
            outcome.append(error)

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=work, name="attnlint-parser")
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    module: cst.Module = result
    return module


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic garbage collector: a parse makes many objects and no garbage."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
