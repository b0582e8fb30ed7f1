"""A notebook as a program, and edits written back into its file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attnlint.findings import Edit, Range
from attnlint.notebook.program import CellPlace, Notebook, read_notebook
from attnlint.syntax import SourceError, parse

CELLS: list[dict[str, Any]] = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "import nothing"]},
    {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": [],
        "source": ["%matplotlib inline\n", "import torch"],
    },
    {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": []},
    {
        "cell_type": "code",
        "execution_count": 2,
        "id": "ab12",
        "metadata": {"tags": ["é"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["source\n"]}],
        "source": 'q = torch.zeros(2, 3)\nprint("→", q.shape)\n',
    },
    {"cell_type": "raw", "metadata": {}, "source": "raw"},
    {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {},
        "outputs": [],
        "source": ["k = q.transpose(0, 1)\n", "!ls\n", "q @ k\n"],
    },
]
PROGRAM = (
    "pass\nimport torch\n"
    'q = torch.zeros(2, 3)\nprint("→", q.shape)\n'
    "k = q.transpose(0, 1)\npass\nq @ k\n"
)  # fmt: skip


def document(
    cells: list[dict[str, Any]] = CELLS, indent: int | None = 1, ascii_only: bool = False, **top: Any
) -> bytes:
    content = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(content | top, indent=indent, ensure_ascii=ascii_only) + "\n").encode()


def line_edit(line: int, column: int, end_column: int, replacement: str) -> Edit:
    return Edit(Range(line, column, line, end_column), replacement)


def sources(data: bytes) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(data)["cells"]]


def test_the_program() -> None:
    notebook = read_notebook(document())
    assert notebook.text == PROGRAM
    assert len(parse(notebook.text, "example.ipynb").body) == 7
    assert notebook.errors == []


@pytest.mark.parametrize(
    ("line", "cell", "line_in_cell"), [(1, 2, 1), (2, 2, 2), (3, 4, 1), (4, 4, 2), (5, 6, 1), (6, 6, 2), (7, 6, 3)]
)
def test_lines_map_to_cells(line: int, cell: int, line_in_cell: int) -> None:
    notebook = read_notebook(document())
    assert notebook.place(line, 5) == CellPlace(cell, line_in_cell, 5)
    assert str(notebook.place(line, 5)) == f"cell {cell}:{line_in_cell}:5"


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_an_edit_changes_its_line_and_nothing_else(indent: int | None, ascii_only: bool) -> None:
    data = document(indent=indent, ascii_only=ascii_only)
    edits = [line_edit(5, 17, 18, "-2"), line_edit(3, 17, 21, "4, 5")]
    edited = read_notebook(data).edited(edits)
    expected = data.replace(b"transpose(0, 1)", b"transpose(-2, 1)").replace(b"zeros(2, 3)", b"zeros(4, 5)")
    assert edited == expected


def test_no_edit_changes_nothing() -> None:
    for data in (document(), document(indent=None), b"\xef\xbb\xbf" + document(), document().replace(b"\n", b"\r\n")):
        assert read_notebook(data).edited([]) == data


def test_an_edit_of_a_file_with_a_mark_or_windows_line_ends() -> None:
    for data in (b"\xef\xbb\xbf" + document(), document().replace(b"\n", b"\r\n")):
        assert read_notebook(data).edited([line_edit(3, 17, 21, "4, 5")]) == data.replace(b"(2, 3)", b"(4, 5)")


def test_an_edit_can_add_and_remove_lines() -> None:
    data = document()
    added = read_notebook(data).edited([Edit(Range(7, 1, 7, 1), "# one\n# two\n")])
    assert sources(added)[5] == "k = q.transpose(0, 1)\n!ls\n# one\n# two\nq @ k\n"
    again = read_notebook(added)
    assert again.edited([Edit(Range(7, 1, 9, 1), "")]) == data


def test_edits_that_cannot_be_made() -> None:
    notebook = read_notebook(document())
    with pytest.raises(ValueError, match="no Python"):
        notebook.edited([line_edit(6, 1, 5, "x")])
    with pytest.raises(ValueError, match="border"):
        notebook.edited([Edit(Range(4, 1, 5, 3), "")])
    with pytest.raises(ValueError, match="border"):
        notebook.edited([line_edit(8, 1, 1, "x")])
    with pytest.raises(ValueError, match="overlap"):
        notebook.edited([line_edit(3, 1, 5, "x"), line_edit(3, 4, 8, "y")])


def test_a_cell_that_is_no_python_is_left_out() -> None:
    cells = [
        {"cell_type": "code", "source": "a = 1"},
        {"cell_type": "code", "source": "b = (\nc"},
        {"cell_type": "code", "source": "d = 2"},
    ]
    notebook = read_notebook(document(cells))
    assert notebook.text == "a = 1\n\n\nd = 2\n"
    (error,) = notebook.errors
    assert error.place == CellPlace(2, 1, 5)
    assert "never closed" in error.message
    assert notebook.place(4) == CellPlace(3, 1)


def test_other_languages_have_no_cells() -> None:
    notebook = read_notebook(document(metadata={"kernelspec": {"language": "julia"}}))
    assert notebook.text == "" and notebook.cells == ()
    assert read_notebook(document(metadata={"kernelspec": {"language": "python"}})).text == PROGRAM
    assert read_notebook(document(metadata={})).text == PROGRAM


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no notebook"),
        (b"import torch\n", "no notebook"),
        (b"[]", "it has no cells"),
        (b'{"cells": 1}', "it has no cells"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3 is not supported"),
        (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "source of cell 1"),
        (b'{"cells": [}', "no notebook"),
        (b'{"cells": []}\xff', "byte 0xff"),
        (b"[" * 100_000, "no notebook"),
    ],
)
def test_what_is_no_notebook(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_notebook(data)
    assert message in caught.value.message


def test_cells_that_are_not_cells_are_passed_over() -> None:
    cells: list[Any] = [None, {"cell_type": "code"}, {"source": "x"}, {"cell_type": "code", "source": "a = 1"}]
    notebook = read_notebook(document(cells))
    assert notebook.text == "a = 1\n"
    assert notebook.place(1).cell == 4


def test_every_line_maps_to_the_line_it_came_from() -> None:
    notebook: Notebook = read_notebook(document())
    lines = notebook.text.split("\n")
    for number, line in enumerate(lines[:-1], 1):
        cell = notebook.cell_at(number)
        assert cell is not None
        place = notebook.place(number)
        if place.line not in cell.replaced:
            assert cell.code.split("\n")[place.line - 1] == line
