"""``einops.pack`` and ``unpack``, and the layer ``EinMix``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from attnlint.algebra import Answer, Dim, Rest, Shape, product
from attnlint.ops.broadcast import broadcast
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.einops import transformed
from attnlint.ops.einops_pattern import ELLIPSIS, Number, Side, is_axis_name, parse_pattern, parse_side, refused, shown
from attnlint.ops.einsum import Equation, evaluated
from attnlint.ops.joining import joined, tensors_of
from attnlint.ops.promotion import DEFAULT
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.results import fresh
from attnlint.ops.sizes import one_size, size_or_symbol
from attnlint.ops.views_reshape import reshaped, wanted_dims
from attnlint.values import DictValue, ListValue, Repeated, Tensor, Unknown, Value


def _counts(pattern: Value, operation: str) -> tuple[int, int]:
    """How many axes the pattern names before and behind the ``*``."""
    if not isinstance(pattern, str):
        raise CannotTell("the pattern is not known")
    names = pattern.split()
    if len(set(names)) < len(names):
        raise refused(f'Duplicates in axes names in {operation}(..., "{pattern}")')
    if "*" not in names:
        raise refused(f'No *-axis in {operation}(..., "{pattern}")')
    for name in names:
        if name != "*" and not is_axis_name(name):
            raise refused(f'Invalid axis name {name} in {operation}(..., "{pattern}")')
    before = names.index("*")
    return before, len(names) - before - 1


@shape_rule("einops.pack", signature="(tensors: sequence, pattern: str)")
def pack(call: Call) -> Value:
    """Tensors with different axes at the ``*`` joined along it, and the shapes of those axes."""
    before, behind = _counts(call["pattern"], "pack")
    given = tensors_of(call, "tensors")
    if isinstance(given, Repeated) or any(tensor is None or tensor.shape.rank is None for tensor in given):
        raise CannotTell("the tensors are not all known")
    flat: list[Tensor | None] = []
    shapes: list[Value] = []
    for place, tensor in enumerate(given):
        assert tensor is not None
        dims = tensor.shape.dims
        if len(dims) < before + behind:
            raise Complaint(
                "ATN109",
                f"tensor {place} has the shape {tensor.shape}, but the pattern needs at least {before + behind} axes",
                arguments=(f"tensors[{place}]", "pattern"),
                clash=(Clash(f"tensors[{place}]", None),),
                about_rank=True,
            )
        packed = dims[before : len(dims) - behind]
        shapes.append(packed)
        if any(call.facts.equal(dim, 0) is Answer.YES for dim in dims):
            raise CannotTell("a tensor without elements")
        wanted = (*dims[:before], call.facts.normal(product(packed)), *dims[len(dims) - behind :])
        flat.append(reshaped(call, tensor, wanted, must_view=False))
    if not flat:
        raise CannotTell("there is nothing to pack")
    return joined(call, flat, before, "tensors"), ListValue(shapes)


@shape_rule("einops.unpack", signature="(tensor, packed_shapes, pattern: str)")
def unpack(call: Call) -> Value:
    """The reverse of ``pack``: an axis cut into pieces, each in its shape."""
    before, behind = _counts(call["pattern"], "unpack")
    tensor = call.as_tensor(call["tensor"], "tensor")
    rank = before + 1 + behind
    if (tensor.shape.rank is None and len(tensor.shape.dims) > rank) or tensor.shape.rank not in (None, rank):
        raise Complaint(
            "ATN109",
            f"the tensor has the shape {tensor.shape}, but the pattern has {rank} axes",
            arguments=("tensor", "pattern"),
            clash=(Clash("tensor", None),),
            about_rank=True,
        )
    dims = call.facts.require_rank(tensor.shape, rank, because=call.because).dims
    length = dims[before]
    given = call["packed_shapes"]
    if isinstance(given, Unknown | Repeated):
        raise CannotTell("the shapes are not known")
    shapes = [tuple(size_or_symbol(call, size) for size in _sizes(call, item)) for item in call.as_sequence(given)]
    if any(call.facts.equal(dim, 0) is Answer.YES for dim in dims):
        raise CannotTell("a tensor without elements")
    resolved = _resolved(call, shapes, length)
    ends = (dims[:before], dims[before + 1 :])
    return ListValue([_piece(tensor, (*ends[0], *shape, *ends[1])) for shape in resolved])


def _sizes(call: Call, item: Value) -> tuple[Value, ...]:
    if isinstance(item, ListValue):
        return tuple(item.items)
    if isinstance(item, tuple):
        return item
    raise CannotTell("a packed shape is not known")


def _piece(tensor: Tensor, dims: Sequence[Dim]) -> Tensor:
    return Tensor(Shape(tuple(dims)), tensor.dtype, tensor.device)


def _resolved(call: Call, shapes: Sequence[tuple[Dim, ...]], length: Dim) -> list[tuple[Dim, ...]]:
    """The shapes with ``-1`` worked out; complains when they do not make up the axis."""
    unknown = [shape for shape in shapes if -1 in [dim for dim in shape if isinstance(dim, int)]]
    if len(unknown) > 1:
        raise refused("received more than one -1 and can't infer dimensions", "packed_shapes")
    asked: Dim = 0
    for shape in shapes:
        asked = asked + (0 if shape in unknown else product(shape))
    left = call.facts.normal(length - asked)
    clash = (Clash("tensor", None, length), Clash("packed_shapes", None, asked))

    def complain() -> Complaint:
        return Complaint(
            "ATN109",
            f"could not split an axis of size {length} into {', '.join(str(Shape(shape)) for shape in shapes)}",
            arguments=("packed_shapes", "tensor"),
            clash=clash,
        )

    if not unknown:
        if not shapes:
            return []
        call.demand_equal(length, asked, complain, clash)
        return list(shapes)
    if call.facts.at_least(left, 0) is Answer.NO:
        raise complain()
    if left == 0:
        raise CannotTell("nothing is left for the -1")
    return [
        shape if shape not in unknown else wanted_dims(call, shape, Shape((left,)), "packed_shapes", code="ATN109")
        for shape in shapes
    ]


# --- EinMix -----------------------------------------------------------------------------------------------------------


def _flat(side: Side) -> list[str]:
    """All names of a side, as subscripts of an einsum."""
    return ["." if name == ELLIPSIS else str(name) for name in side.names()]


def _check_einmix(pattern: Value, weight_shape: Value, given: Mapping[str, Value]) -> tuple[Side, Side, Side]:
    if not isinstance(pattern, str) or not isinstance(weight_shape, str):
        raise CannotTell("the pattern is not known")
    left, right = parse_pattern(pattern)
    weight = parse_side(weight_shape)
    known = {*left.names(), *weight.names()}
    if set(right.names()) - known:
        raise refused(f"Unrecognized identifiers on the right side of EinMix {shown(set(right.names()) - known)}")
    if weight.has_ellipsis:
        raise refused("Ellipsis is not supported in weight, as its shape should be fully specified", "weight_shape")
    if left.has_ellipsis != right.has_ellipsis:
        raise refused(f"Ellipsis in EinMix should be on both sides, {pattern}")
    if left.has_ellipsis and left.ellipsis_in_group:
        raise refused(f"Ellipsis on left side can't be in parenthesis, got {pattern}")
    if left.has_numbers() or right.has_numbers() or weight.has_numbers():
        raise refused("Anonymous axes (numbers) are not allowed in EinMix")
    if "(" in weight_shape or ")" in weight_shape:
        raise refused(f"Parenthesis is not allowed in weight shape: {weight_shape}", "weight_shape")
    for name in weight.names():
        if name not in given:
            raise refused(f"Dimension {name} of weight should be specified", "weight_shape")
    unused = set(given) - known
    if unused:
        raise refused(f"Axes {shown(unused)} are not used in pattern", "pattern")
    redundant = set(weight.names()) - {*left.names(), *right.names()}
    if redundant:
        raise refused(f"Weight axes {shown(redundant)} are redundant", "weight_shape")
    return left, right, weight


@layer(
    "einops.layers.torch.EinMix",
    constructor="(pattern: str, weight_shape: str, bias_shape: str = None, **axes_lengths)",
    forward="(input)",
)
class EinMix:
    """An einsum with a weight of its own, between two rearrangements."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        given = call["axes_lengths"]
        left, right, weight = _check_einmix(call["pattern"], call["weight_shape"], given)
        for group in left.groups:
            open_names = [name for name in group if name not in given and name != ELLIPSIS]
            if len(open_names) > 1:
                raise refused(f"Could not infer sizes for {shown(open_names)}")
        sizes = {name: one_size(call, value, "pattern") for name, value in given.items()}
        dims = tuple(sizes[str(name)] for name in weight.names())
        bias_text, bias = call["bias_shape"], None
        if isinstance(bias_text, str):
            bias = fresh(call, _bias_dims(parse_side(bias_text), right, sizes), DEFAULT, contiguous=True)
        return {
            "pattern": call["pattern"],
            "weight_shape": call["weight_shape"],
            "bias_shape": bias_text,
            "axes_lengths": DictValue(dict(given)),
            "weight": Tensor(Shape(dims), DEFAULT, is_parameter=True),
            "bias": bias if bias is not None or bias_text is None else Unknown("the bias of an EinMix"),
        }

    @staticmethod
    def forward(call: Call) -> Tensor:
        given, weight = call.layer["axes_lengths"], call.layer["weight"]
        if not isinstance(given, DictValue) or not isinstance(weight, Tensor):
            raise CannotTell("the weight is not known")
        pattern = call.layer["pattern"]
        left, right, weight_side = _check_einmix(pattern, call.layer["weight_shape"], given.items)
        left_text, _, right_text = str(pattern).partition("->")
        tensor = call.tensor("input")
        if any(len(group) != 1 for group in left.groups):
            lengths = {name: value for name, value in given.items.items() if name in left.names()}
            tensor = transformed(call, tensor, f"{left_text}-> {_joined(left)}", "rearrange", lengths)
        equation = Equation([_flat(left), _flat(weight_side)], _flat(right), str(pattern))
        result = evaluated(call, equation, (tensor, call.as_tensor(weight)))
        bias = call.layer["bias"]
        if isinstance(bias, Tensor) and result.shape.rank is not None:
            broadcast(call, (("result", result), ("bias", call.as_tensor(bias))))
        if any(len(group) != 1 for group in right.groups) or right.ellipsis_in_group:
            if result.shape.rank is None and right.has_ellipsis:
                return Tensor(Shape((), Rest(object())), result.dtype)
            result = transformed(call, result, f"{_joined(right)} ->{right_text}", "rearrange", {})
        return result


def _joined(side: Side) -> str:
    return " ".join("..." if name == ELLIPSIS else str(name) for name in side.names())


def _bias_dims(bias: Side, right: Side, sizes: Mapping[str, Dim]) -> tuple[Dim, ...]:
    names = {name for name in bias.names() if not isinstance(name, Number)}
    if names - set(right.names()):
        raise refused(f"Bias axes {shown(names - set(right.names()))} not present in output", "bias_shape")
    if names - set(sizes):
        raise refused(f"Sizes not provided for bias axes {shown(names - set(sizes))}", "bias_shape")
    dims: list[Dim] = []
    used = False
    for name in itertools.chain.from_iterable(right.groups):
        if name == ELLIPSIS:
            if used:
                raise refused("all bias dimensions should go after ellipsis in the output", "bias_shape")
        elif name in names:
            dims.append(sizes[str(name)])
            used = True
        else:
            dims.append(1)
    return tuple(dims)
