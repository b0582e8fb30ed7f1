"""When Python looks for cyclic garbage: most of what it goes through is in use as long as we run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECTION = (50_000, 20, 5)
"""The garbage of one file, some megabytes, is collected a few times; the default is every 700 new objects."""


@contextmanager
def rare_collections(*, last: bool = False) -> Iterator[None]:
    """Let the collector run seldom. ``last``: what is left in memory afterwards is left to the end of the process."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTION)
    try:
        yield
    finally:
        if last:
            # Python goes through everything once more when it ends: a tenth of a run over a few files.
            gc.freeze()
        gc.set_threshold(*before)
