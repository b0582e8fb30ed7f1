"""The plugin under the real flake8."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BAD = """\
import torch

query = torch.randn(10, 512)
key = torch.randn(10, 512)
scores = torch.bmm(query, key)
print(torch.bmm(query, key))  # noqa: ATN103
print(torch.bmm(query, key))  # noqa: ATN101
print(torch.bmm(query, key))  # attnlint: ignore[ATN103]
"""
FOUND = ["5:10: ATN103", "7:7: ATN103"]


def flake8(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flake8", "--isolated", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)


def places(output: str, path: str = "./a.py") -> list[str]:
    rows = [line.removeprefix(f"{path}:") for line in output.splitlines() if line.startswith(f"{path}:")]
    return [" ".join(row.split()[:2]) for row in rows]


@pytest.fixture(autouse=True)
def bad_file(project: Path) -> Path:
    (project / "a.py").write_text(BAD)
    return project


def test_it_is_registered() -> None:
    assert "attnlint" in flake8("--version").stdout


def test_findings_and_suppressions() -> None:
    result = flake8("--select", "ATN", ".")
    assert places(result.stdout) == FOUND
    assert result.stderr == ""
    assert result.returncode == 1


def test_our_codes_stand_beside_others() -> None:
    rows = places(flake8("--max-line-length", "30", ".").stdout)
    assert set(FOUND) <= set(rows)
    assert any("E501" in row for row in rows)


def test_flake8_selects_and_ignores() -> None:
    assert places(flake8("--select", "ATN101", ".").stdout) == []
    assert places(flake8("--extend-ignore", "ATN103", "--select", "ATN", ".").stdout) == []


def test_disable_noqa() -> None:
    lines = [row.split(":")[0] for row in places(flake8("--select", "ATN", "--disable-noqa", ".").stdout)]
    assert lines == ["5", "6", "7", "8"]


def test_standard_input() -> None:
    assert places(flake8("--select", "ATN", "-", text=BAD).stdout, "stdin") == FOUND
    result = flake8("--select", "ATN", "--stdin-display-name", "sub/b.py", "-", text=BAD)
    assert places(result.stdout, "sub/b.py") == FOUND


def test_several_processes(bad_file: Path) -> None:
    for number in range(5):
        (bad_file / f"b{number}.py").write_text(BAD)
    result = flake8("--select", "ATN", "-j", "3", ".")
    assert all(places(result.stdout, f"./b{number}.py") == FOUND for number in range(5))


def test_the_configuration_nearest_to_the_file(bad_file: Path) -> None:
    (bad_file / "pyproject.toml").write_text('[tool.attnlint]\nignore = ["ATN103"]\n')
    assert places(flake8("--select", "ATN", ".").stdout) == []


def test_a_configuration_that_is_named(bad_file: Path) -> None:
    (bad_file / "other.toml").write_text('ignore = ["ATN103"]\n')
    assert places(flake8("--select", "ATN", "--attnlint-config", "other.toml", ".").stdout) == []
    (bad_file / ".flake8").write_text("[flake8]\nattnlint-config = other.toml\n")
    command = [sys.executable, "-m", "flake8", "--select", "ATN", "."]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


def test_a_broken_configuration_is_said(bad_file: Path) -> None:
    (bad_file / "pyproject.toml").write_text('[tool.attnlint]\nignor = ["ATN103"]\n')
    result = flake8("--select", "ATN", "-j1", ".")
    assert result.returncode == 1
    assert "did you mean 'ignore'?" in result.stderr + result.stdout


def test_a_byte_order_mark_moves_no_column(bad_file: Path) -> None:
    (bad_file / "a.py").write_bytes(b"\xef\xbb\xbf" + BAD.encode())
    assert places(flake8("--select", "ATN", ".").stdout) == FOUND


def test_the_same_findings_as_the_command_line(bad_file: Path) -> None:
    command = [sys.executable, "-m", "attnlint", "check", "-q", "a.py"]
    ours = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    theirs = flake8("--select", "ATN", "a.py").stdout
    assert ours.splitlines() == theirs.splitlines()
