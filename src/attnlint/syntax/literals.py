"""The values of literals, from their text."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

_NEWLINE = re.compile(r"\r\n?")


def number(text: str) -> int | float | complex:
    """The value of a numeric literal."""
    if text.isdigit():
        return int(text)
    value: int | float | complex = _evaluate(text)
    return value


def string(text: str) -> str | bytes:
    """The value of one string literal that is no f-string. Line ends inside count as ``\\n``, as Python reads them."""
    quote = text[-1]
    start = text.index(quote)
    if start == 0 and "\\" not in text and not text.startswith(quote * 3):
        return text[1:-1]
    value: str | bytes = _evaluate(normal_newlines(text))
    return value


def formatted_text(text: str, opening: str, closing: str) -> str:
    """The value of a literal piece of an f-string; ``opening`` is its prefix and quotes."""
    if "{{" in text or "}}" in text:
        text = text.replace("{{", "{").replace("}}", "}")
    text = normal_newlines(text)
    if "\\" not in text:
        return text
    prefix = opening[: -len(closing)].lower().replace("f", "").replace("t", "")
    # The blank keeps a quote or a backslash at the end of the piece away from the closing quotes.
    value: str = _evaluate(f"{prefix}{closing}{text} {closing}")
    return value[:-1]


def normal_newlines(text: str) -> str:
    """The text with ``\\n`` for every line end."""
    return _NEWLINE.sub("\n", text) if "\r" in text else text


def _evaluate(text: str) -> Any:
    with warnings.catch_warnings():
        # Unknown escapes ("\d") warn, and keep their backslash.
        warnings.simplefilter("ignore")
        return ast.literal_eval(text)
