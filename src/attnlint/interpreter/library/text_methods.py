"""Methods of ``str`` and ``bytes``, and formatting."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from attnlint.interpreter.library.concrete import LONGEST_TEXT, call_real, concrete, is_concrete
from attnlint.interpreter.library.iterators import elements, fresh_int
from attnlint.interpreter.library.registry import Model, constant, python, register
from attnlint.values import SetValue, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

WIDEST = 1_000
"""A number in a format or a width that is not taken literally (``"{:>1000000000}"``)."""
_RESULTS = {
    "bool": "endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace "
    "istitle isupper startswith",
    "int": "count find index rfind rindex",
    "str": "capitalize casefold center expandtabs format ljust lower lstrip removeprefix removesuffix replace rjust "
    "rstrip strip swapcase title translate upper zfill",
    "": "encode format_map partition rpartition rsplit split splitlines",
}


_PADDED = ("center", "ljust", "rjust", "zfill", "expandtabs")


def _declare(name: str, kind: str) -> None:
    real = getattr(str, name)

    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        everything = (*arguments, *keywords.values())
        if not all(is_concrete(value) for value in everything) or not _is_bounded(name, everything):
            if kind == "int":
                return fresh_int("n", -1 if "find" in name else 0)
            return run.unknown("a text that is not known", kind=kind)
        return call_real(run, real, arguments, keywords, node, f"str.{name}")

    register(f"str.{name}", model)


def _is_bounded(name: str, values: tuple[Value, ...]) -> bool:
    """Whether the result of a method is not much longer than its arguments."""
    if name in _PADDED and any(isinstance(value, int) and abs(value) > WIDEST for value in values):
        return False
    if name == "replace":
        lengths = [len(value) for value in values if isinstance(value, str)]
        return len(lengths) < 3 or lengths[0] * max(lengths[2], 1) <= LONGEST_TEXT
    return not name.startswith("format") or not re.search(r"\d{4}", str(values[0]))


for _kind, _names in _RESULTS.items():
    for _name in _names.split():
        _declare(_name, _kind)


def _declare_bytes() -> None:
    def decode(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        return call_real(run, bytes.decode, arguments, keywords, node, "bytes.decode")

    model: Model = decode
    register("bytes.decode", model)


_declare_bytes()


@python("str.join")
def join(run: Run, node: Node, receiver: Value, iterable: Value, /) -> Value:
    items = None if isinstance(iterable, Unknown | SetValue) else elements(run, iterable, node)
    if items is None or not is_concrete(receiver) or not all(isinstance(item, str) for item in items):
        return run.unknown("a text that is not known", kind="str")
    if sum(map(len, items)) + len(receiver) * len(items) > LONGEST_TEXT:
        return run.unknown("a text that is too long", kind="str")
    return receiver.join(items)


@python("str.maketrans")
def maketrans(run: Run, node: Node, /, *arguments: Value) -> Value:
    return call_real(run, str.maketrans, arguments, {}, node, "str.maketrans")


def percent(run: Run, pattern: str, value: Value, node: Node) -> Value:
    """``pattern % value``, for the interpreter's ``%`` on strings."""
    if not is_concrete(value) or re.search(r"\d{4}|\*", pattern) or len(pattern) > WIDEST:
        return run.unknown("a text that is not known", kind="str")
    return call_real(run, lambda right: pattern % right, (value,), {}, node, "%")


def formatted(run: Run, value: Value, conversion: str | None, specification: str, node: Node) -> Value:
    """One replacement field of an f-string."""
    if not is_concrete(value) or re.search(r"\d{4}", specification):
        return run.unknown("a text that is not known", kind="str")
    known = concrete(value)
    if conversion is not None:
        known = repr(known) if conversion == "r" else ascii(known) if conversion == "a" else str(known)
    try:
        return format(known, specification)
    except (TypeError, ValueError) as error:
        return run.raise_error(type(error).__name__, str(error), node)


for _name in (
    "ascii_letters",
    "ascii_lowercase",
    "ascii_uppercase",
    "digits",
    "hexdigits",
    "punctuation",
    "whitespace",
):
    constant(f"string.{_name}", getattr(string, _name))
