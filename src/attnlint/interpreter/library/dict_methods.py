"""Methods of ``dict``, ``collections.defaultdict`` and ``collections.OrderedDict``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.collections_builtins import pairs
from attnlint.interpreter.library.iterators import ABSENT, elements
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.objects import OpenDict, Opened, OpenList
from attnlint.values import DictValue, ListValue, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

class_("collections.OrderedDict", "dict")
class_("collections.defaultdict", "dict")


def look_up(run: Run, mapping: Value, key: Value) -> tuple[bool | None, Value]:
    """Whether ``key`` is in ``mapping``, and what it maps to."""
    if not isinstance(mapping, DictValue):
        known = mapping.items if isinstance(mapping, OpenDict) and is_certain_key(key) else {}
        return (True, known[key]) if key in known else (None, run.unknown("a value of a dict that is not known"))
    if is_certain_key(key):
        return (True, mapping.items[key]) if key in mapping.items else (False, None)
    answers = {each: run.equal(each, key) for each in mapping.items}
    found = [each for each, answer in answers.items() if answer]
    if found:
        return True, mapping.items[found[0]]
    if all(answer is False for answer in answers.values()):
        return False, None
    return None, run.unknown("the value of a key that is not known")


@python("dict.get")
def get(run: Run, node: Node, receiver: Value, key: Value, default: Value = None, /) -> Value:
    has, value = look_up(run, receiver, key)
    return default if has is False else value


@python("dict.setdefault")
def setdefault(run: Run, node: Node, receiver: Value, key: Value, default: Value = None, /) -> Value:
    has, value = look_up(run, receiver, key)
    if has is False and is_certain_key(key):
        run.store.set_key(receiver, key, default)
        return default
    if not has:
        run.store.forget(receiver)
    return value


@python("dict.pop", "collections.OrderedDict.pop")
def pop(run: Run, node: Node, receiver: Value, key: Value, default: Value = ABSENT, /) -> Value:
    has, value = look_up(run, receiver, key)
    if has and key in receiver.items:
        run.store.delete_key(receiver, key)
        return value
    if has is False:
        return default if default is not ABSENT else run.raise_error("KeyError", repr(key), node)
    # A key that is known, and not among those that are: those stay.
    if not (isinstance(receiver, OpenDict) and is_certain_key(key)):
        run.store.forget(receiver)
    return value


@python("dict.popitem")
def popitem(run: Run, node: Node, receiver: Value, /, last: Value = True) -> Value:
    if not isinstance(receiver, DictValue) or not isinstance(last, bool):
        return run.unknown("an item of a dict that is not known")
    if not receiver.items:
        return run.raise_error("KeyError", "popitem(): dictionary is empty", node)
    key = list(receiver.items)[-1 if last else 0]
    value = receiver.items[key]
    run.store.delete_key(receiver, key)
    return key, value


@python("dict.update", "dict.__ior__")
def update(run: Run, node: Node, receiver: Value, other: Value = (), /, **keywords: Value) -> Value:
    if isinstance(receiver, DictValue):
        items = pairs(run, other, node)
        if items is None:
            run.store.forget(receiver)
        else:
            for key, value in {**items, **keywords}.items():
                run.store.set_key(receiver, key, value)
    else:
        run.store.forget(receiver)
    return None


@python("dict.__init__")
def init(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return update(run, node, receiver, *arguments, **keywords)


@python("dict.__setitem__")
def setitem(run: Run, node: Node, receiver: Value, key: Value, value: Value, /) -> Value:
    if isinstance(receiver, DictValue) and is_certain_key(key):
        run.store.set_key(receiver, key, value)
    else:
        run.store.forget(receiver)
    return None


@python("dict.__delitem__")
def delitem(run: Run, node: Node, receiver: Value, key: Value, /) -> Value:
    pop(run, node, receiver, key)
    return None


@python("dict.clear")
def clear(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, DictValue):
        for key in list(receiver.items):
            run.store.delete_key(receiver, key)
    else:
        run.store.forget(receiver)
    return None


# Views are copies: a loop that changes the dict it runs over raises in Python.


@python("dict.keys", "dict.__iter__")
def keys(run: Run, node: Node, receiver: Value, /) -> Value:
    return (
        ListValue(list(receiver.items)) if isinstance(receiver, DictValue) else run.unknown("keys that are not known")
    )


@python("dict.values")
def values(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, DictValue):
        return ListValue(list(receiver.items.values()))
    return run.unknown("values that are not known")


@python("dict.items")
def items(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, DictValue):
        return ListValue(list(receiver.items.items()))
    return OpenList(Opened((run.unknown("a key"), run.unknown("a value of a dict that is not known"))))


@python("dict.copy")
def copy(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, DictValue | OpenDict):
        return type(receiver)(dict(receiver.items), receiver.default_factory)
    return receiver


@python("dict.fromkeys")
def fromkeys(run: Run, node: Node, iterable: Value, value: Value = None, /) -> Value:
    members = elements(run, iterable, node)
    if members is None or not all(is_certain_key(member) for member in members):
        return run.unknown("a dict of what is not known", kind="dict")
    return DictValue(dict.fromkeys(members, value))


@python("dict.__contains__")
def contains(run: Run, node: Node, receiver: Value, key: Value, /) -> Value:
    has = look_up(run, receiver, key)[0]
    return run.unknown("whether a key is there", kind="bool") if has is None else has


@python("dict.move_to_end")
def move_to_end(run: Run, node: Node, receiver: Value, /, key: Value, last: Value = True) -> Value:
    if isinstance(receiver, DictValue) and key in receiver.items and last is True:
        value = receiver.items[key]
        run.store.delete_key(receiver, key)
        run.store.set_key(receiver, key, value)
    elif isinstance(receiver, DictValue):
        run.store.forget(receiver)
    return None


@python("collections.defaultdict")
def defaultdict(run: Run, node: Node, factory: Value = None, mapping: Value = (), /, **keywords: Value) -> Value:
    items = pairs(run, mapping, node)
    if items is None:
        return run.unknown("a dict of what is not known", kind="dict")
    return DictValue({**items, **keywords}, factory)


@python("collections.defaultdict.__missing__")
def missing(run: Run, node: Node, receiver: Value, key: Value, /) -> Value:
    if not isinstance(receiver, DictValue) or isinstance(key, Unknown):
        return run.unknown("a value of a dict that is not known")
    value = run.call(receiver.default_factory, (), {}, node)
    run.store.set_key(receiver, key, value)
    return value
