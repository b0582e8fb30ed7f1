"""Declared shapes as text: ``(B, T, C)``, ``[b, n, d]``, ``b n d``, ``B x T x C``, ``(B*H, T, D)``, ``(..., D)``."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from itertools import pairwise

MOST_AXES = 8

_OPENING = {"(": ")", "[": "]"}
_MANY = frozenset({"...", "…", "*", "**"})
_OPEN_AXIS = frozenset({"?", "_", "-1", "None", ":"})
_WORDS = re.compile(r"[A-Za-z_]\w*(?:[ -][A-Za-z_]\w*){1,3}")
_EITHER = re.compile(r"[\w.]+(?: or [\w.]+)+|\w+\|\w+")
_NAMED_SIZE = re.compile(r"([A-Za-z_]\w*)\s*=\s*(\d+)")
_CROSS = re.compile(r"\s+[xX\u00d7]\s+|\s*\u00d7\s*")
_FACTOR = r"(?:[A-Za-z_]\w*|\d+)"
_PRODUCT = rf"{_FACTOR}(?:\s?[*/+-]{{1,2}}\s?{_FACTOR})*"
CROSSED = re.compile(
    rf"(?:\(\s?)?{_PRODUCT}(?:\s+[xX\u00d7]\s+{_PRODUCT}){{1,7}}(?:\s?\))?|[A-Z1-9]\d*(?:x[A-Z1-9]\d*){{1,7}}"
)
_LOWER = r"[a-z][a-z0-9]?"
_GROUP = rf"\({_LOWER}(?: {_LOWER})+\)"
_UPPER = r"[A-Z][A-Z0-9]?"
SPACED = re.compile(
    rf"(?:[a-z]\d?|{_GROUP})(?: (?:{_LOWER}|\d+|\.\.\.|{_GROUP})){{1,6}}|{_UPPER}(?: (?:{_UPPER}|\d+)){{1,6}}"
)
LISTED = re.compile(rf"{_PRODUCT}(?:\s*,\s*(?:{_PRODUCT}|\.\.\.)){{1,7}}")


@dataclass(frozen=True, slots=True)
class DeclaredAxis:
    """One axis as its author wrote it."""

    text: str
    expression: ast.expr | None = None
    """What its size is; ``None`` where that cannot be said (``batch size``, ``?``)."""
    many: bool = False
    """Stands for any number of axes: ``...``, ``*``."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it."""
        if self.expression is None:
            return (self.text,) if self.text.isidentifier() else ()
        return tuple(node.id for node in ast.walk(self.expression) if isinstance(node, ast.Name))

    @property
    def size(self) -> int | None:
        """The size, where it is a number."""
        if isinstance(self.expression, ast.Constant) and type(self.expression.value) is int:
            return self.expression.value
        return None


@dataclass(frozen=True, slots=True)
class Spec:
    """A declared shape, and where in its text it stands."""

    axes: tuple[DeclaredAxis, ...]
    opening: str
    """``(``, ``[`` or nothing."""
    separator: str
    """What stands between two axes: ``, ``, `` x ``, a blank."""
    start: int = 0
    end: int = 0

    @property
    def rank(self) -> int | None:
        """The number of axes; ``None`` with an ellipsis."""
        return None if any(axis.many for axis in self.axes) else len(self.axes)

    @property
    def least_rank(self) -> int:
        """The number of axes that there are at least."""
        return sum(not axis.many for axis in self.axes)

    @property
    def names(self) -> frozenset[str]:
        """All names in it."""
        return frozenset(name for axis in self.axes for name in axis.names)

    def __str__(self) -> str:
        return written([axis.text for axis in self.axes], self.opening, self.separator)


def written(axes: list[str], opening: str, separator: str) -> str:
    """A shape in the style of another: its brackets, and what stands between its axes."""
    text = separator.join(axes)
    if not opening:
        return text
    comma = "," if len(axes) == 1 and opening == "(" else ""
    return f"{opening}{text}{comma}{_OPENING[opening]}"


def bracketed(text: str, start: int) -> Spec | None:
    """The shape in the brackets that begin at ``start``; ``None`` where they hold something else."""
    end = _closing(text, start)
    if end is None:
        return None
    inner = text[start + 1 : end]
    parts = _split(inner)
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    elif len(parts) == 1 and text[start] == "(" and "," not in inner:
        crossed = _crossed(inner)
        return None if crossed is None else Spec(crossed, "(", _cross_of(inner), start, end + 1)
    elif len(parts) == 1 and (crossed := _crossed(inner)) is not None and len(crossed) > 1:
        return Spec(crossed, "[", _cross_of(inner), start, end + 1)
    if not 0 < len(parts) <= MOST_AXES:
        return None
    axes = [axis_of(part) for part in parts]
    known = tuple(axis for axis in axes if axis is not None)
    if len(known) < len(axes) or _is_range(known):
        return None
    separator = ", " if ", " in inner or len(parts) == 1 else ","
    return Spec(known, text[start], separator, start, end + 1)


def bare(text: str, start: int = 0) -> Spec | None:
    """The shape that a whole text without brackets is."""
    body = text.strip()
    first = start + len(text) - len(text.lstrip())
    if CROSSED.fullmatch(body) and (axes := _crossed(body)) is not None:
        return Spec(axes, "", _cross_of(body), first, first + len(body))
    if SPACED.fullmatch(body):
        parts = re.findall(r"\([^)]*\)|\S+", body)
        spaced = [_merged(part) if part[0] == "(" else axis_of(part) for part in parts]
        return Spec(tuple(axis for axis in spaced if axis is not None), "", " ", first, first + len(body))
    if LISTED.fullmatch(body):
        listed = [axis_of(part) for part in body.split(",")]
        if all(axis is not None for axis in listed):
            separator = ", " if ", " in body else ","
            return Spec(tuple(axis for axis in listed if axis is not None), "", separator, first, first + len(body))
    return None


def axis_of(text: str) -> DeclaredAxis | None:
    """One axis; ``None`` where the text is none."""
    text = text.strip().strip("`")
    if not text or len(text) > 60 or ". " in text:
        return None
    if text in _MANY:
        return DeclaredAxis(text, many=True)
    if text in _OPEN_AXIS:
        return DeclaredAxis(text)
    if named := _NAMED_SIZE.fullmatch(text):
        return DeclaredAxis(text, ast.Constant(int(named[2])))
    if _EITHER.fullmatch(text):
        return DeclaredAxis(text)
    if (expression := _expression(text)) is not None:
        if isinstance(expression, ast.Starred):
            return DeclaredAxis(text, many=True)
        return DeclaredAxis(text, expression) if _is_size(expression) else None
    return DeclaredAxis(text) if _WORDS.fullmatch(text) else None


def _is_range(axes: tuple[DeclaredAxis, ...]) -> bool:
    """``[-1, 1]`` is what values lie between, ``[1, 2, ..., n]`` and ``[n, n-1, ..., 1]`` are the values themselves."""
    if len(axes) > 3 and axes[-2].many and not any(axis.many for axis in axes[:-2]) and _counts(axes[:-2]):
        return True
    return all(axis.text == "-1" or axis.size is not None for axis in axes) and any(axis.size is None for axis in axes)


def _counts(axes: tuple[DeclaredAxis, ...]) -> bool:
    """``1, 2, 3``; ``n, n-1``."""
    texts = [axis.text.replace(" ", "") for axis in axes]
    if all(text.isdecimal() for text in texts):
        return len({int(after) - int(before) for before, after in pairwise(texts)}) == 1
    return any(texts[1] == f"{texts[0]}{step}" for step in ("-1", "+1"))


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value > 0
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return _is_size(node.value)
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    if isinstance(node, ast.BinOp):
        known = isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Div | ast.Pow)
        return known and _is_size(node.left) and _is_size(node.right)
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Name) and not node.keywords and bool(node.args) and all(map(_is_size, node.args))
        )
    return False


def _expression(text: str) -> ast.expr | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # In brackets: `*rest` is an expression there.
            parsed = ast.parse(f"[{text}]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return parsed.elts[0] if isinstance(parsed, ast.List) and len(parsed.elts) == 1 else None


def _crossed(text: str) -> tuple[DeclaredAxis, ...] | None:
    body = text.strip()
    if not CROSSED.fullmatch(body):
        return None
    body = body.strip("()").strip()
    parts = _CROSS.split(body) if _CROSS.search(body) else body.split("x")
    axes = [axis_of(part) for part in parts]
    if len(axes) < 2 or any(axis is None for axis in axes):
        return None
    return tuple(axis for axis in axes if axis is not None)


def _cross_of(text: str) -> str:
    found = _CROSS.search(text)
    return found[0] if found else "x"


def _merged(text: str) -> DeclaredAxis:
    product = "*".join(text.strip("()").split())
    return DeclaredAxis(text, _expression(product))


def _closing(text: str, start: int) -> int | None:
    stack: list[str] = []
    for index in range(start, len(text)):
        character = text[index]
        if character in _OPENING:
            stack.append(_OPENING[character])
        elif character in ")]":
            if not stack or stack.pop() != character:
                return None
            if not stack:
                return index
    return None


def _split(text: str) -> list[str]:
    parts: list[str] = []
    depth = start = 0
    for index, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and not depth:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
