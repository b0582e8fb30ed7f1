"""The scalar functions of ``numpy`` that sizes are computed with: ``np.prod(shape)``, ``int(np.ceil(n / k))``.

What they make of arrays is said by ``numpy_functions``. numpy's floats and ints stand
for Python's: they convert the same way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.math_functions import prod as math_prod
from attnlint.interpreter.library.numbers_builtins import extreme_number, float_, int_
from attnlint.interpreter.library.numpy_arrays import as_tensor, is_array, made
from attnlint.interpreter.library.numpy_contents import contents_of, mapped
from attnlint.interpreter.library.numpy_functions import elementwise, listed, reduce
from attnlint.interpreter.library.registry import constant, python, register
from attnlint.syntax import nodes
from attnlint.values import PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_FLOATS = {
    "sqrt": "sqrt",
    "log": "log",
    "log2": "log2",
    "log10": "log10",
    "exp": "exp",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
}
_WHOLE = {
    "ceil": floats.ceil,
    "floor": floats.floor,
    "trunc": floats.truncate,
    "round": floats.round_,
    "rint": floats.round_,
}

for _name in ("pi", "e", "inf", "nan"):
    constant(f"numpy.{_name}", getattr(math, _name))
constant("numpy.newaxis", None)


def _array(run: Run, name: str) -> Value:
    return run.unknown(f"the result of numpy.{name}")


def _float_function(name: str, real: Any) -> None:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if len(arguments) == 1 and not keywords and is_array(array := listed(run, arguments[0], node)):
            contents = mapped(run, lambda value: model(run, (value,), {}, node), contents_of(array))
            return elementwise(run, array, contents)
        if len(arguments) != 1 or keywords or not floats.is_number(arguments[0]):
            return _array(run, name)
        value = arguments[0]
        if isinstance(value, int | float):
            try:
                return float(real(value))
            except (ValueError, OverflowError):
                # numpy warns and gives nan or inf.
                return run.unknown(f"numpy.{name} out of its domain", kind="float")
        return floats.opaque("**", value, 0.5) if name == "sqrt" else floats.opaque(name, value)

    register(f"numpy.{name}", model)


def _whole_function(name: str) -> None:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if len(arguments) == 1 and not keywords and is_array(array := listed(run, arguments[0], node)):
            contents = mapped(run, lambda value: model(run, (value,), {}, node), contents_of(array))
            return made(run, as_tensor(run, array), contents)
        if len(arguments) != 1 or keywords or not floats.is_number(arguments[0]):
            return _array(run, name)
        value = arguments[0]
        if isinstance(value, int | float):
            real = round if name == "round" else getattr(math, name)
            return float(real(value)) if math.isfinite(value) else value
        whole = value if isinstance(value, Expression) else _WHOLE[name](run, value)
        # A float that is a whole number: int() of it is that number.
        return whole if isinstance(whole, Unknown) else floats.make_quotient(whole, 1)

    register(f"numpy.{name}", model)


for _name, _function in _FLOATS.items():
    _float_function(_name, getattr(math, _function))
for _name in _WHOLE:
    _whole_function(_name)


@python("numpy.prod", "numpy.product")
def prod(run: Run, node: Node, a: Value, /, **keywords: Value) -> Value:
    if is_array(a) or (keywords and is_array(a := listed(run, a, node))):
        return reduce(run, node, "prod", a, keywords.get("axis"), keywords.get("keepdims", False))
    return _array(run, "prod") if keywords or isinstance(a, Unknown) else math_prod(run, node, a)


@python("numpy.max", "numpy.amax", "numpy.min", "numpy.amin", "numpy.sum", "numpy.mean")
def reduction(
    run: Run, node: Node, a: Value, axis: Value = None, *, keepdims: Value = False, **keywords: Value
) -> Value:
    name = _called(node)
    a = listed(run, a, node)
    if is_array(a) and name:
        return reduce(run, node, name.removeprefix("a") if name in ("amax", "amin") else name, a, axis, keepdims)
    return _array(run, "a reduction")


def _called(node: Node) -> str:
    """The name of the function in a call."""
    function = node.function if isinstance(node, nodes.Call) else None
    return function.name if isinstance(function, nodes.Attribute | nodes.Name) else ""


@python("numpy.maximum")
def maximum(run: Run, node: Node, left: Value, right: Value, /) -> Value:
    return _extreme(run, "max", left, right)


@python("numpy.minimum")
def minimum(run: Run, node: Node, left: Value, right: Value, /) -> Value:
    return _extreme(run, "min", left, right)


def _extreme(run: Run, name: str, left: Value, right: Value) -> Value:
    if is_array(left) or is_array(right):
        return run.binary("*", left, right, nodes.Constant(0, None))
    if isinstance(left, int | float) and isinstance(right, int | float):
        return max(left, right) if name == "max" else min(left, right)
    if floats.is_number(left) and floats.is_number(right):
        return extreme_number(run, name, (left, right))
    return _array(run, name)


@python("numpy.int64", "numpy.int32", "numpy.intp")
def int64(run: Run, node: Node, value: Value = 0, /) -> Value:
    return int_(run, node, value)


@python("numpy.float64", "numpy.float32")
def float64(run: Run, node: Node, value: Value = 0.0, /) -> Value:
    return float_(run, node, value)


@python("float.astype", "int.astype")
def astype(run: Run, node: Node, receiver: Value, kind: Value, /) -> Value:
    if kind in (PythonName("int"), PythonName("numpy.int64"), PythonName("numpy.int32"), "int", "int32", "int64"):
        return int_(run, node, receiver)
    return run.unknown("a converted number")


@python("float.item", "int.item")
def item(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver
