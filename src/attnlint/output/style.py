"""Colour, where a terminal shows it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "1;31", "green": "32", "yellow": "1;33", "blue": "1;34", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text, or leaves it as it is."""

    colour: bool = False

    def paint(self, kind: str, text: str) -> str:
        """Text in one of the kinds above."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.colour and text else text


PLAIN = Style()


def style_for(stream: TextIO, choice: str = "auto") -> Style:
    """The style for a stream: ``always``, ``never``, or by what the stream and the environment say."""
    if choice != "auto":
        return Style(choice == "always")
    if os.environ.get("NO_COLOR"):
        return PLAIN
    if os.environ.get("FORCE_COLOR"):
        return Style(True)
    return Style(stream.isatty() and os.environ.get("TERM") != "dumb")
