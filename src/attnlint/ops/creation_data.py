"""Tensors made from data: ``torch.tensor([...])``, ``as_tensor``, ``from_numpy``, and the old
constructors (``LongTensor``).
"""

from __future__ import annotations

from attnlint.algebra import Dim, Expression, Shape, Symbol
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.casting import LEGACY_TYPES
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.creation import made
from attnlint.ops.promotion import DEFAULT, is_complex, number_dtype, to_complex
from attnlint.ops.registry import alias, register, shape_rule
from attnlint.ops.results import dtype_argument, unknown_shape
from attnlint.ops.sizes import device_argument, one_size
from attnlint.ops.strides import elementwise_strides
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

_OPTIONS = "dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False"
_LARGEST_CONTENTS = 64


@shape_rule("torch.tensor", signature="(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)")
def tensor(call: Call) -> Tensor:
    return _from_data(call, call["data"], copies=True)


@shape_rule("torch.as_tensor", signature="(data, dtype=None, device=None)")
def as_tensor(call: Call) -> Tensor:
    return _from_data(call, call["data"], copies=False)


@shape_rule("torch.asarray", signature="(obj, *, dtype=None, device=None, copy=None, requires_grad=False)")
def asarray(call: Call) -> Tensor:
    return _from_data(call, call["obj"], copies=False)


@shape_rule("torch.scalar_tensor", signature=f"(s: number, *, {_OPTIONS})")
def scalar_tensor(call: Call) -> Tensor:
    return made(call, (), dtype_argument(call, DEFAULT))


@shape_rule(
    "torch.Tensor.new_tensor",
    signature="(input: Tensor, data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)",
)
def new_tensor(call: Call) -> Tensor:
    like = call.tensor("input")
    result = _from_data(call, call["data"], copies=True)
    return replace(
        result, dtype=dtype_argument(call, like.dtype), device=device_argument(call, like.device), elements=None
    )


def _from_data(call: Call, data: Value, *, copies: bool) -> Tensor:
    if isinstance(data, Tensor):
        data = call.as_tensor(data)
        dtype = dtype_argument(call, data.dtype)
        same = dtype == data.dtype and dtype is not None
        strides = data.strides
        if copies and data.shape.rank is not None:
            strides = elementwise_strides((data,), data.shape.dims)
        return Tensor(
            data.shape,
            dtype,
            device_argument(call, data.device),
            strides=strides,
            axes=data.axes,
            elements=data.elements if same else None,
        )
    dims, kinds, known = _measure(data)
    if dims is None:
        dtype = dtype_argument(call, kinds.pop() if len(kinds) == 1 else None)
        return Tensor(unknown_shape(), dtype, device_argument(call, call.default_device))
    inferred = _data_dtype(kinds)
    dtype = dtype_argument(call, inferred)
    if inferred is not None and dtype is not None and is_complex(inferred) and not is_complex(dtype):
        raise Complaint("ATN115", f"complex data in a tensor of dtype {dtype}", arguments=("data",))
    kept = dtype in ("int64", "bool") if dtype == inferred else (inferred, dtype) == ("int64", "int32")
    elements = _contents(data) if known and kept else None
    return made(call, dims, dtype, elements)


def measured_data(call: Call, data: Value) -> Tensor | None:
    """The tensor that torch makes of a list of numbers; ``None`` when its sizes are not known."""
    dims, kinds, known = _measure(data)
    if dims is None:
        return None
    dtype = _data_dtype(kinds)
    elements = _contents(data) if known and dtype in ("int64", "bool") else None
    return Tensor(Shape(dims), dtype, elements=elements)


def _data_dtype(kinds: set[str | None]) -> str | None:
    if None in kinds:
        return None
    if not kinds:
        return DEFAULT
    for dtype in (to_complex(DEFAULT), DEFAULT, "int64", "bool"):
        if dtype in kinds:
            return dtype
    return kinds.pop() if len(kinds) == 1 else None


def _may_hold_one(tensor: Tensor) -> bool:
    return tensor.shape.rank is None or all(not isinstance(dim, int) or dim == 1 for dim in tensor.shape.dims)


def _measure(data: Value, *, inside: bool = False) -> tuple[tuple[Dim, ...] | None, set[str | None], bool]:
    """The sizes of nested data (``None`` when not known), the dtypes of its leaves, and whether all
    leaves are known.
    """
    if isinstance(data, tuple | ListValue | range):
        items = data.items if isinstance(data, ListValue) else data
        if not items:
            return (0,), set(), True
        if len(items) > 4096 and isinstance(data, range):
            return (len(items),), {"int64"}, False
        inner: tuple[Dim, ...] | None = None
        kinds: set[str | None] = set()
        known = True
        # torch looks at the first item: where that is a list, tensors behind it are taken apart like lists.
        is_nested = isinstance(items[0], tuple | ListValue | range)
        measured = [
            (_sizes(item), {item.dtype}, False)
            if is_nested and isinstance(item, Tensor)
            else _measure(item, inside=True)
            for item in items
        ]
        for _, found, leaves in measured:
            kinds |= found
            known = known and leaves
        for dims, _, _ in measured:
            if dims is None:
                return None, kinds, False
            if inner is not None and dims != inner:
                if all(isinstance(dim, int) for dim in (*dims, *inner)):
                    raise Complaint(
                        "ATN108", f"items of shapes {Shape(inner)} and {Shape(dims)} in one tensor", arguments=("data",)
                    )
                return None, kinds, False
            inner = dims
        return (len(items), *(inner or ())), kinds, known
    if isinstance(data, Repeated):
        dims, kinds, _ = _measure(data.element, inside=True)
        if dims is None:
            return None, kinds, False
        length = Expression.of(Symbol("n", minimum=0)) if data.length is None else data.length
        return (length, *dims), kinds, False
    if isinstance(data, Tensor):
        if inside and not _may_hold_one(data):
            raise Complaint(
                "ATN103",
                f"an item of the data is a tensor of the shape {data.shape}, not a number",
                arguments=("data",),
                advice="join tensors with `torch.stack`",
                about_rank=True,
            )
        return (data.shape.dims if data.shape.rank is not None else None), {data.dtype}, False
    if isinstance(data, Unknown) and data.kind == "bool":
        # The outcome of a comparison of things that are not known: it may well be a tensor.
        raise CannotTell("the data may be a tensor")
    kind = number_dtype(data)
    if isinstance(data, Unknown) and kind is None:
        return None, {None}, False
    if kind is None:
        raise CannotTell("the data are of an unknown kind")
    return (), {kind}, not isinstance(data, Unknown)


def _sizes(tensor: Tensor) -> tuple[Dim, ...] | None:
    return None if tensor.shape.rank is None else tensor.shape.dims


def _contents(data: Value) -> Value:
    items = data.items if isinstance(data, ListValue) else data
    if isinstance(items, list | tuple | range):
        return tuple(_contents(item) for item in items) if len(items) <= _LARGEST_CONTENTS else None
    return items


# --- the old constructors ---------------------------------------------------------------------------------------------

_LEGACY = {"Tensor": DEFAULT, **LEGACY_TYPES}


def legacy(call: Call) -> Tensor:
    """``torch.Tensor(2, 3)`` is a size, ``torch.Tensor([2, 3])`` is data, and a torch.Size is a size again."""
    given = call["arguments"]
    dtype: str | None = _LEGACY[call.name.rpartition(".")[2]]
    if len(given) == 1 and isinstance(given[0], float | bool | complex):
        raise BadArguments("data must be a sequence")
    if len(given) == 1 and not isinstance(given[0], int | Expression):
        if isinstance(given[0], Unknown):
            return Tensor(unknown_shape(), dtype)
        if isinstance(given[0], tuple):
            raise CannotTell("a tuple that may be a torch.Size")
        if isinstance(given[0], Tensor) and call.name == "torch.Tensor":
            # An alias of the tensor, of any dtype: only the constructors that name a dtype check it.
            dtype = given[0].dtype
        elif isinstance(given[0], Tensor) and given[0].dtype not in (None, dtype):
            raise Complaint("ATN115", f"a {given[0].dtype} tensor given for {dtype}", arguments=("arguments",))
        return replace(_from_data(call, given[0], copies=True), dtype=dtype, elements=None)
    return made(call, tuple(one_size(call, item, "size") for item in given) if given else (0,), dtype)


for _name in _LEGACY:
    register((f"torch.{_name}",), ("(*arguments, device=None)",), legacy)
    if _name != "Tensor":
        alias(f"torch.cuda.{_name}", f"torch.{_name}")


@shape_rule("torch.Tensor.new", signature="(input: Tensor, *arguments, device=None)")
def new(call: Call) -> Tensor:
    """The old way to say ``new_empty(sizes)`` or ``new_tensor(data)``."""
    given = call["arguments"]
    like = call.tensor("input")
    if len(given) == 1 and not isinstance(given[0], int | Expression):
        if not isinstance(given[0], ListValue):
            raise CannotTell("a tuple that may be a torch.Size, or a storage")
        return replace(_from_data(call, given[0], copies=True), dtype=like.dtype, device=like.device, elements=None)
    dims = tuple(one_size(call, item, "size") for item in given) if given else (0,)
    return replace(made(call, dims, like.dtype), device=device_argument(call, like.device))


@shape_rule("torch.from_numpy", signature="(ndarray)")
def from_numpy(call: Call) -> Tensor:
    """The interpreter does not model numpy: some tensor on the CPU."""
    array = call["ndarray"]
    if isinstance(array, Tensor):  # ``x.numpy()`` and back
        return call.as_tensor(array)
    return Tensor(unknown_shape(), None, "cpu")
