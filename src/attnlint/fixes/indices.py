"""Repairs of indices: one too many, one out of range, a mask that is larger than what it selects from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, dims, is_integer
from attnlint.values import Tensor


@repairs("ATN116")
def fewer_indices(site: Site) -> Iterator[Candidate]:
    """More indices than dimensions: a ``:`` is left out, or else another one."""
    found = _subscript(site)
    if found is None:
        return
    node, tensor, parts, values = found
    shape = dims(tensor)
    wanted = sum(1 for value in values if value is not None and value is not Ellipsis)
    if shape is None or wanted != len(shape) + 1 or any(isinstance(value, Tensor) for value in values):
        return
    texts = [site.source(one) for one in parts]
    whole = [index for index, text in enumerate(texts) if text.strip() == ":"]
    candidates = whole[:1] or [
        index for index, value in enumerate(values) if value is not None and value is not Ellipsis
    ]
    for index in candidates:
        written = ", ".join(text for place, text in enumerate(texts) if place != index)
        title = f"as many indices as dimensions: [{written}]"
        yield Candidate(title, (site.replace(node.slice, written),))


@repairs("ATN116")
def index_in_range(site: Site) -> Iterator[Candidate]:
    """A number beyond the end: the last, or for one before the beginning the first."""
    found = _subscript(site)
    if found is None:
        return
    for part in found[2]:
        if is_integer(part):
            value = ast.literal_eval(part)
            written = "-1" if value > 0 else "0"
            if value not in (0, -1):
                place = "last" if value > 0 else "first"
                yield Candidate(f"take the {place}, {written}, instead of {value}", (site.replace(part, written),))


@repairs("ATN116")
def cut_mask(site: Site) -> Iterator[Candidate]:
    """A mask is cut to the sizes of what it selects from: ``mask[:x.shape[-2], :x.shape[-1]]``."""
    found = _subscript(site)
    if found is None:
        return
    node, tensor, parts, values = found
    shape = dims(tensor)
    if shape is None or not isinstance(node.value, ast.Name | ast.Attribute) or Ellipsis in map(_kind, values):
        return
    axis = 0
    for part, value in zip(parts, values, strict=True):
        mask = dims(value) if isinstance(value, Tensor) else None
        if mask is not None and isinstance(value, Tensor) and value.dtype == "bool":
            here = shape[axis : axis + len(mask)]
            if len(here) == len(mask) and isinstance(part, ast.Name | ast.Attribute):
                receiver = site.source(node.value)
                cuts = [
                    ":" if have == size else f":{receiver}.shape[{axis + place - len(shape)}]"
                    for place, (have, size) in enumerate(zip(mask, here, strict=True))
                ]
                written = f"{site.source(part)}[{', '.join(cuts)}]"
                yield Candidate(f"cut the mask to the size of {site.short(node.value)}", (site.replace(part, written),))
            axis += len(mask)
        elif value is not None:
            axis += 1


def _subscript(site: Site) -> tuple[ast.Subscript, Tensor, list[ast.expr], list[object]] | None:
    """The subscript, the tensor, and the indices as syntax and as values."""
    node, arguments = site.node, site.evidence.arguments
    if not isinstance(node, ast.Subscript) or len(arguments) < 2 or not isinstance(arguments[0], Tensor):
        return None
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    index = arguments[1]
    values = list(index) if isinstance(index, tuple) else [index]
    if len(parts) != len(values) or not parts:
        return None
    return node, arguments[0], parts, values


def _kind(value: object) -> object:
    # A tensor of symbolic sizes is not to be compared.
    return Ellipsis if value is Ellipsis else None
