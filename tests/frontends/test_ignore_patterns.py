"""Patterns of ``.gitignore`` mean what they mean in git, which is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from attnlint.ignore_patterns import IgnorePatterns

PATHS = [
    "a.py",
    "b.py",
    "build/a.py",
    "src/build/a.py",
    "src/a.py",
    "src/a1.py",
    "src/deep/er/a.py",
    "src/deep/a.py",
    "deep/a.py",
    "doc/#note.py",
    "doc/!loud.py",
    "doc/with space.py",
    "doc/end .py",
    "doc/[x].py",
    "x/y/z/a.py",
    "x/a.py",
    "x/z/a.py",
]

PATTERN_FILES = [
    "a.py",
    "/a.py",
    "build/",
    "/build/",
    "build",
    "*.py\n!a.py",
    "src/*.py",
    "src/**",
    "src/**/a.py",
    "**/deep/a.py",
    "**/deep",
    "x/**/z/a.py",
    "x/**/**/a.py",
    "src/a?.py",
    "src/a[0-9].py",
    "src/a[!0-9].py",
    "src/a[[:digit:]].py",
    r"\#note.py",
    r"\!loud.py",
    "with space.py",
    "# comment\n\nb.py",
    r"\[x\].py",
    "trailing.py   \na.py",
    "src/\n!src/a.py",
    "src/*\n!src/a.py",
    "[",
    "a.py\\",
    "[]-]a.py",
    "*",
    "/*\n!/src",
    "s*c/*.p?",
    "src/deep/",
    "deep/er",
    "foo//a.py",
]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


@pytest.mark.parametrize("lines", PATTERN_FILES)
def test_the_same_files_as_git(repository: Path, lines: str) -> None:
    (repository / ".gitignore").write_text(lines)
    listed = subprocess.run(
        ["git", "-C", str(repository), "ls-files", "-z", "--others", "--ignored", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    ignored_by_git = set(listed.stdout.split("\0")) & set(PATHS)
    patterns = IgnorePatterns(str(repository), lines.splitlines(keepends=True))
    assert {path for path in PATHS if patterns.ignores_or_parent(str(repository / path))} == ignored_by_git


def test_outside_the_folder_only_names_count(tmp_path: Path) -> None:
    patterns = IgnorePatterns(str(tmp_path / "project"), ["/a.py", "x/b.py", "c.py"])
    outside = str(tmp_path / "x")
    assert patterns.decide(f"{outside}/a.py", is_folder=False) is None
    assert not patterns.ignores_or_parent(f"{outside}/b.py")
    assert patterns.ignores_or_parent(f"{outside}/c.py")
