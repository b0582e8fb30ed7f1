"""Configuration files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attnlint.config import ConfigError, load_settings
from attnlint.rules import rule
from attnlint.selection import is_reported


def test_without_a_file_the_defaults_hold(project: Path) -> None:
    settings = load_settings(project)
    assert settings.select == ("ATN",)
    assert settings.root == project
    assert settings.config_file is None


def test_the_nearest_file_that_speaks_of_us(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.attnlint]\nselect = ["ATN1"]\n')
    inner = project / "package" / "deep"
    inner.mkdir(parents=True)
    (project / "package" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    settings = load_settings(inner / "a.py")
    assert settings.select == ("ATN1",)
    assert settings.root == project


def test_our_own_file_wins_in_its_folder(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.attnlint]\nselect = ["ATN1"]\n')
    (project / "attnlint.toml").write_text('select = ["ATN2"]\n')
    assert load_settings(project).select == ("ATN2",)


def test_isolated_reads_nothing(project: Path) -> None:
    (project / "attnlint.toml").write_text('select = ["ATN2"]\n')
    assert load_settings(project, isolated=True).select == ("ATN",)


def test_a_file_or_a_line_on_the_command_line(project: Path) -> None:
    (project / "other.toml").write_text('select = ["ATN2"]\n')
    assert load_settings(project, config="other.toml").select == ("ATN2",)
    assert load_settings(project, config='select = ["ATN103"]').select == ("ATN103",)


def test_the_command_line_replaces_and_extends(project: Path) -> None:
    (project / "attnlint.toml").write_text('ignore = ["ATN101"]\nextend-exclude = ["a"]\n')
    settings = load_settings(project, overrides={"ignore": ("ATN102",), "extend_exclude": ("b",)})
    assert settings.ignore == ("ATN102",)
    assert settings.extend_exclude == ("a", "b")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('selct = ["ATN1"]', "unknown key 'selct'; did you mean 'select'?"),
        ("select = 3", 'select must be a list of strings: select = ["ATN101", "ATN11"]'),
        ("select = ['ATN1', 2]", "select must be a list of strings"),
        ("verify = 1", "verify must be a boolean"),
        ("jobs = true", "jobs must be an integer"),
        ("jobs = -1", "jobs must be an integer"),
        ('output-format = "xml"', "output-format = 'xml': must be one of full, concise, json"),
        ('select = ["ATN999"]', "no rule has the code 'ATN999'"),
        ('ignore = ["matmul-inner-dimensio"]', "no rule has the code 'matmul-inner-dimensio'"),
        ('per-file-ignores = ["a"]', "per-file-ignores must be a table of lists of strings"),
        ('per-file-ignores = { "a" = ["X1"] }', "no rule has the code 'X1'"),
        ("select = [", "attnlint.toml: "),
    ],
)
def test_mistakes_are_one_clear_line(project: Path, text: str, complaint: str) -> None:
    (project / "attnlint.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(project)
    assert complaint in str(caught.value)
    assert str(project / "attnlint.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_section_that_is_no_table(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool]\nattnlint = 3\n")
    with pytest.raises(ConfigError, match="must be a table"):
        load_settings(project)


def test_a_config_file_that_is_not_there(project: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no file nowhere\.toml"):
        load_settings(project, config="nowhere.toml")


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        ({}, "ATN101", True),
        ({}, "ATN002", False),
        ({"extend_select": ("ATN002",)}, "ATN002", True),
        ({"extend_select": ("ATN0",)}, "ATN002", True),
        ({"select": ("ALL",)}, "ATN002", True),
        ({"select": ("ATN1",)}, "ATN201", False),
        ({"ignore": ("ATN1",)}, "ATN101", False),
        ({"ignore": ("ATN1",), "extend_select": ("ATN101",)}, "ATN101", True),
        ({"ignore": ("ATN1",), "extend_select": ("ATN101",)}, "ATN102", False),
        ({"select": ("ATN101",), "ignore": ("ATN101",)}, "ATN101", False),
        ({"select": ("matmul-inner-dimension",)}, "ATN101", True),
        ({"select": ("atn101",)}, "ATN101", True),
    ],
)
def test_the_longest_selector_wins(project: Path, options: dict[str, object], code: str, expected: bool) -> None:
    assert is_reported(code, "a.py", load_settings(project, overrides=options)) is expected


@pytest.mark.parametrize(
    ("options", "expected"), [({}, False), ({"preview": True}, True), ({"extend_select": ("ATN118",)}, True)]
)
def test_a_rule_in_preview(
    project: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], expected: bool
) -> None:
    monkeypatch.setattr("attnlint.selection.rule", lambda code: replace(rule(code), preview=True))
    assert is_reported("ATN118", "a.py", load_settings(project, overrides=options)) is expected


def test_ignores_by_file(project: Path) -> None:
    (project / "attnlint.toml").write_text('per-file-ignores = { "tests/**" = ["ATN1"], "!src/" = ["ATN103"] }\n')
    settings = load_settings(project)
    assert not is_reported("ATN101", "tests/test_a.py", settings)
    assert is_reported("ATN101", "src/a.py", settings)
    assert is_reported("ATN103", "src/a.py", settings)
    assert not is_reported("ATN103", "setup.py", settings)
