"""Which files a run checks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from attnlint.config import SettingsResolver
from attnlint.files import discover


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *paths: str, text: str = "") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def found(*paths: str, **overrides: object) -> list[str]:
    return [target.path for target in discover(paths, SettingsResolver(overrides=overrides)).targets]


def test_python_files_below_a_folder_in_order(project: Path) -> None:
    write(project, "b.py", "a/z.py", "a/notes.txt", "a/deeper/x.py")
    assert found(".") == ["a/deeper/x.py", "a/z.py", "b.py"]


def test_a_file_is_checked_once(project: Path) -> None:
    write(project, "a/z.py")
    assert found("a", "a/z.py", "./a/../a/z.py") == ["a/z.py"]


def test_a_named_file_is_checked_whatever_its_name(project: Path) -> None:
    write(project, "script", "venv/a.py")
    assert found("script", "venv/a.py") == ["script", "venv/a.py"]
    assert found(".") == []


def test_a_named_file_that_is_excluded_is_left_out_on_demand(project: Path) -> None:
    write(project, "venv/a.py", "b.py")
    assert found("venv/a.py", "b.py", force_exclude=True) == ["b.py"]
    assert found("venv", force_exclude=True) == []


def test_the_default_exclusions(project: Path) -> None:
    write(project, "a.py", ".venv/a.py", "node_modules/a.py", "src/__pycache__/a.py", ".git/a.py")
    assert found(".") == ["a.py"]


def test_own_exclusions_are_relative_to_the_configuration(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "src/a.py", "src/b.py", "other/src/b.py", "generated/a.py")
    write(project, "pyproject.toml", text='[tool.attnlint]\nextend-exclude = ["/src/b.py", "generated/"]\n')
    assert found(".") == ["other/src/b.py", "src/a.py"]
    monkeypatch.chdir(project / "src")
    assert found(".") == ["a.py"]


def test_exclusions_of_the_command_line_are_relative_to_the_current_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "src/deep/a.py", "src/b.py", "deep/a.py")
    write(project, "pyproject.toml", text="[tool.attnlint]\n")
    monkeypatch.chdir(project / "src")
    assert found(".", extend_exclude=("deep/a.py",)) == ["b.py"]


def test_other_files_can_be_included(project: Path) -> None:
    write(project, "a.py", "b.pyw")
    assert found(".", include=("*.py", "*.pyw")) == ["a.py", "b.pyw"]


def test_nested_gitignore_files(project: Path) -> None:
    write(project, "a.py", "out/b.py", "keep/out/c.py", "keep/d.py", "keep/e.py")
    write(project, ".gitignore", text="out/\ne.py\n")
    write(project, "keep/.gitignore", text="d.py\n!e.py\n")
    assert found(".") == ["a.py", "keep/e.py"]
    assert found(".", respect_gitignore=False) == ["a.py", "keep/d.py", "keep/e.py", "keep/out/c.py", "out/b.py"]


def test_the_gitignore_above_the_folder_counts_inside_a_repository(project: Path) -> None:
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    write(project, "src/a.py", "src/b.py", "src/c.py")
    write(project, ".gitignore", text="/src/b.py\n")
    write(project, ".git/info/exclude", text="c.py\n")
    assert found("src") == ["src/a.py"]


def test_force_exclude_looks_at_gitignore(project: Path) -> None:
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    write(project, "out/a.py", "b.py")
    write(project, ".gitignore", text="out/\n")
    assert found("out/a.py", "b.py", force_exclude=True) == ["b.py"]


def test_links_to_folders_are_not_followed(project: Path) -> None:
    write(project, "real/a.py")
    (project / "link").symlink_to("real", target_is_directory=True)
    (project / "loop").symlink_to(".", target_is_directory=True)
    (project / "b.py").symlink_to("real/a.py")
    assert found(".") == ["b.py", "real/a.py"]


def test_what_cannot_be_read_is_said_and_the_rest_is_found(project: Path) -> None:
    write(project, "a.py")
    (project / "broken.py").symlink_to("nowhere.py")
    os.mkfifo(project / "pipe.py")
    discovery = discover(["missing.py", "broken.py", "pipe.py", "a.py"], SettingsResolver())
    assert [target.path for target in discovery.targets] == ["a.py"]
    assert [(one.path, one.error.code, one.error.message) for one in discovery.unreadable] == [
        ("missing.py", "ATN003", "no such file or folder"),
        ("broken.py", "ATN003", "the link points nowhere"),
        ("pipe.py", "ATN003", "not a regular file"),
    ]


def test_each_file_has_the_settings_of_its_nearest_configuration(project: Path) -> None:
    write(project, "a.py", "sub/b.py")
    write(project, "attnlint.toml", text='ignore = ["ATN101"]\n')
    write(project, "sub/pyproject.toml", text='[tool.attnlint]\nignore = ["ATN102"]\n')
    targets = discover(["."], SettingsResolver()).targets
    assert [(target.path, target.settings.ignore) for target in targets] == [
        ("a.py", ("ATN101",)),
        ("sub/b.py", ("ATN102",)),
    ]


def test_paths_outside_the_current_folder_stay_absolute(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "here/a.py", "there/b.py")
    monkeypatch.chdir(project / "here")
    assert found("a.py", "../there") == sorted([str(project / "there/b.py"), "a.py"])
