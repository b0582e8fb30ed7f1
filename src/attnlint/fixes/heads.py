"""Repairs of a number of heads that does not divide the width: the nearest numbers that do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, is_integer

_WIDTHS = ("embed_dim", "d_model")
_HEADS = ("num_heads", "nhead")

NEAREST = 2
"""How many numbers of heads are offered: which is meant the author knows alone."""


@repairs("ATN112")
def dividing_heads(site: Site) -> Iterator[Candidate]:
    """Another number of heads, or another width, where the number is written in the file."""
    width, heads = _argument(site, _WIDTHS, 0), _argument(site, _HEADS, 1)
    if width is None or heads is None or width[1] < 1 or heads[1] < 1:
        return
    number = _written(site, heads[0])
    if number is not None:
        divisors = [one for one in range(1, width[1] + 1) if width[1] % one == 0]
        for one in sorted(divisors, key=lambda one: (abs(one - heads[1]), one))[:NEAREST]:
            title = f"{one} heads, each {width[1] // one} wide"
            yield Candidate(title, (site.replace(number, str(one)),), evident=True)
    number = _written(site, width[0])
    if number is not None:
        below = width[1] // heads[1] * heads[1]
        for one in sorted({below, below + heads[1]} - {0}, key=lambda one: abs(one - width[1])):
            title = f"a width of {one}, {one // heads[1]} for each of {heads[1]} heads"
            yield Candidate(title, (site.replace(number, str(one)),), evident=True)


def _argument(site: Site, names: tuple[str, ...], position: int) -> tuple[ast.expr, int] | None:
    """An argument of the constructor as syntax, and its value where that is a number."""
    call = site.call
    if call is None:
        return None
    evidence = site.evidence
    given = {one.arg: one.value for one in call.keywords}
    for name in names:
        value = (evidence.keywords or {}).get(name)
        if name in given and type(value) is int:
            return given[name], value
    starred = any(isinstance(one, ast.Starred) for one in call.args[: position + 1])
    if len(call.args) > position and len(evidence.arguments) > position and not starred:
        value = evidence.arguments[position]
        if type(value) is int:
            return call.args[position], value
    return None


def _written(site: Site, node: ast.expr) -> ast.expr | None:
    """Where the number is written: here, as the default of a parameter, or where a name is assigned once."""
    if is_integer(node):
        return node
    if not isinstance(node, ast.Name):
        return None
    function = site.function
    if isinstance(function, ast.FunctionDef):
        positional = [*function.args.posonlyargs, *function.args.args]
        defaults = dict(zip(reversed([one.arg for one in positional]), reversed(function.args.defaults), strict=False))
        for one, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
            if default is not None:
                defaults[one.arg] = default
        if node.id in {one.arg for one in (*positional, *function.args.kwonlyargs)}:
            value = defaults.get(node.id)
            return value if is_integer(value) else None
    values = list(site.assignments(node.id, site.tree))
    return values[0] if len(values) == 1 and is_integer(values[0]) else None
