"""Source text in, a small syntax of our own out: the only room, with ``fixes``, that knows a libcst node.

libcst is imported when the first file is parsed: a run that finds nothing to parse does without its 0.2 seconds.
"""

from typing import TYPE_CHECKING, Any

from attnlint.syntax.encoding import decode
from attnlint.syntax.errors import SourceError
from attnlint.syntax.gate import mentions_torch

if TYPE_CHECKING:
    from attnlint.syntax.parsing import parse
    from attnlint.syntax.source import Source

__all__ = ["Source", "SourceError", "decode", "mentions_torch", "parse"]


def __getattr__(name: str) -> Any:
    if name == "parse":
        from attnlint.syntax.parsing import parse

        return parse
    if name == "Source":
        from attnlint.syntax.source import Source

        return Source
    raise AttributeError(name)
