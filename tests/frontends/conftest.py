"""Fixtures for the front ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attnlint.cli import main
from tests.frontends.engine import engine

__all__ = ["engine"]

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one, and none of the environment's settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("ATTNLINT_CACHE_DIR", "ATTNLINT_PYTHON", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def cli(project: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command line in the project: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
