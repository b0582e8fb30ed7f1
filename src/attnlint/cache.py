"""Results by content, in a folder that several runs may share.

An entry is one small file, written whole or not at all. What cannot be read, was damaged, or belongs to other content
is a miss; what cannot be written is not remembered. Neither is ever an error.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import functools
import hashlib
import importlib
import io
import os
import pickle
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from attnlint import __version__
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
    """The reports of files by what they were made from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"results-{_tool_fingerprint()}"
        self._top = folder
        self._writable = True

    def get(self, path: str, data: bytes, settings: Settings) -> FileReport | None:
        """The report of the same content under the same settings, if everything it depends on is unchanged too."""
        name, key = _name_and_key(path, data, settings)
        try:
            content = (self._folder / name).read_bytes()
            if content[:32] != hashlib.sha256(content[32:]).digest():
                return None
            entry = _Unpickler(io.BytesIO(content[32:])).load()
            if entry["key"] != key or any(_digest(file) != digest for file, digest in entry["dependencies"]):
                return None
            report: FileReport = entry["report"]
            return report
        except Exception:  # whatever an entry from elsewhere can do to the unpickler: it is a miss
            return None

    def put(self, path: str, data: bytes, settings: Settings, report: FileReport) -> None:
        """Remember a report."""
        if not self._writable:
            return
        name, key = _name_and_key(path, data, settings)
        dependencies = [(file, _digest(file)) for file in report.dependencies]
        try:
            content = pickle.dumps({"key": key, "dependencies": dependencies, "report": report}, protocol=4)
            self._prepare()
            self._write(self._folder / name, hashlib.sha256(content).digest() + content)
        except OSError:
            # A full or read-only disk: do not try again for every file.
            self._writable = False
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
            return

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


def _name_and_key(path: str, data: bytes, settings: Settings) -> tuple[str, str]:
    """The name of the entry, one a file and settings, and the key of its content."""
    place = f"{os.path.abspath(path)}\0{path}\0{_settings_fingerprint(settings)}"
    name = hashlib.sha256(place.encode(errors="surrogatepass")).hexdigest()
    return name[:32], hashlib.sha256(name.encode() + data).hexdigest()


def _digest(path: str) -> str | None:
    """The content of a file that a result depends on; ``None`` if it does not exist, which is a fact like any other."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def _settings_fingerprint(settings: Settings) -> str:
    """The settings that may change findings."""
    values = {
        option.name: getattr(settings, option.name)
        for option in dataclasses.fields(settings)
        if option.metadata.get("findings", option.name == "root")
    }
    return repr(sorted(values.items()))


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
