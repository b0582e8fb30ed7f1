"""``operator``: operators as functions, ``itemgetter``, ``attrgetter``, ``methodcaller``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.registry import Model, class_, python, register
from attnlint.values import Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and_": "&", "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "concat": "+",
    "iadd": "+", "isub": "-", "imul": "*", "itruediv": "/",
}  # fmt: skip
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "is_": "is", "is_not": "is not"}

for _name in ("itemgetter", "attrgetter", "methodcaller"):
    class_(f"operator.{_name}", "object")


def _binary(sign: str) -> Model:
    return lambda run, arguments, keywords, node: run.binary(sign, arguments[0], arguments[1], node)


def _comparison(sign: str) -> Model:
    return lambda run, arguments, keywords, node: run.compare(sign, arguments[0], arguments[1], node)


for _name, _sign in _BINARY.items():
    register(f"operator.{_name}", _binary(_sign))
for _name, _sign in _COMPARISONS.items():
    register(f"operator.{_name}", _comparison(_sign))


@python("operator.neg")
def neg(run: Run, node: Node, value: Value, /) -> Value:
    return run.binary("*", value, -1, node)


@python("operator.not_")
def not_(run: Run, node: Node, value: Value, /) -> Value:
    truth = run.truth(value)
    return run.unknown("the truth of what is not known", kind="bool") if truth is None else not truth


@python("operator.truth")
def truth(run: Run, node: Node, value: Value, /) -> Value:
    known = run.truth(value)
    return run.unknown("the truth of what is not known", kind="bool") if known is None else known


@python("operator.contains")
def contains(run: Run, node: Node, container: Value, item: Value, /) -> Value:
    return run.compare("in", item, container, node)


@python("operator.getitem")
def getitem(run: Run, node: Node, container: Value, index: Value, /) -> Value:
    return run.item(container, index, node)


@python("operator.itemgetter")
def itemgetter(run: Run, node: Node, /, *items: Value) -> Value:
    return Instance(PythonName("operator.itemgetter"), {"_items": items})


@python("operator.itemgetter.__call__")
def get_items(run: Run, node: Node, receiver: Value, target: Value, /) -> Value:
    found = tuple(run.item(target, item, node) for item in receiver.attributes["_items"])
    return found if len(found) > 1 else found[0]


@python("operator.attrgetter")
def attrgetter(run: Run, node: Node, /, *names: Value) -> Value:
    return Instance(PythonName("operator.attrgetter"), {"_names": names})


@python("operator.attrgetter.__call__")
def get_attributes(run: Run, node: Node, receiver: Value, target: Value, /) -> Value:
    found = []
    for name in receiver.attributes["_names"]:
        value = target
        for part in name.split(".") if isinstance(name, str) else ():
            value = run.attribute(value, part, node)
        found.append(value if isinstance(name, str) else run.unknown("an attribute whose name is not known"))
    return tuple(found) if len(found) > 1 else found[0]


@python("operator.methodcaller")
def methodcaller(run: Run, node: Node, name: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return Instance(
        PythonName("operator.methodcaller"), {"_name": name, "_arguments": arguments, "_keywords": keywords}
    )


@python("operator.methodcaller.__call__")
def call_method(run: Run, node: Node, receiver: Value, target: Value, /) -> Value:
    name = receiver.attributes["_name"]
    if not isinstance(name, str):
        return run.unknown("a method whose name is not known")
    method = run.attribute(target, name, node)
    return run.call(method, receiver.attributes["_arguments"], receiver.attributes["_keywords"], node)
