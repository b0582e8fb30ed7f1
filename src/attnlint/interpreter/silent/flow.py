"""Following the flow of data back: from a tensor to the call that made it, its operands, and theirs.

An axis is counted from the end (-1 is the last one): so it has the same number in all operands of a broadcast, and is
known where the number of leading axes is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from attnlint.algebra.effort import EFFORT
from attnlint.frozen import frozen, replace
from attnlint.interpreter import operations
from attnlint.ops.axes import NEW, leaf_axes, leaves
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import Op, find_layer, find_op
from attnlint.values import ListValue, Maker, NamedTuple, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.algebra import Facts
    from attnlint.interpreter.run import Run

FILLED = frozenset("ones zeros full ones_like zeros_like full_like new_ones new_zeros new_full fill_".split())
"""Operations that make a tensor of equal elements: whom they are paired with makes no difference."""

MOST_CALLS = 40
"""How many calls one search follows."""

_PYTHON = {
    "matmul": "torch.matmul",
    "getitem": "torch.Tensor.__getitem__",
    "truediv": "torch.div",
    "itruediv": "torch.Tensor.div_",
    "floordiv": "torch.floor_divide",
    "mod": "torch.remainder",
    "pow": "torch.pow",
    "and_": "torch.bitwise_and",
    "or_": "torch.bitwise_or",
    "xor": "torch.bitwise_xor",
}
ELEMENTWISE = frozenset(
    """add sub mul div maximum minimum masked_fill where clamp clip tanh addcmul addcdiv lerp nan_to_num pow exp sigmoid
    bitwise_and bitwise_or logical_and logical_or""".split()
)
"""What works element by element on operands that are broadcast."""

CASTS = frozenset(
    "to float half bfloat16 double type type_as contiguous clone detach cpu cuda requires_grad Identity".split()
)
DROPOUTS = frozenset({"dropout", "Dropout", "Dropout1d", "Dropout2d", "AlphaDropout", "alpha_dropout", "dropout1d"})
VIEWS = frozenset(
    """view reshape transpose permute swapaxes swapdims movedim moveaxis unsqueeze squeeze flatten unflatten rearrange
    Rearrange expand expand_as repeat T mT t adjoint getitem narrow view_as reshape_as Flatten Unflatten""".split()
)
SOFTMAXES = frozenset({"softmax", "Softmax", "gumbel_softmax"})
NORMS = frozenset("LayerNorm layer_norm RMSNorm rms_norm".split())
ACTIVATIONS = frozenset("relu ReLU gelu GELU silu SiLU Tanh tanh".split())
KEEPING = CASTS | DROPOUTS | SOFTMAXES | NORMS | ACTIVATIONS
"""What gives a tensor of the same shape."""

PRODUCTS = frozenset({"matmul", "bmm", "baddbmm", "einsum", "mm", "__matmul__"})

_SHORT = {"truediv": "div", "itruediv": "div", "true_divide": "div", "divide": "div", "imul": "mul", "multiply": "mul"}
_SHORT |= {"iadd": "add", "isub": "sub", "subtract": "sub", "__matmul__": "matmul", "__getitem__": "getitem"}


CONSTANTS = frozenset("arange zeros ones full empty linspace tensor eye".split())
"""What makes a tensor whose contents say nothing about an input."""


@frozen
class Step:
    """One call on a way back: ``operand`` is the one of its operands that the way goes on through."""

    call: Maker
    name: str
    """The last part of the op's name, the same for all of its spellings: ``div``, ``masked_fill``, ``dropout``."""
    operand: Tensor
    index: int | None = None
    """Which item, where the call returns a tuple."""


Way = tuple[Step, ...]
"""From a tensor back to one that it was made of; the step nearest to the result comes first."""


@cache
def short_name(operation: str) -> str:
    """``div`` for ``operator.truediv`` and ``torch.Tensor.div_``; ``Linear`` for ``torch.nn.Linear``."""
    last = operation.rpartition(".")[2]
    if last.endswith("_") and not last.endswith("__"):
        last = last[:-1]
    return _SHORT.get(last, last)


def maker_of(tensor: Value) -> Maker | None:
    """The call that made a tensor; for one of a tuple of results, the call that made the tuple."""
    maker = tensor.maker if isinstance(tensor, Tensor) else None
    return maker if maker is None or maker.whole is None else maker.whole


def operands(run: Run, call: Maker) -> Iterator[Tensor]:
    """The tensors that a call was given, in order; an unknown object that is taken for a tensor is one."""
    known = call.tensors
    if known is None:
        values = (*call.arguments, *call.keywords.values())
        if not all(map(_is_settled, values)):
            taken = short_name(call.operation) in PRODUCTS
            return iter([tensor for value in values for tensor in _tensors(run, value, taken)])
        known = call.tensors = tuple([tensor for value in values for tensor in _tensors(run, value, False)])
    return iter(known)


def _is_settled(value: Value) -> bool:
    """Whether what tensors a value holds is the same for ever: no list to change, no object to learn more of."""
    kind = type(value)
    if kind is tuple:
        return all(map(_is_settled, value))
    return kind is not ListValue and kind is not NamedTuple and kind is not Unknown


def _tensors(run: Run, value: Value, taken: bool) -> Iterator[Tensor]:
    """``taken``: what is not known must be a tensor here."""
    kind = type(value)
    if kind is Tensor:
        yield value
    elif kind is ListValue:
        for item in value.items:
            yield from _tensors(run, item, taken)
    elif kind is tuple:
        for item in value:
            yield from _tensors(run, item, taken)
    elif kind is NamedTuple:
        for item in value.values:
            yield from _tensors(run, item, taken)
    elif kind is Unknown and value.key is not None:
        tensor = operations.tensor_of(run, value)
        if tensor is not None and (taken or operations.known_tensor(run, value)):
            yield tensor


def is_same(value: Value, tensor: Tensor) -> bool:
    """Whether a value is a tensor, or the result of the very call that made it."""
    return value is tensor or (isinstance(value, Tensor) and value.maker is not None and value.maker is tensor.maker)


def item_of(tensor: Tensor) -> int | None:
    """Which one of several results a tensor is: of ``chunk``, say; ``None`` where the call has one."""
    return tensor.maker.index if tensor.maker is not None and tensor.maker.whole is not None else None


def joined_axis(call: Maker, joined: Tensor) -> int | None:
    """The axis of ``torch.cat`` or ``torch.stack`` in the result, from the end; ``None`` when not known."""
    dim = argument(call, "dim", 1)
    rank = joined.shape.rank
    if dim is None:
        dim = 0
    if not isinstance(dim, int) or (dim >= 0 and rank is None):
        return None
    return dim if dim < 0 else dim - (rank or 0)


def argument(call: Maker, name: str, position: int) -> Value:
    """An argument of a call by name or position; the receiver of a method has position 0. ``None`` when absent."""
    if name in call.keywords:
        return call.keywords[name]
    return call.arguments[position] if position < len(call.arguments) else None


def ways(
    run: Run, tensor: Tensor, passing: frozenset[str], wanted: Callable[[Maker], bool], *, most: int = MOST_CALLS
) -> Iterator[tuple[Way, Tensor]]:
    """All ways back from a tensor, through the ops of ``passing`` only, to the results of ``wanted`` calls."""
    front: list[tuple[Way, Tensor]] = [((), tensor)]
    seen: set[int] = set()
    while front and len(seen) < most:
        way, current = front.pop(0)
        call = maker_of(current)
        if call is None or id(call) in seen or current.is_parameter:
            continue
        seen.add(id(call))
        if wanted(call):
            yield way, current
            continue
        name = short_name(call.operation)
        if name in passing:
            item = item_of(current)
            front += [((*way, Step(call, name, operand, item)), operand) for operand in operands(run, call)]


def axis_before(run: Run, step: Step, axis: int) -> int | None:
    """Which axis of the step's operand the axis ``axis`` of its result is; ``None`` when it is none, or not known."""
    operand = step.operand
    rank = len(operand.shape.dims)
    if step.name in ELEMENTWISE:
        if rank < -axis:
            return axis if operand.shape.rest is not None else None
        dim = operand.shape.dims[axis]
        return None if isinstance(dim, int) and dim == 1 and _is_wider(run, step, axis) else axis
    if operand.shape.rest is not None:
        return _axis_of_unknown_rank(step, axis)
    places = places_before(run, step)
    return None if places is None or len(places) < -axis else places[axis]


def _axis_of_unknown_rank(step: Step, axis: int) -> int | None:
    if step.name in KEEPING:
        return axis
    if step.name in ("transpose", "swapaxes", "swapdims"):
        pair = [argument(step.call, name, place) for name, place in (("dim0", 1), ("dim1", 2))]
        if all(isinstance(each, int) and each < 0 for each in pair):
            return pair[1] if axis == pair[0] else pair[0] if axis == pair[1] else axis
    return None


def _is_wider(run: Run, step: Step, axis: int) -> bool:
    """Whether another operand has more than one element along an axis."""
    return any(
        operand is not step.operand and len(operand.shape.dims) >= -axis and operand.shape.dims[axis] != 1
        for operand in operands(run, step.call)
    )


def places_before(run: Run, step: Step) -> tuple[int | None, ...] | None:
    """For each axis of the step's result, which axis of the operand it is: the op's rule is run again on an operand
    whose axes are marked.
    """
    if step.operand.shape.rank is None:
        return None
    # Several rules follow the same way back from the same place.
    key = (id(step.call), id(step.operand), step.index)
    known = run.places.get(key)
    if known is not None and run.facts.is_at(known.facts):
        EFFORT.spent += known.effort  # A budget does not depend on who has asked before.
        return known.places
    begun = EFFORT.spent
    places = _places_before(run, step)
    if len(run.places) >= MOST_PLACES:
        run.places.clear()
    run.places[key] = Places(step, run.facts.fork(), places, EFFORT.spent - begun)
    return places


MOST_PLACES = 200
"""How many answers of ``places_before`` are kept."""


@frozen
class Places:
    """What ``places_before`` has found, and under which facts."""

    step: Step
    """Kept, so that nothing else can have the identity of its call or operand."""
    facts: Facts
    places: tuple[int | None, ...] | None
    effort: int


def _places_before(run: Run, step: Step) -> tuple[int | None, ...] | None:
    operand = step.operand
    mark = ("mark", object())
    marked = replace(operand, axes=leaf_axes(mark, len(operand.shape.dims)), maker=None)
    arguments = tuple([_marked(run, value, operand, marked) for value in step.call.arguments])
    keywords = {name: _marked(run, value, operand, marked) for name, value in step.call.keywords.items()}
    result = again(run, step.call, arguments, keywords)
    if step.index is not None and isinstance(result, tuple) and len(result) > step.index:
        result = result[step.index]
    if not isinstance(result, Tensor) or result.axes is None:
        return None
    return tuple(axis.index if axis.source == mark else None for axis in result.axes)


def _marked(run: Run, value: Value, operand: Tensor, marked: Tensor) -> Value:
    """``value`` with the operand replaced by ``marked``, and nothing known of the axes of the others."""
    kind = type(value)
    if value is operand or (
        kind is Tensor and value.maker is operand.maker and value.maker is not None and value.shape == operand.shape
    ):
        return marked
    if kind is Tensor:
        return value if value.axes is None else replace(value, axes=None)
    if kind is Unknown and value.key is not None and value.label == operand.label:
        tensor = operations.tensor_of(run, value)
        return marked if tensor is not None and tensor.shape == operand.shape and tensor.shape.dims else value
    if kind is ListValue:
        return ListValue([_marked(run, item, operand, marked) for item in value.items])
    return tuple([_marked(run, item, operand, marked) for item in value]) if kind is tuple else value


def again(run: Run, call: Maker, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """What a call returns for other arguments, by the op's rule; ``None`` when that is not known."""
    op = op_of(call)
    if op is None:
        return None
    layer = call.layer.attributes if call.layer is not None else None
    try:
        return call_op(op, arguments, keywords, run.facts.fork(), layer=layer)
    except (Complaint, CannotTell, BadArguments, KeyError):
        return None


def op_of(call: Maker) -> Op | None:
    """The op that a call was made of."""
    name = call.operation
    if name == "getitem" or name.startswith("operator."):
        last = name.rpartition(".")[2]
        return find_op(_PYTHON.get(last) or f"torch.{last}") or find_op(f"torch.Tensor.{last.removeprefix('i')}_")
    if call.layer is not None:
        layer = find_layer(name)
        return layer.forward if layer is not None else None
    return find_op(name)


def is_made_of(run: Run, tensor: Tensor, call: Maker, *, most: int = MOST_CALLS) -> bool:
    """Whether a call is among those that led to a tensor."""
    front, seen = [tensor], set[int]()
    while front and len(seen) < most:
        maker = maker_of(front.pop())
        if maker is call:
            return True
        if maker is not None and id(maker) not in seen:
            seen.add(id(maker))
            front += operands(run, maker)
    return False


def _began_as_constant(tensor: Tensor) -> bool:
    """Whether a tensor of which no maker is known any more (it was written into) began as a constant."""
    sources = [leaf.source for axis in tensor.axes or () for leaf in leaves(axis) if leaf.source != NEW]
    return bool(sources) and all(
        isinstance(source, tuple) and source[0] == "made" and short_name(str(source[1])) in CONSTANTS
        for source in sources
    )


def is_computed(run: Run, tensor: Tensor) -> bool:
    """Whether a tensor depends on an input, and is not made of parameters and constants alone."""
    front, seen = [tensor], set[int]()
    while front and len(seen) < MOST_CALLS:
        current = front.pop()
        if current.is_parameter:
            continue
        call = maker_of(current)
        if call is None:
            if not _began_as_constant(current):
                return True
            continue
        if id(call) in seen:
            continue
        seen.add(id(call))
        before = list(operands(run, call))
        if not before and short_name(call.operation) not in CONSTANTS:
            return True
        front += before
    return bool(front)
