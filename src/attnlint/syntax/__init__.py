"""Source text in, a small syntax of our own out: the only room, with ``fixes``, that knows a libcst node.

The names are imported when they are first asked for: a run over files without torch must not wait for libcst.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnlint.syntax.encoding import decode
    from attnlint.syntax.errors import SourceError
    from attnlint.syntax.gate import mentions_torch
    from attnlint.syntax.parsing import parse
    from attnlint.syntax.source import Source

__all__ = ["Source", "SourceError", "decode", "mentions_torch", "parse"]

_MODULES = {
    "Source": "source",
    "SourceError": "errors",
    "decode": "encoding",
    "mentions_torch": "gate",
    "parse": "parsing",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
