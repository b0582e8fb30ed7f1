"""Programs with their expectation in comments.

``# error: ATN101`` at the end of a line (several codes: ``# error: ATN103, ATN105``) expects exactly these findings
there;
``# shape: (2, 8, 10, 64)`` expects the shape of the tensor that the line assigns (``# shape: q (2, 5), k (2, 7)`` for
several).
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass, field

ERROR = re.compile(r"#\s*error:\s*(?P<codes>ATN\d{3}(?:\s*,\s*ATN\d{3})*)")
SHAPE = re.compile(r"#\s*shape:\s*(?P<shapes>.+)$")
ONE_SHAPE = re.compile(r"(?:(?P<name>[A-Za-z_]\w*)\s*)?(?P<shape>\([^()]*(?:\([^()]*\)[^()]*)*\))")


@dataclass(slots=True)
class Expectations:
    """What the comments of one program say."""

    errors: list[tuple[int, str]] = field(default_factory=list)
    """(line, code), sorted."""
    shapes: dict[tuple[int, str], str] = field(default_factory=dict)
    """(line, name) to the shape's text; an empty name stands for the only tensor that the line assigns."""


def read_expectations(text: str) -> Expectations:
    """The expectations in the comments of ``text``."""
    expected = Expectations()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if match := ERROR.search(token.string):
            expected.errors.extend((line, code.strip()) for code in match["codes"].split(","))
        if match := SHAPE.search(token.string):
            for one in ONE_SHAPE.finditer(match["shapes"]):
                expected.shapes[line, one["name"] or ""] = one["shape"].replace(" ", "")
    expected.errors.sort()
    return expected
