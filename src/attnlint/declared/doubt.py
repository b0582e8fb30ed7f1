"""Whether what contradicts an inferred shape was meant as its shape at all.

``# (x, y, w, h)`` behind a tensor of boxes names what the last axis holds, and ``# [T, C]`` behind a batch may leave
out the batch. Neither is stale.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Facts, Shape
from attnlint.declarations.collect import Declaration, Declared
from attnlint.declarations.spec import DeclaredAxis, Spec
from attnlint.declared.compare import Contradiction, Lookup, size_of

CAPITALS = 3
"""A name of so many letters that begins with a capital is the size of an axis, as everybody writes it."""


def is_doubtful(
    declared: Declared, declaration: Declaration, found: Contradiction, shape: Shape, facts: Facts, lookup: Lookup
) -> bool:
    """Whether a contradiction may be none, because the text speaks of something else."""
    spec = declaration.said.spec
    if declaration.kind == "annotation":
        return False
    if found.kind == "spoken":
        # Authors call axes by their roles, too, and `T` is then whatever the length is at that point.
        return True
    if found.kind == "order" or (found.kind == "size" and spec.names):
        return False
    if found.kind == "rank" and _may_be_a_product(spec, shape, facts, lookup):
        return True
    if found.kind == "rank" and _leaves_out_the_front(spec, shape, facts, lookup):
        return not _is_written_elsewhere(declared, declaration, shape.dims[0], facts, lookup)
    if spec.rank is None or declaration.said.keyword or declaration.said.changed:
        return False
    if shape.rank == 0 and "x" in spec.separator.lower():
        return True  # `logs.sum() * x.size(-1)  # c x h`: how many there are of what was added up
    if "x" in spec.separator.lower() or _is_anchored(spec, shape, facts, lookup):
        return False
    if not spec.names:
        # Numbers alone are rather the elements.
        return True
    # Elements are listed by name, too: as many as an axis has.
    answers = {facts.equal(dim, len(spec.axes)) for dim in shape.dims}
    return Answer.YES in answers or (Answer.OPEN in answers and not any(map(_is_size_name, spec.axes)))


def _is_anchored(spec: Spec, shape: Shape, facts: Facts, lookup: Lookup) -> bool:
    """Whether an axis, counted from the front or from the back, has the size that its name says, or two the numbers
    that are declared: one number may be there by chance, as in ``torch.tensor([n, 2])  # [n, 2]``."""
    numbers: set[tuple[int, int]] = set()
    for axes, dims in ((spec.axes, shape.dims), (spec.axes[::-1], shape.dims[::-1])):
        for place, (axis, dim) in enumerate(zip(axes, dims, strict=False)):
            size = size_of(axis, lookup)
            if size is not None and facts.equal(size, dim) is Answer.YES:
                if axis.names:
                    return True
                backwards = axes is not spec.axes
                numbers.add((len(axes) - 1 - place, len(dims) - 1 - place) if backwards else (place, place))
    return len({place for place, _ in numbers}) > 1 and len({place for _, place in numbers}) > 1


def _leaves_out_the_front(spec: Spec, shape: Shape, facts: Facts, lookup: Lookup) -> bool:
    """Whether only leading axes are missing: the last ones are, or may be, those that are declared."""
    count = len(spec.axes)
    if spec.rank is None or count >= len(shape.dims):
        return False
    return all(_fits(axis, dim, facts, lookup) for axis, dim in zip(spec.axes, shape.dims[-count:], strict=True))


def _may_be_a_product(spec: Spec, shape: Shape, facts: Facts, lookup: Lookup) -> bool:
    """Whether ``B x T`` may be the one size of a flattened tensor instead of two axes."""
    if "x" not in spec.separator.lower().replace("\u00d7", "x") or len(shape.dims) != 1:
        return False
    sizes = [size_of(axis, lookup) for axis in spec.axes]
    product: Dim = 1
    for size in sizes:
        if size is None:
            return True
        product = product * size
    return facts.equal(product, shape.dims[0]) is not Answer.NO


def _is_written_elsewhere(
    declared: Declared, declaration: Declaration, first: Dim, facts: Facts, lookup: Lookup
) -> bool:
    """Whether other declared shapes of the function begin with the axis that is left out here."""
    for other in declared.all():
        if other is not declaration and len(other.said.spec.axes) > 1:
            size = size_of(other.said.spec.axes[0], lookup)
            if size is not None and facts.equal(size, first) is Answer.YES:
                return True
    return False


def _fits(axis: DeclaredAxis, dim: Dim, facts: Facts, lookup: Lookup) -> bool:
    size = size_of(axis, lookup)
    return size is None or facts.equal(size, dim) is Answer.YES


def _is_size_name(axis: DeclaredAxis) -> bool:
    return any(name[0].isupper() and len(name) <= CAPITALS for name in axis.names)
