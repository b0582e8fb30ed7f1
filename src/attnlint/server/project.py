"""The project as the editor sees it: unsaved texts of open files, and parsed files that are kept from run to run."""

from __future__ import annotations

import os
from collections.abc import Mapping

from attnlint.interpreter import Project
from attnlint.interpreter.project import read_file
from attnlint.server.thread import Interrupt
from attnlint.syntax import Source, SourceError, parse


class ParsedFiles:
    """Other files of the project, parsed. A file is parsed again when its content is another."""

    def __init__(self) -> None:
        self.by_path: dict[str, tuple[bytes | str, Source | None]] = {}


class OpenProject(Project):
    """Open files have the text that the editor shows. For one run: a module that changed must run again."""

    parsed: ParsedFiles
    texts: Mapping[str, str]

    @classmethod
    def of(cls, path: str, texts: Mapping[str, str], parsed: ParsedFiles, interrupt: Interrupt) -> OpenProject:
        """The project around a file; ``texts`` by absolute path."""

        def read(wanted: str) -> bytes | None:
            text = texts.get(os.path.abspath(wanted))
            return text.encode("utf-8", "replace") if text is not None else read_file(wanted)

        around = Project.around(path, read=read)
        project = cls(around.root, roots=around.roots, read=read)
        project.parsed = parsed
        project.texts = texts
        project.interrupt = interrupt
        return project

    def _parse(self, path: str) -> Source | None:
        content = self.texts.get(path, self._read(path))
        if content is None:
            return None
        known = self.parsed.by_path.get(path)
        if known is None or known[0] != content:
            source = _parsed(content, path) if isinstance(content, str) else super()._parse(path)
            known = self.parsed.by_path[path] = (content, source)
        return known[1]


def _parsed(text: str, path: str) -> Source | None:
    try:
        return parse(text, path)
    except SourceError:
        return None
