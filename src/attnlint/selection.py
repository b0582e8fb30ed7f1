"""Which findings are reported: by the settings, by the file, by the comments in it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from attnlint.findings import Finding
from attnlint.ignore_patterns import IgnorePatterns
from attnlint.rules import codes, find_rule, rule
from attnlint.settings import Settings
from attnlint.suppression import Suppressions

UNUSED_SUPPRESSION = "ATN002"

FAMILY = "ATN"


@functools.cache
def code_of(selector: str) -> str:
    """What a selector stands for: the beginning of codes; empty for ``ALL``."""
    text = selector.strip()
    if text.upper() == "ALL":
        return ""
    if text.upper().startswith(FAMILY) and "-" not in text:
        return text.upper()
    named = find_rule(text)
    return named.code if named is not None else text


def is_selected(code: str, settings: Settings) -> bool:
    """Whether a code is reported anywhere. The longest selector that matches decides; ``ignore`` wins a draw."""
    wanted = _longest(code, (*settings.select, *settings.extend_select))
    unwanted = _longest(code, (*settings.ignore, *settings.extend_ignore))
    if wanted <= unwanted:
        return False
    described = rule(code)
    if described.opt_in or (described.preview and not settings.preview):
        return wanted == 0 or wanted > len(FAMILY)
    return True


def is_reported(code: str, path: str, settings: Settings) -> bool:
    """Whether a code is reported in a file: selected, and not ignored there."""
    if not is_selected(code, settings):
        return False
    return not any(
        _longest(code, selectors) >= 0 and _matches(path, pattern, settings.root)
        for pattern, selectors in settings.per_file_ignores.items()
    )


def reported(findings: Iterable[Finding], text: str, path: str, settings: Settings) -> tuple[tuple[Finding, ...], int]:
    """The findings of a file that are reported, in order, and how many its comments suppress."""
    selected = [finding for finding in findings if is_reported(finding.code, path, settings)]
    suppressed = 0
    if not settings.ignore_noqa:
        suppressions = Suppressions(text)
        kept = [finding for finding in selected if not suppressions.suppresses(finding)]
        suppressed = len(selected) - len(kept)
        if is_reported(UNUSED_SUPPRESSION, path, settings):
            unused = list(_unused(suppressions, path, settings))
            kept.extend(finding for finding in unused if not suppressions.suppresses(finding))
        selected = kept
    return tuple(sorted(selected, key=lambda finding: finding.sort_key)), suppressed


def _unused(suppressions: Suppressions, path: str, settings: Settings) -> Iterable[Finding]:
    """ATN002 for each comment that suppresses nothing. A code that is not selected may have something to suppress."""
    for place, idle in suppressions.unused():
        live = [
            one for one in idle if any(code.startswith(one) and is_reported(code, path, settings) for code in codes())
        ]
        if live:
            yield Finding(
                code=UNUSED_SUPPRESSION,
                path=path,
                range=place,
                message=f"unused suppression: no {' or '.join(live)} here",
                advice="delete the comment, or the code in it",
                severity=rule(UNUSED_SUPPRESSION).severity,
            )


def _longest(code: str, selectors: tuple[str, ...]) -> int:
    return max((len(prefix) for prefix in map(code_of, selectors) if code.startswith(prefix)), default=-1)


def _matches(path: str, pattern: str, root: Path) -> bool:
    negated = pattern.startswith("!")
    return IgnorePatterns.cached(str(root), (pattern.removeprefix("!"),)).ignores_or_parent(path) is not negated
