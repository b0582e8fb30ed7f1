"""The files around the one being checked: imports are followed inside their roots, lazily."""

from __future__ import annotations

import gc
import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.objects import ModuleValue

if TYPE_CHECKING:
    from attnlint.interpreter.memory import Memory
    from attnlint.syntax import Source

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
MOST_PARENTS = 40
STUBS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stubs")
"""Packages as far as they matter to shapes, written in Python for the interpreter to run."""


def read_file(path: str) -> bytes | None:
    """The bytes of a file; ``None`` when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _top_of_package(folder: str) -> str:
    """The folder that a package is imported from, for a folder in it."""
    while os.path.exists(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


class Project:
    """Finds, parses and keeps the other files of a project. The result of running a module is shared by all who import
    it."""

    def __init__(
        self,
        root: str | Path,
        *,
        roots: Iterable[str | Path] = (),
        read: Callable[[str], bytes | None] = read_file,
    ) -> None:
        self.root = os.path.abspath(root)
        self.roots = [os.path.abspath(each) for each in roots] or [self.root, os.path.join(self.root, "src")]
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._files: dict[str, bool] = {}
        self.size = 0
        """Characters of the files that it keeps."""
        self.modules: dict[str, ModuleValue] = {}
        """The files that were imported, by path, with what has run of them."""
        self.homes: dict[int, tuple[str, Any]] = {}
        """Which of these files an object belongs to (``ownership``)."""
        self.installed: dict[str, str] = {}
        """Packages outside of the project that are followed, too, and the folders that they are installed in."""
        self.interrupt: Callable[[], None] | None = None
        """Called at every step; an editor lets it raise when the result is not wanted any more."""
        self.importing = 0
        """How many files are being imported: that is not interrupted, as others will want them too."""
        self.memory: Memory | None = None
        """What the entries of the file being checked came to before its latest edit."""

    @classmethod
    def around(cls, path: str | Path, *, read: Callable[[str], bytes | None] = read_file) -> Project:
        """The project that a file belongs to: the nearest folder with a project file above it, else the top of its
        package."""
        folder = os.path.dirname(os.path.abspath(path))
        top = root = _top_of_package(folder)
        outer = top
        current = top
        for _ in range(MOST_PARENTS):
            if any(os.path.exists(os.path.join(current, marker)) for marker in MARKERS):
                root = current
                break
            if outer == top and os.path.exists(os.path.join(current, "__init__.py")):
                # Below a package, in a folder without an __init__.py: to Python a part of that package all the same.
                outer = _top_of_package(current)
            if os.path.dirname(current) == current:
                break
            current = os.path.dirname(current)
        roots = list(dict.fromkeys([top, root, os.path.join(root, "src"), outer]))
        return cls(root, roots=roots, read=read)

    # --- finding ----------------------------------------------------------------------------------------------------

    def find(self, dotted: str, path: str) -> str | None:
        """The file (or folder) of an absolute import made by the file ``path``."""
        head = dotted.partition(".")[0]
        if head in sys.stdlib_module_names:
            return None
        folder = os.path.dirname(os.path.abspath(path))
        candidates = [*self.roots] if self._inside(folder) else [*self.roots, folder]
        if folder not in candidates and not os.path.exists(os.path.join(folder, "__init__.py")):
            candidates.insert(0, folder)
        for base in candidates:
            found = self._below(base, dotted.split("."))
            if found is not None:
                return found
        installed = self.installed.get(head)
        return None if installed is None else self._below(installed, dotted.split("."))

    def follow(self, installed: dict[str, str]) -> None:
        """Follow imports of these packages, too. What ran when others were followed is forgotten."""
        if installed != self.installed:
            self.installed = installed
            self.modules.clear()
            self.homes.clear()

    def stub(self, dotted: str) -> str | None:
        """Our own short version of a package that is not in the project, as a file."""
        return self._below(STUBS, dotted.split("."))

    def find_relative(self, path: str, level: int, module: str) -> str | None:
        """The file (or folder) of a relative import made by the file ``path``."""
        folder = os.path.dirname(os.path.abspath(path))
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return self._below(folder, module.split(".") if module else [])

    def submodule(self, path: str, name: str) -> str | None:
        """The file of ``name`` in the package that the file ``path`` (or folder) is."""
        if path.endswith("__init__.py"):
            return self._below(os.path.dirname(path), [name])
        return None if path.endswith(".py") else self._below(path, [name])

    def _inside(self, folder: str) -> bool:
        return any(folder == root or folder.startswith(root + os.sep) for root in self.roots)

    def _below(self, base: str, parts: list[str]) -> str | None:
        current = os.path.join(base, *parts) if parts else base
        if parts and self._exists(current + ".py"):
            return current + ".py"
        package = os.path.join(current, "__init__.py")
        if self._exists(package):
            return package
        if self._exists(current, folder=True) and parts:
            # A folder without __init__.py is a package when there is Python in it.
            return current if self._has_python(current) else None
        return None

    def _exists(self, path: str, folder: bool = False) -> bool:
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = (
                os.path.isdir(path)
                if folder
                else (os.path.isfile(path) or (self._read is not read_file and self._read(path) is not None))
            )
        return known

    def _has_python(self, folder: str) -> bool:
        try:
            return any(
                name.endswith(".py") or os.path.exists(os.path.join(folder, name, "__init__.py"))
                for name in os.listdir(folder)
            )
        except OSError:
            return False

    # --- what was run -----------------------------------------------------------------------------------------------

    def used_by(self, module: ModuleValue) -> list[str]:
        """The files that a module has looked at, by itself or through others."""
        found: set[str] = set()
        todo = [module.uses]
        while todo:
            for path in todo.pop() - found:
                found.add(path)
                if path in self.modules:
                    todo.append(self.modules[path].uses)
        return sorted(path for path in found if path.endswith(".py") and path != module.path)

    # --- reading ----------------------------------------------------------------------------------------------------

    def source(self, path: str) -> Source | None:
        """Another file, parsed; ``None`` when it cannot be."""
        path = os.path.abspath(path)
        if path not in self._sources:
            self._sources[path] = self._parse(path)
        return self._sources[path]

    def parse_checked(self, text: str, path: str) -> Source:
        """The file being checked, parsed. Raises SourceError."""
        from attnlint.syntax import parse

        return parse(text, path, self.memory.numbers if self.memory is not None else None, keep_tree=True)

    def _parse(self, path: str) -> Source | None:
        from attnlint.syntax import SourceError, decode, parse

        data = self._read(path)
        if data is None:
            return None
        try:
            text = decode(data)
            self.size += len(text)
            return parse(text, path)
        except SourceError:
            return None


class Projects:
    """The projects of the files that one process checks, so that what they import is parsed and run once for all.

    What a name stands for does not depend on who asks, so the findings are those of a project of its own for each file.
    """

    LARGEST = 4_500_000
    """Characters of all files that are kept; lowered and run they take some thirty times as many bytes."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, ...], Project] = OrderedDict()

    def around(self, path: str | Path) -> Project:
        """The project that a file belongs to."""
        project = Project.around(path)
        key = (project.root, *project.roots)
        project = self._known.setdefault(key, project)
        self._known.move_to_end(key)
        # The latest, too, when it has grown too large: it begins anew.
        dropped = False
        while sum(each.size for each in self._known.values()) > self.LARGEST:
            self._known.popitem(last=False)
            dropped = True
        del project
        if dropped:
            # Modules and what they define hold each other: until Python looks for cycles, which it seldom does here
            # (``garbage``), the old project would be in memory beside the new one.
            gc.collect()
        return self._known.setdefault(key, Project.around(path))
