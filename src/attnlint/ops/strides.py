"""Strides: what is contiguous, and whether ``view`` can regard a tensor in another shape without a copy."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Facts, product
from attnlint.values import Tensor

Strides = tuple[Dim, ...]


def contiguous_strides(dims: Sequence[Dim]) -> Strides:
    """The strides of a fresh tensor: the last axis is the innermost. An empty axis counts as one, as in torch."""
    strides: list[Dim] = []
    step: Dim = 1
    for dim in reversed(dims):
        strides.append(step)
        step = step * dim if not (isinstance(dim, int) and dim == 0) else step
    return tuple(reversed(strides))


def is_contiguous(tensor: Tensor, facts: Facts) -> bool | None:
    """Whether the tensor is contiguous; ``None`` when not known."""
    if tensor.strides is None or tensor.shape.rank is None:
        return None
    if any(isinstance(dim, int) and dim == 0 for dim in tensor.shape.dims):
        return True
    answer: bool | None = True
    expected: Dim = 1
    for dim, stride in zip(reversed(tensor.shape.dims), reversed(tensor.strides), strict=True):
        one = facts.is_one(dim)
        if one is not Answer.YES:
            same = facts.equal(stride, expected)
            if same is Answer.NO and one is Answer.NO:
                return False
            if same is not Answer.YES:
                answer = None
        expected = expected * dim
    return answer


def view_strides(dims: Sequence[Dim], strides: Strides, wanted: Sequence[Dim], facts: Facts) -> Strides | Answer:
    """``computeStride`` of ATen: the strides of ``view(wanted)``; ``NO``: no view exists; ``OPEN``: it is not known.

    Walks from the innermost axis, gathers axes that lie one inside the other in memory into chunks, and fits the wanted
    dims into each chunk exactly.
    """
    if any(isinstance(dim, int) and dim == 0 for dim in dims) or lies_plain(dims, strides, facts):
        return contiguous_strides(wanted)
    result: list[Dim] = []
    position = len(wanted) - 1
    if not dims:
        return (1,) * len(wanted)
    base: Dim = strides[-1]
    chunk: Dim = 1
    for index in range(len(dims) - 1, -1, -1):
        chunk = chunk * dims[index]
        if index > 0:
            end = _chunk_ends(dims[index - 1], strides[index - 1], chunk, base, facts)
            if end is Answer.OPEN:
                return Answer.OPEN
            if end is Answer.NO:
                continue
        covered: Dim = 1
        while position >= 0:
            full = _equal(covered, chunk, facts)
            one = facts.is_one(wanted[position])
            if full is Answer.OPEN and one is not Answer.YES:
                # The chunk may be full already or not; whether a product that still fits is exact decides.
                if facts.divides(covered * wanted[position], chunk) is not Answer.YES:
                    return Answer.OPEN
            elif full is Answer.NO and facts.divides(chunk, covered) is Answer.YES:
                return Answer.NO
            elif full is Answer.YES and one is not Answer.YES:
                if one is Answer.OPEN:
                    return Answer.OPEN
                break
            result.append(covered * base)
            covered = covered * wanted[position]
            position -= 1
        same = _equal(covered, chunk, facts)
        if same is not Answer.YES:
            return same
        if index > 0:
            base = strides[index - 1]
            chunk = 1
    if position >= 0:
        return Answer.NO if facts.is_one(wanted[position]) is Answer.NO else Answer.OPEN
    return tuple(reversed(result))


def lies_plain(dims: Sequence[Dim], strides: Strides, facts: Facts) -> bool:
    """Whether the strides are plainly those of a contiguous tensor: the common case, which needs no walk."""
    expected = contiguous_strides(dims)
    return strides == expected or all(
        facts.normal(stride) == facts.normal(plain) for stride, plain in zip(strides, expected, strict=True)
    )


def _chunk_ends(outer: Dim, outer_stride: Dim, chunk: Dim, base: Dim, facts: Facts) -> Answer:
    """Whether the next outer axis does not simply continue the chunk in memory (an axis of size 1 always does)."""
    one = facts.is_one(outer)
    if one is Answer.YES:
        return Answer.NO
    continues = _equal(outer_stride, chunk * base, facts)
    if continues is Answer.YES:
        return Answer.NO
    if one is Answer.OPEN or continues is Answer.OPEN:
        return Answer.OPEN
    return Answer.YES


def _equal(left: Dim, right: Dim, facts: Facts) -> Answer:
    """Whether two sizes are equal, where a generic size is not 1: ``T * D`` is not ``D``."""
    answer = facts.equal(left, right)
    if answer is not Answer.OPEN:
        return answer
    for whole, part in ((left, right), (right, left)):
        if facts.divides(part, whole) is Answer.YES:
            one = facts.is_one(facts.normal(whole // part))
            if one is Answer.NO:
                return Answer.NO
    return Answer.OPEN


def elementwise_strides(operands: Sequence[Tensor], dims: Sequence[Dim]) -> Strides | None:
    """The strides of a pointwise result: operands laid out alike keep their layout; all contiguous gives contiguous."""
    first: Strides | None = None
    for operand in operands:
        if operand.strides is None or operand.shape.rank is None:
            return None
    whole = [operand for operand in operands if operand.shape.dims == tuple(dims)]
    if not whole:
        fresh = contiguous_strides(dims)
        return fresh if all(operand.strides == contiguous_strides(operand.shape.dims) for operand in operands) else None
    first = whole[0].strides
    if len(operands) == 2 and whole[0] is operands[0] and first is not None and _is_permutation(first, dims):
        # The first operand whose axes differ decides the order of the result's: it has a say in all of them.
        return first
    if first == contiguous_strides(dims):
        return first if all(o.strides == contiguous_strides(o.shape.dims) for o in operands) else None
    if len(whole) == len(operands) and all(o.strides == first for o in whole) and first is not None:
        return first if _is_permutation(first, dims) else None
    return None


def _is_permutation(strides: Strides, dims: Sequence[Dim]) -> bool:
    """Whether the tensor is a contiguous one with its axes in another order: dense, no two elements in one place.

    A permuted tensor's dims and strides, matched as multisets by walking from the stride 1 outwards.
    """
    left = list(zip(strides, dims, strict=True))
    step: Dim = 1
    while left:
        found = next((pair for pair in left if pair[0] == step), None)
        if found is None:
            return False
        left.remove(found)
        step = product((step, found[1]))
    return True
