"""Tensors made from sizes, from data, and like other tensors."""

from __future__ import annotations

import math
from typing import Any

from attnlint.algebra import Answer, Dim, Expression, Shape, floor_divide
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.promotion import DEFAULT, number_dtype, to_complex
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_argument, fresh, unknown_shape
from attnlint.ops.sizes import device_argument, one_size, open_size, sizes
from attnlint.ops.strides import contiguous_strides, elementwise_strides
from attnlint.values import Tensor, Unknown, Value

_OPTIONS = "dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False"
_LARGEST_CONTENTS = 64


def made(call: Call, dims: tuple[Dim, ...], dtype: str | None, elements: Value = None) -> Tensor:
    """A fresh contiguous tensor on the device that the call asks for."""
    made = fresh(call, dims, dtype, contiguous=True)
    if isinstance(call.arguments.get("out"), Tensor):
        return replace(made, elements=elements)
    return replace(made, device=device_argument(call, call.default_device), elements=elements)


def of_size(call: Call) -> Tensor:
    """``torch.zeros(2, 3)`` or ``torch.zeros((2, 3))``."""
    if (opened := open_size(call, "size")) is not None:
        shape = Shape(tuple(one_size(call, item, "size") for item in opened[1]), opened[0])
        return Tensor(shape, dtype_argument(call, DEFAULT), device_argument(call, call.default_device))
    try:
        dims = sizes(call, "size")
    except CannotTell:
        return Tensor(unknown_shape(), dtype_argument(call, DEFAULT), device_argument(call, call.default_device))
    return made(call, dims, dtype_argument(call, DEFAULT))


for _name in ("zeros", "ones", "empty", "rand", "randn"):
    register(
        (f"torch.{_name}",),
        (f"(*size: int, generator=None, out=None, names=None, memory_format=None, {_OPTIONS})",),
        of_size,
    )


@shape_rule("torch.full", signature=f"(size: ints, fill_value, *, out=None, names=None, {_OPTIONS})")
def full(call: Call) -> Tensor:
    value = call["fill_value"]
    dtype = dtype_argument(call, value.dtype if isinstance(value, Tensor) else number_dtype(value))
    return made(call, sizes(call, "size"), dtype)


@shape_rule(
    "torch.randint",
    signature=(
        f"(high: int, size: ints, *, generator=None, out=None, {_OPTIONS})",
        f"(low: int, high: int, size: ints, *, generator=None, out=None, {_OPTIONS})",
    ),
)
def randint(call: Call) -> Tensor:
    low, high = call.arguments.get("low", 0), call["high"]
    if isinstance(low, int) and isinstance(high, int) and low >= high:
        raise Complaint("ATN105", f"the range from {low} to {high} is empty", arguments=("high",), about_rank=True)
    return made(call, sizes(call, "size"), dtype_argument(call, "int64"))


@shape_rule("torch.randperm", signature=f"(n: int, *, generator=None, out=None, {_OPTIONS})")
def randperm(call: Call) -> Tensor:
    return made(call, (one_size(call, call["n"], "n"),), dtype_argument(call, "int64"))


@shape_rule("torch.eye", signature=(f"(n: int, m: int = None, *, out=None, {_OPTIONS})",))
def eye(call: Call) -> Tensor:
    rows = one_size(call, call["n"], "n")
    columns = rows if call["m"] is None else one_size(call, call["m"], "m")
    return made(call, (rows, columns), dtype_argument(call, DEFAULT))


@shape_rule(
    "torch.arange",
    signature=(
        f"(end: number, *, out=None, {_OPTIONS})",
        f"(start: number, end: number, step: number = 1, *, out=None, {_OPTIONS})",
    ),
)
def arange(call: Call) -> Tensor:
    """``ceil((end - start) / step)`` elements, computed in doubles when one of the three is a float."""
    given = (call.arguments.get("start", 0), call["end"], call.arguments.get("step", 1))
    bounds = tuple(_number(call, value) for value in given)
    kinds = [value.dtype if isinstance(value, Tensor) else number_dtype(value) for value in given]
    if given[0] == 0 and given[2] == 1 and isinstance(given[1], Unknown) and given[1].kind in ("", "int"):
        # How many there are is what a count says, and a count is an int.
        kinds = ["int64"]
    unknown = any(kind is None for kind in kinds)
    inferred = (
        None if unknown else DEFAULT if any(kind not in ("int64", "int32", "bool") for kind in kinds) else "int64"
    )
    dtype = dtype_argument(call, inferred)
    if any(bound is None for bound in bounds):
        return made(call, (call.fresh("n"),), dtype)
    if dtype == "int64" and not any(isinstance(bound, Expression) for bound in bounds) and abs(bounds[2]) >= 1:
        bounds = tuple(int(bound) for bound in bounds)  # torch counts with whole numbers then
    start, end, step = bounds
    length = _arange_length(call, start, end, step)
    elements = None
    if (
        isinstance(length, int)
        and length <= _LARGEST_CONTENTS
        and dtype == "int64"
        and all(isinstance(b, int) for b in bounds)
    ):
        elements = tuple(range(start, end, step))
    return made(call, (length,), dtype, elements)


def _number(call: Call, value: Value) -> Value:
    """An int, a float or a symbolic int; ``None`` when it is not known."""
    if isinstance(value, float | int):
        return value
    if isinstance(value, Unknown) and value.kind == "float":
        return None
    try:
        return call.as_dim(value)
    except CannotTell:
        return None


def _arange_length(call: Call, start: Any, end: Any, step: Any) -> Dim:
    if isinstance(step, float | int) and step == 0:
        raise Complaint("ATN105", "the step is 0", arguments=("step",), about_rank=True)
    if any(isinstance(bound, float) for bound in (start, end, step)):
        if any(isinstance(bound, Expression) for bound in (start, end, step)):
            return call.fresh("n")
        length: float = (end - start) / step
        if not math.isfinite(length):
            raise Complaint("ATN105", "the range is not finite", arguments=("end",), about_rank=True)
        if length < 0:
            raise _wrong_direction(start, end, step)
        return math.ceil(length)
    if isinstance(step, Expression):
        if call.facts.at_least(step, 1) is not Answer.YES:
            return call.fresh("n")
    elif step < 0:
        start, end, step = -start, -end, -step
    distance: Dim = call.facts.normal(end - start)
    if call.facts.at_least(distance, 0) is Answer.NO:
        raise _wrong_direction(start, end, step)
    if isinstance(distance, Expression):
        call.facts.learn_at_least(distance, 0, because=call.because)
    if isinstance(step, int) and step == 1:
        return distance
    if call.facts.divides(step, distance) is Answer.YES:
        return call.facts.normal(floor_divide(distance, step))
    return floor_divide(distance + step - 1, step)


def _wrong_direction(start: Value, end: Value, step: Value) -> Complaint:
    return Complaint(
        "ATN105", f"a step of {step} does not lead from {start} to {end}", arguments=("start", "end"), about_rank=True
    )


@shape_rule("torch.range", signature=f"(start: number, end: number, step: number = 1, *, out=None, {_OPTIONS})")
def inclusive_range(call: Call) -> Tensor:
    start, end, step = (_number(call, call[name]) for name in ("start", "end", "step"))
    dtype = dtype_argument(call, DEFAULT)
    if step == 0:
        raise Complaint("ATN105", "the step is 0", arguments=("step",), about_rank=True)
    if not all(isinstance(bound, int | float) for bound in (start, end, step)):
        return made(call, (call.fresh("n"),), dtype)
    length = math.floor((end - start) / step) + 1
    if length < 1:
        raise _wrong_direction(start, end, step)
    return made(call, (length,), dtype)


def spaced(call: Call) -> Tensor:
    """``linspace`` and ``logspace``: as many elements as ``steps`` says."""
    ends = [call["start"], call["end"]]
    kinds = [end.dtype if isinstance(end, Tensor) else number_dtype(end) for end in ends]
    for end in ends:
        if isinstance(end, Tensor) and end.shape.rank not in (0, None):
            raise Complaint(
                "ATN103",
                f"an end of the range has the shape {end.shape}, not ()",
                arguments=("start",),
                about_rank=True,
            )
    inferred = (
        to_complex(DEFAULT) if any(kind is not None and kind.startswith("complex") for kind in kinds) else DEFAULT
    )
    return made(
        call, (one_size(call, call["steps"], "steps"),), dtype_argument(call, None if None in kinds else inferred)
    )


register(("torch.linspace",), (f"(start, end, steps: int, *, out=None, {_OPTIONS})",), spaced)
register(("torch.logspace",), (f"(start, end, steps: int, base: number = 10.0, *, out=None, {_OPTIONS})",), spaced)


@shape_rule(
    "torch.tril_indices", "torch.triu_indices", signature=f"(row: int, col: int, offset: int = 0, *, {_OPTIONS})"
)
def triangle_indices(call: Call) -> Tensor:
    rows, columns, offset = (call.dim(name) for name in ("row", "col", "offset"))
    dtype = dtype_argument(call, "int64")
    if not (isinstance(rows, int) and isinstance(columns, int) and isinstance(offset, int)):
        return made(call, (2, call.fresh("n")), dtype)
    lower = sum(
        min(max(row + (offset if call.name.endswith("tril_indices") else offset - 1) + 1, 0), columns)
        for row in range(rows)
    )
    return made(call, (2, lower if call.name.endswith("tril_indices") else rows * columns - lower), dtype)


# --- like another tensor ----------------------------------------------------------------------------------------------


def like(call: Call) -> Tensor:
    """``zeros_like``: the shape, and unless a memory format is asked for, the layout in memory too."""
    tensor = call.tensor("input")
    dtype = dtype_argument(call, tensor.dtype)
    strides = None
    if call.arguments.get("memory_format") is None and tensor.shape.rank is not None:
        strides = elementwise_strides((tensor,), tensor.shape.dims)
    return Tensor(tensor.shape, dtype, device_argument(call, tensor.device), strides=strides, axes=tensor.axes)


_LIKE = f"memory_format=None, {_OPTIONS}"
for _name in ("zeros", "ones", "empty", "rand", "randn"):
    register((f"torch.{_name}_like",), (f"(input: Tensor, *, generator=None, {_LIKE})",), like)
register(("torch.full_like",), (f"(input: Tensor, fill_value: number, *, {_LIKE})",), like)
register(
    ("torch.randint_like",),
    (
        f"(input: Tensor, high: int, *, generator=None, {_LIKE})",
        f"(input: Tensor, low: int, high: int, *, generator=None, {_LIKE})",
    ),
    like,
)


def new_of_size(call: Call) -> Tensor:
    """``x.new_zeros(2, 3)``: of the receiver's dtype and device."""
    tensor = call.tensor("input")
    dtype = dtype_argument(call, tensor.dtype)
    try:
        dims = sizes(call, "size")
    except CannotTell:
        return Tensor(unknown_shape(), dtype, device_argument(call, tensor.device))
    return replace(made(call, dims, dtype), device=device_argument(call, tensor.device))


for _name in ("new_zeros", "new_ones", "new_empty"):
    register((f"torch.Tensor.{_name}",), (f"(input: Tensor, *size: int, {_OPTIONS})",), new_of_size)
register(("torch.Tensor.new_full",), (f"(input: Tensor, size: ints, fill_value: number, *, {_OPTIONS})",), new_of_size)


@shape_rule("torch.empty_strided", signature=f"(size: ints, stride: ints, *, {_OPTIONS})")
def empty_strided(call: Call) -> Tensor:
    dims = sizes(call, "size")
    strides = tuple(call.as_dim(item) for item in call.sequence("stride"))
    if len(dims) != len(strides):
        raise Complaint("ATN105", f"{len(dims)} sizes but {len(strides)} strides", arguments=("stride",))
    return replace(made(call, dims, dtype_argument(call, DEFAULT)), strides=strides)


@shape_rule("torch.Tensor.new_empty_strided", signature=f"(input: Tensor, size: ints, stride: ints, *, {_OPTIONS})")
def new_empty_strided(call: Call) -> Tensor:
    like = call.tensor("input")
    made = empty_strided(call)
    return replace(made, dtype=dtype_argument(call, like.dtype), device=device_argument(call, like.device))


@shape_rule("torch.empty_permuted", signature=f"(size: ints, physical_layout: ints, *, {_OPTIONS})")
def empty_permuted(call: Call) -> Tensor:
    dims = sizes(call, "size")
    order = [call.as_dim(item) for item in call.sequence("physical_layout")]
    if sorted(axis for axis in order if isinstance(axis, int)) != list(range(len(dims))):
        raise Complaint(
            "ATN107",
            f"the layout {order} is no order of {len(dims)} axes",
            arguments=("physical_layout",),
            about_rank=True,
        )
    places = [axis for axis in order if isinstance(axis, int)]
    inner = contiguous_strides([dims[axis] for axis in places])
    strides = tuple(inner[places.index(axis)] for axis in range(len(dims)))
    return replace(made(call, dims, dtype_argument(call, DEFAULT)), strides=strides)
