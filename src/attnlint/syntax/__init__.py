"""Source text in, a small syntax of our own out: the only room, with ``fixes``, that knows libcst."""

from attnlint.syntax.errors import SourceError
from attnlint.syntax.source import Source, parse

__all__ = ["Source", "SourceError", "parse"]
