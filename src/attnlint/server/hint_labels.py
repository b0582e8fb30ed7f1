"""The text of an inlay hint: short enough to stand behind a line of code. All there is to say is in its tooltip."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LONGEST = 60
"""Characters of a label. What is longer is shortened: first to one of several shapes, then to its short sizes."""
LONGEST_SIZE = 24

NOTHING = "(...)"
"""A shape of which neither the rank nor a size is known: it goes without saying."""
MORE = " | …"

_NAME = re.compile(r"[^\W\d]\w*\Z")


def label_and_tooltip(shapes: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The label for the shapes of each name that a line assigns, and a tooltip where it says more, or nothing."""
    known = {name: [text for text in texts if text != NOTHING] for name, texts in shapes.items()}
    known = {name: texts for name, texts in known.items() if texts}
    if not known:
        return None
    named = len(shapes) > 1
    whole = _joined({name: " | ".join(texts) for name, texts in known.items()}, named, ", ")
    if len(whole) <= LONGEST:
        return whole, ""
    short = _joined({name: _shortened(texts) for name, texts in known.items()}, named, ", ")
    return short, _joined({name: "\n".join(texts) for name, texts in known.items()}, named, "\n")


def _joined(texts: Mapping[str, str], named: bool, between: str) -> str:
    """``q, k: (B, T)``: names with the same text are put together."""
    if not named:
        return between.join(texts.values())
    names: dict[str, list[str]] = {}
    for name, text in texts.items():
        names.setdefault(text, []).append(name)
    return between.join(f"{', '.join(listed)}: {text}" for text, listed in names.items())


def _shortened(texts: Sequence[str]) -> str:
    """One of several shapes: that which says most in the names of the author, and least for one case alone."""

    def worth(text: str) -> tuple[int, int, int]:
        listed = sizes(text)
        return sum(_NAME.match(size) is not None for size in listed), -sum(map(str.isdigit, listed)), -len(text)

    best = max(texts, key=worth)
    short = ", ".join("…" if len(size) > LONGEST_SIZE else size for size in sizes(best))
    comma = "," if len(sizes(best)) == 1 and best.endswith(",)") else ""
    return f"({short}{comma})" + (MORE if len(texts) > 1 else "")


def sizes(text: str) -> list[str]:
    """The sizes of a shape as it is shown: ``(B, max(a, b), 4)`` has three."""
    found: list[str] = [""]
    depth = 0
    for character in text.removeprefix("(").removesuffix(")"):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return [size.strip() for size in found if size.strip()]
