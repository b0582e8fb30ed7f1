"""Results by content, in a folder that several runs may share.

One file holds them all, written whole or not at all. What cannot be read, was damaged, or belongs to other content is
a miss; what cannot be written is not remembered. Neither is ever an error.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import dataclasses
import functools
import hashlib
import importlib
import io
import json
import os
import pickle
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from attnlint import __version__
from attnlint.cache_index import Index, row_of
from attnlint.check import FileReport
from attnlint.settings import Settings

FOLDER = ".attnlint_cache"
ENVIRONMENT = "ATTNLINT_CACHE_DIR"
_OLD = 14 * 24 * 3600.0
"""Seconds after which the entries of another version of attnlint are thrown away."""


def cache_folder(settings: Settings) -> Path | None:
    """The cache folder; ``None`` when caching is switched off."""
    if not settings.cache:
        return None
    if settings.cache_dir is not None:
        return settings.resolve(settings.cache_dir)
    return Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else settings.root / FOLDER


class ResultCache:
    """The reports of files by what they were made from. The folder's file is read once, and written by ``save``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"results-{_tool_fingerprint()}"
        self._top = folder
        self._index = Index(self._folder / "index")

    def get(self, path: str, settings: Settings) -> FileReport | None:
        """The report of a file, if it and everything it depends on are unchanged, under the same settings."""
        return _unpacked(self._index.get(_key(path, settings)), path)

    def put(self, path: str, data: bytes | str, settings: Settings, report: FileReport) -> None:
        """Remember the report of a file; ``data`` is its content, or the digest of that."""
        own = row_of(path, data) if isinstance(data, bytes) else row_of(path, digest=data)
        packed = _packed(report)
        if packed is not None:
            self._index.put(_key(path, settings), [own, *map(row_of, report.dependencies)], packed)

    def save(self) -> None:
        """Write what is new. A full or read-only disk remembers nothing."""
        if not self._index.is_changed:
            return
        with contextlib.suppress(OSError):
            self._prepare()
            self._write(self._folder / "index", self._index.content())

    def _prepare(self) -> None:
        if self._folder.is_dir():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")):
            if not (self._top / name).exists():
                (self._top / name).write_text(text, encoding="ascii")
        for other in self._top.glob("results-*"):
            with contextlib.suppress(OSError):
                if other != self._folder and time.time() - other.stat().st_mtime > _OLD:
                    shutil.rmtree(other, ignore_errors=True)

    def _write(self, path: Path, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix="new-")
        try:
            with open(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _packed(report: FileReport) -> Any:
    """A report as something that JSON can hold; ``None`` if it cannot be remembered."""
    if not report.findings and report.error is None:
        # Most of them. Strings and numbers are quicker to read than pickles, of which nobody knows where they are from.
        plain = (report.lines, report.skipped, report.notes, report.unread, report.suppressed, report.dependencies)
        return json.loads(json.dumps(plain))
    try:
        return base64.b85encode(pickle.dumps(report, protocol=4)).decode("ascii")
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
        return None


def _unpacked(packed: Any, path: str) -> FileReport | None:
    if packed is None:
        return None
    try:
        if isinstance(packed, str):
            report: FileReport = _Unpickler(io.BytesIO(base64.b85decode(packed))).load()
            return report if type(report) is FileReport else None
        lines, skipped, notes, unread, suppressed, dependencies = packed
        return FileReport(
            path,
            lines=int(lines),
            skipped=bool(skipped),
            notes=tuple(notes),
            unread=tuple(unread),
            suppressed=int(suppressed),
            dependencies=tuple(dependencies),
        )
    except Exception:  # whatever an entry from elsewhere can do to the unpickler: it is a miss
        return None


class _Unpickler(pickle.Unpickler):
    """Reads the plain data classes of attnlint and nothing else: a cache folder may come from somebody else."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "builtins" and name in ("Ellipsis", "complex", "range", "slice"):
            return getattr(builtins, name)
        if module in _data_modules():
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a cache")


@functools.cache
def _data_modules() -> frozenset[str]:
    """The modules whose classes a report consists of, imported."""
    for name in ("attnlint.algebra", "attnlint.findings", "attnlint.values"):
        importlib.import_module(name)
    names = {"attnlint.check", "attnlint.findings", "attnlint.values"}
    return frozenset(names | {name for name in sys.modules if name.startswith("attnlint.algebra")})


def _key(path: str, settings: Settings) -> str:
    """One entry a file, as it is named, and settings."""
    return f"{_settings_fingerprint(settings)}\0{os.path.abspath(path)}\0{path}"


_FINGERPRINTS: dict[int, tuple[Settings, str]] = {}


def _settings_fingerprint(settings: Settings) -> str:
    """The settings that may change findings. Thousands of files share one object, which is kept here."""
    known = _FINGERPRINTS.get(id(settings))
    if known is None:
        known = _FINGERPRINTS[id(settings)] = (settings, _fingerprint(settings))
    return known[1]


def _fingerprint(settings: Settings) -> str:
    values = {
        option.name: getattr(settings, option.name)
        for option in dataclasses.fields(settings)
        if option.metadata.get("findings", option.name == "root")
    }
    return hashlib.sha256(repr(sorted(values.items())).encode(errors="surrogatepass")).hexdigest()[:16]


@functools.cache
def _tool_fingerprint() -> str:
    """This attnlint: version, Python, and the state of its own files, so that a changed checkout is another tool."""
    parts = [__version__, sys.version]
    folders = [os.path.dirname(os.path.abspath(__file__))]
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.name.endswith(".py"):
                status = entry.stat()
                parts.append(f"{entry.path} {status.st_mtime_ns} {status.st_size}")
    return hashlib.sha256("\n".join(sorted(parts)).encode(errors="surrogatepass")).hexdigest()[:16]
