"""The only way to change a value in place: every write is logged, so that a path can be undone and two paths joined.

A *location* is an entry of a mapping (a variable of a scope, an attribute of an object or class, a piece of knowledge),
or the
contents of a container as a whole. Frames stack up: one for the whole analysis, one for each call and each branch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attnlint.frozen import frozen
from attnlint.interpreter.objects import (
    UNBOUND,
    FunctionValue,
    GeneratorValue,
    OpenDict,
    Opened,
    OpenList,
    OpenSet,
)
from attnlint.values import DictValue, Instance, ListValue, SetValue, Unknown, Value

CONTENTS = ("contents",)
"""The slot that stands for the contents of a container."""

Container = ListValue | DictValue | SetValue | OpenList | OpenDict | OpenSet
Owner = dict[str, Value] | Container
Delta = dict[tuple[int, Any], tuple[Any, Any, Any]]
"""Location to (owner, slot, value): what a path wrote."""

_OPENED = {ListValue: OpenList, DictValue: OpenDict, SetValue: OpenSet}


@frozen
class Snapshot:
    """The contents of a container at one moment."""

    cls: type[Any]
    items: Any
    extra: Value = None

    @staticmethod
    def of(container: Any) -> Snapshot:
        """Take it."""
        if isinstance(container, ListValue):
            return Snapshot(ListValue, tuple(container.items))
        if isinstance(container, DictValue):
            return Snapshot(DictValue, dict(container.items), container.default_factory)
        if isinstance(container, SetValue):
            return Snapshot(SetValue, frozenset(container.items))
        if isinstance(container, OpenDict):
            return Snapshot(OpenDict, dict(container.items), container.default_factory)
        return Snapshot(type(container), container.items)

    def restore(self, container: Any) -> None:
        """Put it back."""
        container.__class__ = self.cls
        if self.cls is ListValue:
            container.items = list(self.items)
        elif self.cls is DictValue or self.cls is OpenDict:
            container.items = dict(self.items)
            container.default_factory = self.extra
        elif self.cls is SetValue:
            container.items = set(self.items)
        else:
            container.items = self.items


class Store:
    """The log of writes."""

    __slots__ = ("_born", "_frames", "knowledge")

    def __init__(self) -> None:
        self._frames: list[Delta] = [{}]
        self._born: list[dict[int, Any]] = [{}]
        """For each frame the objects that were made in it, by identity: nobody needs to know what they were before.
        They are
        kept alive, so that no other object gets their identity."""
        self.knowledge: dict[Any, Value] = {}
        """What a path knows of unknown objects, by their key: None, True, a constant, a kind."""

    # --- frames -----------------------------------------------------------------------------------------------------

    def push(self) -> int:
        """Open a frame; returns its mark."""
        self._frames.append({})
        self._born.append({})
        return len(self._frames) - 1

    @property
    def depth(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    def commit(self, ended: dict[str, Value] | None = None) -> None:
        """Close the top frame and keep what was written, save for the variables of a function that has ended."""
        top = self._frames.pop()
        born = self._born.pop()
        known = self._born[-1]
        if ended is not None:
            born.pop(id(ended), None)
        if len(born) > len(known):
            # Every frame of a deep call hands on what was made below it: only the smaller one is copied.
            born, known = known, born
            self._born[-1] = known
        known.update(born)
        if top:
            below = self._frames[-1]
            for location, entry in top.items():
                if location not in below and location[0] not in known:
                    below[location] = entry

    def undo(self) -> None:
        """Close the top frame and take back what was written."""
        self._born.pop()
        # On the hot path, as are the next ones: every branch is undone, and what it wrote is written where paths meet.
        for owner, slot, old in self._frames.pop().values():
            if slot is CONTENTS:
                old.restore(owner)
            elif old is UNBOUND:
                owner.pop(slot, None)
            else:
                owner[slot] = old

    def written_since(self, mark: int) -> list[tuple[Any, Any]]:
        """The owner and slot of each location written since the frame of ``mark`` was opened, save in what was made
        since."""
        return [(owner, slot) for frame in self._frames[mark:] for owner, slot, _ in frame.values()]

    def born(self, value: Value) -> Value:
        """Note that an object has just been made: what is written into it needs no log in this frame."""
        owner = value.attributes if isinstance(value, Instance | FunctionValue | GeneratorValue) else value
        self._born[-1][id(owner)] = owner
        return value

    def undo_to(self, mark: int) -> None:
        """Take back everything down to the frame of ``mark``, that one included."""
        while len(self._frames) > mark:
            self.undo()

    def commit_to(self, mark: int, ended: dict[str, Value] | None = None) -> None:
        """Close every frame above the frame of ``mark``, keeping what was written."""
        while len(self._frames) > mark + 1:
            self.commit(ended)

    def changes(self, mark: int) -> Delta:
        """What has been written since the frame of ``mark`` was opened, with the values of now."""
        frames = self._frames
        if mark == len(frames) - 1:
            # Mostly; and on the hot path.
            return {
                location: (owner, slot, Snapshot.of(owner) if slot is CONTENTS else owner.get(slot, UNBOUND))
                for location, (owner, slot, _) in frames[mark].items()
            }
        delta: Delta = {}
        for index in range(mark, len(frames)):
            for location, (owner, slot, _) in frames[index].items():
                if location not in delta:
                    value = Snapshot.of(owner) if slot is CONTENTS else owner.get(slot, UNBOUND)
                    delta[location] = (owner, slot, value)
        return delta

    def apply(self, delta: Delta) -> None:
        """Write what another path wrote."""
        born, frame = self._born[-1], self._frames[-1]
        for location, (owner, slot, value) in delta.items():
            if slot is CONTENTS or value is UNBOUND:
                self.write(owner, slot, value)
                continue
            if location not in frame and location[0] not in born:
                frame[location] = (owner, slot, owner.get(slot, UNBOUND))
            owner[slot] = value

    def undo_where(self, is_undone: Callable[[Any], bool]) -> list[tuple[Any, Any]]:
        """Take back what was written into some objects; the locations of all else that was written."""
        kept = []
        for owner, slot, old in self._frames[0].values():
            if is_undone(owner):
                _write(owner, slot, old)
            else:
                kept.append((owner, slot))
        return kept

    def read(self, owner: Any, slot: Any) -> Value:
        """The value of a location now: UNBOUND where there is none, a Snapshot for contents."""
        return _read(owner, slot)

    def write(self, owner: Any, slot: Any, value: Value) -> None:
        """Write a location; UNBOUND deletes."""
        if slot is CONTENTS:
            self._log_contents(owner)
            value.restore(owner)
        elif value is UNBOUND:
            self.remove(owner, slot)
        else:
            self.put(owner, slot, value)

    # --- mappings ---------------------------------------------------------------------------------------------------

    def put(self, mapping: dict[Any, Value], name: Any, value: Value) -> None:
        """Bind ``name``: a variable, an attribute."""
        if id(mapping) in self._born[-1]:
            mapping[name] = value
            return
        frame = self._frames[-1]
        location = (id(mapping), name)
        if location not in frame:
            frame[location] = (mapping, name, mapping.get(name, UNBOUND))
        mapping[name] = value

    def remove(self, mapping: dict[Any, Value], name: Any) -> None:
        """Unbind ``name``."""
        if name in mapping and id(mapping) in self._born[-1]:
            del mapping[name]
        elif name in mapping:
            frame = self._frames[-1]
            location = (id(mapping), name)
            if location not in frame:
                frame[location] = (mapping, name, mapping[name])
            del mapping[name]

    def set_attribute(self, owner: Any, name: str, value: Value) -> None:
        """``owner.name = value`` for an Instance, a class or a module, without any of Python's protocols."""
        self.put(owner.attributes, name, value)

    def delete_attribute(self, owner: Any, name: str) -> None:
        """``del owner.name``."""
        self.remove(owner.attributes, name)

    def know(self, key: Any, value: Value) -> None:
        """Remember what this path knows of the unknown object ``key``."""
        self.put(self.knowledge, key, value)

    # --- containers -------------------------------------------------------------------------------------------------

    def _log_contents(self, container: Any) -> None:
        if id(container) in self._born[-1]:
            return
        frame = self._frames[-1]
        location = (id(container), CONTENTS)
        if location not in frame:
            frame[location] = (container, CONTENTS, Snapshot.of(container))

    def append(self, target: ListValue, value: Value) -> None:
        """``target.append(value)``"""
        self._log_contents(target)
        target.items.append(value)

    def set_items(self, target: ListValue, items: list[Value]) -> None:
        """Replace all items of a list."""
        self._log_contents(target)
        target.items = list(items)

    def set_item(self, target: ListValue, index: int, value: Value) -> None:
        """``target[index] = value``"""
        self._log_contents(target)
        target.items[index] = value

    def set_key(self, target: DictValue | OpenDict, key: Any, value: Value) -> None:
        """``target[key] = value``"""
        self._log_contents(target)
        target.items[key] = value

    def delete_key(self, target: DictValue, key: Any) -> None:
        """``del target[key]``"""
        self._log_contents(target)
        target.items.pop(key, None)

    def set_add(self, target: SetValue, value: Value) -> None:
        """``target.add(value)``"""
        self._log_contents(target)
        target.items.add(value)

    def set_elements(self, target: SetValue, items: set[Any]) -> None:
        """Replace all elements of a set."""
        self._log_contents(target)
        target.items = set(items)

    def set_remove(self, target: SetValue, value: Value) -> None:
        """``target.discard(value)``"""
        self._log_contents(target)
        target.items.discard(value)

    def forget(self, container: Value) -> None:
        """The contents of a list, dict or set are no longer known; it stays the same object."""
        self.open(container, Unknown("an element of a container that unknown code may have changed"))

    def open(self, container: Value, element: Value, first: Value = None) -> None:
        """The length of a container is no longer known; its elements are like ``element``, its first is ``first``."""
        if isinstance(container, ListValue | DictValue | SetValue):
            self._log_contents(container)
            Snapshot(
                _OPENED[type(container)], Opened(element) if not isinstance(container, DictValue) else {}, element
            ).restore(container)
        elif isinstance(container, OpenList | OpenSet):
            self._log_contents(container)
            container.items = Opened(element, first)
        elif isinstance(container, OpenDict):
            self._log_contents(container)
            container.items = {}
            container.default_factory = element


def _read(owner: Any, slot: Any) -> Any:
    if slot is CONTENTS:
        return Snapshot.of(owner)
    return owner.get(slot, UNBOUND)


def _write(owner: Any, slot: Any, value: Any) -> None:
    if slot is CONTENTS:
        value.restore(owner)
    elif value is UNBOUND:
        owner.pop(slot, None)
    else:
        owner[slot] = value


__all__ = ["CONTENTS", "Delta", "Instance", "Snapshot", "Store"]
