"""``collections.namedtuple`` and ``typing.NamedTuple``.

An object of such a class is a ``NamedTuple`` value; where the class has methods of the user's it is an ``Instance``
that has the items as attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.iterators import ABSENT, elements, make_iterator
from attnlint.interpreter.library.registry import MISSING, class_, python
from attnlint.interpreter.objects import ClassValue
from attnlint.values import DictValue, Instance, NamedTuple, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_METHODS = ("__iter__", "__len__", "__getitem__", "__eq__", "_replace", "_asdict", "_make")
_OWN = frozenset(
    {*_METHODS, "__new__", "_fields", "_field_defaults", "__doc__", "__module__", "__qualname__", "__slots__"}
)

class_("collections.namedtuple", "tuple")
class_("typing.NamedTuple", "tuple")


@python("collections.namedtuple")
def namedtuple(
    run: Run,
    node: Node,
    typename: Value,
    field_names: Value,
    *,
    rename: Value = False,
    defaults: Value = None,
    module: Value = None,
) -> Value:
    if isinstance(field_names, str):
        names: list[Value] | None = list(field_names.replace(",", " ").split())
    else:
        names = elements(run, field_names, node)
    values = elements(run, defaults, node) if defaults is not None else []
    if (
        names is None
        or values is None
        or not isinstance(typename, str)
        or not all(isinstance(name, str) for name in names)
    ):
        return run.unknown("a named tuple class whose fields are not known")
    with_default = dict(zip(names[len(names) - len(values) :], values, strict=False))
    return run.make_class(typename, (PythonName("tuple"),), class_attributes(names, with_default), node)


def class_attributes(names: list[str], defaults: dict[str, Value]) -> dict[str, Value]:
    """What a named tuple class has of its own."""
    methods: dict[str, Value] = {name: PythonName(f"collections.namedtuple.{name}") for name in (*_METHODS, "__new__")}
    return {**methods, "_fields": tuple(names), "_field_defaults": DictValue(dict(defaults))}


@python("typing.NamedTuple")
def typed_named_tuple(run: Run, node: Node, typename: Value, fields: Value = (), /) -> Value:
    rows = [elements(run, row, node) for row in elements(run, fields, node) or ()]
    names = [row[0] for row in rows if row]
    if not isinstance(typename, str) or not names:
        return run.unknown("a named tuple class whose fields are not known")
    return run.make_class(typename, (PythonName("tuple"),), class_attributes(names, {}), node)


@python("typing.NamedTuple.__init_subclass__")
def make_typed_named_tuple(run: Run, node: Node, cls: Value, /, **keywords: Value) -> Value:
    names = [name for name, _ in run.class_annotations(cls)]
    if names:
        defaults = {name: value for name in names if (value := run.class_attribute(cls, name)) is not MISSING}
        for name, value in class_attributes(names, defaults).items():
            if run.class_attribute(cls, name) is MISSING:
                run.store.set_attribute(cls, name, value)
        for name in defaults:
            run.store.delete_attribute(cls, name)
    return None


def _look_up(run: Run, cls: Value, name: str) -> Value:
    return next((value for each in run.mro(cls) if (value := run.class_attribute(each, name)) is not MISSING), None)


@python("collections.namedtuple.__new__")
def new(run: Run, node: Node, cls: Value, /, *arguments: Value, **keywords: Value) -> Value:
    names, defaults = _look_up(run, cls, "_fields"), _look_up(run, cls, "_field_defaults")
    if not isinstance(names, tuple) or not isinstance(defaults, DictValue):
        return run.unknown("an object of a named tuple class whose fields are not known")
    given = {**defaults.items, **dict(zip(names, arguments, strict=False)), **keywords}
    missing = [name for name in names if name not in given]
    if missing or len(arguments) > len(names) or set(keywords) - set(names):
        return run.raise_error("TypeError", f"__new__() missing {', '.join(missing)} or got too much", node)
    values = tuple(given[name] for name in names)
    if _has_methods(run, cls):
        return Instance(cls, dict(zip(names, values, strict=True)))
    return NamedTuple(cls.name if isinstance(cls, ClassValue) else "", names, values)


def _has_methods(run: Run, cls: Value) -> bool:
    own = [each for each in run.mro(cls) if isinstance(each, ClassValue)]
    fields = _look_up(run, cls, "_fields")
    return any(name not in _OWN and name not in fields for each in own for name in each.attributes) or len(own) > 1


def names_and_values(run: Run, value: Value) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """The fields of a named tuple and its items."""
    if isinstance(value, NamedTuple):
        return value.fields, value.values
    names = _look_up(run, value.cls, "_fields") if isinstance(value, Instance) else ()
    # An object that came in from outside has fields that nobody has looked at yet.
    return names, tuple(
        value.attributes[name] if name in value.attributes else run.unknown("a field", name) for name in names
    )


@python("collections.namedtuple.__iter__")
def iterate(run: Run, node: Node, receiver: Value, /) -> Value:
    return make_iterator(run, names_and_values(run, receiver)[1])


@python("collections.namedtuple.__len__")
def length(run: Run, node: Node, receiver: Value, /) -> Value:
    return len(names_and_values(run, receiver)[1])


@python("collections.namedtuple.__getitem__")
def getitem(run: Run, node: Node, receiver: Value, index: Value, /) -> Value:
    return run.item(names_and_values(run, receiver)[1], index, node)


@python("collections.namedtuple.__eq__")
def equal(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
    items = elements(run, other, node) if isinstance(other, tuple | NamedTuple | Instance) else None
    if items is None:
        return run.unknown("whether two tuples are equal", kind="bool")
    return run.compare("==", names_and_values(run, receiver)[1], tuple(items), node)


@python("collections.namedtuple._asdict", "namedtuple._asdict")
def asdict(run: Run, node: Node, receiver: Value, /) -> Value:
    return DictValue(dict(zip(*names_and_values(run, receiver), strict=True)))


@python("collections.namedtuple._replace", "namedtuple._replace")
def replace(run: Run, node: Node, receiver: Value, /, **changes: Value) -> Value:
    names, values = names_and_values(run, receiver)
    changed = {**dict(zip(names, values, strict=True)), **changes}
    if isinstance(receiver, Instance):
        return Instance(receiver.cls, changed)
    return NamedTuple(receiver.name, names, tuple(changed[name] for name in names))


@python("collections.namedtuple._make")
def make(run: Run, node: Node, cls: Value, iterable: Value = ABSENT, /) -> Value:
    items = None if iterable is ABSENT or not isinstance(cls, ClassValue) else elements(run, iterable, node)
    return run.unknown("a named tuple") if items is None else new(run, node, cls, *items)
