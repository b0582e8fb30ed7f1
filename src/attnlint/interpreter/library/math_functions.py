"""``math``, and the scalar functions of ``numpy`` that shape arithmetic is written with."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression, Symbol, product
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.concrete import call_real, is_concrete, pure
from attnlint.interpreter.library.iterators import ABSENT, elements, fresh_int
from attnlint.interpreter.library.registry import constant, python, register
from attnlint.values import Instance, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

LARGEST_FACTORIAL = 500

for _name in ("pi", "e", "tau", "inf", "nan"):
    constant(f"math.{_name}", getattr(math, _name))

_FLOAT_FUNCTIONS = (
    "acos acosh asin asinh atan atan2 atanh cos cosh degrees dist erf erfc exp expm1 fabs fmod gamma hypot ldexp "
    "lgamma log log10 log1p log2 modf frexp nextafter pow radians remainder sin sinh sqrt tan tanh ulp copysign fsum"
)
_TESTS = "isclose isfinite isinf isnan"


def _number(value: Value) -> Value:
    """A scalar of an argument: the number that a small tensor is known to hold."""
    if isinstance(value, Tensor) and isinstance(value.elements, int | float | Expression):
        return value.elements
    return value


def _declare_float(name: str, real: Callable[..., Any]) -> None:
    operation = name.rpartition(".")[2]

    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        numbers = tuple(_number(argument) for argument in arguments)
        if all(is_concrete(each) for each in (*numbers, *keywords.values())):
            return call_real(run, real, numbers, keywords, node, name)
        if operation in ("modf", "frexp") or keywords or not all(_is_scalar(each) for each in numbers):
            return run.unknown(f"{name} of what is not known", kind="float")
        if operation == "sqrt":
            # As dim ** 0.5: the same number.
            return floats.opaque("**", numbers[0], 0.5)
        if operation == "pow":
            return floats.opaque("**", *numbers)
        return floats.opaque(operation, *numbers)

    register(name, model)


def _is_scalar(value: Value) -> bool:
    return floats.is_number(value) or (isinstance(value, Unknown) and value.key is not None)


for _name in _FLOAT_FUNCTIONS.split():
    _declare_float(f"math.{_name}", getattr(math, _name))
for _name in _TESTS.split():
    pure(f"math.{_name}", getattr(math, _name), kind="bool")
for _name in ("exp", "sqrt", "phase", "polar", "rect"):
    pure(f"cmath.{_name}", getattr(cmath, _name))
for _name in ("cbrt", "exp2"):
    if hasattr(math, _name):
        _declare_float(f"math.{_name}", getattr(math, _name))


@python("math.floor")
def floor(run: Run, node: Node, value: Value, /) -> Value:
    return _to_whole(run, "floor", floats.floor, math.floor, value, node)


@python("math.ceil")
def ceil(run: Run, node: Node, value: Value, /) -> Value:
    return _to_whole(run, "ceil", floats.ceil, math.ceil, value, node)


@python("math.trunc")
def trunc(run: Run, node: Node, value: Value, /) -> Value:
    return _to_whole(run, "trunc", floats.truncate, math.trunc, value, node)


def _to_whole(
    run: Run,
    name: str,
    symbolic: Callable[[Run, Value], Value],
    real: Callable[[Any], int],
    value: Value,
    node: Node,
) -> Value:
    value = _number(value)
    if isinstance(value, Expression):
        return value
    if isinstance(value, Unknown | Tensor | Instance):
        whole = symbolic(run, value) if isinstance(value, Unknown) else None
        return whole if isinstance(whole, int | Expression) else fresh_int(name)
    return call_real(run, real, (value,), {}, node, f"math.{name}")


@python("math.prod")
def prod(run: Run, node: Node, iterable: Value, /, *, start: Value = 1) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        return fresh_int("n")
    dims = [floats.as_dim(item) for item in (*items, start)]
    known = [dim for dim in dims if dim is not None]
    if len(known) == len(dims):
        return product(known)
    total = start
    for item in items:
        total = run.binary("*", total, item, node)
    return total


@python("math.gcd")
def gcd(run: Run, node: Node, /, *arguments: Value) -> Value:
    if all(is_concrete(argument) for argument in arguments):
        return call_real(run, math.gcd, arguments, {}, node, "math.gcd")
    dims = [floats.as_dim(argument) for argument in arguments]
    if len(dims) == 2:
        for small, large in (dims, dims[::-1]):
            if small is None or large is None:
                break
            if run.facts.divides(small, large) is Answer.YES and floats.is_size(run, small):
                return small
    if all(dim is not None for dim in dims):
        # Zero only where all are zero.
        ordered = tuple(sorted(dims, key=str))
        return Expression.of(Symbol(f"gcd({', '.join(map(str, dims))})", key=("gcd", *ordered), minimum=0))
    return fresh_int("gcd", 0)


@python("math.lcm")
def lcm(run: Run, node: Node, /, *arguments: Value) -> Value:
    if all(is_concrete(argument) for argument in arguments):
        return call_real(run, math.lcm, arguments, {}, node, "math.lcm")
    return fresh_int("lcm", 0)


@python("math.isqrt")
def isqrt(run: Run, node: Node, value: Value, /) -> Value:
    if is_concrete(value):
        return call_real(run, math.isqrt, (value,), {}, node, "math.isqrt")
    return floats.whole_number("isqrt", value) if isinstance(value, Expression) else fresh_int("n", 0)


@python("math.factorial")
def factorial(run: Run, node: Node, value: Value, /) -> Value:
    if isinstance(value, int) and value <= LARGEST_FACTORIAL:
        return call_real(run, math.factorial, (value,), {}, node, "math.factorial")
    return fresh_int("n", 1)


@python("math.comb", "math.perm")
def comb(run: Run, node: Node, n: Value, k: Value = ABSENT, /) -> Value:
    return fresh_int("n", 0)
