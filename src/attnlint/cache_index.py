"""The file of a cache folder: results of files, and the states of the files that they were made from.

A *row* is one state of one file: size, time of change, digest of the content. Whether it is the state of today is asked
once a run: the size and the time tell mostly, the content where they have changed. A result holds as long as all of its
rows do, so a run in which nothing has changed looks at every file once and reads none.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_RACY = 2_000_000_000
"""Nanoseconds: what was changed so shortly before it was looked at may have been changed again within one tick."""

Row = tuple[str, int, int, str]
"""Path, size, time of change, digest. A file that does not exist has the digest ``""``."""


def digest_of(data: bytes) -> str:
    """What stands for the content of a file."""
    return hashlib.sha256(data).hexdigest()


def row_of(path: str, data: bytes | None = None, digest: str = "") -> Row:
    """The state of a file: of which the content is ``data``, or has the digest that is given, or is read."""
    try:
        status = os.stat(path)
        if not digest:
            digest = digest_of(Path(path).read_bytes() if data is None else data)
    except OSError:
        return path, -1, 0, digest
    return path, status.st_size, status.st_mtime_ns, digest


class Index:
    """Rows, and entries that lean on them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Row] = []
        self._numbers: dict[Row, int] = {}
        self._made = 0
        self._entries: dict[str, list[Any]] = {}
        self._state: tuple[int, int] | None = None
        self._holds: dict[int, bool] = {}
        self.is_changed = False
        self._load()

    # --- entries ----------------------------------------------------------------------------------------------------

    def get(self, key: str) -> Any:
        """What was remembered, if every file that it was made from is still the same; ``None`` if not."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        holds = self._holds
        for number in entry[0]:
            known = holds.get(number)
            if not (self._check(number) if known is None else known):
                return None
        return entry[1]

    def put(self, key: str, rows: Sequence[Row], value: Any) -> None:
        """Remember something that JSON can hold."""
        numbers = []
        for row in rows:
            number = self._numbers.setdefault(row, len(self._rows))
            if number == len(self._rows):
                self._rows.append(row)
            numbers.append(number)
        self._entries[key] = [numbers, value]
        self.is_changed = True

    def _check(self, number: int) -> bool:
        path, size, changed, digest = self._rows[number]
        try:
            status = os.stat(path)
            same = status.st_size == size
            if same and (status.st_mtime_ns != changed or changed > self._made - _RACY):
                same = digest_of(Path(path).read_bytes()) == digest
                if same:
                    self._rows[number] = (path, size, status.st_mtime_ns, digest)
                    self.is_changed = True
        except (OSError, ValueError):
            same = digest == ""
        self._holds[number] = same
        return same

    # --- the file ---------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Read the file. One that is damaged, or has something else in it, is as good as none."""
        self._state = self._state_of_file()
        found = _read(self._path) if self._state is not None else None
        if found is None:
            return
        self._made, self._rows, self._entries = found
        self._numbers = {row: number for number, row in enumerate(self._rows)}

    def _state_of_file(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def content(self) -> bytes:
        """What to write, with what another run has written meanwhile. What is older than the files is left out."""
        if self._state_of_file() != self._state and (other := _read(self._path)) is not None:
            _, rows, entries = other
            for key, (numbers, value) in entries.items():
                if key not in self._entries:
                    self.put(key, [rows[number] for number in numbers], value)
        kept = {key: entry for key, entry in self._entries.items() if self._holds.get(entry[0][0], True)}
        used = sorted({number for numbers, _ in kept.values() for number in numbers})
        renumbered = {number: index for index, number in enumerate(used)}
        table = {
            "made": time.time_ns(),
            "rows": [self._rows[number] for number in used],
            "entries": {key: [[renumbered[n] for n in numbers], value] for key, (numbers, value) in kept.items()},
        }
        data = json.dumps(table, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return hashlib.sha256(data).digest() + data


def _read(path: Path) -> tuple[int, list[Row], dict[str, list[Any]]] | None:
    try:
        content = path.read_bytes()
        if content[:32] != hashlib.sha256(content[32:]).digest():
            return None
        table = json.loads(content[32:].decode("utf-8", "surrogatepass"))
        rows: list[Row] = [(str(p), int(size), int(changed), str(digest)) for p, size, changed, digest in table["rows"]]
        entries: dict[str, list[Any]] = dict(table["entries"])
        for numbers, _ in entries.values():
            if not numbers or not 0 <= min(numbers) <= max(numbers) < len(rows):
                return None
        return int(table["made"]), rows, entries
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
