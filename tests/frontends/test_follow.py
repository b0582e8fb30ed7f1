"""The setting ``follow``: installed packages whose sources are read, and never run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import load_settings
from attnlint.environment import followed_packages
from attnlint.settings import Settings

PACKAGE = """
raise_when_run = open("/nonexistent/file")

import torch
from torch import nn
from .sizes import GROWTH

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.grow = nn.Linear(width, GROWTH * width)

    def forward(self, x):
        return self.grow(x)
"""
PROGRAM = """
import torch
from blocks.layers import Block

y = Block(8)(torch.randn(2, 8))
torch.mm(y, torch.randn(8, 3))
Block(8)(torch.randn(2, 7))
"""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with a package in it."""
    packages = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    package = packages / "blocks"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "layers.py").write_text(PACKAGE)
    (package / "sizes.py").write_text("GROWTH = 3\n")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir()
    python.write_text("")
    python.chmod(0o755)
    return tmp_path


def _findings(folder: Path) -> list[tuple[int, str]]:
    settings = load_settings(folder)
    report = check_source(PROGRAM, str(folder / "program.py"), settings)
    assert report.error is None
    assert all(one.path == str(folder / "program.py") for one in report.findings)
    return [(one.range.line, one.code) for one in report.findings]


def test_off_by_default(environment: Path) -> None:
    (environment / "attnlint.toml").write_text('python = "env"\n')
    assert _findings(environment) == []


def test_what_a_followed_package_does_is_known(environment: Path) -> None:
    """The error inside of the package is reported at the call in the program."""
    (environment / "attnlint.toml").write_text('python = "env"\nfollow = ["blocks"]\n')
    assert _findings(environment) == [(6, "ATN101"), (7, "ATN104")]


def test_packages_that_are_installed_where_they_are_developed(environment: Path, tmp_path: Path) -> None:
    packages = environment / "env" / "lib" / "python3.11" / "site-packages"
    elsewhere = tmp_path / "source"
    elsewhere.mkdir()
    os.rename(packages / "blocks", elsewhere / "blocks")
    (packages / "blocks.pth").write_text(f"import sys\n{elsewhere}\n")
    settings = Settings(root=environment, python="env", follow=("blocks", "nothing"))
    assert followed_packages(settings) == {"blocks": str(elsewhere)}


def test_no_interpreter(tmp_path: Path) -> None:
    assert followed_packages(Settings(root=tmp_path, python="nowhere", follow=("blocks",))) == {}
