"""Builtins about objects: attributes by name, ``callable``, ``type``, ``print``, exceptions."""

from __future__ import annotations

import builtins
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library.concrete import NotConcrete, concrete
from attnlint.interpreter.library.iterators import ABSENT
from attnlint.interpreter.library.registry import (
    class_,
    constant,
    find_method,
    find_python,
    is_class,
    python,
    type_name,
)
from attnlint.interpreter.objects import ClassValue, FunctionValue
from attnlint.interpreter.torch_names import is_dtype
from attnlint.ops.registry import find_layer, find_op
from attnlint.values import (
    BoundMethod,
    DictValue,
    Instance,
    ListValue,
    PythonName,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

constant("NotImplemented", NotImplemented)
constant("Ellipsis", ...)
constant("__debug__", True)
class_("type", "object")
class_("property", "object")
class_("classmethod", "object")
class_("staticmethod", "object")


def attribute_if_any(run: Run, value: Value, name: Value, node: Node) -> tuple[bool | None, Value]:
    """Whether ``value`` has the attribute, and the attribute: the second is an Unknown where the first is ``None``."""
    if not isinstance(name, str):
        return None, run.unknown("an attribute whose name is not known")
    try:
        found = run.attribute(value, name, node)
    except Raised as raised:
        if isinstance(raised.value, Instance) and raised.value.cls == PythonName("AttributeError"):
            return False, None
        raise
    return (None if isinstance(found, Unknown) else True), found


@python("hasattr")
def hasattr_(run: Run, node: Node, value: Value, name: Value, /) -> Value:
    has, _ = attribute_if_any(run, value, name, node)
    return run.unknown("whether an attribute is there", kind="bool") if has is None else has


@python("getattr")
def getattr_(run: Run, node: Node, value: Value, name: Value, default: Value = ABSENT, /) -> Value:
    if default is ABSENT:
        return (
            run.attribute(value, name, node)
            if isinstance(name, str)
            else run.unknown("an attribute whose name is not known")
        )
    has, found = attribute_if_any(run, value, name, node)
    if has is False:
        return default
    if isinstance(found, Unknown) and default is None:
        return replace(found, optional=True)
    return found


@python("setattr")
def setattr_(run: Run, node: Node, target: Value, name: Value, value: Value, /) -> Value:
    from attnlint.interpreter.attribute_writes import open_object, set_attribute

    if isinstance(name, str):
        set_attribute(run, target, name, value, node)
    else:
        open_object(run, target)
    return None


@python("delattr")
def delattr_(run: Run, node: Node, target: Value, name: Value, /) -> Value:
    if isinstance(name, str) and isinstance(target, Instance):
        run.store.delete_attribute(target, name)
    return None


@python("callable")
def callable_(run: Run, node: Node, value: Value, /) -> Value:
    known = is_callable(run, value)
    return run.unknown("whether an object can be called", kind="bool") if known is None else known


def is_callable(run: Run, value: Value) -> bool | None:
    """Whether ``value`` can be called; ``None`` when not known."""
    if isinstance(value, FunctionValue | ClassValue | BoundMethod):
        return True
    if isinstance(value, Instance):
        if isinstance(value.cls, PythonName):
            return find_method(value, "__call__") is not None
        if run.is_instance(value, TorchName("torch.nn.Module")):
            return True
        return None
    if isinstance(value, PythonName):
        return True if is_class(value.name) or find_python(value.name) is not None else None
    if isinstance(value, TorchName):
        if is_dtype(value.name):
            return False
        return True if find_layer(value.name) is not None or find_op(value.name) is not None else None
    return None if isinstance(value, Unknown) or (type_name(value) is None and not isinstance(value, Tensor)) else False


@python("type")
def type_(run: Run, node: Node, value: Value, /, *arguments: Value, **keywords: Value) -> Value:
    if arguments:
        attributes = arguments[1].items if len(arguments) == 2 and isinstance(arguments[1], DictValue) else None
        if isinstance(value, str) and isinstance(arguments[0], tuple) and attributes is not None:
            return run.make_class(value, arguments[0], dict(attributes), node)
        return run.unknown("a class made by type()")
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Tensor):
        return run.unknown("the class of a tensor") if value.assumed else TorchName("torch.Tensor")
    name = None if isinstance(value, Unknown | Repeated) else type_name(value)
    return PythonName(name) if name is not None else run.unknown("the class of an object")


@python("globals", "locals", "input", "open", "eval", "compile", "__import__", "memoryview", "breakpoint", "help")
def not_known(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    return run.unknown("a builtin that only a run can answer")


class_("dir.result", "object")


@python("dir")
def dir_(run: Run, node: Node, value: Value = ABSENT, /) -> Value:
    if value is ABSENT:
        return run.unknown("the names of the running code")
    return Instance(PythonName("dir.result"), {"of": value})


@python("dir.result.__contains__")
def is_in_dir(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    has, _ = attribute_if_any(run, receiver.attributes["of"], name, node)
    return run.unknown("whether an attribute is there", kind="bool") if has is None else has


@python("dir.result.__iter__", "dir.result.__len__", "dir.result.__getitem__", "dir.result.sort", "dir.result.copy")
def names_of_attributes(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return run.unknown("the names of the attributes of an object")


@python("print", "exec")
def nothing(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    return None


@python("object")
def object_(run: Run, node: Node, /) -> Value:
    return Instance(PythonName("object"))


@python("object.__new__")
def object_new(run: Run, node: Node, cls: Value, /, *arguments: Value, **keywords: Value) -> Value:
    from attnlint.interpreter.objects import ClassValue

    return run.store.born(Instance(cls)) if isinstance(cls, ClassValue) else run.unknown("an object of a class")


@python("object.__init__", "object.__init_subclass__")
def object_init(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return None


@python("object.__setattr__")
def object_setattr(run: Run, node: Node, receiver: Value, name: Value, value: Value, /) -> Value:
    from attnlint.interpreter.attribute_writes import set_plain_attribute

    if isinstance(receiver, Instance) and isinstance(name, str):
        set_plain_attribute(run, receiver, name, run.keyed(value), node)
    return None


@python("object.__delattr__")
def object_delattr(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    if isinstance(receiver, Instance) and isinstance(name, str):
        run.store.delete_attribute(receiver, name)
    return None


@python("object.__getattribute__")
def object_getattribute(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    from attnlint.interpreter.attributes import plain_attribute

    if not isinstance(name, str):
        return run.unknown("an attribute whose name is not known")
    if isinstance(receiver, Instance):
        return plain_attribute(run, receiver, name, node)
    return run.attribute(receiver, name, node)


@python("property.__init__")
def property_init(
    run: Run, node: Node, receiver: Value, fget: Value = None, fset: Value = None, fdel: Value = None, doc: Value = None
) -> Value:
    """Of an object of a user's class that derives from ``property``."""
    for name, value in (("fget", fget), ("fset", fset), ("fdel", fdel)):
        run.store.set_attribute(receiver, name, value)
    return None


@python("property.__get__")
def property_get(run: Run, node: Node, receiver: Value, instance: Value, owner: Value = None, /) -> Value:
    if instance is None:
        return receiver
    return run.call(run.attribute(receiver, "fget", node), (instance,), {}, node)


@python("str")
def str_(run: Run, node: Node, value: Value = "", /, *arguments: Value, **keywords: Value) -> Value:
    return as_text(run, str, value, node)


@python("repr")
def repr_(run: Run, node: Node, value: Value, /) -> Value:
    return as_text(run, repr, value, node)


def as_text(run: Run, convert: type[str] | object, value: Value, node: Node) -> Value:
    """``str(value)`` or ``repr(value)`` where it is known."""
    assert callable(convert)
    try:
        return convert(concrete(value))
    except (NotConcrete, ValueError):
        pass
    if isinstance(value, Unknown) and value.kind == "str" and convert is str:
        return value
    if isinstance(value, tuple | ListValue):
        texts = [as_text(run, repr, each, node) for each in (value if isinstance(value, tuple) else value.items)]
        if not all(isinstance(each, str) for each in texts):
            return run.unknown("the text of an object", kind="str")
        if isinstance(value, ListValue):
            return f"[{', '.join(texts)}]"
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
    if isinstance(value, ClassValue) and "metaclass" not in value.keywords:
        module = value.attributes.get("__module__")
        return f"<class '{module}.{value.name}'>" if isinstance(module, str) else f"<class '{value.name}'>"
    if isinstance(value, TorchName) and is_dtype(value.name):
        return value.name
    if isinstance(value, TorchName) and value.name in ("torch.Tensor", "torch.nn.parameter.Parameter"):
        return f"<class '{value.name}'>"
    if isinstance(value, Instance) and not isinstance(value.cls, PythonName | TorchName):
        has, method = attribute_if_any(run, value, "__str__" if convert is str else "__repr__", node)
        if has:
            text = run.call(method, (), {}, node)
            if isinstance(text, str):
                return text
    return run.unknown("the text of an object", kind="str")


def make_exception(name: str) -> None:
    """Declare the constructor of one builtin exception."""

    @python(name)
    def exception(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
        return Instance(PythonName(name), {"args": arguments})

    @python(f"{name}.__init__")
    def init(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
        run.store.set_attribute(receiver, "args", arguments)
        return None


for _name, _object in vars(builtins).items():
    if isinstance(_object, type) and issubclass(_object, BaseException):
        class_(_name, *(base.__name__ for base in _object.__bases__ if base is not object))
        if _name == _object.__name__:
            make_exception(_name)


@python("BaseException.with_traceback", "BaseException.add_note")
def exception_note(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return receiver


@python("BaseException.__str__")
def exception_text(run: Run, node: Node, receiver: Value, /) -> Value:
    arguments = receiver.attributes.get("args") if isinstance(receiver, Instance) else None
    if isinstance(arguments, tuple) and len(arguments) < 2:
        return as_text(run, str, arguments[0] if arguments else "", node)
    return run.unknown("the text of an exception", kind="str")
