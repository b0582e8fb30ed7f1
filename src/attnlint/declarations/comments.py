"""What a comment says of shapes: ``# (B, T, C)``, ``# x: [b, n, d]``, ``# (N, C, H, W) -> (N, H*W, C)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from attnlint.declarations.spec import Spec, bare, bracketed

MAYBE = re.compile(
    r"#[^\n]*?(?:[(\[][^()\[\]\n]*[,xX\u00d7*][^\n]*?[)\]]|\[\s*\w+\s*\]|\s[xX\u00d7]\s|x[A-Z]"
    r"|\([a-z]\w? [a-z]|#?\s*(?:\w{1,2}[ ,]\s*){1,7}\w{1,2}\s*$)",
    re.MULTILINE,
)
"""Lines that may declare a shape: the cheap look at a whole file."""

_VALUE_WORDS = frozenset(
    """shape shapes size sizes dim dims torch.size tensor torch.tensor output outputs out result results returns return
    now each both all""".split()
)
_SHAPE_WORDS = frozenset("shape shapes size sizes dims torch.size".split())
_ARROW = re.compile(r"\s*(?:-+>|=+>|→|⟶)\s*")
_ABOUT = re.compile(
    r"(?:(?P<name>[A-Za-z_][\w.]*?)(?:\.shape|\.size\(\))?(?P<link>\s*(?:[:=]|-+>|=+>|→)\s*|\s+|(?=[(\[])))?"
    r"(?P<words>(?:(?:of|with|in|the|has|new|is|a|tensor)\s+)*(?:shapes?|sizes?|dims?|torch\.Size|[Tt]ensor)(?:\s+(?:of|is))?\s*[:=]?\s*)?"
    r"(?=[(\[])"
)
_LABEL = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\s*[:=]\s*")
_NEXT = re.compile(r"\s*(?:[,;/|]|and)\s*(?=[A-Za-z_][\w.]*\s*[:=(\[]|[(\[])")
_CODE = re.compile(
    r"\s*(?:\w+\s*(?:=|\+=)(?!=)|return\b|assert\b|if\b|for\b|import\b|from\b|print\b|def\b|self\.|\w+(?:\.\w+)+\()"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A shape that a comment declares."""

    about: str
    """Whose shape: a name as written; empty for the value that the statement makes."""
    spec: Spec
    """Its place counts from the beginning of the comment's text."""
    plain: bool
    """Nothing but shapes in the comment."""
    keyword: bool = False
    """The comment says ``shape`` (or ``size``)."""
    changed: bool = False
    """The last one of ``(...) -> (...)``."""


def read_comment(text: str) -> tuple[Said, ...]:
    """The shapes that a comment (from its ``#`` on) declares, empty where it says something else."""
    text = re.split(r"\s#", text)[0]
    at = len(text) - len(text.lstrip("#")) if text.startswith("#") else 0
    while at < len(text) and text[at] in " :!\t":
        at += 1
    if arrow := _ARROW.match(text, at):
        at = arrow.end()
    if _CODE.match(text, at) and not _ABOUT.match(text, at):
        return ()
    found = _listed(text, at)
    return found or _bare(text, at)


def _listed(text: str, at: int) -> tuple[Said, ...]:
    said: list[Said] = []
    while True:
        match = _ABOUT.match(text, at)
        if match is None:
            return ()
        name, words = match["name"] or "", (match["words"] or "").lower()
        lower = name.lower()
        keyword = "shape" in words or "size" in words or lower in _SHAPE_WORDS
        if name and not (match["link"] or "").strip() and not words and lower not in _VALUE_WORDS:
            # `word (a, b)`: a call, or prose.
            return ()
        if lower in _VALUE_WORDS:
            name = ""
        spec = bracketed(text, match.end())
        if spec is None:
            return ()
        at, changed = spec.end, False
        while arrow := _ARROW.match(text, at):
            following = _ABOUT.match(text, arrow.end())
            if following is None or (following["name"] and following["name"].lower() not in _VALUE_WORDS):
                return ()
            after = bracketed(text, following.end())
            if after is None:
                return ()
            spec, at, changed = after, after.end, True
        said.append(Said(name, spec, True, keyword, changed))
        separator = _NEXT.match(text, at)
        if separator is None:
            break
        at = separator.end()
    rest = text[at:].strip().strip(".,;: ")
    if rest:
        if rest[0] in "=-+*/([{%<>@&|^'\"" or re.match(
            r"(?:or|if|in|is|and|for|when|to|else|x|by|times)\b|[\u00d7\u22c5\u2217]", rest
        ):
            # An equation, an alternative, a condition.
            return ()
        return tuple(Said(one.about, one.spec, False, one.keyword, one.changed) for one in said)
    return tuple(said)


def _bare(text: str, at: int) -> tuple[Said, ...]:
    rest = text[at:].rstrip().rstrip(".")
    label = _LABEL.match(text, at)
    if label is not None:
        spec = bare(rest[label.end() - at :], label.end())
        name = label["name"]
        if spec is None:
            return ()
        keyword = name.lower() in _SHAPE_WORDS
        return (Said("" if name.lower() in _VALUE_WORDS else name, spec, True, keyword),)
    pieces = _ARROW.split(rest)
    if len(pieces) > 1:
        specs = [bare(piece) for piece in pieces]
        if any(spec is None for spec in specs):
            return ()
        spec = bare(pieces[-1], at + rest.rindex(pieces[-1]))
        return () if spec is None else (Said("", spec, True, changed=True),)
    spec = bare(rest, at)
    return () if spec is None else (Said("", spec, True),)
