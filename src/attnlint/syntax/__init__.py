"""Source text in, a small syntax of our own out: the only room, with ``fixes``, that knows a libcst node."""

from attnlint.syntax.encoding import decode
from attnlint.syntax.errors import SourceError
from attnlint.syntax.gate import mentions_torch
from attnlint.syntax.parsing import parse
from attnlint.syntax.source import Source

__all__ = ["Source", "SourceError", "decode", "mentions_torch", "parse"]
