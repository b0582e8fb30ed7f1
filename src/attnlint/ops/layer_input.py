"""How layers look at their operands: leading axes, channels, space; sizes that must fit; parameters of a layer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnlint.algebra import Answer, Dim, Rest, Shape
from attnlint.frozen import replace
from attnlint.ops.axes import with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import DEFAULT, is_complex, is_integral
from attnlint.ops.results import dtype_argument, is_plain
from attnlint.ops.strides import contiguous_strides
from attnlint.values import Axis, ListValue, Tensor, Unknown, Value


@dataclass(frozen=True, slots=True)
class Split:
    """A tensor's shape, cut in front of its last few axes."""

    tensor: Tensor
    lead: tuple[Dim, ...]
    rest: Rest | None
    """What leads in front of ``lead``, when the rank is not known."""
    trailing: tuple[Dim, ...]

    def shape(self, trailing: Sequence[Dim]) -> Shape:
        """The leading axes with other trailing ones behind them."""
        return Shape((*self.lead, *trailing), self.rest)

    @property
    def offset(self) -> int:
        """The index of the first trailing axis, counted from the front where possible, else from the back."""
        return -len(self.trailing) if self.rest is not None else len(self.lead)


def dimensions(rank: int | str | None) -> str:
    """``1 dimension``, ``2 dimensions``."""
    return f"{rank} dimension{'s' * (rank != 1)}"


def ranks_in_words(ranks: Sequence[int]) -> str:
    """``3 or 4``."""
    words = [str(rank) for rank in ranks]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def wrong_rank(
    tensor: Tensor, ranks: Sequence[int], argument: str = "input", code: str = "ATN103", advice: str = ""
) -> Complaint:
    """The complaint that a tensor has none of the ranks that an op takes."""
    rank = tensor.shape.rank if tensor.shape.rank is not None else f"at least {len(tensor.shape.dims)}"
    return Complaint(
        code,
        f"{argument} has {dimensions(rank)} but must have {ranks_in_words(ranks)}",
        arguments=(argument,),
        clash=(Clash(argument, None),),
        advice=advice,
        about_rank=True,
    )


def split(
    call: Call,
    tensor: Tensor,
    count: int,
    ranks: Sequence[int],
    argument: str = "input",
    *,
    code: str = "ATN103",
    advice: str = "",
) -> Split:
    """Cut the last ``count`` axes off; complain unless the tensor has one of the ranks (each at least ``count``).

    A tensor of unknown rank is cut all the same: what is true for every one of the ranks holds for it.
    """
    if tensor.shape.rank is None and call.facts.least_rank(tensor.shape) == max(ranks):
        ranks = (max(ranks),)
    if tensor.shape.rank is not None or len(ranks) == 1 or len(tensor.shape.dims) > max(ranks):
        tensor = call.demand_rank(tensor, ranks, lambda: wrong_rank(tensor, ranks, argument, code, advice))
        return _cut(tensor, count)
    return trailing(call, tensor, count)


def trailing(call: Call, tensor: Tensor, count: int, complaint: Callable[[], Complaint] | None = None) -> Split:
    """Cut the last ``count`` axes off a tensor of any rank that has so many; ``complaint`` when it has not."""
    rank = tensor.shape.rank
    if rank is not None and rank < count:
        raise complaint() if complaint is not None else wrong_rank(tensor, (count,))
    if rank is None and len(tensor.shape.dims) < count:
        tensor = with_shape(tensor, call.facts.require_trailing(tensor.shape, count, because=call.because))
    return _cut(tensor, count)


def _cut(tensor: Tensor, count: int) -> Split:
    dims = tensor.shape.dims
    at = len(dims) - count
    return Split(tensor, dims[:at], tensor.shape.rest, dims[at:])


def fit(
    call: Call,
    tensor: Tensor,
    axis: int,
    found: Dim,
    wanted: Dim,
    *,
    what: str,
    parameter: str,
    argument: str = "input",
    code: str = "ATN104",
    other: Clash | None = None,
    advice: str = "",
) -> Dim:
    """Demand that axis ``axis`` of an operand, of size ``found``, has the size ``wanted`` that ``parameter`` says.

    ``what`` is how the message calls the axis: ``the last dimension``. Open demands become facts.
    """
    clash = (Clash(argument, axis, found), other or Clash(parameter, None, wanted))
    return call.demand_equal(
        found,
        wanted,
        lambda: Complaint(
            code,
            f"{what} is {call.facts.normal(found)} but {parameter} is {call.facts.normal(wanted)}",
            arguments=(argument,),
            clash=clash,
            advice=advice,
        ),
        clash,
    )


def positive(call: Call, size: Dim, complaint: Callable[[], Complaint]) -> Dim:
    """Demand that a size that was worked out is at least 1."""
    size = call.facts.normal(size)
    call.demand(call.facts.at_least(size, 1), complaint)
    return size


def divides(call: Call, divisor: Dim, number: Dim, complaint: Callable[[], Complaint]) -> None:
    """Demand that ``divisor`` divides ``number``: complain when it cannot, learn it when that is open."""
    divisor, number = call.facts.normal(divisor), call.facts.normal(number)
    answer = call.facts.divides(divisor, number)
    if answer is Answer.NO or (
        answer is Answer.OPEN and not call.facts.learn_divides(divisor, number, because=call.because)
    ):
        raise complaint()


def known_size(call: Call, value: Value, name: str) -> Dim | None:
    """A size that a constructor was given, as a dim; ``None`` when nothing is known of it."""
    try:
        return call.as_dim(value, name)
    except CannotTell:
        return None


def sizes(call: Call, value: Value, count: int, name: str) -> tuple[Dim, ...]:
    """An argument that is one number for all axes of space, or one an axis (``kernel_size``)."""
    if isinstance(value, list | tuple | ListValue):
        items = call.as_sequence(value, name)
        if len(items) == 1:
            items = items * count
        if len(items) != count:
            raise CannotTell(f"{name} has {len(items)} items for {count} axes")
        return tuple(call.as_dim(item, name) for item in items)
    return (call.as_dim(value, name),) * count


def parameter(call: Call, *dims: Dim | None, label: str, default: str = DEFAULT) -> Value:
    """A parameter of a layer with these sizes (of the constructor's ``dtype``); unknown when one of its sizes is."""
    dtype = dtype_argument(call, default)
    known = [dim for dim in dims if dim is not None]
    if len(known) < len(dims):
        return Unknown("a size of the layer is not known", label=label, kind="tensor")
    shape = tuple(call.facts.normal(dim) for dim in known)
    for dim in shape:
        # A hyper-parameter that is the size of a weight stands for a generic size: never 0.
        if not isinstance(dim, int) and call.facts.at_least(dim, 1) is Answer.OPEN:
            call.facts.learn_at_least(dim, 1, because=call.because)
    return Tensor(Shape(shape), dtype=dtype, label=label, is_parameter=True)


def buffer(call: Call, *dims: Dim | None, label: str, dtype: str | None = None) -> Value:
    """A buffer of a layer (``running_mean``)."""
    value = parameter(call, *dims, label=label)
    if isinstance(value, Tensor):
        return replace(value, is_parameter=False, dtype=dtype or value.dtype)
    return value


def optional(call: Call, flag: str, value: Value) -> Value:
    """``value`` where the constructor's ``flag`` is true, ``None`` where it is false, else unknown."""
    given = call.flag(flag)
    if given is None:
        return Unknown(f"{flag} is not known", kind="tensor", optional=True)
    return value if given else None


def optional_tensor(call: Call, value: Value, name: str) -> Tensor | None:
    """An operand that may be ``None``: the tensor, or ``None`` when it is absent or nothing is known of it."""
    if value is None or (isinstance(value, Unknown) and value.optional):
        return None
    try:
        return call.as_tensor(value, name)
    except CannotTell:
        return None


def refuse_integers(call: Call, tensor: Tensor, argument: str = "input", *, advice: str = "") -> None:
    """Complain about whole numbers where torch has floating-point kernels only."""
    if tensor.dtype is not None and is_integral(tensor.dtype):
        raise Complaint(
            "ATN115",
            f"{argument} has dtype {tensor.dtype} but must be floating point",
            arguments=(argument,),
            advice=advice or f"convert it first: `{tensor.label or argument}.float()`",
            about_rank=True,
        )


def refuse_numbers(tensor: Tensor, allowed: Sequence[str], argument: str = "input", *, advice: str = "") -> None:
    """Complain about a tensor whose dtype is known and is none of ``allowed``."""
    if tensor.dtype is not None and tensor.dtype not in allowed:
        raise Complaint(
            "ATN115",
            f"{argument} has dtype {tensor.dtype} but must be {' or '.join(allowed)}",
            arguments=(argument,),
            advice=advice,
            about_rank=True,
        )


def same_kind(call: Call, left: Tensor, right: Tensor, names: tuple[str, str]) -> str | None:
    """The dtype of an op that wants one dtype for both operands; complain where the dtypes certainly clash.

    Two different floating dtypes are left alone unless the call says that its dtypes are exact: under ``autocast``, or
    when the caller converts the whole model (``model.half()``), what looks different here is not.
    """
    if left.dtype is None or right.dtype is None:
        known = left.dtype if right.dtype is None else right.dtype
        return known if known is not None and (call.exact_dtypes or not _is_real_float(known)) else None
    if left.dtype == right.dtype:
        return left.dtype
    if _is_real_float(left.dtype) and _is_real_float(right.dtype) and not call.exact_dtypes:
        return None
    raise Complaint(
        "ATN115",
        f"{names[0]} has dtype {left.dtype} but {names[1]} has dtype {right.dtype}",
        arguments=(names[0],),
        advice="convert one of them with `.to(dtype)`",
        about_rank=True,
    )


def _is_real_float(dtype: str) -> bool:
    return not is_integral(dtype) and not is_complex(dtype)


def like(tensor: Tensor, shape: Shape | None = None, dtype: str | None = None, *, keep_dtype: bool = True) -> Tensor:
    """The result of an op on ``tensor``: a new tensor on its device. Axes of an unchanged shape keep their history."""
    same = shape is None or shape == tensor.shape
    # Only for contiguous input is it sure how the result lies in memory: an expanded or sliced one comes out otherwise.
    return Tensor(
        shape=tensor.shape if shape is None else shape,
        dtype=dtype if dtype is not None or not keep_dtype else tensor.dtype,
        device=tensor.device,
        axes=tensor.axes if same else None,
        strides=tensor.strides if same and is_plain(tensor) else None,
    )


_outputs = itertools.count()


def output_axes(call: Call, count: int) -> tuple[Axis, ...]:
    """The axes that a layer makes: features first, then those of space."""
    source = ("output", call.name, next(_outputs))
    return tuple(Axis(source=source, index=index) for index in range(count))


def layer_output(
    call: Call, cut: Split, trailing: Sequence[Dim], dtype: str | None, *, contiguous: bool = False
) -> Tensor:
    """The result of a layer that makes new trailing axes: the leading ones keep their history."""
    shape = cut.shape(trailing)
    axes = None
    if cut.tensor.axes is not None or not cut.lead:
        axes = (*(cut.tensor.axes or ())[: len(cut.lead)], *output_axes(call, len(trailing)))
    strides = contiguous_strides(shape.dims) if contiguous and shape.rank is not None else None
    return Tensor(shape, dtype=dtype, device=cut.tensor.device, axes=axes, strides=strides)
