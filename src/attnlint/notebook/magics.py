"""IPython's own syntax in a cell, replaced by Python that stands on the same lines.

IPython turns ``%magic``, ``!command`` and ``help?`` into calls of functions that attnlint knows nothing about. What
assigns a result keeps its target; everything else becomes ``pass``. No line moves, and no column of a Python line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from attnlint.syntax.lines import split_lines
from attnlint.syntax.scanner import tokens

_UNKNOWN = "__import__('IPython').get_ipython()"
"""Stands for the result of a magic: an object of which nothing is known."""

_PYTHON_CELLS = frozenset("%%time %%timeit %%capture %%prun %%debug %%memit %%mprun %%lprun %%wandb".split())
"""Cell magics that run the rest of the cell as Python."""

_LINE_MAGIC = re.compile(r"\s*[%!?]")
_HELP = re.compile(r"\s*[\w.*\[\]]+\?{1,2}\s*$")
_SHELL_WORD = re.compile(r"\s*(?:pip|pip3|conda|cd|ls|mkdir|cat|cp|mv|rm|pwd)(?:\s+[\w./~-].*|\s*)$")
"""IPython lets these go without their ``%``."""
_NOT_SHELL = re.compile(r"\s*\w+\s*(?:in|is|and|or|if|not)\b|\s*\w+\s+-\s")
_ASSIGNED = re.compile(r"(?P<target>\s*[\w.\[\]'\", ()*]+?=\s*)(?P<magic>[%!].*)$", re.DOTALL)


def plain_python(cell: str) -> tuple[str, frozenset[int]]:
    """A cell as Python with the same number of lines, and the lines (from 1) that were replaced."""
    lines = split_lines(cell)
    starts = [0, *accumulate(map(len, lines))]
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    replaced: set[int] = set()
    if lines and lines[first].startswith("%%"):
        runs_python = lines[first].split()[0] in _PYTHON_CELLS
        last = first + 1 if runs_python else len(lines)
        for index in range(first, last):
            _replace(lines, index, "pass" if index == first else "", replaced)
        first = last
    index = first
    while index < len(lines):
        count = _replace_magic(lines, index, replaced)
        # What was replaced is behind us: the offsets are those of the cell as it is.
        index = index + count if count else bisect_left(starts, _end_of_logical_line(cell, starts[index]))
    return "".join(lines), frozenset(number + 1 for number in replaced)


def _replace_magic(lines: list[str], index: int, replaced: set[int]) -> int:
    """Replace the magic that begins at a line; how many lines it takes, none where there is no magic."""
    line = lines[index].rstrip("\r\n")
    indentation = line[: len(line) - len(line.lstrip())]
    assigned = _ASSIGNED.match(line)
    if _LINE_MAGIC.match(line) or _HELP.match(line) or (_SHELL_WORD.match(line) and not _NOT_SHELL.match(line)):
        new = indentation + "pass"
    elif assigned and not assigned["target"].rstrip().endswith(("==", "!=", "<=", ">=")):
        new = assigned["target"] + _UNKNOWN
    else:
        return 0
    count = 1
    while lines[index + count - 1].rstrip("\r\n").endswith("\\") and index + count < len(lines):
        count += 1
    for offset in range(count):
        _replace(lines, index + offset, new if offset == 0 else "", replaced)
    return count


def _replace(lines: list[str], index: int, new: str, replaced: set[int]) -> None:
    line = lines[index]
    lines[index] = new + line[len(line.rstrip("\r\n")) :]
    replaced.add(index)


def _end_of_logical_line(text: str, start: int) -> int:
    """Where the Python line ends that begins at an offset: brackets, strings and backslashes may carry it on."""
    depth = 0
    for kind, found, offset in tokens(text, start):
        if kind == "operator" and found in "([{":
            depth += 1
        elif kind == "operator" and found in ")]}":
            depth -= 1
        elif kind == "newline" and depth <= 0:
            return offset + len(found)
    return len(text)
