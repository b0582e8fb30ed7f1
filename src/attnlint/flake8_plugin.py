"""The flake8 plugin: ``flake8 --select ATN``.

flake8 decides about ``# noqa``, its own ``select`` and ``ignore``, and prints. attnlint's configuration counts too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from attnlint import __version__


class Plugin:
    """Made by flake8 for each file."""

    name = "attnlint"
    version = __version__

    _config: ClassVar[str | None] = None
    _ignore_noqa: ClassVar[bool] = False

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str) -> None:
        """``tree`` makes flake8 call us once a file; our own parser keeps what the tree has lost."""
        self._lines = lines
        self._filename = filename

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """The options that flake8's command line and configuration get."""
        manager.add_option(
            "--attnlint-config",
            metavar="FILE",
            default=None,
            parse_from_config=True,
            normalize_paths=True,
            help="attnlint's configuration file, instead of the one nearest to each file",
        )

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Called once in every process, before any file."""
        cls._config = options.attnlint_config
        cls._ignore_noqa = bool(getattr(options, "disable_noqa", False))

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Line, column from 0, text, and our type, as flake8 wants them."""
        from attnlint.syntax.gate import mentions_torch

        text = "".join(self._lines)
        if not mentions_torch(text):
            return
        from attnlint.config import SettingsResolver
        from attnlint.garbage import rare_collections
        from attnlint.parallel import SHARED, check_data

        resolver = _RESOLVERS.setdefault(self._config, SettingsResolver(self._config))
        settings = resolver.for_file(Path(self._filename))
        if self._ignore_noqa:
            settings = replace(settings, ignore_noqa=True)
        with rare_collections():
            report = check_data(text, self._filename, settings, SHARED)
        if report.error is not None:
            yield report.error.line, report.error.column - 1, f"{report.error.code} {report.error.message}", type(self)
        for finding in report.findings:
            yield finding.range.line, finding.range.column - 1, f"{finding.code} {finding.message}", type(self)


_RESOLVERS: dict[str | None, Any] = {}
"""One a process: configuration files are read once."""
