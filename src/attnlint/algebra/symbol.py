"""Symbols: integers that the author left open."""

from __future__ import annotations

import os
from collections.abc import Hashable
from itertools import count
from typing import Any

# Keys of fresh symbols carry a token of the process: results of several processes may meet in one.
_TOKEN = os.urandom(6).hex()
_NEXT = count()


_new = frozenset.__new__


class Symbol(frozenset[Any]):
    """An integer that is not known. Immutable; two symbols with the same ``key`` are the same integer.

    ``minimum`` is its least value: 1 for the size of an axis, 0, or ``None`` where nothing is known. A ``generic``
    symbol stands for a typical size, and where broadcasting asks it is not 1. The ``name`` is for display only.

    A frozen set of just the key: it keeps its hash, and is compared, without a line of Python.
    """

    __slots__ = ("generic", "key", "minimum", "name")
    generic: bool
    key: Hashable
    minimum: int | None
    name: str

    def __new__(cls, name: str, key: Hashable = None, minimum: int | None = 1, generic: bool = False) -> Symbol:
        if key is None:
            key = ("fresh", _TOKEN, next(_NEXT))
        self = _new(cls, (key,))
        self.name = name
        self.key = key
        self.minimum = minimum
        self.generic = generic
        return self

    def renamed(self, name: str, generic: bool = False) -> Symbol:
        """The same symbol under another name; ``generic`` can only be added."""
        return Symbol(name, self.key, self.minimum, self.generic or generic)

    def __reduce__(self) -> tuple[type[Symbol], tuple[str, Hashable, int | None, bool]]:
        # The cached hash must not travel: the hash of a string differs from process to process.
        return (Symbol, (self.name, self.key, self.minimum, self.generic))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, key={self.key!r}, minimum={self.minimum})"
