"""A bar on the terminal when a run takes long."""

from __future__ import annotations

import sys
import time
from typing import TextIO

DELAY = 1.5
"""Seconds before the bar appears: most runs are over by then."""
_WIDTH = 30
_EVERY = 0.1


class Progress:
    """Shows how far a run is, on a terminal and only after a while."""

    def __init__(self, stream: TextIO | None = None, *, enabled: bool = True, delay: float = DELAY) -> None:
        self._stream = stream or sys.stderr
        self._enabled = enabled and self._stream.isatty()
        self._next = time.monotonic() + delay
        self._shown = False

    def update(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` are done."""
        if not self._enabled or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        filled = _WIDTH * done // max(total, 1)
        self._stream.write(f"\r\x1b[K{what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take the bar away, before anything else is printed."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
