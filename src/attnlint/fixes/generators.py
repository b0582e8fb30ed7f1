"""The table of generators of repairs, by rule code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from attnlint.fixes.site import Candidate, Site

Generator = Callable[[Site], Iterator[Candidate]]

MOST = 60
"""How many candidates of one finding are tried."""

_TABLE: dict[str, list[Generator]] = {}


def repairs(*codes: str) -> Callable[[Generator], Generator]:
    """Declare a generator of candidates for findings of these codes; those declared first are tried, and
    offered, first."""

    def declare(generator: Generator) -> Generator:
        for code in codes:
            _TABLE.setdefault(code, []).append(generator)
        return generator

    return declare


def candidates(site: Site) -> Iterator[Candidate]:
    """The candidates for a finding, the likeliest first, without those that say the same twice."""
    _load()
    return islice(sorted(_distinct(site), key=lambda candidate: candidate.tier), MOST)


def _distinct(site: Site) -> Iterator[Candidate]:
    seen = set()
    for generator in _TABLE.get(site.finding.code, ()):
        for candidate in generator(site):
            key = frozenset((edit.range, edit.replacement) for edit in candidate.edits)
            if key and key not in seen:
                seen.add(key)
                yield candidate


def codes() -> frozenset[str]:
    """The codes that have generators."""
    _load()
    return frozenset(_TABLE)


def _load() -> None:
    # In this order: it is the order in which generators of one code are tried.
    from attnlint.fixes import products, axes, attention, layers, shapes, patterns, upstream, declared  # noqa: F401, I001
    from attnlint.fixes import heads, unpacking, indices, losses, silent  # noqa: F401
