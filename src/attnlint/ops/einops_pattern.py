"""Patterns of einops, as einops 0.8 parses them: names, ``1``, ``(h d)``, ``...``, numbers; and its reasons for
refusing one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from attnlint.ops.complaint import Complaint

ELLIPSIS = "…"
REDUCTIONS = ("min", "max", "sum", "mean", "prod", "any", "all")


@dataclass(eq=False, slots=True)
class Number:
    """An axis without a name, given by its size: no two are the same axis."""

    value: int


Name = str | Number
Group = list[Name]
"""The names that one axis of the tensor is made of; none for an axis of size 1."""

BARE: Group = [ELLIPSIS]
"""The ellipsis outside parentheses; ``(...)`` is another list."""


@dataclass(slots=True)
class Side:
    """One side of a pattern. Calls share it: it is not to be changed once it has been read."""

    groups: list[Group] = field(default_factory=list)
    has_ellipsis: bool = False
    ellipsis_in_group: bool = False

    def names(self) -> list[Name]:
        """All names from left to right."""
        return [name for group in self.groups for name in group]

    def has_numbers(self) -> bool:
        """Whether an axis of another size than 1 is given by a number."""
        return any(isinstance(name, Number) for name in self.names())


def refused(reason: str, *arguments: str, advice: str = "") -> Complaint:
    """The complaint about a pattern."""
    return Complaint("ATN109", reason, arguments=arguments or ("pattern",), advice=advice)


def shown(names: Iterable[Name]) -> str:
    """A set of names as einops shows it."""
    texts = sorted(
        f"{name.value}-axis" if isinstance(name, Number) else repr(name.replace(ELLIPSIS, "...")) for name in names
    )
    return f"{{{', '.join(texts)}}}"


def parse_pattern(pattern: str) -> tuple[Side, Side]:
    """Both sides of ``"b n (h d) -> b h n d"``."""
    halves = pattern.split("->")
    if len(halves) != 2:
        raise refused(f"the pattern {pattern!r} has {'no' if len(halves) < 2 else 'more than one'} `->`")
    return parse_side(halves[0]), parse_side(halves[1])


def parse_side(text: str, *, allow_underscore: bool = False, allow_duplicates: bool = False) -> Side:
    """One side of a pattern."""
    side = Side()
    if "." in text:
        if text.count("...") != 1 or text.count(".") != 3:
            raise refused("Expression may contain dots only inside ellipsis (...), and only one ellipsis for a tensor")
        text = text.replace("...", ELLIPSIS)
        side.has_ellipsis = True
    seen: set[str] = set()
    group: Group | None = None
    word = ""

    def end_word() -> None:
        nonlocal word
        if not word:
            return
        name, word = word, ""
        if name in seen and not (allow_underscore and name == "_") and not allow_duplicates:
            raise refused(f'Indexing expression contains duplicate dimension "{name}"')
        if name == ELLIPSIS:
            side.ellipsis_in_group = group is not None
        elif name.isdecimal() and int(name) == 1:
            if group is None:
                side.groups.append([])
            return
        found = _name(name, allow_underscore)
        if isinstance(found, str):
            seen.add(found)
        if group is None:
            side.groups.append(BARE if found == ELLIPSIS else [found])
        else:
            group.append(found)

    for letter in text:
        if letter in "() ":
            end_word()
            if letter == "(":
                if group is not None:
                    raise refused("Axis composition is one-level (brackets inside brackets not allowed)")
                group = []
            elif letter == ")":
                if group is None:
                    raise refused("Brackets are not balanced")
                side.groups.append(group)
                group = None
        elif letter.isalnum() or letter in ("_", ELLIPSIS):
            word += letter
        else:
            raise refused(f"Unknown character {letter!r}")
    if group is not None:
        raise refused(f'Imbalanced parentheses in expression: "{text}"')
    end_word()
    return side


def _name(name: str, allow_underscore: bool) -> Name:
    if name == ELLIPSIS:
        return name
    if name.isdecimal():
        if int(name) == 0:
            raise refused("Anonymous axis should have positive length, not 0")
        return Number(int(name))
    if not is_axis_name(name) and not (name == "_" and allow_underscore):
        raise refused(f"Invalid axis identifier: {name}")
    return name


def is_axis_name(name: str) -> bool:
    """Whether einops takes a name: an identifier without an underscore at either end."""
    return name.isidentifier() and name[0] != "_" and name[-1] != "_"


@lru_cache(maxsize=1000)
def checked_pattern(pattern: str, operation: str, given: tuple[str, ...]) -> tuple[Side, Side]:
    """Both sides of a pattern that einops takes for this operation, before it has seen a tensor."""
    left, right = parse_pattern(pattern)
    _check_sides(left, right, operation, given, pattern)
    return left, right


def _check_sides(left: Side, right: Side, operation: str, given: Iterable[str], pattern: str) -> None:
    """What einops demands of the two sides before it has seen a tensor."""
    if not left.has_ellipsis and right.has_ellipsis:
        raise refused(f"Ellipsis found in right side, but not left side of a pattern {pattern}")
    if left.has_ellipsis and left.ellipsis_in_group:
        raise refused(f"Ellipsis inside parenthesis in the left side is not allowed: {pattern}")
    ours, theirs = set(left.names()), set(right.names())
    if operation == "rearrange":
        if left.has_numbers() or right.has_numbers():
            raise refused("Non-unitary anonymous axes are not supported in rearrange (exception is length 1)")
        if ours != theirs:
            raise refused(f"Identifiers only on one side of expression (should be on both): {shown(ours ^ theirs)}")
    elif operation == "repeat":
        if ours - theirs:
            raise refused(f"Unexpected identifiers on the left side of repeat: {shown(ours - theirs)}")
        without = {name for name in theirs if not isinstance(name, Number)} - ours - set(given)
        if without:
            raise refused(f"Specify sizes for new axes in repeat: {shown(without)}")
    elif theirs - ours:
        raise refused(f"Unexpected identifiers on the right side of reduce {operation}: {shown(theirs - ours)}")


@lru_cache(maxsize=1000)
def check_given(pattern: str, given: tuple[str, ...]) -> None:
    """What einops demands of the sizes that come as keywords."""
    left, right = parse_pattern(pattern)
    known = {*left.names(), *right.names()} - {ELLIPSIS}
    for name in given:
        if not is_axis_name(name):
            raise refused(f"Invalid name for an axis {name}")
        if name not in known:
            raise refused(f"Axis {name} is not used in transform", name, "pattern")
