"""Pooling with a sliding window: max, average and power-average pooling in one to three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attnlint.algebra import Dim
from attnlint.ops.activations import keep_arguments
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.layer_input import Split, layer_output, split
from attnlint.ops.promotion import float_result
from attnlint.ops.registry import register, register_layer
from attnlint.ops.results import refuse
from attnlint.ops.windows import MaybeDim, demand_not_negative, demand_positive, pooled, window_sizes
from attnlint.values import ListValue, Tensor, Unknown, Value

_FAMILY = "layers_pooling"
Source = Callable[[Call], Mapping[str, Value]]


def from_call(call: Call) -> Mapping[str, Value]:
    """A function takes its options from its arguments."""
    return call.arguments


def from_layer(call: Call) -> Mapping[str, Value]:
    """A layer takes its options from its attributes."""
    return call.layer


def stride_or_kernel(stride: Value, kernel: Value) -> Value:
    """No stride, or an empty one, means windows side by side."""
    empty = (
        stride is None
        or (isinstance(stride, tuple) and not stride)
        or (isinstance(stride, ListValue) and not stride.items)
    )
    return kernel if empty else stride


def with_indices(call: Call, output: Tensor, flag: Value) -> Value:
    """What pooling returns: with ``return_indices`` also where the maxima were."""
    if flag is False:
        return output
    if flag is True:
        return (output, Tensor(output.shape, dtype="int64", device=output.device))
    return Unknown("return_indices is not known")


def _window(call: Call, source: Mapping[str, Value], count: int) -> dict[str, tuple[MaybeDim, ...]]:
    window = {
        "kernel_size": window_sizes(call, source["kernel_size"], count, "kernel_size"),
        "stride": window_sizes(call, stride_or_kernel(source["stride"], source["kernel_size"]), count, "stride"),
        "padding": window_sizes(call, source.get("padding", 0), count, "padding"),
        "dilation": window_sizes(call, source.get("dilation", 1), count, "dilation"),
    }
    for name in ("kernel_size", "stride", "dilation"):
        demand_positive(call, window[name], name)
    demand_not_negative(call, window["padding"], "padding")
    for kernel, padding in zip(window["kernel_size"], window["padding"], strict=True):
        if isinstance(kernel, int) and isinstance(padding, int) and 2 * padding > kernel:
            raise Complaint(
                "ATN104",
                f"padding {padding} is more than half of kernel_size {kernel}",
                arguments=("padding", "kernel_size"),
            )
    return window


def demand_filled(dims: tuple[Dim, ...]) -> None:
    """Channels and space must not be empty."""
    if any(isinstance(dim, int) and dim == 0 for dim in dims):
        raise Complaint("ATN104", "the input is empty: only the batch size may be 0", arguments=("input",))


def _slide(call: Call, source: Mapping[str, Value], count: int, dtype: str | None) -> Tensor:
    cut: Split = split(call, call.tensor("input"), count + 1, (count + 1, count + 2))
    demand_filled(cut.trailing)
    window = _window(call, source, count)
    ceil_mode = source.get("ceil_mode")
    rounded = ceil_mode if isinstance(ceil_mode, bool) else None
    columns = (window[name] for name in ("kernel_size", "stride", "padding", "dilation"))
    rows = zip(cut.trailing[1:], *columns, strict=True)
    space = [pooled(call, size, *row, ceil_mode=rounded) for size, *row in rows]
    return layer_output(call, cut, (cut.trailing[0], *space), dtype)


def _max_pool(count: int, source: Source, *, indices: bool = False) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        options, tensor = source(call), call.tensor("input")
        refuse(tensor, "bool complex")
        return with_indices(
            call, _slide(call, options, count, tensor.dtype), True if indices else options["return_indices"]
        )

    return rule


def _average_pool(count: int, source: Source) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        options, tensor = source(call), call.tensor("input")
        refuse(tensor, "bool complex")
        if options.get("divisor_override") == 0 and options.get("divisor_override") is not False:
            raise Complaint("ATN104", "divisor_override must not be 0", arguments=("divisor_override",))
        _demand_room(call, options, count)
        return _slide(call, options, count, tensor.dtype)

    return rule


def _demand_room(call: Call, options: Mapping[str, Value], count: int) -> None:
    """Average pooling in three dimensions (and only there) wants the kernel to fit the input without padding."""
    tensor = call.tensor("input")
    if count != 3 or len(tensor.shape.dims) < 3:
        return
    kernels = window_sizes(call, options["kernel_size"], 3, "kernel_size")
    for size, kernel in zip(tensor.shape.dims[-3:], kernels, strict=True):
        if isinstance(size, int) and isinstance(kernel, int) and size < kernel:
            raise Complaint("ATN104", f"the kernel size {kernel} is more than the input's {size}", arguments=("input",))


def _power_pool(count: int, source: Source) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor = call.tensor("input")
        norm = source(call)["norm_type"]
        _demand_room(call, source(call), count)
        dtype = float_result(tensor.dtype) if isinstance(norm, int | float) else None
        return _slide(call, source(call), count, dtype)

    return rule


_MAX_LAYER = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
_MAX = "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False"
_AVERAGE = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
_POWER = "norm_type, kernel_size, stride=None, ceil_mode=False"


def _build(call: Call) -> dict[str, Value]:
    attributes = keep_arguments(call)
    attributes["stride"] = stride_or_kernel(attributes["stride"], attributes["kernel_size"])
    return attributes


for _count in (1, 2, 3):
    _divisor = "" if _count == 1 else ", divisor_override=None"
    _table: tuple[tuple[str, str, str, str, Callable[[int, Source], Callable[[Call], Value]]], ...] = (
        (f"max_pool{_count}d", f"MaxPool{_count}d", _MAX, _MAX_LAYER, _max_pool),
        (f"avg_pool{_count}d", f"AvgPool{_count}d", _AVERAGE + _divisor, _AVERAGE + _divisor, _average_pool),
        (f"lp_pool{_count}d", f"LPPool{_count}d", _POWER, _POWER, _power_pool),
    )
    for _function, _layer, _parameters, _constructor, _make in _table:
        register(
            (f"torch.nn.functional.{_function}",),
            (f"(input: Tensor, {_parameters})",),
            _make(_count, from_call),
            family=_FAMILY,
        )
        register_layer(
            f"torch.nn.{_layer}",
            (f"({_constructor})",),
            ("(input)",),
            _build,
            _make(_count, from_layer),
            family=_FAMILY,
        )
    register(
        (f"torch.nn.functional.max_pool{_count}d_with_indices",),
        (f"(input: Tensor, {_MAX})",),
        _max_pool(_count, from_call, indices=True),
        family=_FAMILY,
    )

register(
    ("torch.max_pool1d", "torch.max_pool1d_with_indices"),
    ("(input: Tensor, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)",),
    lambda call: _max_pool_plain(call),
    family=_FAMILY,
)


def _max_pool_plain(call: Call) -> Value:
    call.arguments["return_indices"] = call.name.endswith("with_indices")
    return _max_pool(1, from_call)(call)


for _count in (2, 3):
    register(
        (f"torch.max_pool{_count}d",),
        ("(input: Tensor, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)",),
        lambda call, _count=_count: _slide(call, call.arguments, _count, call.tensor("input").dtype),  # type: ignore[misc]
        family=_FAMILY,
    )
register(("torch.avg_pool1d",), (f"(input: Tensor, {_AVERAGE})",), _average_pool(1, from_call), family=_FAMILY)
