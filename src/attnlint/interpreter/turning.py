"""What authors know to be square: ``a + a.T``, ``conv(x) + conv(rot90(x))``, ``w @ x @ w.T``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attnlint.algebra import Answer, Dim
from attnlint.ops.call import Call
from attnlint.values import ListValue, Maker, Tensor, Unknown, Value

ORDERS = frozenset({"transpose", "permute", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "adjoint", "rearrange",
                    "T", "mT", "rot90", "contiguous"})  # fmt: skip
"""Operations that only put axes into another order."""

RESHAPING = frozenset("Flatten Unflatten Rearrange Reduce Embedding MultiheadAttention Fold Unfold".split())
"""Layers whose output has other axes than their input."""

POINTWISE = frozenset(
    """add iadd sub isub mul imul truediv itruediv div true_divide neg pow relu gelu silu sigmoid tanh softmax dropout
    leaky_relu elu exp log abs clamp where masked_fill float half to type contiguous clone detach""".split()
)
"""Operations that leave all axes where they are."""

MOST_CALLS = 60
"""How many calls are followed back."""


def same_in_another_order(call: Call) -> bool:
    """Whether two operands are one tensor, but for the order of its axes: ``a - a.T``, ``x @ y.T - y @ x.T``."""
    tensors = [unordered(each) for each in _tensors(call.arguments.values())]
    found = [_identity(each) for each in tensors]
    if len(found) != len(set(found)):
        return True
    factors = [each for each in map(_factors, tensors) if each is not None]
    return len(factors) != len(set(factors))


def _factors(value: Value) -> frozenset[object] | None:
    """What a product of two tensors was made of, but for the order of their axes; ``None`` for what is none."""
    maker = _source(value)
    if maker is None or _short(maker.operation) not in _PRODUCTS:
        return None
    sides = list(_tensors(maker.arguments))
    return frozenset(_identity(unordered(each)) for each in sides) if len(sides) == 2 else None


def is_turned_on_purpose(call: Call) -> bool:
    """`left(pair) + right(pair).transpose(1, 2)`, `conv(x) + conv(x.transpose(2, 3))`: of two tensors that nothing but
    layers made of the same one, one was turned, once, and the other one not at all."""
    tensors = [value for value in _tensors(call.arguments.values()) if isinstance(value, Tensor)]
    shapes = [call.facts.resolve(tensor.shape) for tensor in tensors]
    for place, tensor in enumerate(tensors):
        source = unordered(tensor)
        if source is not tensor and isinstance(source, Tensor):
            before = call.facts.resolve(source.shape)
            if any(before == shape for index, shape in enumerate(shapes) if index != place):
                return True
    turns = [_turns(tensor) for tensor in tensors]
    for index, first in enumerate(turns):
        for second in turns[index + 1 :]:
            if any({first[each], second[each]} == {0, 1} for each in first.keys() & second.keys()):
                return True
    return False


def is_multiplied_on_both_sides(call: Call) -> bool:
    """`w @ x @ w.T`: what square matrices are multiplied to from the left and from the right is square for its author.

    The first product has told that ``x`` has as many rows as ``w``, and the second one tells the same of its columns.
    """
    left, right = (*_tensors(call.arguments.values()), None, None)[:2]
    for product, square in ((left, right), (right, left)):
        inner = _source(product)
        size = _side_of(call, square)
        if size is None or inner is None or _short(inner.operation) not in _PRODUCTS:
            continue
        sides = list(_tensors(inner.arguments))
        other = _side_of(call, sides[0 if product is left else 1]) if len(sides) == 2 else None
        if other is not None and call.facts.equal(size, other) is Answer.YES:
            return True
    return False


_PRODUCTS = frozenset({"matmul", "bmm", "mm", "__matmul__"})


def _source(value: Value) -> Maker | None:
    """The call that made a matrix, before anything that went on element by element."""
    for _ in range(8):
        maker = value.maker if isinstance(value, Tensor) else None
        if maker is None or _short(maker.operation) not in POINTWISE or not maker.arguments:
            return maker
        value = maker.arguments[0]
    return None


def _side_of(call: Call, matrix: Value) -> Dim | None:
    """The size of a square matrix."""
    if not isinstance(matrix, Tensor):
        return None
    dims = call.facts.resolve(matrix.shape).dims
    return dims[-1] if len(dims) > 1 and call.facts.equal(dims[-1], dims[-2]) is Answer.YES else None


def _turns(tensor: Tensor) -> dict[object, int]:
    """What layers, and what works element by element, made a tensor of, and how often its axes were turned since."""
    found: dict[object, int] = {}
    front: list[tuple[Value, int]] = [(tensor, 0)]
    while front and len(found) < MOST_CALLS:
        value, turns = front.pop(0)
        key = _identity(value)
        if found.get(key, MOST_CALLS) <= turns:
            continue
        found[key] = turns
        maker = value.maker if isinstance(value, Tensor) else None
        if maker is None or maker.whole is not None or not maker.arguments:
            continue
        name = _short(maker.operation)
        if name in ORDERS:
            front.append((maker.arguments[0], turns + (name != "contiguous")))
        elif (maker.layer is not None and name not in RESHAPING) or name.startswith("conv"):
            front.append((maker.arguments[0], turns))
        elif name in POINTWISE:
            front.extend((each, turns) for each in _tensors(maker.arguments))
    return found


def _short(operation: str) -> str:
    last = operation.rpartition(".")[2]
    return last[:-1] if last.endswith("_") and not last.endswith("__") else last


def _tensors(values: Iterable[Value]) -> Iterator[Tensor | Unknown]:
    """The tensors among values, and in tuples and lists of them; what is not known may be one."""
    for value in values:
        if isinstance(value, Tensor | Unknown):
            yield value
        elif isinstance(value, tuple):
            yield from _tensors(value)
        elif isinstance(value, ListValue):
            yield from _tensors(value.items)


def _identity(value: Value) -> object:
    if isinstance(value, Unknown) and value.key is not None:
        return value.key
    # A tensor whose shape has become known since is a new value, of the same maker.
    return id(value.maker) if isinstance(value, Tensor) and value.maker is not None else id(value)


def unordered(value: Value) -> Value:
    """The tensor whose axes were put into another order to make this one."""
    for _ in range(8):
        maker = value.maker if isinstance(value, Tensor) else None
        if maker is None or maker.operation.rpartition(".")[2] not in ORDERS or not maker.arguments:
            break
        value = maker.arguments[0]
    return value
