"""Another shape of the same elements: ``view``, ``reshape``, ``flatten``, ``unflatten``, and ``contiguous``."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape, Symbol, product, symbols_of
from attnlint.ops.axes import Span, merge_axes, reshape_axes, split_axis
from attnlint.ops.axis_arguments import locate_one
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint, placeholder
from attnlint.ops.promotion import canonical_dtype, is_complex, to_complex, to_real
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import dtype_argument
from attnlint.ops.sizes import open_size, size_items, size_or_symbol, used_as_size
from attnlint.ops.strides import Strides, contiguous_strides, lies_plain, view_strides
from attnlint.ops.views import of_unknown_rank, trailing, viewed, whole_axes
from attnlint.values import Tensor, Value


def wanted_dims(
    call: Call, items: Sequence[Value], total: Shape, name: str, *, code: str = "ATN105"
) -> tuple[Dim, ...]:
    """The sizes that a reshape asks for, ``-1`` worked out; complains when the number of elements cannot be kept."""
    dims = [size_or_symbol(call, item) for item in items]
    open_places = [place for place, dim in enumerate(dims) if isinstance(dim, int) and dim == -1]
    for dim in dims:
        if isinstance(dim, int) and dim < -1:
            raise Complaint(
                code,
                f"negative size {dim}",
                arguments=(name,),
                advice="only one size may be -1",
                about_placeholder=placeholder(dim),
            )
        used_as_size(call, dim)
    if len(open_places) > 1:
        raise Complaint(code, "only one size can be -1", arguments=(name,))
    if not open_places:
        if total.rank is not None:
            _demand_same_number(call, total, dims, name, code)
        return tuple(dims)
    dims[open_places[0]] = _inferred(call, total, dims, open_places[0], name, code)
    return tuple(dims)


def _reduced(call: Call, dims: Sequence[Dim], wanted: Sequence[Dim]) -> tuple[Dim, Dim]:
    """The two products without the factors that both have (sizes of 0 stay)."""
    left = [call.facts.normal(dim) for dim in dims]
    right: list[Dim] = []
    for dim in (call.facts.normal(dim) for dim in wanted):
        if dim in left and dim != 0 and 0 not in left:
            left.remove(dim)
        else:
            right.append(dim)
    return call.facts.normal(product(left)), call.facts.normal(product(right))


def _demand_same_number(call: Call, total: Shape, wanted: Sequence[Dim], name: str, code: str) -> None:
    have, want = _reduced(call, total.dims, wanted)

    def complain() -> Complaint:
        return Complaint(
            code,
            f"{_elements(total)} cannot become {Shape(tuple(wanted))}: {product(wanted)} elements",
            arguments=("input", name),
            clash=(Clash("input", None, product(total.dims)), Clash(name, None, product(wanted))),
            advice=_advice(call, total, wanted),
            recovery=None,
        )

    call.demand_equal(have, want, complain, (Clash("input", None, have), Clash(name, None, want)))


def _elements(shape: Shape) -> str:
    return f"{product(shape.dims)} elements of {shape}"


def _advice(call: Call, total: Shape, wanted: Sequence[Dim]) -> str:
    """Which single size would keep the number of elements."""
    for place, dim in reversed(list(enumerate(wanted))):
        have, want = _reduced(call, total.dims, [other for at, other in enumerate(wanted) if at != place])
        if call.facts.divides(want, have) is Answer.YES and want != 0:
            return f"a size of {call.facts.normal(have // want)} in place of {dim} would keep the number of elements"
    return "the product of the sizes must stay the same"


def _inferred(call: Call, total: Shape, dims: Sequence[Dim], place: int, name: str, code: str) -> Dim:
    """The size that ``-1`` stands for."""
    others = [dim for at, dim in enumerate(dims) if at != place]
    if total.rest is not None:
        return _share_of_unknown(call, total, total.rest, others)
    have, want = _reduced(call, total.dims, others)
    if want == 0:
        if have == 0:
            raise Complaint(code, "-1 can be any size for 0 elements", arguments=(name,))
        raise Complaint(code, f"{_elements(total)} cannot have a size of 0", arguments=("input", name))
    if have == 0:
        return 0

    def complain() -> Complaint:
        return Complaint(
            code,
            f"{_elements(total)} cannot be divided by {product(others)}",
            arguments=("input", name),
            clash=(Clash("input", None, product(total.dims)), Clash(name, None, product(others))),
            advice=f"the sizes beside -1 in {_shown(dims)} must divide the number of elements",
        )

    answer = call.facts.divides(want, have)
    call.demand(answer, complain)
    if answer is Answer.OPEN and not call.facts.learn_divides(want, have, because=call.because):
        raise complain()
    return call.facts.normal(have // want)


def _shown(dims: Sequence[Dim]) -> str:
    return f"({', '.join(map(str, dims))})"


SHARE = ("fresh", "share")


def is_share_of_unknown(dim: Dim) -> bool:
    """Whether a size is what ``-1`` stands for in a view of a tensor of unknown rank."""
    symbols = dim.symbols() if isinstance(dim, Expression) else ()
    return len(symbols) == 1 and all(isinstance(each.key, tuple) and each.key[:2] == SHARE for each in symbols)


def _share_of_unknown(call: Call, total: Shape, rest: Rest, others: Sequence[Dim]) -> Dim:
    """``-1`` for a tensor of unknown rank: the product of its unknown leading sizes, when the known ones are the
    others.
    """
    have, want = _reduced(call, total.dims, others)
    # The same share of the same tensor is the same size, however its parts are arranged.
    key = ("numel", rest.key) if want == 1 else (*SHARE, rest, have, want)
    # What is left of an unknown number of elements beside named sizes is a size like others: not 1, as a rule.
    leading = Expression.of(Symbol("n", key=key, minimum=0, generic=want != 1))
    return leading * have if want == 1 else leading


# --- view and reshape -------------------------------------------------------------------------------------------------


def reshaped(
    call: Call,
    tensor: Tensor,
    dims: tuple[Dim, ...],
    *,
    must_view: bool,
    advice: str = "",
    groups: Sequence[tuple[Span, Span]] | None = None,
) -> Tensor:
    """The tensor in a shape of as many elements; with ``must_view``, complains when the strides forbid it.

    ``groups``: which axes become which, where that is known.
    """
    if tensor.shape.rank is None:
        return viewed(tensor, dims)
    axes = reshape_axes(tensor.shape.dims, tensor.axes, dims, call.facts, groups)
    if tensor.strides is None:
        return viewed(tensor, dims, None, axes)
    symbolic = any(not isinstance(dim, int) for dim in (*tensor.strides, *dims))
    if symbolic and not must_view and not lies_plain(tensor.shape.dims, tensor.strides, call.facts):
        # Whether this is a view or a copy decides only about strides that are seldom asked for, and costs many proofs.
        return viewed(tensor, dims, None, axes)
    strides = view_strides(tensor.shape.dims, tensor.strides, dims, call.facts)
    if strides is Answer.NO:
        copied = viewed(tensor, dims, contiguous_strides(dims), axes)
        if must_view:
            raise Complaint(
                "ATN114",
                f"the strides of {tensor.shape} do not allow a view as {Shape(dims)}",
                arguments=("input",),
                advice=advice or "use `.reshape(...)`, or call `.contiguous()` first",
                recovery=copied,
                clash=(Clash("input", None),),
            )
        return copied
    if must_view and strides is Answer.OPEN:
        call.unless_one = _only_for_ones(call, tensor, tensor.strides, dims)
    return viewed(tensor, dims, None if isinstance(strides, Answer) else strides, axes)


def _only_for_ones(call: Call, tensor: Tensor, strides: Strides, dims: tuple[Dim, ...]) -> Complaint | None:
    """A view that the strides allow only where an axis of the input has one element, as a view of
    ``x.permute(0, 2, 1, 3)`` of one token."""
    sizes = [dim for dim in dict.fromkeys(tensor.shape.dims) if call.facts.is_one(dim) is Answer.OPEN]

    def fails_for_more_than_one(of: list[Dim]) -> bool:
        facts = call.facts.fork()
        for dim in of:
            for symbol in symbols_of(dim):
                if isinstance(symbol.key, tuple) and symbol.key[:1] == ("axis",):
                    facts.name(symbol, symbol.name, generic=True)
            facts.learn_at_least(dim, 2)
        return view_strides(tensor.shape.dims, strides, dims, facts) is Answer.NO

    if not sizes or not fails_for_more_than_one(sizes):
        return None
    ones = [one for one in sizes if not fails_for_more_than_one([other for other in sizes if other != one])]
    if not ones:
        return None
    return Complaint(
        "ATN201",
        f"runs only where {' or '.join(map(str, ones))} is 1: the strides of {tensor.shape} do not"
        f" allow a view as {Shape(dims)}",
        arguments=("input",),
        advice="use `.reshape(...)`, or call `.contiguous()` first",
        clash=(Clash("input", None),),
    )


@shape_rule(
    "torch.Tensor.view",
    "torch.view_copy",
    signature=("(input: Tensor, *size: int)", "(input: Tensor, dtype: dtype)"),
)
def view(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if "dtype" in call.arguments:
        return _view_as_dtype(call, tensor, dtype_argument(call, None))
    if (opened := open_size(call, "size")) is not None:
        return _behind_unknown_axes(call, tensor, *opened, "size")
    dims = _asked(call, tensor, "size")
    copies = call.name.endswith("_copy")
    return reshaped(call, tensor, dims, must_view=not copies)


def _behind_unknown_axes(call: Call, tensor: Tensor, rest: Rest, items: tuple[Value, ...], name: str) -> Tensor:
    """``x.view(x.shape[:-1] + (heads, -1))``: where the axes that are not known are the tensor's own, the others must
    keep their number of elements."""
    if tensor.shape.rest == rest:
        dims = wanted_dims(call, items, Shape(tensor.shape.dims), name)
    else:
        dims = tuple(size_or_symbol(call, item) for item in items)
        dims = tuple(call.fresh("n") if isinstance(dim, int) and dim < 0 else dim for dim in dims)
    return viewed(tensor, Shape(dims, rest))


def _asked(call: Call, tensor: Tensor, name: str) -> tuple[Dim, ...]:
    """The sizes asked for; when they cannot be kept, the complaint goes on with the shape that the author wrote."""
    items = size_items(call, name)
    try:
        return wanted_dims(call, items, tensor.shape, name)
    except Complaint as complaint:
        if complaint.recovery is None:
            dims = tuple(size_or_symbol(call, item) for item in items)
            if not any(isinstance(dim, int) and dim < 0 for dim in dims):
                complaint.recovery = viewed(tensor, dims)
        raise


@shape_rule("torch.reshape", "torch.Tensor.reshape", signature="(input: Tensor, *shape: int)")
def reshape(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if (opened := open_size(call, "shape")) is not None:
        return _behind_unknown_axes(call, tensor, *opened, "shape")
    return reshaped(call, tensor, _asked(call, tensor, "shape"), must_view=False)


@shape_rule("torch.Tensor.view_as", "torch.Tensor.reshape_as", signature="(input: Tensor, other: Tensor)")
def view_as(call: Call) -> Tensor:
    tensor, other = call.tensor("input"), call.tensor("other")
    if other.shape.rank is None:
        return viewed(tensor, other.shape)
    dims = wanted_dims(call, other.shape.dims, tensor.shape, "other")
    return reshaped(call, tensor, dims, must_view=call.name.endswith("view_as"))


_BYTES = {"bool": 1, "complex32": 4, "complex64": 8, "complex128": 16, "bfloat16": 2}


def bytes_of(dtype: str | None) -> int | None:
    """The size of one element; ``None`` when not known."""
    if dtype is None:
        return None
    if dtype in _BYTES:
        return _BYTES[dtype]
    digits = "".join(letter for letter in dtype.partition("_")[0] if letter.isdigit())
    # Narrower ones, `float4_e2m1fn_x2`, come several in a byte.
    return max(int(digits) // 8, 1) if digits else None


def _view_as_dtype(call: Call, tensor: Tensor, dtype: str | None) -> Tensor:
    """``x.view(torch.int32)``: the last axis grows or shrinks with the size of an element."""
    old, new = bytes_of(tensor.dtype), bytes_of(dtype)
    result = Tensor(tensor.shape, dtype, tensor.device, axes=tensor.axes)
    if old is None or new is None:
        return of_unknown_rank(result)
    if old == new:
        return Tensor(tensor.shape, dtype, tensor.device, strides=tensor.strides, axes=tensor.axes)
    if tensor.shape.rank == 0:
        raise Complaint("ATN103", f"a tensor without axes cannot be viewed as {dtype}", arguments=("input",))
    if not tensor.shape.dims:
        tensor = trailing(call, tensor, 1)
    _demand_dtype_strides(call, tensor, dtype, max(new // old, 1))
    *front, last = tensor.shape.dims
    if old > new:
        return viewed(result, Shape((*front, last * (old // new)), tensor.shape.rest))
    ratio = new // old
    if call.facts.divides(ratio, last) is Answer.NO:
        raise Complaint("ATN105", f"the last size {last} is not divisible by {ratio}", arguments=("input",))
    return viewed(result, Shape((*front, last // ratio), tensor.shape.rest))


def _demand_dtype_strides(call: Call, tensor: Tensor, dtype: str | None, ratio: int) -> None:
    """Elements of another size need a last axis that is contiguous, and all others at multiples of the ratio."""
    if tensor.strides is None:
        return
    facts = call.facts
    bad = facts.equal(tensor.strides[-1], 1) is Answer.NO or (
        ratio > 1 and any(facts.divides(ratio, stride) is Answer.NO for stride in tensor.strides[:-1])
    )
    if bad:
        raise Complaint(
            "ATN114",
            f"the strides do not allow a view as {dtype}",
            arguments=("input",),
            advice="call `.contiguous()` first",
        )


# --- flatten and unflatten --------------------------------------------------------------------------------------------


@shape_rule("torch.flatten", "torch.Tensor.flatten", signature="(input: Tensor, start_dim: int = 0, end_dim: int = -1)")
def flatten(call: Call) -> Tensor:
    return flattened(call, call.tensor("input"), call.integer("start_dim"), call.integer("end_dim"))


def flattened(call: Call, tensor: Tensor, start: int, end: int) -> Tensor:
    """The axes from ``start`` to ``end`` merged into one."""
    rank = tensor.shape.rank
    if rank is None:
        return _flattened_unknown(call, tensor, start, end)
    first = call.axis(start, rank, argument="start_dim")
    last = call.axis(end, rank, argument="end_dim")
    if first > last:
        raise Complaint(
            "ATN107",
            f"start_dim {start} comes after end_dim {end}",
            arguments=("start_dim", "end_dim"),
            about_rank=True,
        )
    dims = tensor.shape.dims
    if rank == 0:
        return viewed(tensor, (1,), (1,))
    if first == last:
        return tensor
    merged = call.facts.normal(product(dims[first : last + 1]))
    wanted = (*dims[:first], merged, *dims[last + 1 :])
    result = reshaped(call, tensor, wanted, must_view=False)
    axes = whole_axes(tensor)
    if axes is None:
        return result
    return viewed(
        tensor,
        wanted,
        result.strides,
        (*axes[:first], merge_axes(axes[first : last + 1], dims[first : last + 1]), *axes[last + 1 :]),
    )


def _flattened_unknown(call: Call, tensor: Tensor, start: int, end: int) -> Tensor:
    """Of a tensor of unknown rank, the axes before and behind the merged ones are known by name."""
    if start < 0 <= end:
        return of_unknown_rank(tensor)
    least = max(start + 1 if start >= 0 else -start, -end if end < 0 else end + 1, 1)
    if call.facts.least_rank(tensor.shape) < least and end < 0:
        tensor = trailing(call, tensor, max(-end, -start if start < 0 else 0))
    behind = tensor.shape.dims[len(tensor.shape.dims) + end + 1 :] if end < -1 else ()
    if start < 0:
        tensor = trailing(call, tensor, -start)
        known = tensor.shape.dims
        merged = product(known[len(known) + start : len(known) + end + 1])
        return viewed(tensor, Shape((*known[: len(known) + start], merged, *behind), tensor.shape.rest))
    if end >= 0:
        return of_unknown_rank(tensor)
    front = tuple(call.facts.leading(tensor.shape, index) for index in range(start))
    inner = tensor.shape.dims[: len(tensor.shape.dims) + end + 1]
    if start == 0 and tensor.shape.rest is not None:
        lead = Expression.of(Symbol("n", key=("numel", tensor.shape.rest.key), minimum=0))
        return viewed(tensor, (lead * product(inner), *behind))
    return viewed(tensor, (*front, call.fresh("n"), *behind))


@shape_rule("torch.ravel", "torch.Tensor.ravel", signature="(input: Tensor)")
def ravel(call: Call) -> Tensor:
    tensor = call.tensor("input")
    flat = flattened(call, tensor, 0, -1)
    return viewed(flat, flat.shape, (1,) if flat.shape.rank == 1 else None, flat.axes)


@shape_rule("torch.unflatten", "torch.Tensor.unflatten", signature="(input: Tensor, dim: int, sizes: int | ints)")
def unflatten(call: Call) -> Tensor:
    """One axis split into several; one of the sizes may be -1."""
    tensor, place = locate_one(call, call.tensor("input"), call.integer("dim"))
    items = size_items(call, "sizes")
    if place is None:
        raise Complaint("ATN107", "a tensor without axes has none to split", arguments=("dim",), about_rank=True)
    if not items:
        raise Complaint("ATN105", "sizes is empty", arguments=("sizes",))
    size = tensor.shape.dims[place]
    parts = wanted_dims(call, items, Shape((size,)), "sizes")
    dims = (*tensor.shape.dims[:place], *parts, *tensor.shape.dims[place + 1 :])
    strides = None
    if tensor.strides is not None and len(tensor.strides) == len(tensor.shape.dims):
        inner = [step * tensor.strides[place] for step in contiguous_strides(parts)]
        strides = (*tensor.strides[:place], *inner, *tensor.strides[place + 1 :])
    axes = whole_axes(tensor)
    if axes is not None:
        axes = (*axes[:place], *split_axis(axes[place], parts, call.facts), *axes[place + 1 :])
    return viewed(tensor, Shape(dims, tensor.shape.rest), strides, axes)


# --- memory -----------------------------------------------------------------------------------------------------------


@shape_rule("torch.Tensor.contiguous", signature="(input: Tensor, *, memory_format=None)")
def contiguous(call: Call) -> Tensor:
    tensor = call.tensor("input")
    rank = tensor.shape.rank
    known = call["memory_format"] is None or str(getattr(call["memory_format"], "name", "")).endswith(
        "contiguous_format"
    )
    strides = contiguous_strides(tensor.shape.dims) if rank is not None and known else None
    return viewed(tensor, tensor.shape, strides, tensor.axes)


@shape_rule("torch.view_as_real", "torch.view_as_real_copy", signature="(input: Tensor)")
def view_as_real(call: Call) -> Tensor:
    """Complex numbers as pairs: a last axis of size 2."""
    tensor = call.tensor("input")
    if tensor.dtype is not None and not is_complex(tensor.dtype):
        raise Complaint(
            "ATN115",
            f"the tensor is {tensor.dtype}, not complex",
            arguments=("input",),
            advice="`torch.view_as_complex` makes one",
        )
    strides = None if tensor.strides is None else (*(stride * 2 for stride in tensor.strides), 1)
    dtype = None if tensor.dtype is None else to_real(tensor.dtype)
    return Tensor(Shape((*tensor.shape.dims, 2), tensor.shape.rest), dtype, tensor.device, strides=strides)


@shape_rule("torch.view_as_complex", "torch.view_as_complex_copy", signature="(input: Tensor)")
def view_as_complex(call: Call) -> Tensor:
    """Pairs as complex numbers: the last axis must be 2, and lie contiguous in memory."""
    tensor = call.tensor("input")
    if tensor.dtype is not None and canonical_dtype(tensor.dtype) not in ("float16", "float32", "float64"):
        raise Complaint(
            "ATN115",
            f"not implemented for dtype {tensor.dtype}",
            arguments=("input",),
            advice="convert it first, with `.float()`",
        )
    if tensor.shape.rank == 0:
        raise Complaint("ATN103", "a tensor without axes has no pairs", arguments=("input",), about_rank=True)
    if not tensor.shape.dims:
        tensor = trailing(call, tensor, 1)
    *dims, last = tensor.shape.dims
    call.demand_equal(
        last,
        2,
        lambda: Complaint(
            "ATN105",
            f"the last size is {last}, not 2",
            arguments=("input",),
            clash=(Clash("input", -1, last),),
            advice="split the last axis into pairs first: `.reshape(*x.shape[:-1], -1, 2)`",
        ),
        (Clash("input", -1, last),),
    )
    strides: tuple[Dim, ...] | None = None
    if tensor.strides is not None:
        if call.facts.equal(tensor.strides[-1], 1) is Answer.NO:
            raise Complaint(
                "ATN114", "the last axis is not contiguous", arguments=("input",), advice="call `.contiguous()` first"
            )
        if all(call.facts.divides(2, stride) is Answer.YES for stride in tensor.strides[:-1]):
            strides = tuple(stride // 2 for stride in tensor.strides[:-1])
        elif _odd_stride(call, tensor):
            raise Complaint("ATN114", "the strides are odd", arguments=("input",), advice="call `.contiguous()` first")
    dtype = None if tensor.dtype is None else to_complex(tensor.dtype)
    return Tensor(Shape(tuple(dims), tensor.shape.rest), dtype, tensor.device, strides=strides)


def _odd_stride(call: Call, tensor: Tensor) -> bool:
    assert tensor.strides is not None
    return any(call.facts.divides(2, stride) is Answer.NO for stride in tensor.strides[:-1])
