"""Pooling to a wanted size: adaptive and fractional pooling; and max-unpooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from attnlint.algebra import Dim
from attnlint.ops.activations import keep_arguments
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint, placeholder
from attnlint.ops.layer_input import Split, fit, layer_output, refuse_numbers, split, trailing, wrong_rank
from attnlint.ops.layers_pooling import Source, from_call, from_layer, stride_or_kernel, with_indices
from attnlint.ops.registry import register, register_layer
from attnlint.ops.results import refuse
from attnlint.ops.windows import MaybeDim, window_sizes
from attnlint.values import ListValue, NamedTuple, Repeated, Tensor, Unknown, Value

_FAMILY = "layers_adaptive_pooling"


# --- adaptive ---------------------------------------------------------------------------------------------------------


def _wanted(call: Call, value: Value, space: tuple[Dim, ...]) -> list[Dim]:
    """The output's sizes; ``None`` stands for the input's size."""
    count = len(space)
    items: tuple[Value, ...]
    if isinstance(value, tuple | list | ListValue):
        items = tuple(value.items) if isinstance(value, ListValue) else tuple(value)
    elif isinstance(value, Unknown | Repeated | NamedTuple):
        items = (Unknown("output_size is not known"),) * count
    else:
        items = (value,) * count
    if len(items) != count:
        if count == 1:
            raise CannotTell("output_size has several items")
        raise Complaint(
            "ATN104", f"output_size has {len(items)} items but must have {count}", arguments=("output_size",)
        )
    result: list[Dim] = []
    for item, size in zip(items, space, strict=True):
        wanted = size if item is None else _known(call, item)
        if isinstance(wanted, int) and wanted < 0:
            raise Complaint(
                "ATN104",
                f"output_size must not be negative, got {wanted}",
                arguments=("output_size",),
                about_placeholder=placeholder(wanted),
            )
        result.append(call.fresh("output_size") if wanted is None else wanted)
    return result


def _known(call: Call, item: Value) -> Dim | None:
    try:
        return call.as_dim(item, "output_size")
    except CannotTell:
        return None


def _adaptive(count: int, source: Source, *, maximum: bool, indices: bool = False) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, options = call.tensor("input"), source(call)
        wanted = options["output_size"]
        if not _any_zero(wanted):
            refuse(tensor, "bool integer complex" if maximum else "bool integer")
        if not maximum and count > 1 and _all_ones(wanted):
            # Average pooling to a single element is a mean over the last axes, for any rank.
            cut: Split = trailing(call, tensor, count, lambda: wrong_rank(tensor, (count,)))
            return layer_output(call, cut, (1,) * count, tensor.dtype)
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        output = layer_output(call, cut, (cut.trailing[0], *_wanted(call, wanted, cut.trailing[1:])), tensor.dtype)
        if not maximum:
            return output
        return with_indices(call, output, True if indices else options.get("return_indices", indices))

    return rule


def _any_zero(value: Value) -> bool:
    """Nothing is computed for an empty output, whatever the dtype."""
    items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, int) and item == 0 for item in items)


def _all_ones(value: Value) -> bool:
    items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else (value,)
    return all(item == 1 and isinstance(item, int) for item in items)


# --- fractional -------------------------------------------------------------------------------------------------------


def _check_fractional(size: Value, ratio: Value) -> None:
    if size is None and ratio is None:
        raise Complaint("ATN104", "output_size or output_ratio must be given", arguments=("output_size",))


def _build_fractional(call: Call) -> dict[str, Value]:
    size, ratio = call["output_size"], call["output_ratio"]
    _check_fractional(size, ratio)
    if size is not None and ratio is not None and not isinstance(size, Unknown) and not isinstance(ratio, Unknown):
        raise Complaint("ATN104", "only one of output_size and output_ratio may be given", arguments=("output_ratio",))
    for item in ratio if isinstance(ratio, tuple) else (ratio,):
        if isinstance(item, int | float) and not 0 < item < 1:
            raise Complaint("ATN104", f"output_ratio must be between 0 and 1, got {item}", arguments=("output_ratio",))
    return keep_arguments(call)


def _fractional(count: int, source: Source) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, options = call.tensor("input"), source(call)
        refuse(tensor, "bool integer complex")
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        size, ratio = options["output_size"], options["output_ratio"]
        _check_fractional(size, ratio)
        kernel = window_sizes(call, options["kernel_size"], count, "kernel_size")
        space = cut.trailing[1:]
        wanted = window_sizes(call, size, count, "output_size") if size is not None else _scaled(ratio, space)
        for extent, reach, out in zip(space, kernel, wanted, strict=True):
            # torch: inputSize must be at least outputSize + poolSize - 1
            if isinstance(extent, int) and isinstance(reach, int) and isinstance(out, int) and out + reach - 1 > extent:
                raise Complaint(
                    "ATN104",
                    f"kernel_size {reach} is too large to make {out} outputs of an axis of size {extent}",
                    arguments=("input", "kernel_size"),
                )
        sizes = [call.fresh("output_size", minimum=1) if out is None else out for out in wanted]
        return with_indices(
            call, layer_output(call, cut, (cut.trailing[0], *sizes), tensor.dtype), options["return_indices"]
        )

    return rule


def _scaled(ratio: Value, space: tuple[Dim, ...]) -> tuple[MaybeDim, ...]:
    ratios = ratio if isinstance(ratio, tuple) else (ratio,) * len(space)
    if len(ratios) != len(space):
        return (None,) * len(space)
    pairs = zip(ratios, space, strict=True)
    return tuple(math.floor(s * r) if isinstance(s, int) and isinstance(r, int | float) else None for r, s in pairs)


# --- unpooling --------------------------------------------------------------------------------------------------------


def _unpool(count: int, source: Source) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, indices, options = call.tensor("input"), call.tensor("indices"), source(call)
        refuse(tensor, "bool integer complex")
        refuse_numbers(indices, ("int64",), "indices")
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        _demand_same_shape(call, cut.tensor, indices)
        space = cut.trailing[1:]
        default = _default_sizes(call, options, space)
        wanted = call["output_size"]
        sizes = default if wanted is None else _given_sizes(call, wanted, default, options, cut)
        out = [call.fresh("length", minimum=1) if size is None else size for size in sizes]
        return layer_output(call, cut, (cut.trailing[0], *out), tensor.dtype)

    return rule


def _demand_same_shape(call: Call, tensor: Tensor, indices: Tensor) -> None:
    if tensor.shape.rank is None or indices.shape.rank is None:
        return
    if tensor.shape.rank != indices.shape.rank:
        raise wrong_rank(indices, (tensor.shape.rank,), "indices", "ATN104")
    for axis, (found, wanted) in enumerate(zip(indices.shape.dims, tensor.shape.dims, strict=True)):
        fit(
            call,
            indices,
            axis,
            found,
            wanted,
            what=f"dimension {axis} of indices",
            parameter=f"dimension {axis} of input",
            argument="indices",
            other=Clash("input", axis, wanted),
        )


def _default_sizes(call: Call, options: Mapping[str, Value], space: tuple[Dim, ...]) -> list[MaybeDim]:
    count = len(space)
    kernels = window_sizes(call, options["kernel_size"], count, "kernel_size")
    strides = window_sizes(call, stride_or_kernel(options["stride"], options["kernel_size"]), count, "stride")
    paddings = window_sizes(call, options["padding"], count, "padding")
    result: list[MaybeDim] = []
    for size, kernel, stride, padding in zip(space, kernels, strides, paddings, strict=True):
        known = kernel is not None and stride is not None and padding is not None
        result.append(call.facts.normal((size - 1) * stride + kernel - 2 * padding) if known else None)  # type: ignore[operator]
    return result


def _given_sizes(
    call: Call, wanted: Value, default: list[MaybeDim], options: Mapping[str, Value], cut: Split
) -> list[MaybeDim]:
    count = len(default)
    items = call.as_sequence(wanted, "output_size")
    if len(items) not in (count, count + 2):
        raise Complaint(
            "ATN104",
            f"output_size has {len(items)} items but must have {count} or {count + 2}",
            arguments=("output_size",),
        )
    sizes = [_known(call, item) for item in items[-count:]]
    strides = window_sizes(call, stride_or_kernel(options["stride"], options["kernel_size"]), count, "stride")
    for size, usual, stride in zip(sizes, default, strides, strict=True):
        if (
            isinstance(size, int)
            and isinstance(usual, int)
            and isinstance(stride, int)
            and not usual - stride < size < usual + stride
        ):
            raise Complaint(
                "ATN104",
                f"output_size {size} must be between {usual - stride + 1} and {usual + stride - 1}",
                arguments=("output_size",),
            )
    return sizes


for _count in (1, 2, 3):
    for _kind, _maximum in (("avg", False), ("max", True)):
        _name = f"adaptive_{_kind}_pool{_count}d"
        _tail = ", return_indices=False" if _maximum else ""
        register(
            (f"torch.nn.functional.{_name}",),
            (f"(input: Tensor, output_size{_tail})",),
            _adaptive(_count, from_call, maximum=_maximum),
            family=_FAMILY,
        )
        register_layer(
            f"torch.nn.Adaptive{_kind.title()}Pool{_count}d",
            (f"(output_size{_tail})",),
            ("(input)",),
            keep_arguments,
            _adaptive(_count, from_layer, maximum=_maximum),
            family=_FAMILY,
        )
    register(
        (f"torch.nn.functional.adaptive_max_pool{_count}d_with_indices",),
        ("(input: Tensor, output_size, return_indices=False)",),
        _adaptive(_count, from_call, maximum=True, indices=True),
        family=_FAMILY,
    )
    register(
        (f"torch.nn.functional.max_unpool{_count}d",),
        ("(input: Tensor, indices: Tensor, kernel_size, stride=None, padding=0, output_size=None)",),
        _unpool(_count, from_call),
        family=_FAMILY,
    )
    register_layer(
        f"torch.nn.MaxUnpool{_count}d",
        ("(kernel_size, stride=None, padding=0)",),
        ("(input, indices, output_size=None)",),
        keep_arguments,
        _unpool(_count, from_layer),
        family=_FAMILY,
    )
register(
    ("torch.adaptive_avg_pool1d",),
    ("(input: Tensor, output_size)",),
    _adaptive(1, from_call, maximum=False),
    family=_FAMILY,
)
register(
    ("torch.adaptive_max_pool1d",),
    ("(input: Tensor, output_size)",),
    _adaptive(1, from_call, maximum=True, indices=True),
    family=_FAMILY,
)


def _with_indices(rule: Callable[[Call], Value]) -> Callable[[Call], Value]:
    """The rule of the form that always returns the indices as well."""

    def returning_both(call: Call) -> Value:
        call.arguments["return_indices"] = True
        return rule(call)

    return returning_both


_FRACTIONAL = "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None"
for _count in (2, 3):
    register(
        (f"torch.nn.functional.fractional_max_pool{_count}d",),
        (f"(input: Tensor, {_FRACTIONAL})",),
        _fractional(_count, from_call),
        family=_FAMILY,
    )
    register(
        (f"torch.nn.functional.fractional_max_pool{_count}d_with_indices",),
        (f"(input: Tensor, {_FRACTIONAL})",),
        _with_indices(_fractional(_count, from_call)),
        family=_FAMILY,
    )
    register_layer(
        f"torch.nn.FractionalMaxPool{_count}d",
        (f"({_FRACTIONAL})",),
        ("(input)",),
        _build_fractional,
        _fractional(_count, from_layer),
        family=_FAMILY,
    )
