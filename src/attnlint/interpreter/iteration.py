"""Iterating and unpacking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Expression, Rest, Shape, Symbol
from attnlint.findings import Evidence
from attnlint.interpreter import classes, containers, generators, library, operations, reports
from attnlint.interpreter.conditions import Identity
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library.iterators import drain, spread
from attnlint.interpreter.objects import ClassValue, Condition, GeneratorValue, OpenDict, OpenList, OpenSet
from attnlint.interpreter.results import Operand
from attnlint.interpreter.widening import one_of_many
from attnlint.ops.complaint import Clash, Complaint
from attnlint.syntax import nodes
from attnlint.values import (
    Choice,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

LONGEST = 4096
LONGEST_TENSOR = 64
MOST_ROWS = 8
"""Of how many rows of a tensor, unpacked into too few names, the evidence is made."""


def iterate(run: Run, value: Value, node: nodes.Node) -> list[Value] | None:
    """The items of an iterable, in order; ``None`` when they are not known."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, ListValue):
        return list(value.items)
    if isinstance(value, str | bytes | range):
        return list(value) if len(value) <= LONGEST else None
    if isinstance(value, DictValue):
        return list(value.items)
    if isinstance(value, SetValue):
        return sorted(value.items, key=repr)
    if isinstance(value, NamedTuple):
        return list(value.values)
    if isinstance(value, GeneratorValue):
        return generators.drain(run, value, node)
    if isinstance(value, Instance):
        return _iterate_instance(run, value, node)
    if isinstance(value, Tensor):
        return _iterate_tensor(run, value, node)
    if isinstance(value, ClassValue):
        return _iterate_class(run, value, node)
    if isinstance(value, Unknown):
        refined = run.refine(value)
        if refined is not value and not isinstance(refined, Unknown):
            return iterate(run, refined, node)
        if operations.known_tensor(run, value):
            tensor = operations.tensor_of(run, value)
            return _iterate_tensor(run, tensor, node) if tensor is not None else None
    if value is None or isinstance(value, bool | int | float):
        run.raise_error("TypeError", f"{type(value).__name__!r} object is not iterable", node)
    return None


def _iterate_instance(run: Run, value: Instance, node: nodes.Node) -> list[Value] | None:
    if isinstance(value.cls, PythonName):
        if value.cls.name == "iterator":
            return drain(run, value, node)
        qualified = library.find_method(value, "__iter__")
        if qualified is None:
            return None
        model = library.find_python(qualified)
        made = model(run, (value,), {}, node) if model is not None else None
        return iterate(run, made, node) if made is not None and made is not value else None
    if containers.container_class(value):
        _found, holder = classes.find_in_class(value.cls, "__iter__")
        if not isinstance(holder, ClassValue):
            return containers.iterate(run, value, node)
    method = classes.find_special(run, value, "__iter__")
    if method is not None:
        made = run.call(method, (), {}, node)
        return _exhaust(run, value, node) if made is value else iterate(run, made, node)
    getter, length = classes.find_special(run, value, "__getitem__"), classes.find_special(run, value, "__len__")
    if getter is not None and length is not None:
        count = run.call(length, (), {}, node)
        if isinstance(count, int) and 0 <= count <= LONGEST_TENSOR:
            return [run.call(getter, (index,), {}, node) for index in range(count)]
    return None


def _exhaust(run: Run, value: Instance, node: nodes.Node) -> list[Value] | None:

    method = classes.find_special(run, value, "__next__")
    if method is None:
        return None
    items: list[Value] = []
    for _ in range(LONGEST_TENSOR):
        try:
            items.append(run.call(method, (), {}, node))
        except Raised as error:
            if isinstance(error.value, Instance) and error.value.cls == PythonName("StopIteration"):
                return items
            raise
    return None


def _iterate_tensor(run: Run, tensor: Tensor, node: nodes.Node) -> list[Value] | None:
    shape = run.facts.resolve(tensor.shape)
    if shape.rest is None and shape.dims and isinstance(shape.dims[0], int) and shape.dims[0] <= LONGEST_TENSOR:
        return [_numbered(run.item(tensor, index, node)) for index in range(shape.dims[0])]
    return None


def _numbered(item: Value) -> Value:
    """One whole number of a tensor, which is the same wherever it is used: ``data[i : i + block]``."""
    if isinstance(item, Tensor) and item.shape == Shape(()) and item.elements is None and item.dtype == "int64":
        return replace(item, elements=Expression.of(Symbol("i", minimum=None)))
    return item


def _iterate_class(run: Run, value: ClassValue, node: nodes.Node) -> list[Value] | None:
    for base in value.mro:
        if isinstance(base, PythonName):
            model = library.find_python(base.name + ".__class_iter__")
            if model is not None:
                return iterate(run, model(run, (value,), {}, node), node)
    return None


def element_like(run: Run, value: Value, node: nodes.Node) -> Value:
    """What stands for any one item of an iterable whose items are not known one by one."""
    if isinstance(value, Repeated):
        return take(run, value.element)
    if isinstance(value, OpenList | OpenSet):
        return take(run, value.items.element)
    if isinstance(value, OpenDict):
        return run.fresh("a key of a dict that is not known")
    if isinstance(value, Tensor):
        return _numbered(run.item(value, run.fresh("an index", "i", "int"), node))
    if isinstance(value, range):
        index = Expression.of(Symbol("i", ("fresh", run.next_serial()), min(value[0], value[-1]) if len(value) else 0))
        if len(value):
            run.facts.learn_at_least(max(value[0], value[-1]), index)
        return index
    if isinstance(value, Shape):
        return Expression.of(Symbol("n", ("fresh", run.next_serial()), 0))
    if isinstance(value, Choice):
        from attnlint.interpreter.joins import join_all

        return join_all(run, [element_like(run, each, node) for each in value.values])
    if isinstance(value, Unknown):
        if operations.known_tensor(run, value):
            return run.item(value, run.fresh("an index", "i", "int"), node)
        label = f"{value.label}[i]" if value.label else ""
        return run.fresh(value.reason, label)
    if isinstance(value, Instance) and containers.container_class(value) and iterate(run, value, node) is None:
        return take(run, containers.element_of(run, value))
    inside = spread(run, value, node)
    if isinstance(inside, Repeated):
        return take(run, inside.element)
    items = iterate(run, inside, node)
    if items:
        from attnlint.interpreter.joins import common_element

        return take(run, common_element(run, items))
    return run.fresh("an item of an iterable that is not known")


def first_of(run: Run, value: Value, node: nodes.Node) -> Value:
    """The first item of an iterable whose items are not known one by one, if there is one; ``None`` when not known.

    An item of an object of which nothing is known is as good a first one as any.
    """
    if isinstance(value, Repeated):
        return value.first
    if isinstance(value, OpenList):
        return value.items.first
    if isinstance(value, range):
        return value[0] if len(value) else None
    if isinstance(value, Instance) and containers.container_class(value):
        return containers.first_of(value)
    if isinstance(value, Unknown | Tensor):
        return element_like(run, value, node)
    return None


def take(run: Run, element: Value) -> Value:
    """One element of a sequence whose elements are all alike: what is learnt of it says nothing about the others."""
    if isinstance(element, Unknown):
        return run.keyed(element)
    if isinstance(element, tuple):
        return tuple(take(run, item) for item in element)
    if isinstance(element, Tensor):
        rest = element.shape.rest
        if rest is not None:
            from dataclasses import replace

            return replace(element, shape=Shape(element.shape.dims, Rest(("fresh", run.next_serial()), rest.name)))
        return one_of_many(run, element)
    if isinstance(element, Expression):
        # `[v.shape[1] for v in maps.values()]`: each of what is not known has a size of its own.
        others = {symbol: _another(run, symbol) for symbol in element.symbols() if _is_of_one(symbol.key)}
        return element.substitute(others) if others else element
    return element


def _another(run: Run, symbol: Symbol) -> Expression:
    return Expression.of(Symbol(symbol.name, ("fresh", run.next_serial()), symbol.minimum, symbol.generic))


def _is_of_one(key: object) -> bool:
    """Whether a key is, or is made of, that of something that is not known and was not met before."""
    return isinstance(key, tuple) and (key[:1] == ("fresh",) or any(map(_is_of_one, key)))


# --- unpacking
# ------------------------------------------------------------------------------------------------------------


def unpack(
    run: Run, value: Value, targets: Sequence[nodes.Expression], node: nodes.Node, source: nodes.Node | None = None
) -> list[Value]:
    """The values for the targets of ``a, *b, c = value``."""
    starred = next((index for index, target in enumerate(targets) if isinstance(target, nodes.Starred)), None)
    count = len(targets)
    if isinstance(value, Choice):
        return _unpack_choice(run, value, targets, node, source)
    if isinstance(value, Shape):
        return _unpack_shape(run, value, count, starred)
    tensor = (
        operations.tensor_of(run, value) if isinstance(value, Tensor) or operations.known_tensor(run, value) else None
    )
    if tensor is not None and starred is None:
        return _unpack_tensor(run, tensor, count, node)
    items = iterate(run, value, node)
    if items is None:
        return _unpack_unknown(run, value, count, starred, node)
    if starred is None:
        if len(items) != count:
            _wrong_count(run, value if isinstance(value, tuple) else tuple(items), count, node, source)
        return items
    after = count - starred - 1
    if len(items) < count - 1:
        _wrong_count(run, value, count - 1, node, source)
    return [*items[:starred], ListValue(items[starred : len(items) - after]), *items[len(items) - after :]]


def _unpack_choice(
    run: Run, value: Choice, targets: Sequence[nodes.Expression], node: nodes.Node, source: nodes.Node | None
) -> list[Value]:
    from attnlint.interpreter.forks import for_each_choice

    joined = for_each_choice(run, (value,), lambda one: tuple(unpack(run, one[0], targets, node, source)))
    if isinstance(joined, tuple):
        return list(joined)
    return [run.fresh("an item of what is not known") for _ in targets]


def _unpack_shape(run: Run, shape: Shape, count: int, starred: int | None) -> list[Value]:
    shape = run.facts.resolve(shape)
    if shape.rest is None:
        dims = list(shape.dims)
        if starred is None:
            return list(dims[:count]) if len(dims) == count else [run.fresh("a size") for _ in range(count)]
        after = count - starred - 1
        return [*dims[:starred], ListValue(list(dims[starred : len(dims) - after])), *dims[len(dims) - after :]]
    if starred is None:
        run.uncertain += 1
        if len(shape.dims) > count:
            run.raise_error("ValueError", "too many values to unpack")
        known = run.facts.require_rank(shape, count)
        return list(known.dims)
    after = count - starred - 1
    trailing = run.facts.require_trailing(shape, after)
    trailing = run.facts.resolve(trailing)
    if trailing.rest is None:
        return _unpack_shape(run, trailing, count, starred)
    # The axes in front may be among those that are known from the end: `n, c, *_ = x.shape` of (..., channels, length).
    front = Shape(trailing.dims[: len(trailing.dims) - after], trailing.rest)
    ahead: list[Value] = [run.facts.leading(front, index) for index in range(starred)]
    last = list(trailing.dims[len(trailing.dims) - after :]) if after else []
    middle: Value = (
        Shape(trailing.dims[: len(trailing.dims) - after], trailing.rest)
        if starred == 0
        else Repeated("list", run.unknown("a size", kind="int"))
    )
    return [*ahead, middle, *last]


def _unpack_tensor(run: Run, tensor: Tensor, count: int, node: nodes.Node) -> list[Value]:
    shape = run.facts.resolve(tensor.shape)
    if shape.rest is None and shape.dims:
        answer = run.facts.equal(shape.dims[0], count)
        if answer is Answer.NO:
            rows = shape.dims[0] if isinstance(shape.dims[0], int) and shape.dims[0] <= MOST_ROWS else 0
            row = replace(tensor, shape=Shape(shape.dims[1:]), strides=None, elements=None, label="")
            _wrong_count(run, (row,) * rows, count, node, None)
        if answer is Answer.OPEN:
            run.uncertain += 1
            run.facts.learn_equal(shape.dims[0], count)
    return [run.item(tensor, index, node) for index in range(count)]


def _unpack_unknown(run: Run, value: Value, count: int, starred: int | None, node: nodes.Node) -> list[Value]:
    run.uncertain += 1
    values: list[Value] = []
    for index in range(count):
        if isinstance(value, Unknown) and value.key is not None and not isinstance(value, Condition):
            label = f"{value.label}[{index}]" if value.label else ""
            item: Value = Unknown(value.reason, ("item", value.key, index), label)
            item = run.refine(item)
        elif isinstance(value, Repeated | OpenList | OpenSet | Instance):
            item = element_like(run, value, node)
        else:
            item = run.fresh("an item of what is not known")
        values.append(Repeated("list", run.unknown("an item of what is not known")) if index == starred else item)
    return values


def learn_rank_beside(run: Run, target: nodes.Expression, source: nodes.Display) -> None:
    """``b, n, h, device = *x.shape, self.heads, x.device``: what is not beside it is the number of axes."""
    if not isinstance(target, nodes.Display) or source.kind != "tuple":
        return
    starred = [each for each in source.elements if isinstance(each, nodes.Starred)]
    rank = len(target.elements) - (len(source.elements) - 1)
    if len(starred) != 1 or rank < 0 or any(isinstance(each, nodes.Starred) for each in target.elements):
        return
    tensor = shape_source(run, starred[0].value)
    shape = None if tensor is None else run.facts.resolve(tensor.shape)
    if shape is not None and shape.rest is not None and len(shape.dims) <= rank:
        run.uncertain += 1
        run.facts.require_rank(shape, rank)


def _wrong_count(run: Run, value: Value, count: int, node: nodes.Node, source: nodes.Node | None) -> None:
    """The shape of a tensor has another number of axes than there are names, or there are more or fewer tensors."""
    tensor = shape_source(run, source) if source is not None else None
    if tensor is None and isinstance(source, nodes.Display) and isinstance(value, tuple):
        # `b, n, device = *x.shape, x.device`: what stands beside the shape has names of its own.
        starred = [each for each in source.elements if isinstance(each, nodes.Starred)]
        beside = len(source.elements) - 1
        tensor = shape_source(run, starred[0].value) if len(starred) == 1 and 0 < beside <= count else None
        if tensor is not None:
            value, count, source = value[beside:], count - beside, starred[0].value
    if tensor is not None and isinstance(value, tuple):
        text = (
            f"{len(value)} dimension{'s' * (len(value) != 1)} cannot be unpacked into {count} name{'s' * (count != 1)}"
        )
        complaint = Complaint(
            "ATN113", text, arguments=("input",), clash=(Clash("input", None, len(value)), Clash("names", None, count))
        )
        if not tensor.assumed:
            operands = (Operand("input", source.value.id if isinstance(source, nodes.Attribute) else None, tensor),)
            reports.add_finding(run, complaint, node, "unpack", operands, Evidence("unpack", (tensor, count)))
        run.uncertain += 1
        raise Raised(Instance(PythonName("ValueError"), {"args": (text,)}), node)
    if isinstance(value, tuple) and _are_tensors(value):
        # A recurrent layer returns (output, (hidden, cell)): two items, three tensors.
        what = "tensor" if all(type(item) is Tensor for item in value) else "item"
        text = f"{len(value)} {what}{'s' * (len(value) != 1)} cannot be unpacked into {count} name{'s' * (count != 1)}"
        complaint = Complaint(
            "ATN113", text, arguments=("input",), clash=(Clash("input", None, len(value)), Clash("names", None, count))
        )
        operands = (Operand("input", source.id if source is not None else None, value),)
        reports.add_finding(run, complaint, node, "unpack", operands, Evidence("unpack", (value, count)))
    run.raise_error("ValueError", "wrong number of values to unpack", node)


def _are_tensors(value: tuple[Value, ...]) -> bool:
    """Whether a tuple holds nothing but tensors, and tuples of such."""
    return bool(value) and all(
        (type(item) is Tensor and not item.assumed) or (type(item) is tuple and _are_tensors(item)) for item in value
    )


def shape_source(run: Run, source: nodes.Node) -> Tensor | None:
    """The tensor whose shape an expression (``x.shape``, ``x.size()``) reads; ``None`` for any other expression."""
    if (
        isinstance(source, nodes.Call)
        and not source.arguments
        and isinstance(source.function, nodes.Attribute)
        and source.function.name == "size"
    ):
        holder = source.function.value
    elif isinstance(source, nodes.Attribute) and source.name == "shape":
        holder = source.value
    else:
        return None
    if not _is_simple(holder):
        return None
    value = run.evaluate(holder)
    return operations.tensor_of(run, value)


def _is_simple(node: nodes.Node) -> bool:
    """Evaluating it again has no effect."""
    while isinstance(node, nodes.Attribute):
        node = node.value
    return isinstance(node, nodes.Name)


__all__ = ["Identity", "element_like", "iterate", "take", "unpack"]
