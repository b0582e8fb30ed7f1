"""The project as the editor sees it: unsaved texts of open files, and what is kept from run to run."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping

from attnlint.interpreter import Project
from attnlint.interpreter.memory import Memory
from attnlint.interpreter.project import read_file
from attnlint.server.thread import Interrupt
from attnlint.syntax import Source, SourceError, parse

MOST_PROJECTS = 6
"""Of how many open files the imports are kept as they were run."""

_Stamp = tuple[int, int] | None
"""Time and size of a file on disk; ``None`` where there is none."""


class ParsedFiles:
    """Other files of the project, parsed. A file is parsed again when its content is another."""

    def __init__(self) -> None:
        self.by_path: dict[str, tuple[bytes | str, Source | None]] = {}


class OpenProject(Project):
    """Open files have the text that the editor shows. What was imported stays as long as no file is another."""

    def __init__(self, path: str, parsed: ParsedFiles) -> None:
        around = Project.around(path, read=self._text_or_bytes)
        super().__init__(around.root, roots=around.roots, read=self._text_or_bytes)
        self.path = path
        self.texts: Mapping[str, str] = {}
        """By absolute path."""
        self._parsed = parsed
        self._seen: dict[str, str | _Stamp] = {}
        """What each file was when it was read."""
        self.memories: dict[str, Memory] = {}
        """By kind of run."""

    def _text_or_bytes(self, wanted: str) -> bytes | None:
        text = self.texts.get(os.path.abspath(wanted))
        return text.encode("utf-8", "replace") if text is not None else read_file(wanted)

    def is_current(self, texts: Mapping[str, str]) -> bool:
        """Whether all that was read, and all that was looked for, is still the same with these texts."""
        for path, before in self._seen.items():
            now = texts.get(path)
            if (now if now is not None else _stamp(path)) != before:
                return False
        before_texts, self.texts = self.texts, texts
        files, self._files = self._files, {}
        same = all(self._exists(path, folder=os.path.isdir(path)) == found for path, found in files.items())
        if same:
            self._files = files
        else:
            self.texts = before_texts
        return same

    def _parse(self, path: str) -> Source | None:
        text = self.texts.get(path)
        self._seen[path] = text if text is not None else _stamp(path)
        content = text if text is not None else self._read(path)
        if content is None:
            return None
        known = self._parsed.by_path.get(path)
        if known is None or known[0] != content:
            source = _parsed(content, path) if isinstance(content, str) else super()._parse(path)
            known = self._parsed.by_path[path] = (content, source)
        return known[1]


class OpenProjects:
    """The projects around the open files. Used by the analysis thread only."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, OpenProject] = OrderedDict()
        self._parsed = ParsedFiles()

    def around(self, path: str, texts: Mapping[str, str], interrupt: Interrupt, kind: str = "") -> OpenProject:
        """The project around a file. ``kind`` names a kind of run of which the entries are remembered."""
        project = self._known.pop(path, None)
        if project is None or path in project.modules or not project.is_current(texts):
            project = OpenProject(path, self._parsed)
        self._known[path] = project
        while len(self._known) > MOST_PROJECTS:
            self._known.popitem(last=False)
        project.texts = texts
        project.interrupt = interrupt
        project.memory = project.memories.setdefault(kind, Memory()) if kind else None
        return project


def _parsed(text: str, path: str) -> Source | None:
    try:
        return parse(text, path)
    except SourceError:
        return None


def _stamp(path: str) -> _Stamp:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
