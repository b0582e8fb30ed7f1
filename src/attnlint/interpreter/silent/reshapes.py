"""ATN302: a ``view`` or ``reshape`` that gives the sizes of a transpose and cuts across the axes instead.

(B, T, H*D) to (B, H, T, D), (B, H, T, D) to (B, T, H*D), (B, C, N) to (B, N, C): the number of elements is kept, and
every element lands elsewhere. Reported where a transpose explains the sizes and nothing else does. Left alone: an axis
that is split and one of whose pieces joins a neighbour (stacked frames), a tensor that was padded or sliced just before
(the skew of relative positions), and what was cut before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Facts, Shape, product
from attnlint.algebra.opaque import Opaque
from attnlint.findings import Property
from attnlint.interpreter import batches
from attnlint.interpreter.axis_order import is_from_outside
from attnlint.interpreter.joins import is_fresh
from attnlint.interpreter.silent.flow import (
    CASTS,
    CONSTANTS,
    DROPOUTS,
    ELEMENTWISE,
    PRODUCTS,
    maker_of,
    operands,
    short_name,
)
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.proofs import sizes_of_a_proof
from attnlint.ops.axes import aligned, is_cut, with_shape
from attnlint.ops.complaint import Complaint
from attnlint.ops.strides import lies_plain
from attnlint.ops.views_reshape import is_share_of_unknown
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_AXES = 6
"""Beyond that many axes in one stretch nothing is said."""

_SHIFTING = frozenset({"cat", "concat", "concatenate", "pad", "getitem", "narrow", "roll", "stack", "as_strided",
                       "repeat", "tile"})  # fmt: skip
"""What comes just before a reshape that is meant to cut across: one more column, and the rows are skewed; each row as
often as it is asked for, and an image is larger."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An axis of the tensor that is reshaped, or one of the factors that it is split into."""

    size: Dim
    axis: int
    """Which axis it belongs to."""
    whole: bool
    """The axis, undivided."""


@dataclass(frozen=True, slots=True)
class Transposed:
    """What would give the sizes without cutting across: the pieces as they lie, and in their new order."""

    pieces: tuple[Piece, ...]
    order: tuple[int, ...]


def reshape(observation: Observation) -> None:
    """``x.view(...)``, ``x.reshape(...)``"""
    result = observation.result
    if not isinstance(result, Tensor) or result.axes is None:
        return
    run = observation.run
    before = observation.call.tensor("input")
    shape = before.shape
    if shape.rest is not None:
        shape = _of_plain_rank(run, shape, result.shape)
        if shape.rest is not None:
            run.unsure += 1
            if run.entry != "module" and not run.takes_batches and not run.quiet:
                _note_a_rank(run, shape, result.shape)
            return
    elif not any(map(is_cut, result.axes)):
        return
    if result.shape.rest is not None or any(dim == 0 for dim in result.shape.dims):
        return  # a tensor without elements: a size that is 0 by default
    if any(map(is_cut, before.axes or ())):
        _take_back(run, before, result.shape.dims)
        return
    if before.is_parameter or _is_shifted(run, before) or _is_constant(run, before):
        return  # a weight is learnt in whatever order it lies
    name = short_name(observation.evidence)
    if name.startswith("view") and before.strides is not None and not lies_plain(shape.dims, before.strides, run.facts):
        return  # a slice: what cuts across its axes raises
    before = with_shape(before, shape)
    sizes = (shape.dims, result.shape.dims)
    if sizes in run.examined:
        return  # by another of a row of blocks
    found = explained(*sizes, run.facts)
    if found is None:
        run.examined.add(sizes)
        return
    moved = _moved(found, result.shape.dims, run.facts)
    part = None
    if moved is None and not _is_right_for_one(*sizes, run.facts):
        part = _moved_part(found, result.shape.dims, run.facts)
    if (moved is None and part is None) or _is_taken_for_one(found, *sizes, run.facts) or _is_skew(before, *sizes):
        return
    if _may_keep_the_first(*sizes, run.facts) or _is_pooled_to_one(*sizes, run.facts):
        return
    complaint = Complaint(
        "ATN302",
        f"{name} moves no axis: as {result.shape} it cuts across axes {_listed(found)}",
        advice=_advice(name, found, result.shape),
        arguments=("input",),
    )
    where: dict[str, Value] = {"source": before, "result": result}
    if moved is not None:
        where |= {"source_axis": moved[0], "result_axis": moved[1], "word": "index"}
        wanted = Property("made_of_its_own", where, (before,))
    else:
        assert part is not None
        where |= {"source_axis": part[0], "result_axis": part[1], "behind": part[2]}
        wanted = Property("is_a_part", where, (before,))
    with sizes_of_a_proof(run, None, [piece.size for piece in found.pieces]):
        count = len(run.analysis.findings)
        observation.report(complaint, wanted)
        if len(run.analysis.findings) > count:
            run.cuts[id(observation.node)] = run.analysis.findings[-1]


def _take_back(run: Run, cut: Tensor, dims: Sequence[Dim]) -> None:
    """Forget what was said of a reshape whose result is reshaped once more, so that no axis has moved after all.

    ``x.reshape(batch, heads, -1).view(batch, tokens, heads, head_dim)`` of ``(batch, tokens, heads, head_dim)``: all
    elements are where they were, whatever the sizes in between are called.
    """
    call = maker_of(cut)
    while call is not None and short_name(call.operation) in WATCHERS and call.arguments:
        source = call.arguments[0]
        if not isinstance(source, Tensor):
            return
        shape = run.facts.resolve(source.shape)
        if not any(map(is_cut, source.axes or ())):
            finding = run.cuts.get(id(call.node))
            if (
                finding in run.analysis.findings
                and shape.rest is None
                and explained(shape.dims, dims, run.facts) is None
            ):
                run.analysis.findings.remove(finding)
            return
        call = maker_of(source)


def _may_keep_the_first(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> bool:
    """Whether the first axis may stay what it is: nobody knows its size, and where it is the first one that is asked
    for, nothing is cut. ``x.view(batch, width, -1)`` of ``(n, width)``."""
    first = dims[0]
    if not isinstance(first, Expression) or any(map(is_from_outside, first.symbols())):
        return False
    assumed = facts.fork()
    if facts.equal(first, wanted[0]) is not Answer.OPEN or not assumed.learn_equal(first, wanted[0]):
        return False
    sizes = [[assumed.normal(dim) for dim in each] for each in (dims, wanted)]
    return explained(sizes[0], sizes[1], assumed) is None


def _is_taken_for_one(found: Transposed, dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> bool:
    """Whether a 1 is written in the place of an axis that would have to move, and that may be of the size 1.

    ``x.view(-1, tokens, 1)`` of ``(batch, chunks, tokens, n)``: the author knows that there is one channel.
    """
    axes = {found.pieces[piece].axis for place, piece in enumerate(found.order) if piece != place}
    if any(_may_all_be_one([dims[each] for each in axes if each != axis], facts) for axis in axes):
        return True
    return any(
        _is_one(wanted[axis - len(dims)]) and facts.equal(dims[axis], 1) is Answer.OPEN
        for axis in axes
        if len(dims) - axis <= len(wanted)
    )


def _is_right_for_one(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> bool:
    """Whether nothing is cut where one of the sizes that are not known is 1: ``x.reshape(batch, -1, quantiles)`` of
    ``(batch, window * quantiles, variables)``, by an author who has one variable in mind."""
    for dim in dims:
        if not isinstance(dim, Expression) or facts.equal(dim, 1) is not Answer.OPEN:
            continue
        assumed = facts.fork()
        if not assumed.learn_equal(dim, 1):
            continue
        sizes = [[assumed.normal(each) for each in side] for side in (dims, wanted)]
        if explained(sizes[0], sizes[1], assumed) is None:
            return True
    return False


def _is_pooled_to_one(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> bool:
    """``x.view(-1, channels)`` of ``(batch, channels, length // 4)``: what layers have left of the length may be 1, and
    for an input of another length the layer that comes next would not fit."""
    rest = dims[2:]
    return (
        len(wanted) == 2
        and len(rest) > 0
        and facts.equal(dims[1], wanted[1]) is Answer.YES
        and all(isinstance(dim, Expression) and _is_worked_out(dim) for dim in rest)
        and all(facts.equal(dim, 1) is Answer.OPEN for dim in rest)
    )


def _is_worked_out(dim: Expression) -> bool:
    """Whether a size is what is left of another one."""
    return bool(dim.operations()) or (len(dim.terms) > 1 and any(factor < 0 for factor in dim.terms.values()))


def _may_all_be_one(dims: Sequence[Dim], facts: Facts) -> bool:
    """Whether sizes that nobody gave may be 1: the windows of a patch of the kernel's size.

    A single one that is none of several, nor worked out, is the tokens of ``view(batch, -1, heads, head_dim)``.
    """
    made = [
        isinstance(dim, Expression)
        and all(is_fresh(symbol.key) for symbol in dim.symbols())
        and facts.equal(dim, 1) is Answer.OPEN
        for dim in dims
    ]
    return all(made) and (len(dims) > 1 or any(isinstance(dim, Expression) and dim.operations() for dim in dims))


def _is_skew(before: Tensor, dims: Sequence[Dim], wanted: Sequence[Dim]) -> bool:
    """Whether the scores of relative positions are skewed: the last two axes of a product change places, or the first
    two where queries and keys come first, to be sliced and brought back."""
    call = maker_of(before)
    return (
        call is not None
        and short_name(call.operation) in PRODUCTS
        and len(dims) > 2
        and tuple(wanted) in ((*dims[:-2], dims[-1], dims[-2]), (dims[1], dims[0], *dims[2:]))
    )


def _of_plain_rank(run: Run, shape: Shape, wanted: Shape) -> Shape:
    """A shape of unknown rank with the number of axes for which the sizes that are asked of it make up the whole."""
    if wanted.rest is not None or shape.rest is None or not shape.dims:
        return shape
    if not all(map(_is_plain, (*shape.dims, *wanted.dims))):
        return shape
    for count in (1, 2, 3):
        facts = run.facts.fork()
        lead = [facts.leading(shape.rest, index) for index in range(count)]
        if all(any(facts.equal(size, other) is Answer.YES for other in wanted.dims) for size in lead):
            whole = Shape((*lead, *shape.dims))
            if facts.equal(product(whole.dims), product(wanted.dims)) is Answer.YES:
                return whole
    return shape


def _note_a_rank(run: Run, shape: Shape, wanted: Shape) -> None:
    """Note the rank that an author has in mind who writes `view(x.size(0), heads, -1, head_width)` of `(..., width)`:
    with one axis less the -1 would always be 1."""
    shares = [place for place, dim in enumerate(wanted.dims) if is_share_of_unknown(dim)]
    if shape.rest is None or len(shape.dims) != 1 or len(wanted.dims) != 4 or len(shares) != 1:
        return
    facts = run.facts.fork()
    # Axes that the author has named: those before the heads, of which the -1 may be one.
    named = 1 if shares[0] in (1, 2) else 2
    if all(
        facts.equal(facts.leading(shape.rest, axis), wanted.dims[axis]) is Answer.YES for axis in range(named)
    ) and shares != [0]:
        batches.note_rank(run, shape, 3)


def _is_shifted(run: Run, tensor: Tensor) -> bool:
    """Whether the tensor was padded, sliced or joined just before."""
    call = maker_of(tensor)
    for _ in range(6):
        if call is None:
            return False
        name = short_name(call.operation)
        if name in _SHIFTING:
            return True
        if name not in CASTS and name not in DROPOUTS and name not in ELEMENTWISE:
            return False
        first = next(operands(run, call), None)
        call = None if first is None else maker_of(first)
    return False


def _is_constant(run: Run, tensor: Tensor) -> bool:
    """Whether the elements are all alike or are numbered: a test of shapes, a table."""
    call = maker_of(tensor)
    return call is not None and not any(operands(run, call)) and short_name(call.operation) in CONSTANTS


def explained(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> Transposed | None:
    """The transpose that explains the sizes of a reshape, when no honest split and merge does."""
    # Proofs about intricate sizes are dear, and what moves is an axis with a size that both shapes have.
    if not all(map(_is_plain, (*dims, *wanted))) or not any(not _is_one(dim) and dim in wanted for dim in dims):
        return None
    groups = aligned(dims, wanted, facts)
    if groups is None:
        return None
    pieces: list[Piece] = []
    order: list[int] = []
    found = False
    for (start, end), (first, last) in groups:
        here = [Piece(dims[axis], axis, True) for axis in range(start, end) if not _is_one(dims[axis])]
        sizes = [size for size in wanted[first:last] if not _is_one(size)]
        offset = len(pieces)
        if len(here) < 2 or len(sizes) < 2:
            pieces += here
            order += range(offset, offset + len(here))
            continue
        if len(here) > MOST_AXES or len(sizes) > MOST_AXES:
            return None
        if _is_honest([piece.size for piece in here], sizes, facts):
            return None
        one = _transpose(here, sizes, facts)
        if one is None:
            return None
        found = True
        pieces += one.pieces
        order += [offset + place for place in one.order]
    return Transposed(tuple(pieces), tuple(order)) if found else None


def _is_plain(dim: Dim) -> bool:
    """Whether a size is a number, a name, or a product or quotient of a few."""
    if isinstance(dim, int):
        return True
    atoms = dim.atoms()
    return len(dim.terms) <= 2 and len(atoms) <= 3 and all(map(_is_plain_atom, atoms))


def _is_plain_atom(atom: object) -> bool:
    if not isinstance(atom, Opaque):
        return True
    return (
        atom.operation == "floordiv"
        and atom.nesting == 1
        and all(isinstance(each, int) or (len(each.terms) <= 2 and len(each.atoms()) <= 2) for each in atom.arguments)
    )


def _is_one(dim: Dim) -> bool:
    return isinstance(dim, int) and dim == 1


def _is_honest(sources: Sequence[Dim], targets: Sequence[Dim], facts: Facts) -> bool:
    """Whether splits and merges in place give the sizes, as an author might mean them.

    Not meant: a piece of one axis that joins a piece of the next, and an axis both of whose ends join a neighbour.
    """
    before = [_Seam(size, True, False) for size in itertools.accumulate(sources[:-1], _times)]
    behind = [_Seam(size, False, True) for size in itertools.accumulate(targets[:-1], _times)]
    inner = _chained([*before, *behind], facts)
    if inner is None:
        return False
    seams = [_Seam(1, True, True), *inner, _Seam(product(list(sources)), True, True)]
    for left, seam, right in zip(seams, seams[1:], seams[2:], strict=False):
        if not seam.behind and not left.before and not right.before:
            return False
    first = seams[0]
    was_cut = False
    for seam in seams[1:]:
        if not seam.before:
            was_cut = True
            continue
        if was_cut and not first.behind and not seam.behind:
            return False
        first, was_cut = seam, False
    return True


@dataclass(frozen=True, slots=True)
class _Seam:
    """Where one axis ends and the next begins, counted in elements from the outermost."""

    size: Dim
    before: bool
    """A seam of the axes that there were."""
    behind: bool
    """A seam of the axes that come out."""


def _times(left: Dim, right: Dim) -> Dim:
    return left * right


def _chained(seams: Sequence[_Seam], facts: Facts) -> list[_Seam] | None:
    """Seams in order, each dividing the next; ``None`` when they cannot be ordered."""
    ordered: list[_Seam] = []
    for seam in seams:
        for place, other in enumerate(ordered):
            if facts.equal(other.size, seam.size) is Answer.YES:
                ordered[place] = _Seam(other.size, other.before or seam.before, other.behind or seam.behind)
                break
            if facts.divides(seam.size, other.size) is Answer.YES:
                ordered.insert(place, seam)
                break
        else:
            ordered.append(seam)
    if all(facts.divides(one.size, other.size) is Answer.YES for one, other in itertools.pairwise(ordered)):
        return ordered
    return None


def _transpose(here: list[Piece], sizes: Sequence[Dim], facts: Facts) -> Transposed | None:
    """The order of the axes, one of which may be split first, whose merges give the sizes; that which moves least."""
    best: Transposed | None = None
    least = 0
    for pieces in itertools.chain([here], _splits(here, sizes, facts)):
        for order in itertools.permutations(range(len(pieces))):
            moved = sum(one > other for one, other in itertools.combinations(order, 2))
            if not moved or (best is not None and moved >= least) or not _keeps_halves(pieces, order):
                continue
            if _merges([pieces[place].size for place in order], sizes, facts):
                best, least = Transposed(tuple(pieces), order), moved
    return best


def _keeps_halves(pieces: Sequence[Piece], order: Sequence[int]) -> bool:
    """Whether the factors of an axis that is split stay in their order, as heads and their width do."""
    halves = [piece for piece in order if not pieces[piece].whole]
    return halves == sorted(halves)


def _splits(here: list[Piece], sizes: Sequence[Dim], facts: Facts) -> Iterator[list[Piece]]:
    """One of the axes split: into wanted sizes, or into one of them and what is left."""
    for place, piece in enumerate(here):
        for count in range(3, len(sizes)):
            for parts in itertools.combinations(sizes, count):
                if facts.equal(product(parts), piece.size) is Answer.YES:
                    yield [*here[:place], *(Piece(part, piece.axis, False) for part in parts), *here[place + 1 :]]
        for size in sizes:
            if facts.equal(size, piece.size) is Answer.YES or facts.divides(size, piece.size) is not Answer.YES:
                continue
            rest = facts.normal(piece.size // size)
            if isinstance(rest, int) and rest == 1:
                continue
            for pair in ((rest, size), (size, rest)):
                halves = [Piece(part, piece.axis, False) for part in pair]
                yield [*here[:place], *halves, *here[place + 1 :]]


def _merges(sizes: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> bool:
    """Whether merging neighbours gives the wanted sizes."""
    at = 0
    for target in wanted:
        total: Dim = 1
        while at < len(sizes):
            total = total * sizes[at]
            at += 1
            if facts.equal(total, target) is Answer.YES:
                break
        else:
            return False
    return at == len(sizes)


def _moved(found: Transposed, wanted: Sequence[Dim], facts: Facts) -> tuple[int, int] | None:
    """An axis that is whole before and after, and lies elsewhere: its place before and its place behind."""
    at = 0
    places: list[tuple[int, int]] = []
    for place, target in enumerate(wanted):
        if _is_one(target):
            continue
        begin = at
        total: Dim = 1
        while at < len(found.order):
            total = total * found.pieces[found.order[at]].size
            at += 1
            if facts.equal(total, target) is Answer.YES:
                break
        if at - begin == 1 and found.pieces[found.order[begin]].whole and found.order[begin] != begin:
            places.append((found.pieces[found.order[begin]].axis, place))
    return places[0] if places else None


def _moved_part(found: Transposed, wanted: Sequence[Dim], facts: Facts) -> tuple[int, int, Dim] | None:
    """An axis that is whole, moves, and becomes a part of a merge: its place before, that of the merge, and the number
    of elements of the merge that lie behind it."""
    at = 0
    for place, target in enumerate(wanted):
        begin = at
        total: Dim = 1
        while at < len(found.order) and (at == begin or facts.equal(total, target) is not Answer.YES):
            total = total * found.pieces[found.order[at]].size
            at += 1
        for within in range(begin, at):
            piece = found.pieces[found.order[within]]
            behind = product([found.pieces[each].size for each in found.order[within + 1 : at]])
            if piece.whole and found.order[within] != within:
                return piece.axis, place, behind
    return None


def _listed(found: Transposed) -> str:
    """The axes that are cut across, as the author counts them."""
    moved = sorted({found.pieces[piece].axis for place, piece in enumerate(found.order) if piece != place})
    return f"{moved[0]} to {moved[-1]}" if len(moved) > 1 else str(moved[0])


def _advice(name: str, found: Transposed, wanted: Shape) -> str:
    """The same sizes without cutting: split, move, merge."""
    split = f".view({', '.join(str(piece.size) for piece in found.pieces)})" if not _all_whole(found) else ""
    pair = [place for place, piece in enumerate(found.order) if piece != place]
    order = ", ".join(map(str, found.order))
    move = f".transpose({pair[0]}, {pair[1]})" if len(pair) == 2 else f".permute({order})"
    merged = "" if len(wanted.dims) == len(found.order) else f".reshape({', '.join(map(str, wanted.dims))})"
    return f"move the axis: `{split}{move}{merged}`"


def _all_whole(found: Transposed) -> bool:
    return all(piece.whole for piece in found.pieces)


WATCHERS: dict[str, Watcher] = dict.fromkeys(("view", "reshape", "view_as", "reshape_as"), reshape)
