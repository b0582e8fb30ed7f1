"""The history of axes through shape operations: leaves, factors of splits, merges.

A history is carried where it is known (``Tensor.axes``) and ``None`` is carried on otherwise; nothing here ever fails.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from attnlint.algebra import Dim, Facts, Rest, Shape
from attnlint.algebra.ranks import origin
from attnlint.frozen import replace
from attnlint.values import Axis, Tensor

Axes = tuple[Axis, ...]

NEW = "one"
"""The source of an axis of size 1 that an operation put in."""


def leaf_axes(source: Hashable, rank: int) -> Axes:
    """The axes of a tensor that is a beginning: an input, or the output of a layer. Counted from the end: so they are
    the same whether the rank is known or not.
    """
    return tuple(Axis(source=source, index=index) for index in range(-rank, 0))


def axes_of_rest(rest: Rest, count: int) -> Axes:
    """The last ``count`` axes of the leading dims of a tensor of unknown rank."""
    root, known = origin(rest)
    return tuple(Axis(source=root, index=-known - number) for number in range(count, 0, -1))


def with_shape(tensor: Tensor, shape: Shape) -> Tensor:
    """A tensor of unknown rank of which more is known now: its new axes are those of its rest."""
    own, axes = tensor.shape, tensor.axes
    if own.rest is not None:
        axes = axes if axes is not None or own.dims else ()
        more = len(shape.dims) - len(own.dims)
        if axes is None or len(axes) != len(own.dims) or more < 0:
            axes = None
        elif more:
            axes = (*axes_of_rest(own.rest, more), *axes)
    return replace(tensor, shape=shape, axes=axes)


def new_axis(position: int = 0) -> Axis:
    """An axis of size 1 that an operation put in (``unsqueeze``, ``None``): it comes from nowhere."""
    return Axis(source=NEW, index=position)


def split_axis(axis: Axis, sizes: Sequence[Dim], facts: Facts) -> Axes:
    """The factors of an axis that is cut into parts of these sizes; a merge that is cut at its seams gives its parts
    back, and one that is cut elsewhere gives factors that are cut across (:func:`is_cut`).
    """
    if axis.parts:
        known = [part.size for part in axis.parts]
        inner = tuple(size for size in known if size is not None)
        if len(inner) == len(known):
            found = reshape_axes(inner, axis.parts, sizes, facts)
            if found is not None:
                return found
        elif len(axis.parts) == len(sizes):
            return axis.parts
    return _factors(axis, sizes)


def _factors(axis: Axis, sizes: Sequence[Dim]) -> Axes:
    return tuple(Axis(parent=axis, factor=index, factors=len(sizes), size=size) for index, size in enumerate(sizes))


def merge_axes(parts: Sequence[Axis], sizes: Sequence[Dim] | None = None) -> Axis:
    """The axis that joins ``parts``, outermost first; joining all factors of one axis gives the axis back."""
    if len(parts) == 1:
        return parts[0]
    parent = parts[0].parent
    if (
        parent is not None
        and parts[0].factors == len(parts)
        and all(part.parent == parent and part.factor == index for index, part in enumerate(parts))
    ):
        return parent
    if sizes is not None:
        parts = [replace(part, size=size) for part, size in zip(parts, sizes, strict=True)]
    return Axis(parts=tuple(parts))


def is_cut(axis: Axis) -> bool:
    """Whether a reshape cut across axes to make this one: it is a stretch of several axes laid end to end, and runs
    over a seam between them.
    """
    return axis.parent is not None and (len(axis.parent.parts) > 1 or is_cut(axis.parent))


def leaves(axis: Axis) -> Iterator[Axis]:
    """The axes that an axis was made of, without splits and merges."""
    while axis.parent is not None:
        axis = axis.parent
    if axis.parts:
        for part in axis.parts:
            yield from leaves(part)
    else:
        yield axis


Span = tuple[int, int]


def reshape_axes(
    dims: Sequence[Dim],
    axes: Axes | None,
    wanted: Sequence[Dim],
    facts: Facts,
    groups: Sequence[tuple[Span, Span]] | None = None,
) -> Axes | None:
    """The history after a reshape: groups of axes with equal products are split and merged; ``None`` when it is not
    known how the axes lie against each other. Whoever knows the ``groups`` says so: to find them takes proofs.
    """
    if axes is None or len(axes) != len(dims):
        return None
    result: list[Axis] = []
    if groups is None:
        groups = aligned(dims, wanted, facts) or ()
    for (source, source_end), (target, target_end) in groups:
        result.extend(_regroup(dims[source:source_end], axes[source:source_end], wanted[target:target_end], facts))
    return tuple(result) if len(result) == len(wanted) else None


def aligned(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> list[tuple[Span, Span]] | None:
    """The shortest stretches of two lists of sizes whose products are equal, in order; ``None`` when none are."""
    found: list[tuple[Span, Span]] = []
    source, target = 0, 0
    while source < len(dims) or target < len(wanted):
        source_end, target_end = source, target
        left: Dim = 1
        right: Dim = 1
        # Extend whichever side is provably the divisor of the other until the products agree.
        while True:
            if source_end > source and target_end > target and facts.surely_equal(left, right):
                break
            if source_end < len(dims) and (source_end == source or _may_go_on(left, right, facts)):
                left = left * dims[source_end]
                source_end += 1
            elif target_end < len(wanted):
                right = right * wanted[target_end]
                target_end += 1
            elif source_end < len(dims):
                left = left * dims[source_end]
                source_end += 1
            elif facts.surely_equal(left, right):
                break
            else:
                return None
        found.append(((source, source_end), (target, target_end)))
        source, target = source_end, target_end
    return found


def _may_go_on(left: Dim, right: Dim, facts: Facts) -> bool:
    if _is_one(right):
        return _is_one(left)  # What divides 1 is written as 1.
    return facts.surely_divides(left, right)


def _is_one(dim: Dim) -> bool:
    return isinstance(dim, int) and dim == 1


def _regroup(dims: Sequence[Dim], axes: Axes, wanted: Sequence[Dim], facts: Facts) -> Axes:
    if not wanted:
        return ()
    if not axes:
        return tuple(new_axis(index) for index in range(len(wanted)))
    if tuple(dims) == tuple(wanted):
        return axes
    # Axes of size 1 carry nothing through a reshape.
    solid = [(axis, dim) for axis, dim in zip(axes, dims, strict=True) if not _is_one(dim)]
    solid = solid or [(axes[0], dims[0])]
    places = [index for index, dim in enumerate(wanted) if not _is_one(dim)] or [0]
    sizes = [wanted[place] for place in places]
    if len(solid) == 1:
        factors = split_axis(solid[0][0], sizes, facts) if len(places) > 1 else (solid[0][0],)
    else:
        parts, lengths = _unfolded(solid)
        again = reshape_axes(lengths, parts, sizes, facts) if len(parts) > len(solid) else None
        whole = merge_axes([axis for axis, _ in solid], [dim for _, dim in solid])
        factors = again if again is not None else _factors(whole, sizes) if len(places) > 1 else (whole,)
    made = iter(factors)
    return tuple(next(made) if index in places else new_axis(index) for index in range(len(wanted)))


def _unfolded(solid: Sequence[tuple[Axis, Dim]]) -> tuple[Axes, list[Dim]]:
    """The parts of merges in place of the merges, where their sizes are known."""
    parts: list[Axis] = []
    sizes: list[Dim] = []
    for axis, dim in solid:
        known = [part.size for part in axis.parts if part.size is not None]
        if axis.parts and len(known) == len(axis.parts):
            parts += axis.parts
            sizes += known
        else:
            parts.append(axis)
            sizes.append(dim)
    return tuple(parts), sizes
