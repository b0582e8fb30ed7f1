"""Random edits of a program, one upon the other, each of which leaves a text that Python can parse."""

from __future__ import annotations

import ast
import random
import re
import warnings
from collections.abc import Iterator

_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\b[0-9]+\b")
_KEYWORDS = frozenset("def class return import from for in if else elif while with as not and or is None self".split())
_STATEMENTS = (
    "pass",
    "size = 3",
    "# torch.compile, .append(",
    "x = torch.zeros(2, 3)",
    "assert x.shape[-1] == 4",
    "if x is None: x = 5",
    "global COUNT",
    "COUNT = 4",
    "cls.width = 7",
    "self.layer = None",
)
_ATTEMPTS = 40


def random_edits(text: str, count: int, seed: int) -> Iterator[str]:
    """The texts after each of so many edits; now and then back to the first one."""
    chance = random.Random(seed)
    now = text
    for _ in range(count):
        if chance.random() < 0.1:
            now = text
        else:
            now = next((one for one in _candidates(now, chance) if one != now and _parses(one)), text)
        yield now


def _candidates(text: str, chance: random.Random) -> Iterator[str]:
    for _ in range(_ATTEMPTS):
        rows = text.splitlines(keepends=True)
        index = chance.randrange(len(rows))
        kind = chance.choice(("number", "word", "delete", "repeat", "swap", "insert", "insert", "block"))
        row = rows[index]
        indentation = row[: len(row) - len(row.lstrip())]
        if kind == "number":
            rows[index] = _NUMBER.sub(lambda found: str(int(found[0]) + chance.choice((1, 2, -1))), row, count=1)
        elif kind == "word":
            words = [word for word in _WORD.findall(text) if word not in _KEYWORDS]
            own = [word for word in _WORD.findall(row) if word not in _KEYWORDS]
            if own and words:
                rows[index] = re.sub(rf"\b{chance.choice(own)}\b", chance.choice(words), row, count=1)
        elif kind == "delete":
            del rows[index]
        elif kind == "repeat":
            rows.insert(chance.randrange(len(rows)), row)
        elif kind == "swap":
            other = chance.randrange(len(rows))
            rows[index], rows[other] = rows[other], rows[index]
        elif kind == "insert":
            rows.insert(index, indentation + chance.choice(_STATEMENTS) + "\n")
        else:
            # A whole definition goes, or stands twice.
            place = _definition(text, chance)
            if place is not None:
                block = rows[place[0] - 1 : place[1]]
                if chance.random() < 0.5:
                    del rows[place[0] - 1 : place[1]]
                else:
                    rows[place[1] : place[1]] = block
        yield "".join(rows)


def _definition(text: str, chance: random.Random) -> tuple[int, int] | None:
    places = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    return chance.choice(places) if places else None


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
