"""``enum``: the members of an enumeration are made when its class is, as its metaclass would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.iterators import elements, make_iterator
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.library.registry import MISSING, class_, find_constant, find_python, python
from attnlint.interpreter.objects import ClassMethod, ClassValue, FunctionValue, PropertyValue, StaticMethod
from attnlint.values import DictValue, Instance, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

AUTO = PythonName("enum.auto")
MEMBERS = "__members__"

class_("enum.Enum", "object")
class_("enum.IntEnum", "int", "enum.Enum")
class_("enum.StrEnum", "str", "enum.Enum")
class_("enum.Flag", "enum.Enum")
class_("enum.IntFlag", "int", "enum.Flag")
_KINDS = ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag")


def _for_all(method: str) -> tuple[str, ...]:
    return tuple(f"{kind}.{method}" for kind in _KINDS)


@python("enum.auto")
def auto(run: Run, node: Node, /) -> Value:
    return Instance(AUTO)


@python(*_for_all("__init_subclass__"))
def make_members(run: Run, node: Node, cls: Value, /, **keywords: Value) -> Value:
    if not isinstance(cls, ClassValue) or run.class_attribute(cls, MEMBERS) is not MISSING:
        # Every base class of the library has this hook.
        return None
    members: dict[Value, Value] = {}
    for name, value in list(cls.attributes.items()):
        if _is_member(name, value):
            number = _value(run, cls, name, value, members)
            # A second name for the same value is the same member.
            member = next((each for each in members.values() if _same(each.attributes["value"], number)), None)
            member = member or Instance(cls, {"name": name, "value": number, "_name_": name, "_value_": number})
            members[name] = member
            run.store.set_attribute(cls, name, member)
    run.store.set_attribute(cls, MEMBERS, DictValue(members))
    return None


def _is_member(name: str, value: Value) -> bool:
    if name.startswith("_") or isinstance(
        value, FunctionValue | PropertyValue | StaticMethod | ClassMethod | ClassValue
    ):
        return False
    return not (
        isinstance(value, PythonName) and find_constant(value.name) is MISSING and find_python(value.name) is not None
    )


def _same(left: Value, right: Value) -> bool:
    return is_certain_key(left) and is_certain_key(right) and type(left) is type(right) and bool(left == right)


def _value(run: Run, cls: Value, name: str, value: Value, members: dict[Value, Value]) -> Value:
    if not (isinstance(value, Instance) and value.cls == AUTO):
        return value
    if PythonName("enum.StrEnum") in run.mro(cls):
        return name.lower()
    numbers = [each.attributes["value"] for each in members.values() if isinstance(each.attributes["value"], int)]
    if any(PythonName(kind) in run.mro(cls) for kind in ("enum.Flag", "enum.IntFlag")):
        return 1 << max(numbers, default=0).bit_length()
    return max(numbers, default=0) + 1


def members_of(run: Run, cls: Value) -> dict[str, Value] | None:
    """The members of an enumeration, by name; ``None`` when they are not known."""
    found = run.class_attribute(cls, MEMBERS)
    return found.items if isinstance(found, DictValue) else None


@python(*_for_all("__new__"))
def new(run: Run, node: Node, cls: Value, /, *arguments: Value, **keywords: Value) -> Value:
    members = members_of(run, cls) if isinstance(cls, ClassValue) else None
    if members is None or len(arguments) != 1:
        return run.unknown("a member of an enumeration")
    uncertain = False
    for member in members.values():
        answer = True if member is arguments[0] else run.equal(member.attributes["value"], arguments[0])
        if answer:
            return member
        uncertain = uncertain or answer is None
    if uncertain or any(run.class_attribute(each, "_missing_") is not MISSING for each in run.mro(cls)):
        return run.unknown("a member of an enumeration")
    return run.raise_error("ValueError", f"not a valid {cls.name}", node)


@python("enum.Enum", "enum.IntEnum", "enum.StrEnum")
def functional(run: Run, node: Node, name: Value, names: Value = None, /, **keywords: Value) -> Value:
    listed = list(names.replace(",", " ").split()) if isinstance(names, str) else elements(run, names, node)
    if not isinstance(name, str) or listed is None or not all(isinstance(each, str) for each in listed):
        return run.unknown("an enumeration whose members are not known")
    cls = run.make_class(name, (PythonName("enum.Enum"),), {each: i for i, each in enumerate(listed, 1)}, node)
    if members_of(run, cls) is None:
        make_members(run, node, cls)
    return cls


@python(*_for_all("__class_iter__"))
def class_iter(run: Run, node: Node, cls: Value, /) -> Value:
    members = members_of(run, cls)
    if members is None:
        return run.unknown("the members of an enumeration")
    return make_iterator(run, [member for name, member in members.items() if member.attributes["name"] == name])


@python(*_for_all("__class_len__"))
def class_len(run: Run, node: Node, cls: Value, /) -> Value:
    members = members_of(run, cls)
    return run.unknown("the members of an enumeration", kind="int") if members is None else len(set(members.values()))


@python(*_for_all("__class_getitem__"))
def class_getitem(run: Run, node: Node, cls: Value, name: Value, /) -> Value:
    members = members_of(run, cls)
    if members is None or not isinstance(name, str):
        return run.unknown("a member of an enumeration")
    return members[name] if name in members else run.raise_error("KeyError", repr(name), node)


@python(*_for_all("__class_contains__"))
def class_contains(run: Run, node: Node, cls: Value, member: Value, /) -> Value:
    members = members_of(run, cls)
    if members is None or not isinstance(member, Instance):
        return run.unknown("whether it is a member of an enumeration", kind="bool")
    return any(each is member for each in members.values())


@python(*_for_all("__eq__"))
def equal(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
    if receiver is other:
        return True
    if isinstance(other, Unknown):
        return run.unknown("whether two objects are equal", kind="bool")
    if not any(
        PythonName(kind) in run.mro(receiver.cls)
        for kind in ("int", "str", "enum.IntEnum", "enum.StrEnum", "enum.IntFlag")
    ):
        return False
    if isinstance(other, Instance):
        other = other.attributes.get("value", other)
    return run.compare("==", receiver.attributes["value"], other, node)


@python("enum.unique", "enum.verify", "enum.member", "enum.nonmember")
def unchanged(run: Run, node: Node, value: Value, /) -> Value:
    return value
