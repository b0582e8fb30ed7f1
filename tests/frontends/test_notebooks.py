"""Notebooks on the command line: found, checked as one program, repaired in their cells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.frontends.conftest import Cli

CELLS = (
    ("markdown", "# Attention\nimport nothing"),
    ("code", "%matplotlib inline\nimport torch\n!pip install einops\nq = torch.randn(10, 512)"),
    ("code", "k = torch.randn(10, 256)\nscores = q @ k.T  # größe\n\nagain = q @ k.T  # noqa: ATN101"),
    ("code", "batch = torch.bmm(torch.randn(3, 4), torch.randn(4, 5))"),
)


def notebook(cells: tuple[tuple[str, str], ...] = CELLS) -> str:
    found: list[dict[str, Any]] = []
    for kind, text in cells:
        cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        found.append(cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []})
    content = {"cells": found, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


@pytest.fixture
def path(project: Path) -> Path:
    place = project / "a.ipynb"
    place.write_text(notebook(), encoding="utf-8")
    return place


def test_a_folder_is_searched_for_notebooks_too(cli: Cli, path: Path) -> None:
    code, out, _ = cli("check", ".", "--output-format", "concise")
    assert code == 1
    assert [row.partition(" ATN")[0] for row in out.splitlines()] == ["a.ipynb:cell 3:2:10:", "a.ipynb:cell 4:1:9:"]


@pytest.mark.parametrize(
    "output_format", ["full", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit", "rdjson"]
)
def test_every_format_names_the_cell(cli: Cli, path: Path, output_format: str) -> None:
    out = cli("check", ".", "--output-format", output_format)[1]
    if output_format.startswith("json"):
        [first, *_] = json.loads(out) if output_format == "json" else map(json.loads, out.splitlines())
        assert (first["cell"], first["line"], first["column"]) == (3, 2, 10)
    else:
        assert "a.ipynb:cell 3:2:10" in out


def test_the_line_in_the_file_for_those_who_know_files_only(cli: Cli, path: Path) -> None:
    [entry, _] = json.loads(cli("check", ".", "--output-format", "gitlab")[1])
    line = path.read_text(encoding="utf-8").splitlines()[entry["location"]["lines"]["begin"] - 1]
    assert line.strip().startswith('"scores = q @ k.T')


def test_a_repair_is_written_into_the_cell_and_nothing_else_changes(cli: Cli, path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    code, out, _ = cli("check", ".", "--diff")
    assert code == 1
    assert out.startswith("--- a.ipynb:cell 4\n+++ a.ipynb:cell 4\n")
    assert path.read_text(encoding="utf-8") == before
    cli("check", ".", "--fix")
    assert path.read_text(encoding="utf-8") == before.replace("torch.bmm(", "torch.matmul(")


def test_comments_are_written_into_the_cells(cli: Cli, path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    assert cli("check", ".", "--add-noqa")[0] == 0
    wanted = before.replace("# größe", "# größe  # noqa: ATN101").replace("(4, 5))", "(4, 5))  # noqa: ATN103")
    assert path.read_text(encoding="utf-8") == wanted
    assert cli("check", ".")[0] == 0


def test_a_baseline_survives_new_cells(cli: Cli, path: Path) -> None:
    cli("check", ".", "--baseline", "known.json", "--update-baseline")
    path.write_text(notebook((("code", "print('first')"), *CELLS)), encoding="utf-8")
    assert cli("check", ".", "--baseline", "known.json")[0] == 0


def test_a_cell_that_is_no_python_is_said_and_left_out(cli: Cli, path: Path) -> None:
    path.write_text(notebook((*CELLS[:3], ("code", "def f(:"))), encoding="utf-8")
    code, out, err = cli("check", ".")
    assert code == 1
    assert "a.ipynb:cell 3:2:10" in out
    assert "a.ipynb: cell 4:1:7: left out: invalid syntax" in err


def test_what_is_no_notebook(cli: Cli, path: Path) -> None:
    path.write_text('{"torch": 1,\n oops}', encoding="utf-8")
    code, _, err = cli("check", ".")
    assert code == 2
    assert err.startswith("a.ipynb:2:2: ATN003 no notebook")


def test_standard_input(project: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "attnlint",
        "check",
        "-",
        "--stdin-filename",
        "x.ipynb",
        "--output-format",
        "concise",
    ]
    result = subprocess.run(command, input=notebook(), capture_output=True, text=True, check=False, timeout=60)
    assert result.stdout.startswith("x.ipynb:cell 3:2:10: ATN101")


def test_the_cache_knows_notebooks(cli: Cli, path: Path) -> None:
    first, second = cli("check", "."), cli("check", ".")
    assert first == second
    path.write_text(path.read_text(encoding="utf-8").replace("256", "512"), encoding="utf-8")
    assert "ATN101" not in cli("check", ".")[1]


def test_a_note_names_the_line_of_the_cell(cli: Cli, path: Path) -> None:
    text = "try:\n    torch.randn(2, 3) @ torch.randn(2, 3)\nexcept RuntimeError:\n    pass"
    path.write_text(notebook((CELLS[1], ("code", text))), encoding="utf-8")
    assert "caught by the except clause at line 3 of cell 2" in cli("check", ".", "--output-format", "full")[1]


def test_shapes(cli: Cli, path: Path) -> None:
    rows = cli("shapes", "a.ipynb")[1].splitlines()
    assert rows[:3] == ["# cell 2", "%matplotlib inline", "import torch"]
    assert any(row.startswith("q = torch.randn(10, 512)") and "q: (10, 512) float32" in row for row in rows)
    [q, *_] = json.loads(cli("shapes", "a.ipynb", "--output-format", "json")[1])
    assert (q["name"], q["cell"], q["line"]) == ("q", 2, 4)


def test_a_reproduction_is_found_by_its_cell(cli: Cli, path: Path) -> None:
    code, out, _ = cli("repro", "a.ipynb:cell 3:2")
    assert code == 0
    assert out.startswith("# a.ipynb: ATN101")
    assert cli("repro", "a.ipynb:cell 2:2")[0] == 2
