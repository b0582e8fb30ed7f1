"""numpy's functions and the methods of its arrays: making them, shaping them, reducing them, joining them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Shape
from attnlint.interpreter.library.floats import is_number
from attnlint.interpreter.library.iterators import elements
from attnlint.interpreter.library.numbers_builtins import float_, int_
from attnlint.interpreter.library.numpy_arrays import (
    as_tensor,
    by_torch,
    converted,
    dtype_of,
    from_data,
    is_array,
    made,
    view,
)
from attnlint.interpreter.library.numpy_contents import contents_of, flat, folded, forget, mapped, nested
from attnlint.interpreter.library.registry import python
from attnlint.interpreter.objects import OpenList
from attnlint.values import Instance, ListValue, Repeated, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def dims_of(run: Run, size: Value, node: Node) -> tuple[Dim, ...] | None:
    """A shape as numpy is given it: a number, or a sequence of them; ``None`` when it is not known."""
    if size is None:
        return ()
    items = [size] if isinstance(size, int | Expression | Unknown) else elements(run, size, node)
    if items is None:
        return None
    dims: list[Dim] = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int | Expression):
            return None
        dims.append(item)
    return tuple(dims)


def new(run: Run, size: Value, dtype: str | None, node: Node) -> Value:
    """A new array."""
    dims = dims_of(run, size, node)
    return run.unknown("an array of unknown shape") if dims is None else made(run, Tensor(Shape(dims), dtype))


# --- making them ------------------------------------------------------------------------------------------------------


@python("numpy.zeros", "numpy.ones", "numpy.empty")
def zeros(run: Run, node: Node, shape: Value, dtype: Value = None, order: Value = "C", **keywords: Value) -> Value:
    return new(run, shape, "float64" if dtype is None else dtype_of(dtype), node)


@python("numpy.full")
def full(run: Run, node: Node, shape: Value, fill_value: Value, dtype: Value = None, **keywords: Value) -> Value:
    kinds = {bool: "bool", int: "int64", float: "float64"}
    return new(run, shape, kinds.get(type(fill_value)) if dtype is None else dtype_of(dtype), node)


@python("numpy.zeros_like", "numpy.ones_like", "numpy.empty_like")
def zeros_like(run: Run, node: Node, a: Value, dtype: Value = None, **keywords: Value) -> Value:
    return made(run, converted(as_tensor(run, a), dtype)) if is_array(a) else run.unknown("an array like another")


@python("numpy.full_like")
def full_like(run: Run, node: Node, a: Value, fill_value: Value, dtype: Value = None, **keywords: Value) -> Value:
    return zeros_like(run, node, a, dtype)


@python("numpy.eye", "numpy.identity")
def eye(run: Run, node: Node, N: Value, M: Value = None, k: Value = 0, dtype: Value = None) -> Value:
    return new(run, (N, N if M is None else M), "float64" if dtype is None else dtype_of(dtype), node)


@python("numpy.array", "numpy.asarray", "numpy.ascontiguousarray", "numpy.copy")
def array(run: Run, node: Node, data: Value, dtype: Value = None, **keywords: Value) -> Value:
    tensor = from_data(run, data, node)
    if tensor is None:
        return run.unknown("an array of what is not known")
    if is_array(data):
        return view(run, data, made(run, converted(tensor, dtype)))
    return _converted(run, node, made(run, tensor, tensor.elements), dtype)


def _converted(run: Run, node: Node, array: Instance, dtype: Value) -> Value:
    """A new array with the dtype that was asked for, its contents as numbers of that kind."""
    if dtype is None:
        return array
    tensor = converted(as_tensor(run, array), dtype)
    kinds = {"int64": int_, "float64": float_}
    kind = kinds.get(tensor.dtype or "")
    contents = None if kind is None else mapped(run, lambda value: kind(run, node, value), contents_of(array))
    return made(run, tensor, contents)


@python("numpy.atleast_1d")
def atleast_1d(run: Run, node: Node, data: Value, /) -> Value:
    if is_array(data):
        return data if as_tensor(run, data).shape.rank else _first(run, node, "reshape", data, ((1,),))
    if is_number(data):
        data = (data,)
    return array(run, node, data)


@python("numpy.arange")
def arange(run: Run, node: Node, /, *bounds: Value, dtype: Value = None, **keywords: Value) -> Value:
    found = by_torch(run, "torch.arange", bounds, {}, node)
    if not is_array(found):
        return found
    tensor = as_tensor(run, found)
    tensor = replace(tensor, dtype="float64") if tensor.dtype == "float32" else tensor
    contents = nested(range(*bounds)) if all(type(bound) is int for bound in bounds) else None
    return _converted(run, node, made(run, tensor, contents), dtype)


@python("numpy.linspace", "numpy.logspace")
def linspace(
    run: Run,
    node: Node,
    start: Value,
    stop: Value,
    num: Value = 50,
    endpoint: Value = True,
    retstep: Value = False,
    dtype: Value = None,
) -> Value:
    if retstep is not False or not isinstance(start, int | float | Expression | Unknown):
        return run.unknown("numbers at equal steps")
    return new(run, num, "float64" if dtype is None else dtype_of(dtype), node)


# --- shaping them -----------------------------------------------------------------------------------------------------


def _first(run: Run, node: Node, name: str, a: Value, arguments: tuple[Value, ...], **keywords: Value) -> Value:
    """A function of torch on one array."""
    if not is_array(a):
        tensor = from_data(run, a, node) if isinstance(a, ListValue | tuple) else None
        if tensor is None:
            return run.unknown("a function of what may be no array")
        a = made(run, tensor)
    return view(run, a, by_torch(run, f"torch.{name}", (a, *arguments), keywords, node))


@python("numpy.ndarray.reshape")
def reshape_method(run: Run, node: Node, receiver: Value, /, *shape: Value, **keywords: Value) -> Value:
    return _first(run, node, "Tensor.reshape", receiver, shape)


@python("numpy.reshape", "numpy.broadcast_to")
def reshape(run: Run, node: Node, a: Value, shape: Value = None, *, newshape: Value = None, **keywords: Value) -> Value:
    wanted = newshape if shape is None else shape
    return _first(run, node, "reshape", a, ((wanted,) if isinstance(wanted, int | Expression) else wanted,))


@python("numpy.transpose", "numpy.ndarray.transpose")
def transpose(run: Run, node: Node, a: Value, /, *axes: Value) -> Value:
    if len(axes) == 1 and (isinstance(axes[0], tuple | ListValue) or axes[0] is None):
        axes = () if axes[0] is None else tuple(elements(run, axes[0], node) or ())
    if axes:
        return _first(run, node, "permute", a, (axes,))
    return run.attribute(a, "T", node) if is_array(a) else run.unknown("a transpose")


@python("numpy.swapaxes", "numpy.ndarray.swapaxes", "numpy.moveaxis", "numpy.rollaxis")
def swapaxes(run: Run, node: Node, a: Value, first: Value, second: Value) -> Value:
    return _first(run, node, "swapaxes", a, (first, second))


@python("numpy.expand_dims")
def expand_dims(run: Run, node: Node, a: Value, axis: Value) -> Value:
    return _first(run, node, "unsqueeze", a, (axis,))


@python("numpy.squeeze", "numpy.ndarray.squeeze")
def squeeze(run: Run, node: Node, a: Value, axis: Value = None) -> Value:
    return _first(run, node, "squeeze", a, () if axis is None else (axis,))


@python("numpy.ravel", "numpy.ndarray.ravel", "numpy.ndarray.flatten")
def ravel(run: Run, node: Node, a: Value, order: Value = "C") -> Value:
    return _first(run, node, "flatten", a, ())


@python("numpy.ndarray.astype")
def astype(run: Run, node: Node, receiver: Value, dtype: Value, **keywords: Value) -> Value:
    tensor = as_tensor(run, receiver)
    if not dtype_of(dtype):
        return made(run, converted(tensor, "unknown"))
    # With copy=False it may be the array itself.
    found = _converted(run, node, made(run, tensor, None if keywords else tensor.elements), dtype)
    return view(run, receiver, found) if keywords else found


@python("numpy.ndarray.copy", "numpy.ndarray.round", "numpy.around", "numpy.ndarray.clip", "numpy.flip",
        "numpy.sort", "numpy.roll", "numpy.cumsum", "numpy.ndarray.cumsum", "numpy.fliplr", "numpy.flipud",
        "numpy.triu", "numpy.tril", "numpy.nan_to_num")  # fmt: skip
def same(run: Run, node: Node, a: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return made(run, as_tensor(run, a)) if is_array(a) else run.unknown("a function of what may be no array")


@python("numpy.clip")
def clip(run: Run, node: Node, a: Value, *bounds: Value, **keywords: Value) -> Value:
    return same(run, node, a)


@python("numpy.argsort", "numpy.ndarray.argsort")
def argsort(run: Run, node: Node, a: Value, axis: Value = -1, **keywords: Value) -> Value:
    return made(run, replace(as_tensor(run, a), dtype="int64")) if is_array(a) else run.unknown("an order")


@python("numpy.ndarray.fill", "numpy.ndarray.sort")
def nothing(run: Run, node: Node, a: Value, /, *arguments: Value, **keywords: Value) -> Value:
    forget(run, a)
    return None


@python("numpy.tile")
def tile(run: Run, node: Node, a: Value, reps: Value) -> Value:
    return _first(run, node, "tile", a, ((reps,) if isinstance(reps, int | Expression) else reps,))


@python("numpy.repeat", "numpy.ndarray.repeat")
def repeat(run: Run, node: Node, a: Value, repeats: Value, axis: Value = None) -> Value:
    return _first(run, node, "repeat_interleave", a, (repeats,), dim=axis)


# --- reducing them ----------------------------------------------------------------------------------------------------

_WHOLE = ("argmax", "argmin", "count_nonzero")


def listed(run: Run, data: Value, node: Node) -> Value:
    """A list of numbers as the array that numpy's functions make of it first."""
    tensor = from_data(run, data, node) if isinstance(data, ListValue | tuple) else None
    return data if tensor is None else made(run, tensor, tensor.elements)


def reduce(run: Run, node: Node, name: str, a: Value, axis: Value, keepdims: Value) -> Value:
    """One of the reductions: the axes that it takes away."""
    tensor = as_tensor(run, a)
    if axis is None and keepdims is False:
        known = folded(run, name, tensor.elements, node)
        if known is not None:
            return known
    shape = tensor.shape
    axes = dims_of(run, axis, node) if axis is not None else None
    if shape.rest is not None or not isinstance(keepdims, bool) or (axis is not None and axes is None):
        return run.unknown("a reduction of an array")
    rank = len(shape.dims)
    gone = set(range(rank)) if axes is None else {each % rank for each in axes if isinstance(each, int) and rank}
    if axes is not None and not all(isinstance(each, int) and -rank <= each < rank for each in axes):
        return run.unknown("a reduction of an array over an axis that it does not have")
    dims = [1 if index in gone else dim for index, dim in enumerate(shape.dims) if keepdims or index not in gone]
    dtype: str | None = tensor.dtype
    if name in _WHOLE or (name in ("sum", "prod") and dtype in ("bool", "int32")):
        dtype = "int64"
    elif name in ("any", "all"):
        dtype = "bool"
    elif name in ("mean", "std", "var", "median") and dtype is not None and not dtype.startswith("float"):
        dtype = "float64"
    return made(run, Tensor(Shape(tuple(dims)), dtype))


def _declare_reductions() -> None:
    def declare(name: str) -> None:
        @python(f"numpy.ndarray.{name}")
        def model(
            run: Run, node: Node, a: Value, axis: Value = None, dtype: Value = None, *, keepdims: Value = False
        ) -> Value:
            return reduce(run, node, name, a, axis, keepdims)

    for name in ("sum", "prod", "mean", "std", "var", "max", "min", "any", "all", "argmax", "argmin"):
        declare(name)

    def declare_function(name: str) -> None:
        @python(f"numpy.{name}")
        def model(run: Run, node: Node, a: Value, axis: Value = None, *, keepdims: Value = False) -> Value:
            a = listed(run, a, node)
            if not is_array(a):
                return run.unknown(f"the result of numpy.{name}")
            return reduce(run, node, name, a, axis, keepdims)

    for name in ("std", "var", "median", "any", "all", "argmax", "argmin", "count_nonzero"):
        declare_function(name)


_declare_reductions()


@python("numpy.ndarray.item")
def item(run: Run, node: Node, receiver: Value, /, *index: Value) -> Value:
    tensor = as_tensor(run, receiver)
    numbers = [] if index or tensor.elements is None else flat(tensor.elements)
    if len(numbers) == 1:
        return numbers[0]
    dtype = tensor.dtype
    kind = "" if dtype is None else "float" if dtype.startswith("float") else "int"
    return run.unknown("an element of an array", kind=kind)


@python("numpy.ndarray.tolist")
def tolist(run: Run, node: Node, receiver: Value, /) -> Value:
    tensor = as_tensor(run, receiver)
    if tensor.elements is not None:
        return _as_lists(run, tensor.elements)
    return run.call(run.attribute(tensor, "tolist", node), (), {}, node)


def _as_lists(run: Run, contents: Value) -> Value:
    if not isinstance(contents, tuple):
        return contents
    return run.store.born(ListValue([_as_lists(run, item) for item in contents]))


# --- joining and multiplying them -------------------------------------------------------------------------------------


@python("numpy.stack")
def stack(run: Run, node: Node, arrays: Value, axis: Value = 0, **keywords: Value) -> Value:
    return by_torch(run, "torch.stack", (_all(run, arrays, node), axis), {}, node)


@python("numpy.concatenate")
def concatenate(run: Run, node: Node, arrays: Value, axis: Value = 0, **keywords: Value) -> Value:
    if axis is None:
        return run.unknown("arrays joined flat")
    return by_torch(run, "torch.cat", (_all(run, arrays, node), axis), {}, node)


@python("numpy.vstack", "numpy.hstack", "numpy.column_stack", "numpy.dstack")
def vstack(run: Run, node: Node, arrays: Value) -> Value:
    return run.unknown("arrays stacked") if not isinstance(arrays, tuple | ListValue) else _stack(run, node, arrays)


def _stack(run: Run, node: Node, arrays: Value) -> Value:
    from attnlint.syntax import nodes

    function = node.function if isinstance(node, nodes.Call) else None
    name = function.name if isinstance(function, nodes.Attribute | nodes.Name) else ""
    if name not in ("vstack", "hstack", "column_stack", "dstack"):
        return run.unknown("arrays stacked")
    return by_torch(run, f"torch.{name}", (_all(run, arrays, node),), {}, node)


def _all(run: Run, arrays: Value, node: Node) -> Value:
    """The arrays to join, lists among them made arrays."""
    items = elements(run, arrays, node)
    if items is None and isinstance(arrays, Repeated | OpenList):
        element = arrays.element if isinstance(arrays, Repeated) else arrays.items.element
        number = None if is_array(element) else from_data(run, element, node)
        if number is None or number.shape.rank != 0:
            return arrays
        length = arrays.length if isinstance(arrays, Repeated) else None
        return Repeated("list", made(run, number), length)
    if items is None:
        return arrays
    found = [from_data(run, each, node) for each in items]
    return ListValue([each if tensor is None else made(run, tensor) for each, tensor in zip(items, found, strict=True)])


@python("numpy.dot", "numpy.matmul", "numpy.ndarray.dot")
def matmul(run: Run, node: Node, left: Value, right: Value, /) -> Value:
    if not is_array(left) and not is_array(right):
        # Of two objects that are not known ``@`` would make a tensor.
        return run.unknown("a product of what is not known")
    return run.binary("@", left, right, node)


@python("numpy.outer")
def outer(run: Run, node: Node, left: Value, right: Value, /) -> Value:
    return by_torch(run, "torch.outer", (left, right), {}, node)


@python("numpy.where")
def where(run: Run, node: Node, condition: Value, *choices: Value) -> Value:
    if len(choices) != 2 or not is_array(condition):
        return run.unknown("where of what is not known")
    found = by_torch(run, "torch.where", (condition, *choices), {}, node)
    if not is_array(found):
        return found
    kinds = {as_tensor(run, each).dtype for each in choices if is_array(each)}
    if not kinds and all(type(each) is type(choices[0]) for each in choices):
        kinds = {{int: "int64", float: "float64", bool: "bool"}.get(type(choices[0]))}
    return made(run, replace(as_tensor(run, found), dtype=kinds.pop() if len(kinds) == 1 else None))


def elementwise(run: Run, value: Value, contents: Value = None) -> Value:
    """A function of every element that gives floats: ``np.sin(array)``."""
    tensor = as_tensor(run, value)
    dtype = tensor.dtype
    if dtype is not None and not dtype.startswith(("float", "complex")):
        dtype = "float64" if dtype in ("int64", "int32") else None
    return made(run, replace(tensor, dtype=dtype), contents)


@python("numpy.abs", "numpy.absolute", "numpy.square", "numpy.negative", "numpy.sign")
def absolute(run: Run, node: Node, a: Value, /) -> Value:
    if is_array(a):
        return made(run, as_tensor(run, a))
    return run.unknown("a function of a number", kind=a.kind if isinstance(a, Unknown) else "")
