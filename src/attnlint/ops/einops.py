"""``einops.rearrange``, ``reduce``, ``repeat``, ``einsum``, ``parse_shape``; the layers ``Rearrange`` and ``Reduce``.

A transformation is carried out as einops does it: split the axes (reshape), reorder (permute), reduce, add new axes
(expand), merge (reshape). So strides and the history of axes come out by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.algebra import Answer, Dim, Shape, product
from attnlint.frozen import replace
from attnlint.ops.axes import Span, with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.einops_pattern import (
    BARE,
    ELLIPSIS,
    REDUCTIONS,
    Group,
    Name,
    Number,
    Side,
    check_given,
    checked_pattern,
    parse_side,
    refused,
    shown,
)
from attnlint.ops.joining import tensors_of
from attnlint.ops.promotion import is_floating, is_integral
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.sizes import size_or_symbol, used_as_size
from attnlint.ops.views import of_unknown_rank, viewed
from attnlint.ops.views_axes import permuted, unsqueezed
from attnlint.ops.views_expand import expanded
from attnlint.ops.views_reshape import reshaped
from attnlint.values import DictValue, ListValue, Repeated, Tensor, Unknown, Value


@shape_rule("einops.rearrange", signature="(tensor, pattern, **axes_lengths)")
def rearrange(call: Call) -> Tensor:
    return transformed(call, _stacked(call), call["pattern"], "rearrange", call["axes_lengths"])


@shape_rule("einops.repeat", signature="(tensor, pattern, **axes_lengths)")
def repeat(call: Call) -> Tensor:
    return transformed(call, _stacked(call), call["pattern"], "repeat", call["axes_lengths"])


@shape_rule("einops.reduce", signature="(tensor, pattern, reduction, **axes_lengths)")
def reduce(call: Call) -> Tensor:
    return transformed(call, _stacked(call), call["pattern"], _reduction(call["reduction"]), call["axes_lengths"])


def _reduction(value: Value) -> str:
    if not isinstance(value, str):
        raise CannotTell("the reduction is a function, or not known")
    if value not in (*REDUCTIONS, "rearrange", "repeat"):
        raise refused(f"Unknown reduction {value}. Expect one of {REDUCTIONS}.", "reduction")
    return value


def _stacked(call: Call) -> Tensor:
    """The tensor; a list of tensors is stacked first."""
    value = call["tensor"]
    if isinstance(value, str):
        raise refused("Tensor type unknown to einops <class 'str'>", "tensor", advice="the pattern comes second")
    if not isinstance(value, ListValue | Repeated):
        return call.as_tensor(value, "tensor")
    from attnlint.ops.joining import stack

    tensors_of(call, "tensor")
    return stack(replace(call, arguments={"tensors": value, "dim": 0}))


def transformed(call: Call, tensor: Tensor, pattern: Value, operation: str, given: Mapping[str, Value]) -> Tensor:
    """The result of a pattern on a tensor."""
    if not isinstance(pattern, str):
        raise CannotTell("the pattern is not known")
    names = tuple(given)
    left, right = checked_pattern(pattern, operation, names)
    tensor = _with_rank(call, tensor, left)
    check_given(pattern, names)
    if tensor.shape.rank is None:
        return _of_unknown(call, tensor, left, right, operation, given)
    left, right = _spread_ellipsis(left, right, tensor.shape.rank)
    return _carried_out(call, tensor, left, right, operation, given)


def _with_rank(call: Call, tensor: Tensor, left: Side) -> Tensor:
    """Demand the number of dimensions that the left side names."""
    named = len(left.groups) - left.has_ellipsis
    rank, known = tensor.shape.rank, len(tensor.shape.dims)
    if left.has_ellipsis:
        if rank is not None and rank < named:
            raise _wrong_rank(tensor, f">={named}")
        return tensor
    if (rank is None and known > named) or (rank is not None and rank != named):
        raise _wrong_rank(tensor, str(named))
    if rank is None:
        return with_shape(tensor, call.facts.require_rank(tensor.shape, named, because=call.because))
    return tensor


def _wrong_rank(tensor: Tensor, expected: str) -> Complaint:
    found = f"{'at least ' * (tensor.shape.rank is None)}{len(tensor.shape.dims)}"
    return Complaint(
        "ATN109",
        f"expected {expected} dims, received a {found}-dim tensor {tensor.shape}",
        arguments=("tensor", "pattern"),
        clash=(Clash("tensor", None),),
        advice="the left side of the pattern must name every axis",
        about_rank=True,
    )


def _spread_ellipsis(left: Side, right: Side, rank: int) -> tuple[Side, Side]:
    """Both sides with names of their own for the axes of the ellipsis."""
    if not left.has_ellipsis:
        return left, right
    names: list[Name] = [f"{ELLIPSIS}{index}" for index in range(rank - len(left.groups) + 1)]
    return Side(_spread(left.groups, names)), Side(_spread(right.groups, names))


def _spread(groups: list[Group], names: list[Name]) -> list[Group]:
    spread: list[Group] = []
    for group in groups:
        if group is BARE:
            spread += [[name] for name in names]
        else:
            spread.append([inner for name in group for inner in (names if name == ELLIPSIS else [name])])
    return spread


def _carried_out(
    call: Call, tensor: Tensor, left: Side, right: Side, operation: str, given: Mapping[str, Value]
) -> Tensor:
    sizes = _sizes(call, tensor, left, right, given)
    ours, theirs = left.names(), right.names()
    split = tuple([sizes[name] for name in ours])
    if split != tensor.shape.dims:
        tensor = reshaped(call, tensor, split, must_view=False, groups=_splits(left))
    kept = [name for name in theirs if name in ours]
    lost = [name for name in ours if name not in theirs]
    tensor = permuted(tensor, [ours.index(name) for name in (*kept, *lost)])
    if lost:
        tensor = _reduced(tensor, len(kept), operation)
    for place, name in enumerate(theirs):
        if name not in ours:
            tensor = unsqueezed(tensor, place)
    if len(theirs) > len(kept):
        tensor = expanded(call, tensor, [sizes[name] for name in theirs], "pattern")
    merged = tuple([product([sizes[name] for name in group]) for group in right.groups])
    if merged == tensor.shape.dims:
        return tensor
    groups = [(names, one) for one, names in _splits(right)]
    return reshaped(call, tensor, merged, must_view=False, groups=groups)


def _splits(side: Side) -> list[tuple[Span, Span]]:
    """For each group, which axis it is, and which of all the names of the side are its own."""
    found: list[tuple[Span, Span]] = []
    at = 0
    for place, group in enumerate(side.groups):
        found.append(((place, place + 1), (at, at + len(group))))
        at += len(group)
    return found


def _sizes(call: Call, tensor: Tensor, left: Side, right: Side, given: Mapping[str, Value]) -> dict[Name, Dim]:
    """The size of every name: from the keywords, from numbers, and one in each group from what is left."""
    sizes: dict[Name, Dim] = {name: name.value for name in (*left.names(), *right.names()) if isinstance(name, Number)}
    for key, value in given.items():
        if isinstance(value, float):
            raise CannotTell(f"the size {key} is a float")
        sizes[key] = size_or_symbol(call, value)
        used_as_size(call, sizes[key])
    for place, group in enumerate(left.groups):
        _read_group(call, tensor, place, group, sizes)
    return sizes


def _read_group(call: Call, tensor: Tensor, place: int, group: Group, sizes: dict[Name, Dim]) -> None:
    length = tensor.shape.dims[place]
    unknown = [name for name in group if name not in sizes]
    if len(unknown) > 1:
        raise refused(f"Could not infer sizes for {shown(unknown)}")
    known = product([sizes[name] for name in group if name in sizes])
    clash = (Clash("tensor", place, length), Clash("pattern", None, known))
    if not unknown:
        call.demand_equal(
            length,
            known,
            lambda: Complaint(
                "ATN109",
                f"Shape mismatch at axis {place}: {_group_text(group)} is {known}, and the size is {length}",
                arguments=("tensor", "pattern"),
                clash=clash,
            ),
            clash,
        )
        return
    if len(group) == 1:
        sizes[unknown[0]] = length
        return

    def complain() -> Complaint:
        return Complaint(
            "ATN109",
            f"Shape mismatch at axis {place}: size {length} cannot be divided in chunks of {known}",
            arguments=("tensor", "pattern"),
            clash=clash,
            advice=f"`{_group_text(group)}` needs a size that {known} divides",
        )

    if known == 0:
        raise refused(f"the sizes in {_group_text(group)} multiply to 0", "pattern")
    answer = call.facts.divides(known, length)
    call.demand(answer, complain)
    if answer is Answer.OPEN and not call.facts.learn_divides(known, length, because=call.because):
        raise complain()
    sizes[unknown[0]] = call.facts.normal(length // known)


def _group_text(group: Group) -> str:
    names = [str(name.value) if isinstance(name, Number) else name for name in group]
    return names[0] if len(names) == 1 else f"({' '.join(names)})"


def _reduced(tensor: Tensor, kept: int, operation: str) -> Tensor:
    """The axes behind the first ``kept`` reduced."""
    dtype = tensor.dtype
    if operation == "mean" and dtype is not None and not is_floating(dtype):
        raise Complaint(
            "ATN115",
            f"mean is not available for {dtype}",
            arguments=("tensor",),
            advice="convert it first, with `.float()`",
        )
    if operation in ("sum", "prod") and dtype is not None and is_integral(dtype):
        dtype = "int64"
    elif operation in ("any", "all") and dtype is not None:
        dtype = "uint8" if dtype == "uint8" else "bool"
    axes = tensor.axes[:kept] if tensor.axes is not None else None
    return replace(viewed(tensor, tensor.shape.dims[:kept], None, axes), dtype=dtype)


def _of_unknown(
    call: Call, tensor: Tensor, left: Side, right: Side, operation: str, given: Mapping[str, Value]
) -> Tensor:
    """A tensor of unknown rank: the axes behind a leading ellipsis are known, and so is the result's end."""
    behind = left.groups[1:] if left.groups and left.groups[0] is BARE else None
    if behind is None:
        return of_unknown_rank(tensor)
    shape = call.facts.require_trailing(tensor.shape, len(behind), because=call.because)
    front = shape.dims[: len(shape.dims) - len(behind)]
    end = Tensor(Shape(shape.dims[len(front) :]), tensor.dtype, tensor.device)
    inner_left = Side(behind)
    if right.groups and right.groups[0] is BARE:
        result = _carried_out(call, end, inner_left, Side(right.groups[1:]), operation, given)
        return viewed(result, Shape((*front, *result.shape.dims), shape.rest))
    sizes = _sizes(
        call, end, inner_left, Side(), {key: value for key, value in given.items() if key in inner_left.names()}
    )
    known: list[Dim] = []
    for group in reversed(right.groups):
        if ELLIPSIS in group or any(name not in sizes for name in group):
            break
        known.append(product([sizes[name] for name in group]))
    if right.has_ellipsis:
        return of_unknown_rank(tensor, known[::-1])
    return viewed(tensor, known[::-1])


# --- einsum and parse_shape -------------------------------------------------------------------------------------------


@shape_rule("einops.einsum", signature="(*tensors_and_pattern)")
def einsum(call: Call) -> Tensor:
    """As ``torch.einsum``, with names for axes, and the pattern last."""
    from attnlint.ops.einsum import Equation, evaluated

    *tensors, pattern = call["tensors_and_pattern"] or (None,)
    if isinstance(pattern, Unknown):
        raise CannotTell("the pattern is not known")
    if not tensors or not isinstance(pattern, str):
        raise refused("the pattern must come last, after at least one tensor", "tensors_and_pattern")
    if pattern.count("->") != 1:
        raise refused("Einsum pattern must contain one '->'.")
    lefts, _, right = pattern.partition("->")
    operands = [
        _einsum_names(parse_side(part, allow_underscore=True, allow_duplicates=True)) for part in lefts.split(",")
    ]
    output = _einsum_names(parse_side(right, allow_underscore=True))
    known = {name for names in operands for name in names}
    for name in output:
        if name not in known and name != ".":
            raise refused(f"Unknown axis {name} on right side of einsum {pattern}.")
    return evaluated(call, Equation(operands, output, pattern), [call.as_tensor(tensor) for tensor in tensors])


def _einsum_names(side: Side) -> list[str]:
    names: list[str] = []
    for group in side.groups:
        if len(group) != 1:
            raise refused("Singleton () axes and rearrangement are not supported in einsum.")
        (name,) = group
        if isinstance(name, Number):
            raise refused("Anonymous axes are not supported in einsum.")
        names.append("." if name == ELLIPSIS else name)
    return names


@shape_rule("einops.parse_shape", signature="(x, pattern: str)")
def parse_shape(call: Call) -> Value:
    """The sizes of the axes that a pattern names, as a dict."""
    tensor, pattern = call.as_tensor(call["x"], "x"), call["pattern"]
    if not isinstance(pattern, str):
        raise CannotTell("the pattern is not known")
    side = parse_side(pattern, allow_underscore=True)
    if any(len(group) > 1 for group in side.groups):
        raise refused(f"Can't parse shape with composite axes: {pattern}")
    if tensor.shape.rank is None:
        if side.has_ellipsis:
            raise CannotTell("the number of dimensions is not known")
        tensor = _with_rank(call, tensor, side)
    named = len(side.groups) - side.has_ellipsis
    rank = len(tensor.shape.dims)
    if rank < named or (rank > named and not side.has_ellipsis):
        raise Complaint(
            "ATN109",
            f"Can't parse shape {tensor.shape} of {rank} dimensions with a pattern for {named}",
            arguments=("x", "pattern"),
            clash=(Clash("x", None),),
            about_rank=True,
        )
    groups = _spread(side.groups, ["_"] * (rank - named))
    found: dict[str, Value] = {}
    for place, (group, dim) in enumerate(zip(groups, tensor.shape.dims, strict=True)):
        wanted = 1 if not group else group[0].value if isinstance(group[0], Number) else None
        if wanted is not None:
            if call.facts.equal(dim, wanted) is Answer.NO:
                raise refused(f"axis {place} has size {dim}, not {wanted}", "x", "pattern")
        elif group[0] != "_":
            found[str(group[0])] = dim
    return DictValue(found)


@shape_rule("einops.asnumpy", signature="(tensor)")
def asnumpy(call: Call) -> Value:
    raise CannotTell("numpy arrays are not modelled")


# --- layers -----------------------------------------------------------------------------------------------------------


def check_layer(pattern: Value, operation: str, given: Mapping[str, Value]) -> None:
    """A layer checks its pattern when it is made, for every rank that an ellipsis allows."""
    if not isinstance(pattern, str):
        raise CannotTell("the pattern is not known")
    names = tuple(given)
    left, _ = checked_pattern(pattern, operation, names)
    check_given(pattern, names)
    for group in left.groups:
        unknown = [name for name in group if not isinstance(name, Number) and name != ELLIPSIS and name not in given]
        if len(unknown) > 1:
            raise refused(f"Could not infer sizes for {shown(unknown)}")


@layer("einops.layers.torch.Rearrange", constructor="(pattern: str, **axes_lengths)", forward="(input)")
class Rearrange:
    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        check_layer(call["pattern"], "rearrange", call["axes_lengths"])
        return {"pattern": call["pattern"], "axes_lengths": DictValue(dict(call["axes_lengths"]))}

    @staticmethod
    def forward(call: Call) -> Tensor:
        return transformed(call, call.tensor("input"), call.layer["pattern"], "rearrange", _lengths(call))


@layer("einops.layers.torch.Reduce", constructor="(pattern: str, reduction, **axes_lengths)", forward="(input)")
class Reduce:
    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        if isinstance(call["reduction"], str):
            check_layer(call["pattern"], _reduction(call["reduction"]), call["axes_lengths"])
        return {
            "pattern": call["pattern"],
            "reduction": call["reduction"],
            "axes_lengths": DictValue(dict(call["axes_lengths"])),
        }

    @staticmethod
    def forward(call: Call) -> Tensor:
        operation = _reduction(call.layer["reduction"])
        return transformed(call, call.tensor("input"), call.layer["pattern"], operation, _lengths(call))


def _lengths(call: Call) -> Mapping[str, Value]:
    lengths = call.layer["axes_lengths"]
    if not isinstance(lengths, DictValue):
        raise CannotTell("the sizes of the axes are not known")
    return lengths.items
