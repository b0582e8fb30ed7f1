"""``dataclasses``: the decorator reads the annotations of a class and gives it an ``__init__`` of the library's.

A field is an ``Instance`` of ``dataclasses.Field``; a dataclass keeps its fields, inherited ones included, in the class
attribute ``__dataclass_fields__``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.interpreter.library.registry import MISSING, class_, constant, python
from attnlint.interpreter.objects import ClassValue, OpenDict
from attnlint.values import DictValue, Instance, ListValue, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

FIELD = PythonName("dataclasses.Field")
FIELDS = "__dataclass_fields__"
NO_VALUE = PythonName("dataclasses.MISSING")
"""What ``dataclasses.MISSING`` is: there is no default."""
INITIALIZER = PythonName("dataclasses.__init__")

class_("dataclasses.Field", "object")
class_("dataclasses.InitVar", "object")
constant("dataclasses.MISSING", NO_VALUE)
constant("dataclasses.KW_ONLY", PythonName("dataclasses.KW_ONLY"))


@python("dataclasses.dataclass")
def dataclass(run: Run, node: Node, cls: Value = None, /, **options: Value) -> Value:
    if cls is None:
        return Instance(PythonName("dataclasses.dataclass.decorator"), {"options": DictValue(dict(options))})
    return process(run, cls, options)


@python("dataclasses.dataclass.decorator.__call__")
def decorate(run: Run, node: Node, receiver: Value, cls: Value, /) -> Value:
    return process(run, cls, receiver.attributes["options"].items)


@python("dataclasses.field")
def field(run: Run, node: Node, /, **options: Value) -> Value:
    known = {
        "default": NO_VALUE,
        "default_factory": NO_VALUE,
        "init": True,
        "kw_only": NO_VALUE,
        "metadata": DictValue({}),
    }
    return Instance(FIELD, {**known, **options})


def process(run: Run, cls: Value, options: dict[str, Value]) -> Value:
    """Make ``cls`` a dataclass."""
    if not isinstance(cls, ClassValue):
        return cls
    fields: dict[str, Value] = {}
    for base in reversed(run.mro(cls)):
        inherited = run.class_attribute(base, FIELDS) if base is not cls else MISSING
        if isinstance(inherited, DictValue):
            fields.update(inherited.items)
    keyword_only = options.get("kw_only") is True
    for name, annotation in run.class_annotations(cls):
        text = annotation if isinstance(annotation, str) else str(annotation)
        if "KW_ONLY" in text:
            keyword_only = True
        elif "ClassVar" not in text:
            fields[name] = _own_field(run, cls, name, annotation, text, keyword_only)
    run.store.set_attribute(cls, FIELDS, DictValue(fields))
    if options.get("init") is not False and run.class_attribute(cls, "__init__") is MISSING:
        run.store.set_attribute(cls, "__init__", INITIALIZER)
    if options.get("eq") is not False and run.class_attribute(cls, "__eq__") is MISSING:
        run.store.set_attribute(cls, "__eq__", PythonName("dataclasses.__eq__"))
    return cls


def _own_field(run: Run, cls: Value, name: str, annotation: Value, text: str, keyword_only: bool) -> Instance:
    """The field that an annotated name of the class body declares."""
    default = run.class_attribute(cls, name)
    attributes: dict[str, Value] = {
        "default": NO_VALUE,
        "default_factory": NO_VALUE,
        "init": True,
        "kw_only": keyword_only,
    }
    if isinstance(default, Instance) and default.cls == FIELD:
        declared = dict(default.attributes)
        if declared["kw_only"] == NO_VALUE:
            declared["kw_only"] = keyword_only
        attributes.update(declared)
        if attributes["default"] == NO_VALUE:
            run.store.delete_attribute(cls, name)
        else:
            run.store.set_attribute(cls, name, attributes["default"])
    elif default is not MISSING:
        attributes["default"] = default
    return Instance(FIELD, {**attributes, "name": name, "type": annotation, "_is_argument_only": "InitVar" in text})


def fields_of(run: Run, cls: Value) -> dict[str, Instance] | None:
    """All fields of a dataclass, by name."""
    for each in run.mro(cls) if isinstance(cls, ClassValue) else ():
        found = run.class_attribute(each, FIELDS)
        if isinstance(found, DictValue):
            return found.items
    return None


def _initialized_class(run: Run, receiver: Instance) -> Value:
    """The class whose generated ``__init__`` runs: the first that has one (a user's own before it has called it)."""
    return next(
        (each for each in run.mro(receiver.cls) if run.class_attribute(each, "__init__") == INITIALIZER), receiver.cls
    )


@python("dataclasses.__init__")
def initialize(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    from attnlint.interpreter.attribute_writes import set_attribute

    fields = fields_of(run, _initialized_class(run, receiver))
    if fields is None:
        return None
    positional = [
        name for name, each in fields.items() if each.attributes["init"] and each.attributes["kw_only"] is not True
    ]
    if (
        len(arguments) > len(positional)
        or set(keywords) - set(fields)
        or set(keywords) & set(positional[: len(arguments)])
    ):
        return run.raise_error("TypeError", "__init__() got arguments that are no fields of the dataclass", node)
    given = {**dict(zip(positional, arguments, strict=False)), **keywords}
    argument_only: list[Value] = []
    for name, each in fields.items():
        value = given[name] if name in given else _default(run, each, node)
        if each.attributes["_is_argument_only"]:
            argument_only.append(run.unknown("a required argument") if value == NO_VALUE else value)
        elif value != NO_VALUE:
            set_attribute(run, receiver, name, value, node)
        elif each.attributes["init"]:
            return run.raise_error("TypeError", f"__init__() missing the required argument {name!r}", node)
    if any(run.class_attribute(cls, "__post_init__") is not MISSING for cls in run.mro(receiver.cls)):
        run.call(run.attribute(receiver, "__post_init__", node), tuple(argument_only), {}, node)
    return None


def _default(run: Run, field: Instance, node: Node) -> Value:
    factory = field.attributes["default_factory"]
    if factory != NO_VALUE:
        return run.call(factory, (), {}, node)
    return field.attributes["default"]


@python("dataclasses.__eq__")
def equal(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
    if receiver is other:
        return True
    names = fields_of(run, receiver.cls)
    if not isinstance(other, Instance) or names is None or other.cls is not receiver.cls:
        return run.unknown("whether two objects are equal", kind="bool") if isinstance(other, Unknown) else False
    answers = [
        run.equal(receiver.attributes.get(name), other.attributes.get(name))
        for name, each in names.items()
        if not each.attributes["_is_argument_only"] and each.attributes.get("compare", True)
    ]
    if False in answers:
        return False
    return run.unknown("whether two objects are equal", kind="bool") if None in answers else True


def _stored(run: Run, value: Value) -> Iterator[str]:
    """The names of the fields that objects of a dataclass hold."""
    for name, each in (fields_of(run, value.cls if isinstance(value, Instance) else value) or {}).items():
        if not each.attributes["_is_argument_only"]:
            yield name


@python("dataclasses.fields")
def fields(run: Run, node: Node, value: Value, /) -> Value:
    known = fields_of(run, value.cls if isinstance(value, Instance) else value)
    if known is None:
        return run.unknown("the fields of what is not known to be a dataclass")
    return tuple(known[name] for name in _stored(run, value))


@python("dataclasses.is_dataclass")
def is_dataclass(run: Run, node: Node, value: Value, /) -> Value:
    if isinstance(value, Unknown):
        return run.unknown("whether an object is a dataclass", kind="bool")
    return fields_of(run, value.cls if isinstance(value, Instance) else value) is not None


@python("dataclasses.replace", "copy.replace")
def replace(run: Run, node: Node, value: Value, /, **changes: Value) -> Value:
    known = fields_of(run, value.cls) if isinstance(value, Instance) else None
    if known is None or not isinstance(value, Instance):
        return run.unknown("a changed copy of what is not known to be a dataclass")
    given = {
        name: run.attribute(value, name, node)
        for name, each in known.items()
        if each.attributes["init"] and not each.attributes["_is_argument_only"] and name not in changes
    }
    return run.call(value.cls, (), {**given, **changes}, node)


@python("dataclasses.asdict")
def asdict(run: Run, node: Node, value: Value, /, *, dict_factory: Value = None) -> Value:
    return _plain(run, value, node)


@python("dataclasses.astuple")
def astuple(run: Run, node: Node, value: Value, /) -> Value:
    plain = _plain(run, value, node)
    return tuple(plain.items.values()) if isinstance(plain, DictValue) else run.unknown("the fields of an object")


def _plain(run: Run, value: Value, node: Node) -> Value:
    """``value`` with dataclasses turned into dicts, all the way down."""
    if isinstance(value, Instance) and fields_of(run, value.cls) is not None:
        return DictValue({name: _plain(run, run.attribute(value, name, node), node) for name in _stored(run, value)})
    if isinstance(value, tuple):
        return tuple(_plain(run, item, node) for item in value)
    if isinstance(value, ListValue):
        return ListValue([_plain(run, item, node) for item in value.items])
    if isinstance(value, DictValue | OpenDict):
        return type(value)({key: _plain(run, item, node) for key, item in value.items.items()}, value.default_factory)
    return value


@python("dataclasses.make_dataclass")
def make_dataclass(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    return run.unknown("a class made by make_dataclass")
