"""Repairs of einsum equations and einops patterns: a letter that should be another, two that changed places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site


@repairs("ATN109")
def equation_letters(site: Site) -> Iterator[Candidate]:
    """One letter of an einsum equation."""
    literal = _pattern(site)
    if literal is None or not site.operation.endswith("einsum") or "einops" in site.operation:
        return
    text = literal.value
    assert isinstance(text, str)
    inputs, arrow, output = text.partition("->")
    letters = sorted({letter for letter in text if letter.isalpha()})
    places = [index for index, letter in enumerate(text) if letter.isalpha()]
    for changed in _swaps(text, places):
        yield _changed(site, literal, changed)
    for index in reversed(places):
        if index >= len(inputs) and arrow:
            continue
        for letter in letters:
            if letter != text[index]:
                yield _changed(site, literal, text[:index] + letter + text[index + 1 :])
    for index in places:
        for letter in letters:
            if index >= len(inputs) and letter != text[index] and letter not in output:
                yield _changed(site, literal, text[:index] + letter + text[index + 1 :])


@repairs("ATN109")
def pattern_axes(site: Site) -> Iterator[Candidate]:
    """Two axes of an einops pattern that changed places, one that is missing or one too many."""
    literal = _pattern(site)
    if literal is None or not site.operation.startswith("einops"):
        return
    yield from changed_axes(site, literal, site.call)


def changed_axes(site: Site, literal: ast.Constant, call: ast.Call | None) -> Iterator[Candidate]:
    """The patterns that are one mistake away from the literal of a call of einops."""
    text = literal.value
    assert isinstance(text, str)
    spans = [match.span() for match in re.finditer(r"[A-Za-z_]\w*|\(\)|1", text)]
    for first, second in _pairs(len(spans)):
        (start, end), (other_start, other_end) = spans[first], spans[second]
        one, other = text[start:end], text[other_start:other_end]
        if one != other:
            changed = text[:start] + other + text[end:other_start] + one + text[other_end:]
            yield _changed(site, literal, changed)
    left, arrow, right = text.partition("->")
    names_left, names_right = (set(re.findall(r"[A-Za-z_]\w*", part)) for part in (left, right))
    keywords = {one.arg for one in call.keywords} if call is not None else set()
    for start, end in spans:
        name = text[start:end]
        on_left = start < len(left)
        if on_left and arrow and name not in names_right:
            for wanted in sorted(names_right - names_left - keywords):
                yield _changed(site, literal, text[:start] + wanted + text[end:])
        elif not on_left and name not in names_left | keywords:
            for wanted in sorted(names_left - names_right):
                yield _changed(site, literal, text[:start] + wanted + text[end:])


def _pattern(site: Site) -> ast.Constant | None:
    call = site.call
    for argument in call.args if call is not None else ():
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            written = site.source(argument)
            # Only a plain literal: its text is its value.
            return argument if written[1:-1] == argument.value and written[0] in "'\"" else None
    return None


def _changed(site: Site, literal: ast.Constant, text: str) -> Candidate:
    quote = site.source(literal)[0]
    return Candidate(f"write {quote}{text}{quote}", (site.replace(literal, f"{quote}{text}{quote}"),))


def _swaps(text: str, places: list[int]) -> Iterator[str]:
    for first, second in _pairs(len(places)):
        one, other = places[first], places[second]
        if text[one] != text[other]:
            yield text[:one] + text[other] + text[one + 1 : other] + text[one] + text[other + 1 :]


def _pairs(count: int) -> Iterator[tuple[int, int]]:
    """Pairs of neighbours first: they are what people mix up."""
    for distance in range(1, count):
        for first in range(count - distance):
            yield first, first + distance
