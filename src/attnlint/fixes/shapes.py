"""Repairs of ``view`` and ``reshape``: memory that is not contiguous, sizes that do not multiply to the number
of elements."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, is_integer, last_name
from attnlint.values import Tensor


@repairs("ATN114")
def reshape_for_view(site: Site) -> Iterator[Candidate]:
    """``reshape`` is ``view`` that copies where it must."""
    call = site.call
    if call is None or not isinstance(call.func, ast.Attribute) or call.func.attr != "view":
        return
    title = "use reshape, which copies where the memory is not contiguous"
    yield Candidate(title, (site.rename(call.func, "reshape"),), safe=True, intent="copy")
    title = "copy before the view: .contiguous()"
    yield Candidate(title, site.append(call.func.value, ".contiguous()"), safe=True, intent="copy")


@repairs("ATN105")
def open_size(site: Site) -> Iterator[Candidate]:
    """The last size of a view is what is left over; so is that of another axis."""
    call = site.call
    if call is None or not isinstance(call.func, ast.Attribute) or call.func.attr not in ("view", "reshape"):
        return
    if any(isinstance(argument, ast.Starred) or _is_open(argument) for argument in call.args):
        return
    for argument in reversed(call.args):
        title = f"let torch work out the size {site.short(argument)}: -1"
        yield Candidate(title, (site.replace(argument, "-1"),))


def _is_open(node: ast.expr) -> bool:
    return is_integer(node) and ast.literal_eval(node) == -1


@repairs("ATN118")
def sizes_of_parts(site: Site) -> Iterator[Candidate]:
    """The sizes of a split add up to the axis when one of them is another."""
    call = site.call
    sizes = next(
        (one for one in (call.args if call is not None else ()) if isinstance(one, ast.List | ast.Tuple)), None
    )
    first = site.evidence.arguments[0] if site.evidence.arguments else None
    if sizes is None or not isinstance(first, Tensor) or not all(is_integer(one) for one in sizes.elts):
        return
    values = [int(ast.literal_eval(one)) for one in sizes.elts]
    for total in first.shape.dims:
        for node, value in reversed(list(zip(sizes.elts, values, strict=True))):
            wanted = total - (sum(values) - value) if isinstance(total, int) else 0
            if wanted > 0:
                # Parts that are alike but for one are the likeliest to have been meant.
                tier = 0 if wanted in values else 1
                yield Candidate(f"make the part {wanted} long", (site.replace(node, str(wanted)),), tier=tier)


@repairs("ATN115")
def converted_dtype(site: Site) -> Iterator[Candidate]:
    """An operand is converted to the dtype of the other, or to the one that the operation takes."""
    operands = [(node, value) for node, value in site.operands() if value is not None]
    for node, value in operands:
        others = [one for one, other in operands if other is not None and other.dtype != value.dtype]
        if value.dtype is not None and value.dtype.startswith(("int", "uint", "bool")):
            yield Candidate(f"convert {site.short(node)}: .float()", site.append(node, ".float()"), intent="dtype")
        if value.dtype is not None and value.dtype.startswith(("float", "bfloat")):
            yield Candidate(f"convert {site.short(node)}: .long()", site.append(node, ".long()"))
        for other in others:
            if isinstance(other, ast.Name | ast.Attribute):
                suffix = f".to({site.source(other)}.dtype)"
                yield Candidate(f"convert {site.short(node)}: {suffix}", site.append(node, suffix))


@repairs("ATN105", "ATN101", "ATN104", "ATN106")
def swapped_names(site: Site) -> Iterator[Candidate]:
    """``T, B, C = x.shape`` where ``B, T, C`` was meant."""
    for node in ast.walk(site.function):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            continue
        value = node.value
        of_shape = (isinstance(value, ast.Attribute) and value.attr == "shape") or (
            isinstance(value, ast.Call) and last_name(value.func) == "size" and not value.args
        )
        names = node.targets[0].elts
        if not of_shape or not all(isinstance(name, ast.Name) for name in names):
            continue
        for first in range(len(names)):
            for second in range(first + 1, len(names)):
                one, other = site.source(names[first]), site.source(names[second])
                if one != other:
                    edits = (site.replace(names[first], other), site.replace(names[second], one))
                    title = f"swap {one} and {other} in the unpacking of {site.short(value)}"
                    yield Candidate(title, edits, tier=1)
