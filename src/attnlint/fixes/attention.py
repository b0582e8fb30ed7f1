"""Repairs of attention: grouped heads, masks that lack axes, heads that were split without a transposition."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from attnlint.algebra import Answer, Dim, Facts
from attnlint.fixes.generators import repairs
from attnlint.fixes.products import transposition
from attnlint.fixes.site import Candidate, Site, dims


@repairs("ATN110", "ATN102", "ATN106")
def grouped_heads(site: Site) -> Iterator[Candidate]:
    """Fewer heads of keys and values than of queries: torch repeats them when asked."""
    operands = site.operands()
    if len(operands) < 2:
        return
    query, key = dims(operands[0][1]), dims(operands[1][1])
    if query is None or key is None or len(query) != 4 or len(key) != 4:
        return
    if site.operation.endswith("scaled_dot_product_attention") and site.call is not None:
        title = "let groups of query heads share a key head: enable_gqa=True"
        yield Candidate(title, (site.add_keyword(site.call, "enable_gqa=True"),), intent="grouped heads")
    factor = _factor(query[1], key[1])
    if factor is None:
        return
    repeated = f".repeat_interleave({factor}, dim=1)"
    if site.operation.endswith("scaled_dot_product_attention") and len(operands) >= 3:
        edits = (*site.append(operands[1][0], repeated), *site.append(operands[2][0], repeated))
        yield Candidate(f"repeat each head of keys and values {factor} times", edits, intent="grouped heads")
    elif site.finding.code == "ATN102":
        inner = transposition(operands[1][0])
        target = inner[0] if inner is not None else operands[1][0]
        title = f"repeat each head of {site.short(target)} {factor} times"
        yield Candidate(title, site.append(target, repeated), intent="grouped heads")


def _factor(many: Dim, few: Dim) -> int | None:
    if isinstance(many, int) and isinstance(few, int) and few > 0 and many % few == 0 and many > few:
        return many // few
    return None


@repairs("ATN106", "ATN110")
def missing_axes(site: Site) -> Iterator[Candidate]:
    """An operand with fewer axes gets those that it lacks where the others then fit: ``mask[:, None, None, :]``."""
    operands = [(node, shape) for node, value in site.operands() if (shape := dims(value)) is not None]
    if len(operands) < 2:
        return
    widest = max((shape for _, shape in operands), key=len)
    if site.operation.endswith("scaled_dot_product_attention"):
        # The mask meets the scores: as many queries as keys.
        widest = (*operands[0][1][:-1], operands[1][1][-2]) if len(operands[1][1]) >= 2 else widest
    for node, shape in operands:
        lacking = len(widest) - len(shape)
        if lacking <= 0 or shape is widest:
            continue
        for places in _places(shape, widest, lacking):
            if len(places) == 1:
                suffix = f".unsqueeze({places[0]})"
            else:
                suffix = f"[{', '.join('None' if axis in places else ':' for axis in range(len(widest)))}]"
            yield Candidate(f"give {site.short(node)} the axes that it lacks: {suffix}", site.append(node, suffix))
    for node, shape in operands:
        if len(shape) >= 2 and transposition(node) is None:
            title = f"transpose the last two axes of {site.short(node)}"
            yield Candidate(title, site.append(node, ".transpose(-2, -1)"))
        elif (inner := transposition(node)) is not None:
            receiver = site.source(inner[0])
            yield Candidate(f"leave {site.short(inner[0])} as it is, not transposed", (site.replace(node, receiver),))


def _places(shape: tuple[Dim, ...], wide: tuple[Dim, ...], lacking: int) -> Iterator[tuple[int, ...]]:
    """Where new axes can go so that the others fit."""
    facts = Facts()
    for places in combinations(range(len(wide)), lacking):
        kept = [size for axis, size in enumerate(wide) if axis not in places]
        if all(
            facts.equal(one, other) is Answer.YES or one == 1 or other == 1
            for one, other in zip(shape, kept, strict=True)
        ):
            yield places


@repairs("ATN101", "ATN102", "ATN106", "ATN110")
def heads_to_the_front(site: Site) -> Iterator[Candidate]:
    """``view(B, T, heads, head_dim)`` is no batch of heads until axes 1 and 2 change places; the same for all of
    them."""
    views: list[tuple[str, ast.expr]] = []
    for node in ast.walk(site.function):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        value = node.value
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in ("view", "reshape", "unflatten")
            and (len(value.args) == 4 or value.func.attr == "unflatten")
        ):
            views.append((node.targets[0].id, value))
    if not views:
        return
    for chosen in (views, *([one] for one in views)) if len(views) > 1 else (views,):
        names = ", ".join(name for name, _ in chosen)
        edits = tuple(edit for _, value in chosen for edit in site.append(value, ".transpose(1, 2)"))
        yield Candidate(f"bring the heads of {names} before the tokens: .transpose(1, 2)", edits)


@repairs("ATN101", "ATN102", "ATN105", "ATN104", "ATN106")
def heads_after_the_tokens(site: Site) -> Iterator[Candidate]:
    """``view(B, heads, T, head_dim)`` cuts across axes; ``view(B, T, heads, head_dim).transpose(1, 2)`` splits
    the last one."""
    for node in ast.walk(site.function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("view", "reshape")
            and len(node.args) == 4
            and not any(isinstance(argument, ast.Starred) for argument in node.args)
        ):
            heads, tokens = node.args[1], node.args[2]
            edits = (site.replace(heads, site.source(tokens)), site.replace(tokens, site.source(heads)))
            title = f"split the last axis, then move the heads: {node.func.attr}(B, T, heads, head_dim).transpose(1, 2)"
            yield Candidate(title, (*edits, *site.append(node, ".transpose(1, 2)")))
