"""ATN201: the complaint about two sizes that met in a call and fit by luck."""

from __future__ import annotations

from attnlint.algebra import Dim
from attnlint.ops.complaint import Clash, Complaint


def of_sizes(
    summary: str, advice: str, clash: tuple[Clash, ...], sizes: tuple[Dim, Dim], names: tuple[str, str]
) -> Complaint:
    """A complaint about the axes of ``clash``; where the rule did not say which axes met, about the last ones of the
    arguments ``names``, of these ``sizes``."""
    return Complaint(
        "ATN201",
        summary,
        advice=advice,
        arguments=tuple(side.argument for side in clash),
        clash=clash or (Clash(names[0], -1, sizes[0]), Clash(names[1], -1, sizes[1])),
    )
