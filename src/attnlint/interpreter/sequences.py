"""Operators on sequences: concatenation, repetition, membership."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Expression, Shape
from attnlint.interpreter.conditions import condition
from attnlint.interpreter.joins import common_element
from attnlint.interpreter.objects import ClassValue, OpenDict, OpenList, OpenSet
from attnlint.values import (
    Choice,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

LONGEST = 20_000


def as_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a tuple or list of known length."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, ListValue):
        return tuple(value.items)
    if isinstance(value, NamedTuple):
        return value.values
    return None


def element_of(run: Run, value: Value) -> Value:
    """What every element of a sequence is like."""
    if isinstance(value, Repeated):
        return value.element
    if isinstance(value, OpenList | OpenSet):
        return value.items.element
    items = as_items(value)
    if items:
        return common_element(run, list(items))
    return Unknown("an element of a sequence that is not known")


def binary(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    """``left operator right`` where one side is a container; NotImplemented when neither is."""
    if operator == "+":
        return _concatenated(run, left, right)
    if operator == "*":
        if isinstance(left, int | Expression) or (isinstance(left, Unknown) and _is_sequence(right)):
            left, right = right, left
        return _repeated(run, left, right)
    if operator in ("-", "&", "|", "^"):
        left, right = _as_set(left), _as_set(right)
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        items = {
            "|": left.items | right.items,
            "&": left.items & right.items,
            "-": left.items - right.items,
            "^": left.items ^ right.items,
        }.get(operator)
        return NotImplemented if items is None else SetValue(set(items))
    if operator == "|" and isinstance(left, DictValue) and isinstance(right, DictValue):
        return DictValue({**left.items, **right.items})
    return NotImplemented


def _as_set(value: Value) -> Value:
    """``a.keys() - b.keys()``: the keys of a dict, which are listed here, are a set to the operators of sets."""
    from attnlint.interpreter.library.keys import is_certain_key

    if isinstance(value, ListValue) and all(map(is_certain_key, value.items)):
        return SetValue(set(value.items))
    return value


def _is_sequence(value: Value) -> bool:
    return isinstance(value, tuple | ListValue | Repeated | OpenList | Shape | NamedTuple)


def _concatenated(run: Run, left: Value, right: Value) -> Value:
    if not (_is_sequence(left) or _is_sequence(right)):
        return NotImplemented
    kind = (
        "list"
        if isinstance(left, ListValue | OpenList) or (isinstance(left, Repeated) and left.kind == "list")
        else "tuple"
    )
    a, b = as_items(left), as_items(right)
    if a is not None and b is not None:
        if isinstance(left, ListValue) is not isinstance(right, ListValue):
            run.raise_error("TypeError", "can only concatenate sequences of one kind")
        if len(a) + len(b) > LONGEST:
            return Repeated(kind, element_of(run, left))
        return ListValue([*a, *b]) if kind == "list" else (*a, *b)
    if isinstance(left, Shape) and isinstance(right, tuple):
        from attnlint.interpreter.numbers import as_dim

        dims = [as_dim(run, each) for each in right]
        if all(dim is not None for dim in dims):
            return Shape((*left.dims, *(dim for dim in dims if dim is not None)), left.rest)
    return _loose(run, kind, left, right)


def _loose(run: Run, kind: str, left: Value, right: Value) -> Value:
    if not all(isinstance(each, tuple | ListValue | Repeated | OpenList) for each in (left, right)):
        return run.fresh("a sequence of unknown length", kind="" if kind == "list" else kind)
    return Repeated(
        kind, common_element(run, [element_of(run, each) for each in (left, right) if as_items(each) != ()])
    )


def _repeated(run: Run, sequence: Value, count: Value) -> Value:
    if not _is_sequence(sequence):
        return NotImplemented
    items = as_items(sequence)
    kind = "list" if isinstance(sequence, ListValue | OpenList) else "tuple"
    if items is not None and isinstance(count, int):
        if len(items) * count > LONGEST:
            return Repeated(kind, element_of(run, sequence))
        return ListValue(list(items) * count) if kind == "list" else items * count
    if items is None and not isinstance(sequence, Repeated | OpenList):
        return run.fresh("a sequence of unknown length")
    from attnlint.interpreter.numbers import as_dim

    number = as_dim(run, count)
    length = None if number is None or items is None else number * len(items)
    return Repeated(kind, element_of(run, sequence), length)


def contains(run: Run, container: Value, item: Value, node: Node) -> Value:
    """``item in container``"""
    from attnlint.interpreter.comparisons import equal

    if isinstance(item, Choice):

        def test(each: Value) -> bool | None:
            found = contains(run, container, each, node)
            return found if isinstance(found, bool) else None

        answers = {test(each) for each in item.values}
        if len(answers) == 1 and None not in answers:
            return answers.pop()
        return condition("in", (item, container), test)
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if isinstance(container, range) and isinstance(item, int):
        return item in container
    if isinstance(container, SetValue):
        items: tuple[Value, ...] | None = tuple(container.items)
    elif isinstance(container, DictValue):
        items = tuple(container.items)
    else:
        items = as_items(container)
    if items is not None:
        if type(item) is str:
            if item in items:
                return True
            # Another text is not this one: what is left to ask is whether an object may be equal to it.
            items = tuple([each for each in items if type(each) is not str])
        elif isinstance(item, Unknown):
            # What is known of it decides for all texts alike.
            texts = [each for each in items if type(each) is str]
            items = (*texts[:1], *(each for each in items if type(each) is not str))
        answers = {equal(run, item, each) for each in items}
        if True in answers:
            return True
        if None not in answers:
            return False
        return condition("in", (item, container))
    if isinstance(container, OpenDict):
        return _in_open_dict(run, container, item)
    if isinstance(container, Instance):
        from attnlint.interpreter.classes import find_special

        method = find_special(run, container, "__contains__")
        if method is not None:
            found = run.call(method, (item,), {}, node)
            decided = run.truth(found, node)
            return found if decided is None else decided
        listed = run.iterate(container, node)
        if listed is not None:
            return contains(run, tuple(listed), item, node)
    if isinstance(container, ClassValue):
        decided = _in_enumeration(run, container, item, node)
        if decided is not None:
            return decided
    found = condition("in", (item, container))
    decided = run.truth(found)
    return found if decided is None else decided


def _in_enumeration(run: Run, cls: ClassValue, item: Value, node: Node) -> bool | None:
    """Whether a class has a member, where it is an enumeration; ``None`` when that is not known."""
    from attnlint.interpreter.classes import mro_of
    from attnlint.interpreter.library import find_python

    for base in mro_of(cls):
        model = find_python(f"{base.name}.__class_contains__") if isinstance(base, PythonName) else None
        if model is not None:
            found = model(run, (cls, item), {}, node)
            return found if isinstance(found, bool) else None
    return None


def _in_open_dict(run: Run, container: OpenDict, item: Value) -> Value:
    from attnlint.interpreter.objects import UNBOUND

    try:
        value = container.items.get(item, UNBOUND)
    except TypeError:
        return condition("in", (item, container))
    if value is UNBOUND:
        # A registry that others fill does not hold yet what is being defined right now.
        absent = container.default_factory is UNBOUND or (run.decorated != "" and item == run.decorated)
        return False if absent else condition("in", (item, container))
    if type(value) is Choice and UNBOUND in value.values:
        return condition("in", (item, container))
    return True
