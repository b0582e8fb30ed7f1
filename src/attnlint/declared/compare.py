"""A declared shape against an inferred one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from attnlint.algebra import Answer, Dim, Facts, Shape
from attnlint.declarations.spec import DeclaredAxis, Spec

Lookup = Callable[[str], Dim | None]
"""The size that a name stands for where the shape is declared, as dotted text; ``None`` where it stands for none."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a declared shape cannot be the inferred one."""

    kind: Literal["rank", "size", "name", "order", "spoken"]
    """``name``: that of a variable; ``spoken``: only earlier declared shapes say what a name stands for."""
    text: str
    axis: int | None = None
    """The axis of the inferred shape."""
    wanted: Dim | None = None
    """The declared size of that axis."""


Comparison = Contradiction | Literal["agrees", "open"]


def compare(spec: Spec, shape: Shape, facts: Facts, lookup: Lookup) -> Comparison:
    """Whether an inferred shape is the declared one, cannot be, or it cannot be said."""
    shape = facts.resolve(shape)
    known = len(shape.dims)
    if shape.rest is None:
        if spec.rank is not None and spec.rank != known:
            return Contradiction("rank", f"{_axes(known)}, not {spec.rank}")
        if known < spec.least_rank:
            return Contradiction("rank", f"{_axes(known)}, not {spec.least_rank} or more")
    elif spec.rank is not None and known > spec.rank:
        # What is known of the last axes only comes from broadcasting and the like, which may be a guess.
        return "open"
    agreed = shape.rest is None
    for axis, place in paired(spec, known, shape.rest is not None):
        wanted = size_of(axis, lookup)
        if wanted is None:
            agreed = agreed and bool(axis.names)
            continue
        dim = shape.dims[place]
        same = facts.equal(wanted, dim)
        if same is Answer.NO and str(dim) == axis.text:
            # The axis is called so where it comes from; here the name stands for something else.
            agreed = False
            continue
        if same is Answer.NO:
            kind: Literal["size", "name"] = "size" if axis.size is not None else "name"
            shown = place if shape.rest is None else place - known
            return Contradiction(kind, f"axis {shown} has size {dim}, not {_meant(axis, wanted)}", place, wanted)
        agreed = agreed and same is Answer.YES
    if (swapped := _reordered(spec, shape, facts, lookup)) is not None:
        return swapped
    return "agrees" if agreed else "open"


def paired(spec: Spec, known: int, open_rank: bool) -> list[tuple[DeclaredAxis, int]]:
    """Each declared axis that stands for one axis, and that axis's place in the known dims."""
    many = next((place for place, axis in enumerate(spec.axes) if axis.many), None)
    pairs: list[tuple[DeclaredAxis, int]] = []
    if many is None or not open_rank:
        count = len(spec.axes)
        for place, axis in enumerate(spec.axes):
            if axis.many:
                continue
            if many is None:
                index = known - count + place
            elif sum(one.many for one in spec.axes) > 1:
                return []
            else:
                index = place if place < many else known - count + place
            if index >= 0:
                pairs.append((axis, index))
        return pairs
    for back, axis in enumerate(reversed(spec.axes[many + 1 :]), 1):
        if axis.many:
            return []
        if back <= known:
            pairs.append((axis, known - back))
    return pairs


def equal_rank_pairs(spec: Spec, shape: Shape) -> Iterator[tuple[DeclaredAxis, Dim]]:
    """Each declared axis and the size that it stands for, where both have the same number of axes."""
    if shape.rest is None and spec.rank == len(shape.dims):
        yield from zip(spec.axes, shape.dims, strict=True)


def _reordered(spec: Spec, shape: Shape, facts: Facts, lookup: Lookup) -> Contradiction | None:
    """The declared sizes are all there, in another order, and nothing makes those that changed places equal."""
    if shape.rest is not None or spec.rank is None:
        return None
    wanted = [size_of(axis, lookup) for axis in spec.axes]
    dims = [facts.normal(dim) for dim in shape.dims]
    sizes = [facts.normal(one) for one in wanted if one is not None]
    if len(sizes) != len(dims) or sizes == dims:
        return None
    left = list(dims)
    for size in sizes:
        if size not in left:
            return None
        left.remove(size)
    if len(set(sizes)) != len(sizes):
        return None
    first = next(place for place, (one, other) in enumerate(zip(sizes, dims, strict=True)) if one != other)
    return Contradiction("order", "the axes stand in another order", first, sizes[first])


def size_of(axis: DeclaredAxis, lookup: Lookup) -> Dim | None:
    """The size that an axis declares; ``None`` where its names stand for nothing."""
    if axis.expression is None:
        return None
    try:
        return _evaluate(axis.expression, lookup)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _evaluate(node: ast.expr, lookup: Lookup) -> Dim | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name | ast.Attribute):
        return lookup(ast.unparse(node))
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _evaluate(node.left, lookup), _evaluate(node.right, lookup)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    if isinstance(node.op, ast.FloorDiv | ast.Div):
        return left // right
    if isinstance(node.op, ast.Pow) and isinstance(right, int) and 0 <= right <= 4:
        return left**right
    return None


def _meant(axis: DeclaredAxis, wanted: Dim) -> str:
    return axis.text if str(wanted) == axis.text else f"{axis.text} = {wanted}"


def _axes(count: int) -> str:
    return f"{count} {'axis' if count == 1 else 'axes'}"
