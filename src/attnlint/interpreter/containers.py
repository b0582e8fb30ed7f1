"""``nn.Sequential``, ``ModuleList``, ``ModuleDict``, ``ParameterList`` and ``ParameterDict``.

An instance keeps its members in the attribute ``_modules``: a ``DictValue`` by name, or a ``Repeated`` where their
number is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim
from attnlint.interpreter import classes
from attnlint.interpreter.joins import alike
from attnlint.interpreter.library.iterators import make_iterator
from attnlint.interpreter.objects import OPEN, UNBOUND, OpenDict, OpenList
from attnlint.values import Choice, DictValue, Instance, ListValue, Repeated, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

MEMBERS = "_modules"
DICTS = ("torch.nn.ModuleDict", "torch.nn.ParameterDict")


def container_class(instance: Instance) -> str:
    """Which container class an instance is of, or derives from; empty when of none."""
    from attnlint.interpreter.torch_names import CONTAINERS

    for each in classes.mro_of(instance.cls):
        if isinstance(each, TorchName) and each.name in CONTAINERS:
            return each.name
    return ""


def fill(run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> None:
    """The constructor of a container."""
    kind = container_class(instance)
    members: Value = DictValue({})
    first = arguments[0] if arguments else next(iter(keywords.values()), None)
    if kind == "torch.nn.Sequential":
        if len(arguments) == 1 and isinstance(first, DictValue):
            members = DictValue(dict(first.items))
        elif len(arguments) == 1 and isinstance(first, Instance) and isinstance(_items_of(first), DictValue):
            members = DictValue(dict(_items_of(first).items))
        elif any(isinstance(each, Repeated) for each in arguments):
            from attnlint.interpreter.joins import common_element

            members = Repeated(
                "list",
                common_element(run, [each.element if isinstance(each, Repeated) else each for each in arguments]),
                first=arguments[0].first if isinstance(arguments[0], Repeated) else arguments[0],
            )
        else:
            members = DictValue({str(index): value for index, value in enumerate(arguments)})
    elif kind in DICTS:
        pairs = _pairs(run, first, node) if first is not None else {}
        members = DictValue(pairs) if pairs is not None else run.fresh("a ModuleDict whose contents are not known")
    elif first is not None:
        items = run.iterate(first, node)
        if items is not None:
            members = DictValue({str(index): value for index, value in enumerate(items)})
        else:
            members = _unknown_members(run, first)
    run.store.set_attribute(instance, MEMBERS, run.store.born(members))


def _items_of(value: Instance) -> Value:
    for name in ("items", "data"):
        if isinstance(value.attributes.get(name), DictValue):
            return value.attributes[name]
    return None


def _unknown_members(run: Run, value: Value) -> Value:
    if isinstance(value, Repeated):
        return Repeated("list", value.element, value.length, first=value.first)
    if isinstance(value, OpenList):
        return Repeated("list", value.items.element, first=value.items.first)
    return Repeated("list", run.unknown("a member of a container whose contents are not known"))


def _pairs(run: Run, value: Value, node: Node) -> dict[str, Value] | None:
    if isinstance(value, DictValue):
        return dict(value.items)
    if isinstance(value, Instance):
        held = value.attributes.get(MEMBERS) if container_class(value) else _items_of(value)
        if isinstance(held, DictValue):
            return dict(held.items)
    items = None if isinstance(value, Instance | OpenDict) else run.iterate(value, node)
    if items is not None and all(
        isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in items
    ):
        return dict(items)
    return None


def members_of(instance: Instance) -> Value:
    """The members: DictValue, Repeated or Unknown."""
    return instance.attributes.get(MEMBERS, UNBOUND)


def element_of(run: Run, instance: Instance) -> Value:
    """What every member of a container is like."""
    return _element(run, members_of(instance))


def first_of(instance: Instance) -> Value:
    """The first member of a container of an unknown number of members; ``None`` when not known."""
    members = members_of(instance)
    if isinstance(members, Repeated):
        return members.first
    if isinstance(members, OpenDict):
        first = members.items.get("0")
        return None if isinstance(first, Choice) and UNBOUND in first.values else first
    return None


def length_of(instance: Instance) -> Dim | None:
    """How many members a container of an unknown number of members has, where that is a symbol."""
    members = members_of(instance)
    return members.length if isinstance(members, Repeated) else None


def iterate(run: Run, instance: Instance, node: Node) -> list[Value] | None:
    """What iterating a container gives; ``None`` when not known."""
    members = members_of(instance)
    if not isinstance(members, DictValue):
        return [] if members is UNBOUND else None
    return list(members.items) if container_class(instance) in DICTS else list(members.items.values())


def run_sequential(
    run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """The forward of ``nn.Sequential``."""
    members = members_of(instance)
    value: Value = arguments[0] if arguments else next(iter(keywords.values()), None)
    if OPEN in instance.attributes:
        return run.fresh("a container may hold more than is seen")
    if not isinstance(members, DictValue):
        from attnlint.interpreter.loops import repeat_call

        return repeat_call(run, run.keyed(_element(run, members)), value, node, first_of(instance))
    previous: tuple[Value, Value, Value] | None = None
    for member in members.items.values():
        if previous is not None and alike(value, previous[1]) and alike(member, previous[0], loose=True):
            # One of a row of blocks that are made alike.
            value = previous[2]
            continue
        result = run.keyed(run.call(member, (value,), {}, node))
        previous = (member, value, result)
        value = result
    return value


def call_method(
    run: Run, instance: Instance, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """A method of a container."""
    members = members_of(instance)
    kind = container_class(instance)
    if members is UNBOUND:
        members = DictValue({})
        run.store.set_attribute(instance, MEMBERS, members)
    if kind in DICTS:
        return _dict_method(run, instance, members, name, arguments, keywords, node)
    if name == "__iter__":
        items = iterate(run, instance, node)
        if items is not None:
            return make_iterator(run, items)
        return Repeated("iterator", _element(run, members), first=first_of(instance))
    if name == "__len__":
        if isinstance(members, DictValue):
            return len(members.items)
        length = members.length if isinstance(members, Repeated) else None
        return run.fresh("the length of a container that is not known", kind="int") if length is None else length
    if name == "__getitem__":
        return get_item(run, instance, arguments[0], node)
    if name == "__setitem__":
        set_item(run, instance, arguments[0], arguments[1], node)
        return None
    if name == "__delitem__":
        _delete_item(run, instance, members, arguments[0])
        return None
    if name in ("append", "extend", "__iadd__", "insert"):
        return _grow(run, instance, members, name, arguments, node)
    if name == "__add__":
        others = run.iterate(arguments[0], node)
        fresh = Instance(TorchName(kind), {})
        if isinstance(members, DictValue) and others is not None:
            both = [*members.items.values(), *others]
            fresh.attributes[MEMBERS] = DictValue({str(index): value for index, value in enumerate(both)})
        else:
            fresh.attributes[MEMBERS] = Repeated("list", _element(run, members))
        return fresh
    if name == "pop" and isinstance(members, DictValue):
        keys = list(members.items)
        position = arguments[0] if arguments else -1
        if isinstance(position, int) and -len(keys) <= position < len(keys):
            value = members.items[keys[position]]
            _renumber(run, members, [each for key, each in members.items.items() if key != keys[position]])
            return value
    return run.fresh(f"the result of {name} of a container")


def _element(run: Run, members: Value) -> Value:
    from attnlint.interpreter.joins import common_element

    if isinstance(members, Repeated):
        return members.element
    if isinstance(members, DictValue) and members.items:
        return common_element(run, list(members.items.values()))
    if isinstance(members, OpenDict):
        values = [run.refine(value) if type(value) is Choice else value for value in members.items.values()]
        if members.default_factory is not UNBOUND:
            values.append(members.default_factory)
        if values:
            return common_element(run, values)
    return run.unknown("a member of a container whose contents are not known")


def _renumber(run: Run, members: DictValue, values: list[Value]) -> None:
    for key in list(members.items):
        run.store.delete_key(members, key)
    for index, value in enumerate(values):
        run.store.set_key(members, str(index), value)


def _grow(run: Run, instance: Instance, members: Value, name: str, arguments: tuple[Value, ...], node: Node) -> Value:
    from attnlint.interpreter.joins import common_element

    if name == "append":
        added: list[Value] | None = [arguments[0]]
    elif name == "insert":
        added = [arguments[1]]
    else:
        added = run.iterate(arguments[0], node)
    if isinstance(members, DictValue) and added is not None:
        if name == "insert":
            values = list(members.items.values())
            if not isinstance(arguments[0], int):
                run.store.set_attribute(instance, MEMBERS, Repeated("list", _element(run, members)))
                return instance
            values.insert(arguments[0], added[0])
            _renumber(run, members, values)
            return instance
        for value in added:
            run.store.set_key(members, str(len(members.items)), value)
        return instance
    known = [_element(run, members)] if not (isinstance(members, DictValue) and not members.items) else []
    more = added if added is not None else [_element(run, _unknown_members(run, arguments[0]))]
    element = common_element(run, [*known, *more])
    first = first_of(instance) if name != "insert" else None
    if isinstance(members, DictValue | OpenDict):
        run.store.open(members, element)
        if first is not None:
            run.store.set_key(members, "0", first)
    else:
        run.store.set_attribute(instance, MEMBERS, Repeated("list", element, first=first))
    return instance


def get_item(run: Run, instance: Instance, index: Value, node: Node) -> Value:
    """``container[index]``"""
    members = members_of(instance)
    kind = container_class(instance)
    if kind in DICTS:
        return _dict_item(run, members, index, node)
    if isinstance(members, DictValue):
        values = list(members.items.values())
        if isinstance(index, int):
            if not -len(values) <= index < len(values):
                run.raise_error("IndexError", f"index {index} is out of range", node)
            return values[index]
        if isinstance(index, slice) and all(
            part is None or isinstance(part, int) for part in (index.start, index.stop, index.step)
        ):
            part = Instance(TorchName(kind), {})
            part.attributes[MEMBERS] = DictValue({str(position): value for position, value in enumerate(values[index])})
            return part
        if not isinstance(index, slice) and values:
            from attnlint.interpreter.joins import join_all

            return (
                join_all(run, values)
                if len(values) <= 8
                else run.fresh("a member of a container, which one is not known")
            )
    if type(index) is int and index == 0 and (first := first_of(instance)) is not None:
        return first
    element = _element(run, members)
    if isinstance(index, slice):
        part = Instance(TorchName(kind), {})
        part.attributes[MEMBERS] = Repeated("list", element)
        return part
    return run.keyed(element)


def set_item(run: Run, instance: Instance, index: Value, value: Value, node: Node) -> None:
    """``container[index] = value``"""
    members = members_of(instance)
    if isinstance(members, DictValue):
        if container_class(instance) in DICTS and isinstance(index, str):
            run.store.set_key(members, index, value)
            return
        keys = list(members.items)
        if isinstance(index, int) and -len(keys) <= index < len(keys):
            run.store.set_key(members, keys[index], value)
            return
    run.store.set_attribute(
        instance, MEMBERS, Repeated("list", run.unknown("a member of a container that code changed"))
    )


def _delete_item(run: Run, instance: Instance, members: Value, index: Value) -> None:
    if isinstance(members, DictValue):
        if isinstance(index, str):
            run.store.delete_key(members, index)
            return
        values = list(members.items.values())
        if isinstance(index, int | slice):
            try:
                del values[index]
            except (IndexError, TypeError):
                return
            _renumber(run, members, values)
            return
    run.store.set_attribute(instance, MEMBERS, Repeated("list", _element(run, members)))


def _dict_item(run: Run, members: Value, index: Value, node: Node) -> Value:
    if isinstance(members, DictValue):
        if isinstance(index, str):
            if index in members.items:
                return members.items[index]
            run.raise_error("KeyError", index, node)
        if isinstance(index, Choice) and all(isinstance(each, str) and each in members.items for each in index.values):
            return Choice(tuple(members.items[each] for each in index.values))
        if members.items:
            from attnlint.interpreter.joins import join_all

            return join_all(run, list(members.items.values()))
    return run.fresh("a member of a ModuleDict that is not known")


def _dict_method(
    run: Run,
    instance: Instance,
    members: Value,
    name: str,
    arguments: tuple[Value, ...],
    keywords: dict[str, Value],
    node: Node,
) -> Value:
    if name == "__getitem__":
        return _dict_item(run, members, arguments[0], node)
    if name == "__setitem__":
        set_item(run, instance, arguments[0], arguments[1], node)
        return None
    if not isinstance(members, DictValue):
        return run.fresh(f"the result of {name} of a ModuleDict that is not known")
    if name in ("__iter__", "keys"):
        return make_iterator(run, list(members.items)) if name == "__iter__" else ListValue(list(members.items))
    if name == "values":
        return ListValue(list(members.items.values()))
    if name == "items":
        return ListValue(list(members.items.items()))
    if name == "__len__":
        return len(members.items)
    if name == "__contains__":
        return (
            arguments[0] in members.items
            if isinstance(arguments[0], str)
            else run.fresh("whether a ModuleDict has a key", kind="bool")
        )
    if name == "__delitem__":
        _delete_item(run, instance, members, arguments[0])
        return None
    if name == "update":
        pairs = _pairs(run, arguments[0], node) if arguments else {}
        if pairs is None:
            run.store.set_attribute(instance, MEMBERS, Unknown("a ModuleDict that was updated with what is not known"))
            return None
        for key, value in pairs.items():
            run.store.set_key(members, key, value)
        return None
    if name in ("pop", "get", "setdefault") and arguments and isinstance(arguments[0], str):
        default = arguments[1] if len(arguments) > 1 else None
        value = members.items.get(arguments[0], default)
        if name == "pop":
            run.store.delete_key(members, arguments[0])
        elif name == "setdefault" and arguments[0] not in members.items:
            run.store.set_key(members, arguments[0], default)
        return value
    if name == "clear":
        for key in list(members.items):
            run.store.delete_key(members, key)
        return None
    return run.fresh(f"the result of {name} of a ModuleDict")
