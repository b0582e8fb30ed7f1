"""Repairs of declared shapes: the text of the shape, in its own style and with the author's names."""

from __future__ import annotations

from collections.abc import Iterator

from attnlint.findings import Edit
from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site


@repairs("ATN401", "ATN402", "ATN403")
def inferred_shape(site: Site) -> Iterator[Candidate]:
    """What was inferred, where every axis has a name. Nothing of the code changes."""
    replacement = (site.finding.extra or {}).get("replacement")
    if replacement:
        yield Candidate(f"declare {replacement}", (Edit(site.finding.range, replacement),), safe=True)
