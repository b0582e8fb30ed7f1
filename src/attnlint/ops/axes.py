"""The history of axes through shape operations: leaves, factors of splits, merges.

A history is carried where it is known (``Tensor.axes``) and ``None`` is carried on otherwise; nothing here ever fails.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from attnlint.algebra import Answer, Dim, Facts
from attnlint.values import Axis

Axes = tuple[Axis, ...]


def leaf_axes(source: Hashable, rank: int) -> Axes:
    """The axes of a tensor that is a beginning: an input, or the output of a layer."""
    return tuple(Axis(source=source, index=index) for index in range(rank))


def new_axis(position: int = 0) -> Axis:
    """An axis of size 1 that an operation put in (``unsqueeze``, ``None``): it comes from nowhere."""
    return Axis(source="one", index=position)


def split_axis(axis: Axis, parts: int) -> Axes:
    """The factors of an axis that is cut into ``parts``; cutting a merge at its seams gives the parts back."""
    if len(axis.parts) == parts:
        return axis.parts
    return tuple(Axis(parent=axis, factor=index, factors=parts) for index in range(parts))


def merge_axes(parts: Sequence[Axis]) -> Axis:
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
    return Axis(parts=tuple(parts))


def reshape_axes(dims: Sequence[Dim], axes: Axes | None, wanted: Sequence[Dim], facts: Facts) -> Axes | None:
    """The history after a reshape: groups of axes with equal products are split and merged; ``None`` when it cuts
    across.
    """
    if axes is None or len(axes) != len(dims):
        return None
    result: list[Axis] = []
    source, target = 0, 0
    while source < len(dims) or target < len(wanted):
        source_end, target_end = source, target
        left: Dim = 1
        right: Dim = 1
        # Extend whichever side is provably the divisor of the other until the products agree.
        while True:
            if source_end > source and target_end > target and facts.equal(left, right) is Answer.YES:
                break
            if source_end < len(dims) and (source_end == source or facts.divides(left, right) is Answer.YES):
                left = left * dims[source_end]
                source_end += 1
            elif target_end < len(wanted):
                right = right * wanted[target_end]
                target_end += 1
            elif source_end < len(dims):
                left = left * dims[source_end]
                source_end += 1
            elif facts.equal(left, right) is Answer.YES:
                break
            else:
                return None
        result.extend(_regroup(dims[source:source_end], axes[source:source_end], wanted[target:target_end]))
        source, target = source_end, target_end
    return tuple(result)


def _regroup(dims: Sequence[Dim], axes: Axes, wanted: Sequence[Dim]) -> Axes:
    if not wanted:
        return ()
    if not axes:
        return tuple(new_axis(index) for index in range(len(wanted)))
    if tuple(dims) == tuple(wanted):
        return axes
    # Axes of size 1 carry nothing through a reshape.
    solid = [axis for axis, dim in zip(axes, dims, strict=True) if not (isinstance(dim, int) and dim == 1)] or list(
        axes[:1]
    )
    whole = merge_axes(solid)
    places = [index for index, dim in enumerate(wanted) if not (isinstance(dim, int) and dim == 1)] or [0]
    factors = iter(split_axis(whole, len(places)) if len(places) > 1 else (whole,))
    return tuple(next(factors) if index in places else new_axis(index) for index in range(len(wanted)))
