"""One tensor cut into several: ``split``, ``chunk``, ``tensor_split``, ``unbind``, ``hsplit``; and ``meshgrid``,
``broadcast_tensors``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Expression, Shape, floor_divide
from attnlint.ops.axis_arguments import locate_one, replaced, wrong_rank
from attnlint.ops.broadcast import broadcast, broadcast_shapes
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.index_ops import without_axis
from attnlint.ops.joining import tensors_of
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import as_copy
from attnlint.ops.sizes import size_or_symbol
from attnlint.ops.slicing import slice_length
from attnlint.ops.views import viewed, whole_axes
from attnlint.ops.views_expand import expanded
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

_MOST_PARTS = 256


def _located(call: Call, tensor: Tensor, name: str = "dim") -> tuple[Tensor, int]:
    axis = call.integer(name)
    if tensor.shape.rank is None and axis >= 0:
        raise CannotTell("an axis is counted from the front, and the number of dimensions is not known")
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes cannot be split", arguments=(name,), about_rank=True)
    located, place = locate_one(call, tensor, axis, argument=name)
    assert place is not None
    return located, place


def part(tensor: Tensor, place: int, size: Dim) -> Tensor:
    """A stretch of one axis, as a view."""
    return viewed(
        tensor, Shape(replaced(tensor.shape.dims, place, size), tensor.shape.rest), tensor.strides, whole_axes(tensor)
    )


def parts(tensor: Tensor, place: int, sizes: Sequence[Dim]) -> tuple[Tensor, ...]:
    """Stretches of one axis, one after the other."""
    return tuple(part(tensor, place, size) for size in sizes)


def _unknown_parts(tensor: Tensor, place: int, size: Dim, count: Dim | None) -> Repeated:
    return Repeated("tuple", part(tensor, place, size), count)


@shape_rule(
    "torch.split",
    "torch.Tensor.split",
    "torch.unsafe_split",
    "torch.Tensor.unsafe_split",
    signature=(
        "(tensor: Tensor, split_size_or_sections: int | ints, dim: int = 0)",
        "(tensor: Tensor, split_size: int | ints, dim: int = 0)",
    ),
)
def split(call: Call) -> Value:
    """Pieces of one size, the last one smaller if need be; or pieces of the sizes given, which must add up.

    The method's own parameter is ``split_size``.
    """
    sections = call["split_size"] if call.overload else call["split_size_or_sections"]
    tensor, place = _located(call, call.tensor("tensor"))
    if isinstance(sections, tuple | ListValue):
        return _in_sections(call, tensor, place, call.as_sequence(sections), "split_size_or_sections")
    if isinstance(sections, Repeated) or (
        isinstance(sections, Unknown) and sections.kind in ("list", "tuple", "shape")
    ):
        return Repeated(
            "tuple", part(tensor, place, call.fresh("n")), sections.length if isinstance(sections, Repeated) else None
        )
    return _in_pieces(call, tensor, place, size_or_symbol(call, sections))


def _in_pieces(call: Call, tensor: Tensor, place: int, size: Dim) -> Value:
    total = tensor.shape.dims[place]
    facts = call.facts
    if facts.at_least(size, 0) is Answer.NO or (size == 0 and facts.at_least(total, 1) is Answer.YES):
        raise Complaint(
            "ATN118",
            f"pieces of size {size}",
            arguments=("split_size_or_sections",),
            clash=(Clash("tensor", place, total),),
        )
    if size == 0 or total == 0:
        return parts(tensor, place, (total,))
    if isinstance(total, int) and isinstance(size, int):
        count = max(-(-total // size), 1)
        if count > _MOST_PARTS:
            return _unknown_parts(tensor, place, size if total % size == 0 else call.fresh("n"), count)
        return parts(tensor, place, [min(size, total - at * size) for at in range(count)])
    if facts.divides(size, total) is Answer.YES:
        number = facts.normal(floor_divide(total, size))
        if isinstance(number, int) and 0 < number <= _MOST_PARTS:
            return parts(tensor, place, [size] * number)
        return _unknown_parts(tensor, place, size, number)
    if facts.at_least(size, total) is Answer.YES:
        return parts(tensor, place, (total,))
    return _unknown_parts(tensor, place, call.fresh("n"), floor_divide(total + size - 1, size))


def _in_sections(call: Call, tensor: Tensor, place: int, items: Sequence[Value], name: str) -> Value:
    sizes = [size_or_symbol(call, item) for item in items]
    total = tensor.shape.dims[place]
    for size in sizes:
        if call.facts.at_least(size, 0) is Answer.NO:
            raise Complaint("ATN118", f"a piece of size {size}", arguments=(name,))
    asked: Dim = 0
    for size in sizes:
        asked = asked + size
    clash = (Clash("tensor", place, total), Clash(name, None, asked))
    call.demand_equal(
        total,
        asked,
        lambda: Complaint(
            "ATN118",
            f"the sizes {_shown(sizes)} add up to {asked}, but axis {place} has {total}",
            arguments=(name, "tensor"),
            clash=clash,
            advice="the sizes must add up to the size of the axis",
            recovery=parts(tensor, place, sizes),
        ),
        clash,
    )
    return parts(tensor, place, sizes)


def _shown(sizes: Sequence[Dim]) -> str:
    return f"[{', '.join(map(str, sizes))}]"


@shape_rule(
    "torch.split_with_sizes",
    "torch.Tensor.split_with_sizes",
    "torch.split_with_sizes_copy",
    "torch.unsafe_split_with_sizes",
    "torch.Tensor.unsafe_split_with_sizes",
    signature="(tensor: Tensor, split_sizes: ints, dim: int = 0)",
)
def split_with_sizes(call: Call) -> Value:
    tensor, place = _located(call, call.tensor("tensor"))
    found = _in_sections(call, tensor, place, call.sequence("split_sizes"), "split_sizes")
    return (
        tuple(as_copy(call, part) if isinstance(part, Tensor) else part for part in found)
        if isinstance(found, tuple)
        else found
    )


@shape_rule(
    "torch.chunk",
    "torch.Tensor.chunk",
    "torch.unsafe_chunk",
    "torch.Tensor.unsafe_chunk",
    signature="(input: Tensor, chunks: int, dim: int = 0)",
)
def chunk(call: Call) -> Value:
    """As ``split`` in pieces of ``ceil(size / chunks)``: there may be fewer of them, and the last may be smaller."""
    tensor, place = _located(call, call.tensor("input"))
    count = size_or_symbol(call, call["chunks"])
    total = tensor.shape.dims[place]
    if call.facts.at_least(count, 1) is Answer.NO:
        raise Complaint("ATN118", f"{count} chunks", arguments=("chunks",), advice="chunks must be 1 or more")
    if isinstance(total, int) and isinstance(count, int):
        if total == 0:
            return parts(tensor, place, [0] * count)
        return _in_pieces(call, tensor, place, -(-total // count))
    if call.facts.divides(count, total) is Answer.YES:
        size = call.facts.normal(floor_divide(total, count))
        return (
            parts(tensor, place, [size] * count)
            if isinstance(count, int)
            else _unknown_parts(tensor, place, size, count)
        )
    if not isinstance(count, int) or count > _MOST_PARTS:
        return _unknown_parts(tensor, place, call.fresh("n"), None)
    if count == 2:  # the larger half first; there are two unless the axis has one element only
        larger = floor_divide(total + 1, 2)
        return parts(tensor, place, (larger, call.facts.normal(total - larger)))
    size = floor_divide(total + count - 1, count)
    return parts(tensor, place, [*([size] * (count - 1)), call.facts.normal(total - size * (count - 1))])


@shape_rule(
    "torch.tensor_split",
    "torch.Tensor.tensor_split",
    signature=(
        "(input: Tensor, indices_or_sections: int | ints | Tensor, dim: int = 0)",
        "(input: Tensor, sections: int, dim: int = 0)",
        "(input: Tensor, indices: ints, dim: int = 0)",
    ),
)
def tensor_split(call: Call) -> Value:
    """So many pieces, the first ones larger by one; or cut before the indices given, as slices cut."""
    name = ("indices_or_sections", "sections", "indices")[call.overload]
    tensor, place = _located(call, call.tensor("input"))
    given = call[name]
    if isinstance(given, Tensor):
        if given.elements is None:
            raise CannotTell("the places of the cuts are not known")
        given = given.elements
    return _cut(call, tensor, place, given, name)


def _cut(call: Call, tensor: Tensor, place: int, given: Value, name: str) -> Value:
    total = tensor.shape.dims[place]
    if isinstance(given, tuple | ListValue):
        bounds = [None, *call.as_sequence(given), None]
        return parts(
            tensor,
            place,
            [slice_length(call, total, slice(start, stop)) for start, stop in itertools.pairwise(bounds)],
        )
    count = size_or_symbol(call, given)
    if call.facts.at_least(count, 1) is Answer.NO:
        raise Complaint("ATN118", f"{count} sections", arguments=(name,), advice="there must be 1 or more")
    if not isinstance(count, int) or count > _MOST_PARTS:
        return _unknown_parts(tensor, place, call.fresh("n"), count)
    if call.facts.divides(count, total) is Answer.YES:
        return parts(tensor, place, [call.facts.normal(floor_divide(total, count))] * count)
    return parts(tensor, place, [floor_divide(total + (count - 1 - at), count) for at in range(count)])


def _split_along(call: Call) -> Value:
    """``hsplit``, ``vsplit``, ``dsplit``: a number of sections must divide the axis."""
    tensor = call.tensor("input")
    letter = call.name.rpartition(".")[2][0]
    least = {"h": 1, "v": 2, "d": 3}[letter]
    rank = tensor.shape.rank
    if rank is None:
        raise CannotTell("the number of dimensions is not known")
    if rank < least:
        raise wrong_rank(tensor, f"{least} or more")
    place = {"h": min(rank - 1, 1), "v": 0, "d": 2}[letter]
    given = call["indices_or_sections"]
    if isinstance(given, int) and not isinstance(given, bool):
        total = tensor.shape.dims[place]
        if given < 1 or call.facts.divides(given, total) is Answer.NO:
            raise Complaint(
                "ATN118",
                f"axis {place} of size {total} cannot be split into {given} equal parts",
                arguments=("indices_or_sections", "input"),
                clash=(Clash("input", place, total),),
            )
    return _cut(call, tensor, place, given, "indices_or_sections")


for _name in ("hsplit", "vsplit", "dsplit"):
    register(
        (f"torch.{_name}", f"torch.Tensor.{_name}"), ("(input: Tensor, indices_or_sections: int | ints)",), _split_along
    )


@shape_rule("torch.unbind", "torch.Tensor.unbind", "torch.unbind_copy", signature="(input: Tensor, dim: int = 0)")
def unbind(call: Call) -> Value:
    """All slices along one axis."""
    tensor, place = _located(call, call.tensor("input"))
    size = tensor.shape.dims[place]
    piece = without_axis(tensor, place, copies=call.name.endswith("copy"))
    if isinstance(size, Expression) or size > _MOST_PARTS:
        return Repeated("tuple", piece, size)
    return (piece,) * size


# --- several tensors at once ------------------------------------------------------------------------------------------


@shape_rule("torch.broadcast_tensors", signature="(*tensors: Tensor)")
def broadcast_tensors(call: Call) -> Value:
    given = tensors_of(call, "tensors")
    if isinstance(given, Repeated):
        return given
    tensors = [(f"tensors[{place}]", tensor) for place, tensor in enumerate(given) if tensor is not None]
    if len(tensors) < len(given):
        raise CannotTell("one of the tensors is not known")
    if not tensors:
        return ()
    shape = broadcast(call, tensors)
    if shape.rank is None:
        return tuple(viewed(tensor, shape) for _, tensor in tensors)
    return tuple(
        viewed(tensor, shape) if tensor.shape.rank is None else expanded(call, tensor, shape.dims, "tensors")
        for _, tensor in tensors
    )


@shape_rule("torch.broadcast_shapes", signature="(*shapes)")
def broadcast_shapes_(call: Call) -> Value:
    shapes = []
    for place, item in enumerate(call["shapes"]):
        dims = (
            (call.as_dim(item),)
            if isinstance(item, int | Expression)
            else tuple(call.as_dim(d) for d in call.as_sequence((item,)))
        )
        if any(isinstance(dim, int) and dim < 0 for dim in dims):
            raise Complaint("ATN106", f"negative size in {Shape(dims)}", arguments=("shapes",))
        shapes.append((f"shapes[{place}]", Shape(dims)))
    return broadcast_shapes(call, shapes).dims if shapes else ()


@shape_rule("torch.meshgrid", signature="(*tensors: Tensor, indexing: str = None)")
def meshgrid(call: Call) -> Value:
    """One tensor for each vector, all of the shape of the grid; ``xy`` swaps the first two axes."""
    given = tensors_of(call, "tensors")
    if isinstance(given, Repeated) or any(tensor is None for tensor in given):
        raise CannotTell("the tensors are not all known")
    tensors = [tensor for tensor in given if tensor is not None]
    if not tensors:
        raise Complaint("ATN108", "there is no tensor", arguments=("tensors",), about_rank=True)
    for place, tensor in enumerate(tensors):
        if len(tensor.shape.dims) > 1:
            raise Complaint(
                "ATN103",
                f"tensor {place} has {len(tensor.shape.dims)} dimensions, not 0 or 1",
                arguments=(f"tensors[{place}]", "tensors"),
                about_rank=True,
            )
        if tensor.shape.rank is None:
            raise CannotTell("the number of dimensions is not known")
        if None not in (tensor.dtype, tensors[0].dtype) and tensor.dtype != tensors[0].dtype:
            raise Complaint("ATN115", f"dtypes differ: {tensors[0].dtype} and {tensor.dtype}", arguments=("tensors",))
    dims = [tensor.shape.dims[0] if tensor.shape.dims else 1 for tensor in tensors]
    indexing = call["indexing"]
    if indexing not in (None, "ij", "xy"):
        raise CannotTell("the indexing is not known")
    if indexing == "xy" and len(dims) > 1:
        dims[0], dims[1] = dims[1], dims[0]
    return tuple(viewed(tensor, dims) for tensor in tensors)
