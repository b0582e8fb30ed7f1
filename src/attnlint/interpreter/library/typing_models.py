"""``typing``, ``types``, ``abc``: harmless at run time; ``int | float`` and ``List[int]`` remember their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.argument_parser import namespace
from attnlint.interpreter.library.registry import class_, constant, harmless, python
from attnlint.values import BoundMethod, Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

UNION = PythonName("types.UnionType")
ALIAS = PythonName("types.GenericAlias")

constant("typing.TYPE_CHECKING", False)
constant("types.NoneType", PythonName("NoneType"))
_GENERIC = (
    "List Tuple Dict Set FrozenSet Type Sequence Mapping Iterable Iterator Callable Generic Protocol TypedDict Any"
)
for _name in _GENERIC.split():
    class_(f"typing.{_name}", "object")
for _name in ("NoneType", "function", "method", "module", "generator"):
    class_(_name, "object")
for _name in ("SimpleNamespace", "ModuleType", "FunctionType", "MethodType"):
    class_(f"types.{_name}", "object")
class_("abc.ABC", "object")
class_("abc.ABCMeta", "type")
for _name in ("FunctionType", "LambdaType"):
    constant(f"types.{_name}", PythonName("function"))
constant("types.GeneratorType", PythonName("generator"))


def subscripted(run: Run, cls: Value, index: Value) -> Value:
    """``List[int]``, ``Optional[int]``, ``Union[int, float]``, ``dict[str, int]``."""
    name = cls.name.rpartition(".")[2] if isinstance(cls, PythonName) else ""
    arguments = index if isinstance(index, tuple) else (index,)
    if name == "Optional":
        return Instance(UNION, {"__args__": (*arguments, PythonName("NoneType"))})
    if name == "Union":
        return Instance(UNION, {"__args__": arguments})
    if name == "Annotated":
        return arguments[0]
    return Instance(ALIAS, {"__origin__": cls, "__args__": arguments})


def union(run: Run, left: Value, right: Value) -> Value:
    """``int | None``"""
    return Instance(UNION, {"__args__": (left, right)})


@python("types.GenericAlias.__call__")
def call_alias(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return run.call(receiver.attributes["__origin__"], arguments, keywords, node)


@python("typing.cast", "typing.assert_type")
def cast(run: Run, node: Node, kind: Value, value: Value, /) -> Value:
    return value


@python(
    "typing.overload",
    "typing.final",
    "typing.override",
    "typing.no_type_check",
    "typing.runtime_checkable",
    "typing.reveal_type",
    "abc.abstractmethod",
    "abc.abstractstaticmethod",
    "abc.abstractclassmethod",
    "typing.NewType.identity",
)
def unchanged(run: Run, node: Node, value: Value, /) -> Value:
    return value


@python("typing.NewType")
def new_type(run: Run, node: Node, name: Value, base: Value, /) -> Value:
    return PythonName("typing.NewType.identity")


@python("types.SimpleNamespace")
def simple_namespace(run: Run, node: Node, /, **keywords: Value) -> Value:
    return namespace(run, node, **keywords)


@python("types.MethodType")
def method_type(run: Run, node: Node, function: Value, receiver: Value, /) -> Value:
    return BoundMethod(receiver, function)


@python("types.MappingProxyType")
def mapping_proxy(run: Run, node: Node, mapping: Value, /) -> Value:
    return mapping


for _name in (
    "TypeVar",
    "ParamSpec",
    "TypeVarTuple",
    "ForwardRef",
    "dataclass_transform",
    "get_type_hints",
    "get_args",
    "get_origin",
):
    harmless(f"typing.{_name}", lambda run, name: run.unknown("something about types"))
