"""Shapes of unknown rank: what their leading dims turn out to be."""

from __future__ import annotations

from collections.abc import Hashable

from attnlint.algebra.dim import Dim, Expression
from attnlint.algebra.rewrite import normal
from attnlint.algebra.shape import Rest, Shape
from attnlint.algebra.state import State
from attnlint.algebra.symbol import Symbol

# The keys of what is made here say where it stands in the tensor that the rest came from, counted from the front or
# from the back. So the same question on two paths, or in two steps, gives the same symbols.
_FRONT = "all but the last"
_AXIS = "axis"


def expand(state: State, shape: Shape) -> Shape:
    """The shape with its rest replaced by what that is known to be."""
    while shape.rest is not None:
        bound = state.rests.get(shape.rest)
        if bound is None:
            break
        shape = Shape(bound.dims + shape.dims, bound.rest)
    return shape


def resolve(state: State, shape: Shape) -> Shape:
    """The shape as it is now known; the same object when nothing is new."""
    if shape.rest is None and all(type(dim) is int for dim in shape.dims):
        return shape
    seen = state.resolved.get(id(shape))
    if seen is not None and seen[0] is shape:
        return seen[1]
    result = expand(state, shape)
    dims = result.dims
    for dim in dims:
        if not isinstance(dim, int) and normal(state, dim) is not dim:
            result = Shape(tuple([normal(state, dim) for dim in dims]), result.rest)
            break
    state.resolved[id(shape)] = (shape, result)
    return result


def leading_dims(rest: Rest, count: int) -> tuple[Dim, ...]:
    """The dims of a rest that turned out to be ``count`` dims."""
    root, _ = origin(rest)
    return tuple([axis(root, rest.name, index) for index in range(count)])


def with_trailing(rest: Rest, count: int) -> Shape:
    """The rest as ``count`` trailing dims behind a shorter rest."""
    root, known = origin(rest)
    dims = [axis(root, rest.name, -known - number) for number in range(count, 0, -1)]
    return Shape(tuple(dims), Rest((_FRONT, known + count, root), rest.name))


def axis(root: Hashable, name: str, index: int) -> Expression:
    """The symbol of one axis of the tensor ``name``."""
    # Python hashes -1 and -2 alike: the last two axes would be told apart by comparing all that their sizes went into.
    place = index if index >= 0 else index - 1
    return Expression.of(Symbol(f"{name}.shape[{index}]" if name else f"shape[{index}]", (_AXIS, root, place)))


def front_axis(state: State, shape: Shape, index: int) -> Expression:
    """The symbol of axis ``index``, counted from the front, of a shape of unknown rank."""
    rest = shape.rest
    assert rest is not None
    root, _ = origin(rest)
    if index < state.lengths.get(rest, 0) or resolve(state, Shape((), Rest(root))) == shape:
        return axis(root, rest.name, index)
    # The rest may be too short to have that axis; then it is one of these dims.
    label = f"{rest.name}.shape[{index}]" if rest.name else f"shape[{index}]"
    return Expression.of(Symbol(label, (_AXIS, rest.key, shape.dims, index)))


def unify(state: State, one: Shape, other: Shape, equal: list[tuple[Dim, Dim]]) -> bool:
    """Make two shapes the same: bind rests, and collect the dims that must be equal. False when that cannot be."""
    one, other = expand(state, one), expand(state, other)
    common = min(len(one.dims), len(other.dims))
    if common:
        equal += zip(one.dims[-common:], other.dims[-common:], strict=True)
        one = Shape(one.dims[:-common], one.rest)
        other = Shape(other.dims[:-common], other.rest)
    if one.dims or (one.rest is None and other.rest is not None):
        one, other = other, one
    # `one` has no dims left now; it has a rest unless neither has.
    if one.rest == other.rest:
        return not other.dims
    if one.rest is None:
        return False
    length = state.lengths.pop(one.rest, 0) - len(other.dims)
    state.rests[one.rest] = other
    if length > 0:
        if other.rest is None:
            return False
        state.lengths[other.rest] = max(length, state.lengths.get(other.rest, 0))
    for symbol, (shape, index) in list(state.fronts.items()):
        known = expand(state, shape)
        if known.rest is None:
            del state.fronts[symbol]
            if index >= len(known.dims):
                return False
            equal.append((Expression.of(symbol), known.dims[index]))
    return True


def origin(rest: Rest) -> tuple[Hashable, int]:
    """The key of the rest that this one is the front of, and how many dims of that it lacks."""
    key = rest.key
    if isinstance(key, tuple) and len(key) == 3 and key[0] == _FRONT:
        return key[2], key[1]
    return key, 0
