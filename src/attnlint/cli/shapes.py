"""``attnlint shapes``"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.config import load_settings
from attnlint.files import STANDARD_INPUT
from attnlint.notebook import is_notebook
from attnlint.notebook.program import Notebook, read_notebook
from attnlint.output.style import Style, style_for
from attnlint.shapes import InferredShape, infer_shapes
from attnlint.syntax import SourceError
from attnlint.syntax.encoding import decode
from attnlint.syntax.lines import split_lines

WIDEST = 100
"""The column beyond which shapes are not pushed by a long line."""


def run(arguments: argparse.Namespace) -> int:
    """Print a file with the shapes of what it assigns."""
    name = arguments.path
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read()
            name = arguments.stdin_filename or STANDARD_INPUT
        else:
            with open(name, "rb") as file:
                data = file.read()
        notebook = read_notebook(data) if is_notebook(name) else None
        settings = load_settings(name, arguments.config, arguments.isolated)
        source, shapes = infer_shapes(notebook.text if notebook is not None else decode(data), name, settings)
    except OSError as error:
        print(f"{name}:1:1: ATN003 cannot be read: {error.strerror}", file=sys.stderr)
        return ERROR
    except SourceError as error:
        print(f"{name}:{error.line}:{error.column}: ATN001 {error.message}", file=sys.stderr)
        return ERROR
    if arguments.output_format == "json":
        print(json.dumps([_document(one, name, notebook) for one in shapes], indent=2, ensure_ascii=False))
        return OK
    style = style_for(sys.stdout)
    lines = list(source.lines)
    for cell in notebook.cells if notebook is not None else ():
        # Magics too: the lines of the cell as they are.
        first = cell.first_line - 1
        lines[first : first + cell.line_count] = split_lines(cell.code)
    titles = {cell.first_line: f"# cell {cell.number}" for cell in notebook.cells} if notebook is not None else {}
    for row in annotated(lines, shapes, style, titles):
        print(row)
    return OK


def annotated(
    lines: Sequence[str], shapes: Sequence[InferredShape], style: Style, titles: Mapping[int, str]
) -> Iterator[str]:
    """The lines of a file with the shapes at their ends; a row for each entry that sees a line differently.

    ``titles`` come before their lines.
    """
    by_line: dict[int, list[InferredShape]] = {}
    for one in shapes:
        by_line.setdefault(one.range.line, []).append(one)
    widths = [len(lines[number - 1].rstrip()) for number in by_line]
    column = min(max(widths, default=0), WIDEST)
    for number, line in enumerate(lines, 1):
        text = line.rstrip()
        if number in titles:
            yield style.paint("bold", titles[number])
        remarks = list(_remarks(by_line.get(number, [])))
        if not remarks:
            yield text
        for remark in remarks:
            yield f"{text:<{column}}  {style.paint('cyan', f'# {remark}')}"
            text = ""


def _remarks(shapes: Sequence[InferredShape]) -> Iterator[str]:
    """One text an entry; entries that see the same share one."""
    by_entry: dict[str, dict[str, list[str]]] = {}
    for one in shapes:
        known = by_entry.setdefault(one.entry, {}).setdefault(one.name, [])
        if one.text not in known:
            known.append(one.text)
    by_text: dict[str, list[str]] = {}
    for entry, names in by_entry.items():
        text = ", ".join(f"{name}: {' or '.join(texts)}" for name, texts in names.items())
        by_text.setdefault(text, []).append(entry)
    for text, entries in by_text.items():
        yield text if len(by_text) == 1 else f"{text}  [{', '.join(entries)}]"


def _document(one: InferredShape, path: str, notebook: Notebook | None) -> dict[str, object]:
    line, cell = one.range.line, None
    if notebook is not None:
        place = notebook.place(line)
        line, cell = place.line, place.cell
    return {
        "path": path,
        "cell": cell,
        "line": line,
        "column": one.range.column,
        "end_line": line + one.range.end_line - one.range.line,
        "end_column": one.range.end_column,
        "name": one.name,
        "entry": one.entry,
        "shape": one.shape,
        "dtype": one.dtype,
    }
