"""``numpy.random``: the functions, and the methods of a ``Generator`` or ``RandomState``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.interpreter.library.iterators import elements
from attnlint.interpreter.library.numpy_arrays import as_tensor, dtype_of, from_data, is_array, made
from attnlint.interpreter.library.numpy_contents import forget
from attnlint.interpreter.library.numpy_functions import new
from attnlint.interpreter.library.registry import class_, python
from attnlint.values import Instance, ListValue, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_PLACE = "numpy.random"
_GENERATOR, _STATE = f"{_PLACE}.Generator", f"{_PLACE}.RandomState"

for _name in (_GENERATOR, _STATE):
    class_(_name, "object")


@python(f"{_PLACE}.default_rng", _GENERATOR)
def default_rng(run: Run, node: Node, seed: Value = None) -> Value:
    return Instance(PythonName(_GENERATOR))


@python(_STATE)
def random_state(run: Run, node: Node, seed: Value = None) -> Value:
    return Instance(PythonName(_STATE))


@python(f"{_PLACE}.seed")
def set_seed(run: Run, node: Node, /, *arguments: Value) -> Value:
    return None


def _floats(run: Run, size: Value, dtype: Value, node: Node) -> Value:
    if size is None:
        return run.unknown("a random number", kind="float")
    return new(run, size, "float64" if dtype is None else dtype_of(dtype), node)


_FUNCTIONS = {
    "random": 0,
    "random_sample": 0,
    "ranf": 0,
    "sample": 0,
    "standard_normal": 0,
    "uniform": 2,
    "normal": 2,
    "laplace": 2,
    "exponential": 1,
    "beta": 2,
    "gamma": 2,
}
"""With how many numbers each is called before the size."""
_ONLY_FUNCTIONS = ("ranf", "sample")


def _declare(name: str, parameters: int) -> None:
    """A function, and a method of a generator, which is passed first."""

    def draw(run: Run, node: Node, *arguments: Value, size: Value = None, dtype: Value = None, **k: Value) -> Value:
        given = arguments[parameters] if len(arguments) > parameters else size
        if any(is_array(each) for each in arguments[:parameters]):
            return run.unknown("random numbers around an array")
        return _floats(run, given, dtype, node)

    @python(f"{_PLACE}.{name}")
    def function(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
        return draw(run, node, *arguments, **keywords)

    if name in _ONLY_FUNCTIONS:
        return
    holders = (_STATE,) if name == "random_sample" else (_GENERATOR, _STATE)

    @python(*(f"{holder}.{name}" for holder in holders))
    def method(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
        return draw(run, node, *arguments, **keywords)


for _name, _parameters in _FUNCTIONS.items():
    _declare(_name, _parameters)


@python(f"{_PLACE}.rand", f"{_PLACE}.randn")
def rand(run: Run, node: Node, /, *dims: Value) -> Value:
    return _floats(run, tuple(dims) if dims else None, None, node)


@python(f"{_STATE}.rand", f"{_STATE}.randn")
def rand_method(run: Run, node: Node, receiver: Value, /, *dims: Value) -> Value:
    return rand(run, node, *dims)


@python(f"{_PLACE}.randint", f"{_PLACE}.random_integers")
def randint(
    run: Run, node: Node, low: Value, high: Value = None, size: Value = None, dtype: Value = None, **keywords: Value
) -> Value:
    if size is None:
        return run.unknown("a random number", kind="int")
    return new(run, size, "int64" if dtype is None else dtype_of(dtype), node)


@python(f"{_GENERATOR}.integers", f"{_STATE}.randint")
def integers(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return randint(run, node, *arguments, **keywords)


@python(f"{_PLACE}.choice")
def choice(
    run: Run, node: Node, a: Value, size: Value = None, replace: Value = True, p: Value = None, **keywords: Value
) -> Value:
    if isinstance(a, int | Expression) or (isinstance(a, Unknown) and a.kind == "int"):
        dtype: str | None = "int64"
    else:
        tensor = from_data(run, a, node)
        dtype = None if tensor is None else tensor.dtype
    if size is None:
        return run.unknown("one of several")
    return new(run, size, dtype, node)


@python(f"{_GENERATOR}.choice", f"{_STATE}.choice")
def choice_method(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return choice(run, node, *arguments, **keywords)


@python(f"{_PLACE}.permutation")
def permutation(run: Run, node: Node, x: Value, /, **keywords: Value) -> Value:
    if isinstance(x, int | Expression):
        return new(run, x, "int64", node)
    if isinstance(x, ListValue | tuple) and elements(run, x, node) is not None:
        tensor = from_data(run, x, node)
        return run.unknown("a permutation") if tensor is None else made(run, tensor)
    return made(run, as_tensor(run, x)) if is_array(x) else run.unknown("a permutation")


@python(f"{_GENERATOR}.permutation", f"{_STATE}.permutation")
def permutation_method(run: Run, node: Node, receiver: Value, x: Value, /, **keywords: Value) -> Value:
    return permutation(run, node, x)


@python(f"{_PLACE}.shuffle", f"{_GENERATOR}.shuffle", f"{_STATE}.shuffle")
def shuffle(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    if arguments and isinstance(arguments[-1], ListValue) and len(arguments[-1].items) > 1:
        run.store.forget(arguments[-1])
    elif arguments and is_array(arguments[-1]):
        forget(run, arguments[-1])
    return None
