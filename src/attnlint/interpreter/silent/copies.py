"""ATN315: copies that lie in another order than what they meet.

``repeat`` puts whole copies one behind the other, ``repeat_interleave`` the copies of each element side by side. Where
samples and heads were merged as (batch * heads), a mask of the samples must be interleaved: ``mask.repeat(heads, 1)``
is (heads * batch), of the same size, and masks the tokens of other samples.

The order of an axis is read from how it was made: by copies, by joining parts of one size, or by merging two axes.
Reported where two axes of one size meet, both made of the same two sizes, in opposite order, and one of them by copies.
Where both sizes are equal nothing is said: all pairs are made like that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Shape, floor_divide
from attnlint.findings import Property
from attnlint.frozen import frozen, replace
from attnlint.interpreter.numbers import as_dim
from attnlint.interpreter.silent.flow import (
    CASTS,
    ELEMENTWISE,
    Step,
    again,
    argument,
    axis_before,
    is_same,
    item_of,
    joined_axis,
    maker_of,
    operands,
    short_name,
)
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.products import product_of
from attnlint.ops.axes import leaf_axes
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_COPYING = frozenset({"repeat", "tile", "repeat_interleave"})
_JOINING = frozenset({"cat", "concat", "concatenate"})
_RESHAPING = frozenset({"view", "reshape", "flatten", "rearrange"})
_OF_EACH = frozenset({"invert", "logical_not", "bitwise_not", "not_", "eq", "ne", "lt", "le", "gt", "ge", "neg"})
"""What is done to each element."""

_MOST_STEPS = 12


@frozen
class Order:
    """How an axis is laid out: an outer and an inner part."""

    outer: Dim
    inner: Dim
    by_copies: bool
    """One of the two counts copies."""
    source: Tensor
    """What has the part that is no copy as an axis of its own."""
    axes: tuple[int | None, int | None]
    """Which axes of the source the parts are, counted from the end; ``None`` for copies."""
    given: Value = None
    """The source as it came, where its rank was not known."""


def order_of(run: Run, tensor: Tensor, axis: int) -> Order | None:
    """How an axis of a tensor, counted from the end, was made; ``None`` where it is one axis, or not known."""
    for _ in range(_MOST_STEPS):
        call = maker_of(tensor)
        if call is None or tensor.is_parameter or len(tensor.shape.dims) < -axis:
            return None
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if not parts:
            return None
        if name in _COPYING and not call.operation.startswith("einops"):
            source = _as_copied(run, call, name, parts[0], tensor)
            found = _copied(run, call, name, source, axis)
            if found is not None:
                return found if source is parts[0] else replace(found, given=call.arguments[0])
            if len(parts[0].shape.dims) < -axis or parts[0].shape.dims[axis] != tensor.shape.dims[axis]:
                return None
            tensor = parts[0]
            continue
        if name in _JOINING:
            found = _joined(run, call, tensor, parts, axis)
            if found is not None:
                return found
        if name in _RESHAPING and call.layer is None:
            made = _merged(run, call, tensor, parts[0], axis)
            if isinstance(made, Order):
                return made
            if made is None:
                return None
            tensor, axis = parts[0], made
            continue
        found_before = _before(run, call, name, tensor, parts, axis)
        if found_before is None:
            return None
        tensor, axis = found_before
    return None


def _before(
    run: Run, call: Maker, name: str, tensor: Tensor, parts: list[Tensor], axis: int
) -> tuple[Tensor, int] | None:
    """The operand that an axis came from, and which of its axes it was."""
    product = product_of(run, call)
    if product is not None:
        for part, place in zip((product.left, product.right), product.axes.get(axis, (None, None)), strict=True):
            if place is not None and part.shape.dims[place] != 1:
                return part, place
        return None
    for part in parts:
        alike = name in _OF_EACH and part.shape == tensor.shape
        place = axis if alike else axis_before(run, Step(call, name, part, item_of(tensor)), axis)
        if place is not None and len(part.shape.dims) >= -place and part.shape.dims[place] != 1:
            return part, place
    return None


def _as_copied(run: Run, call: Maker, name: str, source: Tensor, made: Tensor) -> Tensor:
    """What was repeated, of unknown rank, with as many axes as numbers were given for them."""
    sizes = _times(call)
    dims = run.facts.resolve(made.shape)
    if source.shape.rank is not None or name != "repeat" or dims.rank is None or len(sizes) != dims.rank:
        return source
    found: list[Dim] = []
    for dim, value in zip(dims.dims, sizes, strict=True):
        number = as_dim(run, value)
        if number is None or run.facts.at_least(number, 1) is Answer.NO:
            return source
        found.append(dim if number == 1 else run.facts.normal(floor_divide(dim, number)))
    return replace(source, shape=Shape(tuple(found)), axes=None)


def _times(call: Maker) -> tuple[Value, ...]:
    given = call.arguments[1:] or tuple(call.keywords.values())
    sizes = given[0] if len(given) == 1 and isinstance(given[0], tuple) else given
    return sizes if isinstance(sizes, tuple) else ()


def _copied(run: Run, call: Maker, name: str, source: Tensor, axis: int) -> Order | None:
    """``x.repeat(heads, 1, 1)``, ``x.repeat_interleave(heads, dim=0)``"""
    if source.shape.rank is None or source.shape.rank < -axis:
        return None
    size = source.shape.dims[axis]
    if name == "repeat_interleave":
        times, dim = argument(call, "repeats", 1), argument(call, "dim", 2)
        if dim is None and source.shape.rank == 1:
            dim = -1
        if not isinstance(dim, int) or (dim if dim < 0 else dim - source.shape.rank) != axis:
            return None
        number = as_dim(run, times)
        return None if number is None else Order(size, number, True, source, (axis, None))
    sizes = _times(call)
    if len(sizes) < -axis:
        return None
    number = as_dim(run, sizes[axis])
    return None if number is None or number == 1 else Order(number, size, True, source, (None, axis))


def _joined(run: Run, call: Maker, tensor: Tensor, parts: list[Tensor], axis: int) -> Order | None:
    """``torch.cat([first_view, second_view], dim=0)``: several of one size."""
    rank = tensor.shape.rank
    if rank is None or joined_axis(call, tensor) != axis or len(parts) < 2:
        return None
    if axis != -rank:
        return None  # features that are joined lie as they please; of samples it matters which is which
    sizes = [part.shape.dims[axis] for part in parts if len(part.shape.dims) >= -axis]
    if len(sizes) != len(parts) or any(run.facts.equal(size, sizes[0]) is not Answer.YES for size in sizes):
        return None
    return Order(len(parts), sizes[0], False, parts[0], (None, axis))


def _merged(run: Run, call: Maker, tensor: Tensor, source: Tensor, axis: int) -> Order | int | None:
    """The two axes that a reshape has merged, or the one that it has left as it is."""
    if source.shape.rank is None:
        return None
    mark = ("mark", object())
    marked = replace(source, axes=leaf_axes(mark, source.shape.rank), maker=None)
    arguments = tuple([marked if is_same(value, source) else value for value in call.arguments])
    result = again(run, call, arguments, dict(call.keywords))
    if not isinstance(result, Tensor) or result.axes is None or len(result.axes) < -axis:
        return None
    made = result.axes[axis]
    if made.source == mark:
        return made.index
    if len(made.parts) != 2 or any(part.source != mark for part in made.parts):
        return None
    outer, inner = (part.index for part in made.parts)
    dims = run.facts.resolve(source.shape).dims
    return Order(dims[outer], dims[inner], False, source, (outer, inner))


# --- what meets -------------------------------------------------------------------------------------------------------


def met(observation: Observation) -> None:
    """Two tensors whose elements are paired along an axis."""
    run = observation.run
    tensors = [value for value in observation.arguments if isinstance(value, Tensor)]
    if len(tensors) < 2 or not any(_is_of_copies(run, tensor) for tensor in tensors):
        return
    name = observation.op.name.rpartition(".")[2]
    for one, other, axes in _pairs(observation, tensors):
        for axis in axes:
            if len(one.shape.dims) < -axis[0] or len(other.shape.dims) < -axis[1]:
                continue
            orders = order_of(run, one, axis[0]), order_of(run, other, axis[1])
            if orders[0] is None or orders[1] is None:
                continue
            heads = name == "scaled_dot_product_attention" and one is tensors[1] and other is tensors[2]
            if _is_opposite(run, orders[0], orders[1]) or (heads and _are_copied_apart(run, orders[0], orders[1])):
                _report(observation, (one, orders[0], axis[0]), (other, orders[1], axis[1]))
                return


Axes = tuple[tuple[int, int], ...]


def _pairs(observation: Observation, tensors: list[Tensor]) -> Iterator[tuple[Tensor, Tensor, Axes]]:
    """Pairs of operands, and which axes of theirs run together."""
    name = observation.op.name.rpartition(".")[2].strip("_")
    if name in ("cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"):
        one, other = tensors[:2]
        if one.shape.rank is not None and other.shape.rank is not None:
            yield one, other, ((-one.shape.rank, -other.shape.rank),)
        return
    if name == "MultiheadAttention":
        batch_first = observation.layer is not None and observation.layer.attributes.get("batch_first") is True
        for one, other in itertools.pairwise(tensors[:3]):
            yield one, other, ((-3, -3) if batch_first else (-2, -2),)
        return
    products = name in ("matmul", "bmm")
    fused = name == "scaled_dot_product_attention"
    for place, one in enumerate(tensors):
        for other in tensors[place + 1 :]:
            count = min(len(one.shape.dims), len(other.shape.dims))
            first = -3 if products or fused else -1
            yield one, other, tuple((axis, axis) for axis in range(first, -count - 1, -1))


def _is_of_copies(run: Run, tensor: Tensor) -> bool:
    """Whether copies were made on the way to a tensor: a quick look, before the dear ones."""
    for _ in range(_MOST_STEPS):
        call = maker_of(tensor)
        if call is None:
            return False
        if short_name(call.operation) in _COPYING:
            return True
        first = next(operands(run, call), None)
        if first is None:
            return False
        tensor = first
    return False


def _is_opposite(run: Run, one: Order, other: Order) -> bool:
    facts = run.facts
    return (
        (one.by_copies or other.by_copies)
        # Both axes are as long: of the two other parts the sizes are equal then, too.
        and Answer.YES in (facts.equal(one.outer, other.inner), facts.equal(one.inner, other.outer))
        and all(facts.equal(*pair) is not Answer.NO for pair in ((one.outer, other.inner), (one.inner, other.outer)))
        and facts.equal(one.outer, one.inner) is not Answer.YES
        and all(facts.is_one(size) is not Answer.YES for size in (one.outer, one.inner))
    )


def _are_copied_apart(run: Run, one: Order, other: Order) -> bool:
    """Whether the heads of keys and values are copied in two ways. Nobody wants all pairs of those."""
    sizes = ((one.outer, other.inner), (one.inner, other.outer))
    return (
        one.by_copies
        and other.by_copies
        and (one.axes[0] is None) != (other.axes[0] is None)
        and all(run.facts.equal(*pair) is Answer.YES for pair in sizes)
        and all(run.facts.is_one(size) is not Answer.YES for size in (one.outer, one.inner))
    )


def _report(observation: Observation, one: tuple[Tensor, Order, int], other: tuple[Tensor, Order, int]) -> None:
    copied = one if one[1].by_copies else other
    rest = other if copied is one else one
    order = copied[1]
    is_outer = order.axes[0] is None
    complaint = Complaint(
        "ATN315",
        f"the copies lie as ({order.outer} * {order.inner}), and meet what lies as ({rest[1].outer} * {rest[1].inner})",
        advice="make the copies with `repeat_interleave`" if is_outer else "make the copies with `repeat`",
        arguments=("input", "mask", "attn_mask", "key", "value", "target"),
    )
    sources = []
    # The part that is no copy, in both: samples, say.
    place = 1 if is_outer else 0
    for tensor, which, axis, at in ((*copied, place), (*rest, 1 - place)):
        own = which.axes[at]
        if own is None:
            return
        sources.append((which.source if which.given is None else which.given, own, tensor, axis))
    inputs = tuple([_as_input(observation, which) for _, which, _ in (copied, rest)])
    wanted = Property("meets_its_own", {"one": sources[0], "other": sources[1]}, inputs)
    observation.report(complaint, wanted, several=(order.outer, order.inner))


def attended(observation: Observation) -> None:
    """Queries, keys and values of a layer, and its mask."""
    met(observation)
    mask_of_heads(observation)


def _as_input(observation: Observation, order: Order) -> Value:
    """The source as an input of the proof: of unknown rank, with what is to be taken for it."""
    if order.given is None:
        return order.source
    name = observation.op.name.rpartition(".")[2]
    return (order.given, replace(order.source, dtype=order.source.dtype or ("bool" if "masked" in name else None)))


# --- a mask of every head ---------------------------------------------------------------------------------------------


def mask_of_heads(observation: Observation) -> None:
    """``attention(x, x, x, attn_mask=mask.repeat(heads, 1, 1))``: torch takes (batch * heads)."""
    run, layer, result = observation.run, observation.layer, observation.result
    mask, query = observation.call.arguments.get("attn_mask"), observation.call.arguments.get("query")
    first, heads = (layer.attributes.get(name) if layer is not None else None for name in ("batch_first", "num_heads"))
    made = result[0] if isinstance(result, tuple) and result else None
    if not isinstance(mask, Tensor) or not isinstance(query, Tensor) or not isinstance(first, bool):
        return
    if mask.shape.rank != 3 or query.shape.rank != 3 or not isinstance(made, Tensor) or not _is_of_copies(run, mask):
        return
    order, number = order_of(run, mask, -3), as_dim(run, heads)
    samples = run.facts.resolve(query.shape).dims[0 if first else 1]
    if (
        order is None
        or number is None
        or order.given is not None
        or order.axes[0] is not None
        or order.axes[1] is None
        or not order.by_copies
    ):
        return
    facts = run.facts
    if facts.equal(order.outer, number) is not Answer.YES or facts.equal(order.inner, samples) is not Answer.YES:
        return
    if facts.equal(number, samples) is Answer.YES or facts.is_one(number) is Answer.YES:
        return
    complaint = Complaint(
        "ATN315",
        f"the copies lie as ({order.outer} * {order.inner}), the layer takes (batch * heads)",
        advice="make the copies with `repeat_interleave(heads, dim=0)`",
        arguments=("attn_mask",),
    )
    arguments = {"mask": order.source, "mask_axis": order.axes[1], "result": made, "result_axis": 0 if first else 1}
    wanted = Property("masks_its_own", arguments, (order.source,))
    observation.report(complaint, wanted, several=(order.outer, order.inner))


# --- copies that are counted ------------------------------------------------------------------------------------------


def counted(observation: Observation) -> None:
    """``memory.repeat(beams, 1, 1).view(batch, beams, ...)``: the copies are the outer axis."""
    run, source, result = observation.run, observation.call.arguments.get("input"), observation.result
    if not isinstance(source, Tensor) or not isinstance(result, Tensor) or not _is_of_copies(run, source):
        return
    dims, wanted = run.facts.resolve(source.shape), run.facts.resolve(result.shape)
    if dims.rest is not None or wanted.rest is not None or len(wanted.dims) < 2 or not dims.dims:
        return
    order = order_of(run, source, -len(dims.dims))
    if order is None or not order.by_copies or order.given is not None:
        return
    facts = run.facts
    if (
        facts.equal(wanted.dims[0], order.inner) is not Answer.YES
        or facts.equal(wanted.dims[1], order.outer) is not Answer.YES
        or facts.equal(order.outer, order.inner) is Answer.YES
        or any(facts.is_one(size) is Answer.YES for size in (order.outer, order.inner))
    ):
        return
    is_outer = order.axes[0] is None
    own = order.axes[1 if is_outer else 0]
    assert own is not None
    complaint = Complaint(
        "ATN315",
        f"the copies lie as ({order.outer} * {order.inner}), and are counted as ({order.inner}, {order.outer})",
        advice="make the copies with `repeat_interleave`" if is_outer else "make the copies with `repeat`",
        arguments=("input",),
    )
    arguments: dict[str, Value] = {"source": order.source, "source_axis": own, "result": result, "word": "index"}
    wanted_property = Property(
        "made_of_its_own", {**arguments, "result_axis": (0 if is_outer else 1) - len(wanted.dims)}, (order.source,)
    )
    observation.report(complaint, wanted_property, several=(order.outer, order.inner))


_LAYERS = ("cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss")

WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys((*sorted(ELEMENTWISE - CASTS), "masked_fill_", "add_", "mul_"), met),
    **dict.fromkeys(("matmul", "bmm", "scaled_dot_product_attention", *_LAYERS), met),
    "MultiheadAttention": attended,
    **dict.fromkeys(("view", "reshape"), counted),
}
