"""Shapes in docstrings: the parameters' and the result's, in the styles of Google, numpy, Sphinx and free lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from attnlint.declarations.comments import Said
from attnlint.declarations.spec import CROSSED, Spec, bare, bracketed

MAYBE = re.compile(r"[(\[][A-Za-z_*.][\w.*+/ -]*(?:,|\bx\b)[^()\n]*[)\]]")
"""What a docstring that declares a shape has somewhere."""

_RETURNS = re.compile(r"\s*(?:Returns?|Outputs?|Return value)\s*:?\s*$|\s*:returns?:")
_PARAMETERS = re.compile(r"\s*(?:Args|Arguments|Parameters?|Params|Inputs?|Shapes?)\s*:?\s*$")
_OTHER = re.compile(r"\s*(?:[A-Z]\w+(?: \w+)?|>>>.*)\s*:?\s*$")
_ITEM = re.compile(
    r"(?P<indent>\s*)(?:[-*+]\s+)?(?::(?:param|arg)\s+(?:[\w.\[\]]+\s+)?)?[`*]*(?P<name>[A-Za-z_]\w*)[`*]*\s*(?=[:(\[])"
)
_INTRODUCED = re.compile(r"(?:shapes?|sizes?|[Tt]ensors?|dimensions?)(?:\s+of|\s*:|\s+is|\s*=)?[\s`:]*$")
_OR = re.compile(r"\bor\b|\beither\b|\||\bif\b|\boptional(?:ly)? batch", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A declared shape and its place, in characters from 1."""

    said: Said
    line: int
    column: int
    end_column: int


@dataclass(slots=True)
class _Item:
    name: str
    """The parameter; empty for the result."""
    lines: list[tuple[int, str]]
    """Line number and text from where the item's own text begins; what is left of it is blanked."""


def read(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> Iterator[tuple[str, Placed]]:
    """The shapes that the docstring of a function declares: by parameter, and the result's under an empty name."""
    first = node.body[0]
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return
    if MAYBE.search(first.value.value) is None:
        return
    assert first.end_lineno is not None
    arguments = node.args
    parameters = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    rows = [(number, lines[number - 1]) for number in range(first.lineno, first.end_lineno + 1)]
    found: dict[str, list[Placed]] = {}
    for item in _items(rows, parameters):
        placed = _shape_of(item)
        if placed is not None:
            found.setdefault(item.name, []).append(placed)
    for name, declared in found.items():
        if len(declared) == 1:
            yield name, declared[0]


def _items(rows: Sequence[tuple[int, str]], parameters: set[str]) -> Iterator[_Item]:
    """The entries of the lists in a docstring that speak of a parameter or of the result."""
    current: _Item | None = None
    indent = 0
    in_returns = False
    for number, text in rows:
        stripped = text.strip()
        depth = len(text) - len(text.lstrip())
        if _RETURNS.match(text):
            if current is not None:
                yield current
            in_returns, indent = True, depth
            rest = re.sub(r"^(\s*):returns?:", lambda match: " " * len(match[0]), text)
            current = _Item("", [(number, rest)] if ":return" in text else [])
            continue
        if _PARAMETERS.match(text) or (_OTHER.match(text) and stripped.endswith(":") and depth <= indent):
            if current is not None:
                yield current
            current, in_returns = None, False
            continue
        match = _ITEM.match(text)
        if match is not None and match["name"] in parameters and (not in_returns or depth <= indent):
            if current is not None:
                yield current
            in_returns, indent = False, depth
            current = _Item(match["name"], [(number, " " * match.end() + text[match.end() :])])
            continue
        if current is None:
            continue
        if not stripped:
            if not in_returns:
                yield current
                current = None
            continue
        if depth > indent or (in_returns and depth >= indent):
            current.lines.append((number, text))
        elif not in_returns:
            yield current
            current = None
    if current is not None:
        yield current


def _shape_of(item: _Item) -> Placed | None:
    """The one shape in an entry; ``None`` where there is none, more than one, or an alternative."""
    found: list[tuple[Placed, bool]] = []
    for place, (number, text) in enumerate(item.lines):
        at = 0
        while at < len(text):
            if text[at] not in "([":
                at += 1
                continue
            spec = bracketed(text, at)
            if spec is None or not _is_shape(spec):
                at += 1
                continue
            before, after = text[:at], text[spec.end :]
            if re.search(r"[\w\])]$", before) and not re.search(r"[Tt]ensor$", before):
                # A call, or an index.
                at = spec.end
                continue
            sure = _INTRODUCED.search(before) is not None
            whole = place == 0 and not before.strip(" :`*") and not after.strip(" .`*,;")
            last = not after.strip(" .`*,;)") and before.rstrip().endswith((".", ":", "tensor", "Tensor"))
            found.append((_placed(spec, number), sure or whole or last))
            at = spec.end
        if place == 0 and (match := re.fullmatch(r"\s*:\s*(.*?)\s*\.?", text)) and CROSSED.fullmatch(match[1]):
            crossed = bare(match[1], match.start(1))
            if crossed is not None and not found:
                found.append((_placed(crossed, number), True))
    text = " ".join(line for _, line in item.lines)
    if len(found) != 1 or not found[0][1] or _OR.search(text):
        return None
    return found[0][0]


def _is_shape(spec: Spec) -> bool:
    if spec.least_rank < 2 and not (spec.opening == "(" and str(spec).endswith(",)")) and spec.opening != "[":
        return False
    return any(axis.names or axis.many for axis in spec.axes) and not _words_only(spec)


def _words_only(spec: Spec) -> bool:
    """``(optional, default)``: more than one axis is no single word."""
    return spec.opening == "(" and any(
        word in spec.names for word in ("optional", "default", "int", "float", "bool", "str")
    )


def _placed(spec: Spec, number: int) -> Placed:
    return Placed(Said("", replace(spec), False, True), number, spec.start + 1, spec.end + 1)
