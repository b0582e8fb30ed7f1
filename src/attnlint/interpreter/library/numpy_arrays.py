"""numpy's arrays, as far as they become tensors: their shape and dtype.

An array is an ``Instance`` of ``numpy.ndarray`` that holds a tensor of the same shape and dtype. What numpy has under
another name than torch is worked out by torch's shape rules, quietly: where they complain numpy raises as well, or does
something of its own, and the result is unknown. The dtypes are numpy's (``float64`` is its default).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Expression, Shape, product
from attnlint.interpreter.library import numpy_contents
from attnlint.interpreter.library.iterators import fresh_int, make_iterator
from attnlint.interpreter.library.numbers_builtins import float_
from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.objects import OpenList
from attnlint.values import Choice, Instance, ListValue, PythonName, Repeated, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

ARRAY = PythonName("numpy.ndarray")
MOST_ROWS = 16
_DTYPES = {
    "float": "float64",
    "double": "float64",
    "float_": "float64",
    "int": "int64",
    "int_": "int64",
    "intp": "int64",
    "long": "int64",
    "longlong": "int64",
    "bool": "bool",
    "bool_": "bool",
    "single": "float32",
    "half": "float16",
    "f4": "float32",
    "f8": "float64",
    "f": "float32",
    "d": "float64",
    "i4": "int32",
    "i8": "int64",
    "u1": "uint8",
    "ubyte": "uint8",
    "intc": "int32",
}
_PLAIN = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128".split()
)
KEPT: Value = object()
"""For :func:`converted`: the dtype stays as it is."""

class_("numpy.ndarray", "object")


def made(run: Run, tensor: Tensor, contents: Value = None) -> Instance:
    """The array that is like a tensor, and holds ``contents``."""
    plain = numpy_contents.holding(Tensor(run.facts.resolve(tensor.shape), tensor.dtype, "cpu"), contents)
    return run.store.born(Instance(ARRAY, {"_tensor": plain}))  # type: ignore[no-any-return]


def view(run: Run, array: Instance, result: Value) -> Value:
    """The result of an operation that may be a view of an array: it shares what is written into it."""
    if is_array(result) and (numpy_contents.contents_of(array) is not None or numpy_contents.BASE in array.attributes):
        result.attributes[numpy_contents.BASE] = (array,)
    return result


def is_array(value: Value) -> bool:
    """Whether it is one of numpy's arrays."""
    return isinstance(value, Instance) and value.cls == ARRAY


def as_tensor(run: Run, array: Instance) -> Tensor:
    """The tensor of the shape and dtype of an array."""
    tensor: Tensor = array.attributes["_tensor"]
    return replace(tensor, shape=run.facts.resolve(tensor.shape))


def dtype_of(value: Value) -> str | None:
    """A dtype as numpy's functions are given it; ``None`` when it is not known."""
    name = value.name if isinstance(value, PythonName) else value if isinstance(value, str) else ""
    name = name.removeprefix("numpy.")
    return name if name in _PLAIN else _DTYPES.get(name)


def converted(tensor: Tensor, dtype: Value) -> Tensor:
    """The tensor with the dtype that was asked for."""
    if dtype is KEPT or dtype is None:
        return tensor
    return replace(tensor, dtype=dtype_of(dtype), elements=None)


def by_torch(run: Run, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """What torch's function of that name makes of arrays; nothing is reported."""
    from attnlint.interpreter.errors import Raised

    if any(_is_open(value) for value in (*arguments, *keywords.values())):
        # torch's rule would take it for a tensor from here on, and it is as likely one of numpy's arrays.
        return run.unknown("an operation on arrays and what is not known")
    run.quiet += 1
    failures, uncertain = run.failures, run.uncertain
    try:
        given = tuple(plain(run, value) for value in arguments)
        result = run.call(TorchName(name), given, {key: plain(run, value) for key, value in keywords.items()}, node)
    except Raised:
        return run.unknown("an operation on arrays that fails")
    finally:
        run.quiet -= 1
        run.failures, run.uncertain = failures, uncertain
    return wrapped(run, result)


def _is_open(value: Value) -> bool:
    """Whether there is an object in it that may be anything."""
    if isinstance(value, Unknown):
        return value.kind not in ("int", "float", "bool", "str")
    if isinstance(value, ListValue | tuple):
        return any(_is_open(item) for item in (value.items if isinstance(value, ListValue) else value))
    if isinstance(value, slice):
        return any(_is_open(part) for part in (value.start, value.stop, value.step))
    return isinstance(value, Choice)


def plain(run: Run, value: Value) -> Value:
    """A value with the arrays in it as tensors."""
    if is_array(value):
        return as_tensor(run, value)
    if isinstance(value, ListValue):
        return ListValue([plain(run, item) for item in value.items])
    if isinstance(value, tuple):
        return tuple(plain(run, item) for item in value)
    if isinstance(value, Repeated) and is_array(value.element):
        return Repeated(value.kind, as_tensor(run, value.element), value.length)
    return value


def wrapped(run: Run, result: Value) -> Value:
    """Tensors as arrays."""
    if isinstance(result, Tensor):
        return made(run, result)
    if isinstance(result, tuple):
        return tuple(wrapped(run, item) for item in result)
    if isinstance(result, ListValue):
        return ListValue([wrapped(run, item) for item in result.items])
    return run.unknown("the result of an operation on arrays")


def from_data(run: Run, data: Value, node: Node) -> Tensor | None:
    """The tensor like the array that numpy makes of numbers, nested lists of them, or lists of arrays."""
    if is_array(data):
        return replace(as_tensor(run, data), elements=None)
    if isinstance(data, Tensor):
        return replace(data, elements=None)
    items = data.items if isinstance(data, ListValue) else data if isinstance(data, tuple) else None
    if items and all(is_array(item) or isinstance(item, Tensor) for item in items):
        found = by_torch(run, "torch.stack", (ListValue(list(items)),), {}, node)
    elif isinstance(data, Repeated | OpenList) and is_array(element := _element(data)):
        inner = as_tensor(run, element)
        length = data.length if isinstance(data, Repeated) and data.length is not None else fresh_int("n", 1)
        return None if inner.shape.rank is None else replace(inner, shape=Shape((length, *inner.shape.dims)))
    else:
        found = by_torch(run, "torch.tensor", (data,), {}, node)
    if not is_array(found):
        return None
    tensor = as_tensor(run, found)
    # Python's floats: torch makes float32 of them, numpy float64.
    if items and is_array(items[0]):
        return tensor
    tensor = replace(tensor, dtype="float64") if tensor.dtype == "float32" else tensor
    return numpy_contents.holding(tensor, numbers_in(run, data, tensor.dtype, node))


def numbers_in(run: Run, data: Value, dtype: str | None, node: Node) -> Value:
    """The numbers in a list as those of an array of that dtype."""
    contents = numpy_contents.nested(data)
    if dtype == "float64":
        return numpy_contents.mapped(run, lambda value: float_(run, node, value), contents)
    return contents


def _element(data: Repeated | OpenList) -> Value:
    return data.element if isinstance(data, Repeated) else data.items.element


# --- becoming a tensor ------------------------------------------------------------------------------------------------

_OLD = {
    "torch.Tensor": "float32",
    "torch.FloatTensor": "float32",
    "torch.DoubleTensor": "float64",
    "torch.LongTensor": "int64",
    "torch.IntTensor": "int32",
    "torch.BoolTensor": "bool",
    "torch.HalfTensor": "float16",
    "torch.ByteTensor": "uint8",
}
_NEW = frozenset({"torch.tensor", "torch.as_tensor", "torch.asarray", "torch.from_numpy"})


def to_torch(run: Run, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """``torch.tensor(array)``, ``torch.from_numpy(array)``, ``torch.FloatTensor(array)``; NotImplemented otherwise."""
    if name not in _NEW and name not in _OLD:
        return NotImplemented
    data = arguments[0] if arguments else keywords.get("data", keywords.get("ndarray", keywords.get("obj")))
    items = data.items if isinstance(data, ListValue) else data if isinstance(data, tuple) else ()
    if not is_array(data) and not (items and all(is_array(item) for item in items)):
        return NotImplemented
    tensor = from_data(run, data, node)
    if tensor is None:
        return NotImplemented
    if isinstance(data, Instance) and name != "torch.tensor":
        numpy_contents.forget(run, data)  # the tensor may share its memory
    tensor = replace(tensor, device=None, strides=None, elements=None)
    if name in _OLD:
        return replace(tensor, dtype=_OLD[name])
    dtype = keywords.get("dtype", arguments[1] if len(arguments) > 1 else None)
    if dtype is not None:
        known = isinstance(dtype, TorchName) and dtype.name.startswith("torch.")
        tensor = replace(tensor, dtype=dtype.name.removeprefix("torch.") if known else None)
    return tensor


# --- attributes and Python's operators --------------------------------------------------------------------------------


@python("numpy.ndarray.__getattr__")
def attribute(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    tensor = as_tensor(run, receiver)
    shape = tensor.shape
    if name == "shape":
        return shape.dims if shape.rest is None else shape
    if name == "ndim":
        return len(shape.dims) if shape.rest is None else fresh_int("ndim", 0)
    if name == "size":
        return product(shape.dims) if shape.rest is None else fresh_int("size", 0)
    if name == "dtype":
        return PythonName(f"numpy.{tensor.dtype}") if tensor.dtype is not None else run.unknown("the dtype of an array")
    if name == "T":
        if shape.rest is not None or len(shape.dims) < 2:
            return receiver if shape.rest is None else run.unknown("the transpose of an array")
        return view(run, receiver, made(run, replace(tensor, shape=Shape(shape.dims[::-1]))))
    return run.unknown(f"the attribute {name} of an array")


@python("numpy.ndarray.__len__")
def length(run: Run, node: Node, receiver: Value, /) -> Value:
    shape = as_tensor(run, receiver).shape
    return shape.dims[0] if shape.rest is None and shape.dims else fresh_int("n", 0)


@python("numpy.ndarray.__iter__")
def iterate(run: Run, node: Node, receiver: Value, /) -> Value:
    shape = as_tensor(run, receiver).shape
    row = get_item(run, node, receiver, 0)
    if shape.rest is not None or not shape.dims:
        return Repeated("iterator", row)
    if isinstance(shape.dims[0], int) and shape.dims[0] <= MOST_ROWS:
        return make_iterator(run, [get_item(run, node, receiver, index) for index in range(shape.dims[0])])
    return Repeated("iterator", row, shape.dims[0])


@python("numpy.ndarray.__getitem__")
def get_item(run: Run, node: Node, receiver: Value, index: Value, /) -> Value:
    if isinstance(index, Unknown) and index.kind != "int":
        return run.unknown("an item of an array")
    contents = numpy_contents.contents_of(receiver)
    if isinstance(contents, tuple) and isinstance(index, int) and not isinstance(index, bool):
        if -len(contents) <= index < len(contents) and not isinstance(contents[index], tuple):
            return contents[index]
    return view(run, receiver, by_torch(run, "torch.Tensor.__getitem__", (receiver, index), {}, node))


@python("numpy.ndarray.__setitem__")
def set_item(run: Run, node: Node, receiver: Value, index: Value, value: Value, /) -> Value:
    numpy_contents.forget(run, receiver)
    return None


def _binary(run: Run, node: Node, name: str, left: Value, right: Value) -> Value:
    for value in (left, right):
        if not is_array(value) and (
            not isinstance(value, int | float | Expression | ListValue | tuple | Unknown)
            or (isinstance(value, Unknown) and value.kind not in ("int", "float"))
        ):
            return run.unknown("an operation on an array and something else")
    operands = [_as_operand(run, value, node) for value in (left, right)]
    found = by_torch(run, f"torch.{name}", tuple(operands), {}, node)
    if not is_array(found):
        return found
    comparison = name in ("eq", "ne", "lt", "le", "gt", "ge")
    dtype = "bool" if comparison else _result_dtype(run, node, name, operands)
    contents = numpy_contents.combined(run, name, _contents_of(left), _contents_of(right), node)
    return made(run, replace(as_tensor(run, found), dtype=dtype), contents)


def _contents_of(value: Value) -> Value:
    return numpy_contents.contents_of(value) if is_array(value) else numpy_contents.nested(value)


def _as_operand(run: Run, value: Value, node: Node) -> Value:
    if is_array(value):
        return made(run, as_tensor(run, value))
    if isinstance(value, ListValue | tuple):
        tensor = from_data(run, value, node)
        return value if tensor is None else made(run, tensor)
    if isinstance(value, Unknown | Expression):
        return 1.0 if isinstance(value, Unknown) and value.kind == "float" else 1
    return value


def _result_dtype(run: Run, node: Node, name: str, operands: list[Value]) -> str | None:
    """numpy's promotion. A float that the code computes may be one of numpy's own, which count as arrays."""
    dtypes = [as_tensor(run, value).dtype for value in operands if is_array(value)]
    if None in dtypes:
        return None
    known = [dtype for dtype in dtypes if dtype is not None]
    numbers = [value for value in operands if not is_array(value)]
    dtype = known[0] if len(set(known)) == 1 else _promoted(known)
    if numbers and any(isinstance(value, float) for value in numbers):
        if dtype is None or not dtype.startswith("float"):
            return "float64"
        return dtype if dtype == "float64" or _has_literal(node) else None
    if dtype is not None and name in ("div", "true_divide") and not dtype.startswith(("float", "complex")):
        return "float64"
    return "int64" if dtype == "bool" and (numbers or name != "add") else dtype


def _promoted(dtypes: list[str]) -> str | None:
    if "float64" in dtypes and not any(dtype.startswith("complex") for dtype in dtypes):
        return "float64"
    if "float32" in dtypes and any(dtype in ("int64", "int32", "uint32", "uint64") for dtype in dtypes):
        return "float64"
    kinds = set(dtypes)
    if "float32" in kinds and kinds <= {"float32", "float16", "bool", "uint8", "int8", "int16", "uint16"}:
        return "float32"
    return "int64" if kinds <= {"int64", "int32", "int16", "int8", "uint8", "bool", "uint16", "uint32"} else None


def _has_literal(node: Node) -> bool:
    from attnlint.syntax import nodes

    return isinstance(node, nodes.Binary) and any(isinstance(part, nodes.Constant) for part in (node.left, node.right))


_OPERATORS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARISONS = {"eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge"}


def _declare_operators() -> None:
    def declare(method: str, name: str, *, swapped: bool) -> None:
        @python(f"numpy.ndarray.__{method}__")
        def model(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
            pair = (other, receiver) if swapped else (receiver, other)
            return _binary(run, node, name, *pair)

    for method, name in {**_OPERATORS, **_COMPARISONS}.items():
        declare(method, name, swapped=False)
    for method, name in _OPERATORS.items():
        declare(f"r{method}", name, swapped=True)


_declare_operators()


@python("numpy.ndarray.__neg__", "numpy.ndarray.__pos__", "numpy.ndarray.__invert__", "numpy.ndarray.__abs__")
def unary(run: Run, node: Node, receiver: Value, /) -> Value:
    return made(run, as_tensor(run, receiver))


@python("numpy.ndarray.__array__")
def array(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return receiver
