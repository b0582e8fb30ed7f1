"""Repairs of shapes and tensors that are unpacked into another number of names than they have parts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, dims, is_integer, last_name
from attnlint.values import Tensor


@repairs("ATN113")
def parts_of_a_cut(site: Site) -> Iterator[Candidate]:
    """``q, k, v = x.chunk(2, dim=-1)``: as many parts as there are names."""
    statement = site.statement()
    if site.operation != "unpack" or not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return
    call, names = statement.value, _names(site)
    if names is None or last_name(call.func) not in ("chunk", "tensor_split"):
        return
    number = next((one for one in call.args if is_integer(one)), None)
    if number is not None and len(names) != ast.literal_eval(number):
        title = f"cut into {len(names)} parts instead of {site.source(number)}"
        yield Candidate(title, (site.replace(number, str(len(names))),))


@repairs("ATN113")
def as_many_names(site: Site) -> Iterator[Candidate]:
    """Names that nothing uses are left out; what has no name goes into ``_`` or ``*_``."""
    names = _names(site)
    target = site.node
    if site.operation != "unpack" or names is None or not isinstance(target, ast.Tuple):
        return
    texts = [site.source(one) for one in names]
    for have in _counts(site):
        if have < len(names):
            unused = [index for index, one in enumerate(names) if not _is_used(site, one)]
            for left_out in combinations(unused, len(names) - have):
                kept = [text for index, text in enumerate(texts) if index not in left_out]
                written = ", ".join(kept) + ("," if len(kept) == 1 else "")
                title = f"unpack {have} sizes or tensors: {written}"
                yield Candidate(title, (site.replace(target, _bracketed(site, target, written)),), evident=True)
        elif have > len(names):
            more = "_" if have == len(names) + 1 else "*_"
            for place in range(len(texts) + 1):
                written = ", ".join([*texts[:place], more, *texts[place:]])
                title = f"unpack as many as there are: {written}"
                yield Candidate(title, (site.replace(target, _bracketed(site, target, written)),), evident=True)


@repairs("ATN113")
def another_size(site: Site) -> Iterator[Candidate]:
    """``x.shape[3]`` of a tensor of three dimensions: the last, or another one."""
    shape = dims(_first(site))
    if not site.operation.endswith(".size") or not shape:
        return
    node = site.node
    axis: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        axis = node.slice
    elif isinstance(node, ast.Call) and node.args:
        axis = node.args[-1]
    if axis is None or not is_integer(axis):
        return
    negative = ast.literal_eval(axis) < 0
    for wanted in reversed(range(len(shape))):
        written = wanted - len(shape) if negative or wanted == len(shape) - 1 else wanted
        title = f"the size of axis {written} instead of {site.source(axis)}"
        yield Candidate(title, (site.replace(axis, str(written)),), evident=True)


def _first(site: Site) -> Tensor | None:
    value = site.evidence.arguments[0] if site.evidence.arguments else None
    return value if isinstance(value, Tensor) else None


def _names(site: Site) -> list[ast.expr] | None:
    node = site.node
    if not isinstance(node, ast.Tuple) or any(isinstance(one, ast.Starred) for one in node.elts):
        return None
    return node.elts


def _counts(site: Site) -> Iterator[int]:
    """How many parts there are: the sizes of a shape, the tensors of a tuple, the first size of a tensor."""
    value = site.evidence.arguments[0] if site.evidence.arguments else None
    if isinstance(value, tuple):
        yield len(value)
    shape = dims(_first(site))
    if shape:
        yield len(shape)
        if isinstance(shape[0], int) and shape[0] != len(shape) and shape[0] <= 8:
            yield shape[0]


def _is_used(site: Site, name: ast.expr) -> bool:
    """Whether anything but the unpacking itself mentions a name."""
    if not isinstance(name, ast.Name):
        return True
    return any(
        isinstance(node, ast.Name) and node.id == name.id and node is not name for node in ast.walk(site.function)
    )


def _bracketed(site: Site, target: ast.Tuple, written: str) -> str:
    # The range of a tuple in parentheses holds these.
    return f"({written})" if site.source(target).startswith("(") else written
