"""``nn.Unfold`` and ``nn.Fold``: images to columns of sliding blocks, and back."""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.algebra import Dim, floor_divide, product
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.layer_input import divides, fit, layer_output, refuse_integers, split
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.windows import MaybeDim, demand_not_negative, demand_positive, window_sizes, windows
from attnlint.values import Value

_WINDOW = "kernel_size, dilation=1, padding=0, stride=1"


def _window(call: Call, source: Mapping[str, Value]) -> dict[str, tuple[MaybeDim, ...]]:
    window = {
        name: window_sizes(call, source[name], 2, name) for name in ("kernel_size", "dilation", "padding", "stride")
    }
    for name in ("kernel_size", "dilation", "stride"):
        demand_positive(call, window[name], name)
    demand_not_negative(call, window["padding"], "padding")
    return window


def _blocks(call: Call, space: tuple[MaybeDim, ...], window: dict[str, tuple[MaybeDim, ...]], argument: str) -> Dim:
    """How many blocks slide over the image."""
    counts: list[Dim] = []
    rows = zip(space, window["kernel_size"], window["stride"], window["padding"], window["dilation"], strict=True)
    for size, kernel, stride, padding, dilation in rows:
        if size is None:
            counts.append(call.fresh("blocks", minimum=1))
        else:
            counts.append(windows(call, size, kernel, stride, padding, dilation, argument=argument, name="blocks"))
    return product(counts)


def _kernel_area(window: dict[str, tuple[MaybeDim, ...]]) -> Dim | None:
    height, width = window["kernel_size"]
    return None if height is None or width is None else height * width


def _unfold(call: Call, source: Mapping[str, Value]) -> Value:
    tensor = call.tensor("input")
    refuse_integers(call, tensor) if tensor.dtype != "bool" else None
    cut = split(call, tensor, 3, (3, 4))
    window = _window(call, source)
    channels, *space = cut.trailing
    area = _kernel_area(window)
    columns = call.fresh("columns", minimum=1) if area is None else channels * area
    return layer_output(call, cut, (columns, _blocks(call, tuple(space), window, "input")), tensor.dtype)


def _fold(call: Call, source: Mapping[str, Value]) -> Value:
    tensor = call.tensor("input")
    refuse_integers(call, tensor) if tensor.dtype != "bool" else None
    cut = split(call, tensor, 2, (2, 3))
    window = _window(call, source)
    output = window_sizes(call, source["output_size"], 2, "output_size")
    area = _kernel_area(window)
    columns, blocks = cut.trailing
    if area is None:
        channels: Dim = call.fresh("channels", minimum=1)
    else:
        divides(
            call,
            area,
            columns,
            lambda: Complaint(
                "ATN104",
                f"the size {columns} is not divisible by the product of kernel_size, {area}",
                arguments=("input", "kernel_size"),
            ),
        )
        channels = call.facts.normal(floor_divide(columns, area))
    if all(item is not None for values in (output, *window.values()) for item in values):
        wanted = _blocks(call, output, window, "output_size")
        fit(call, tensor, -1, blocks, wanted, what="the last dimension", parameter="the number of blocks")
    height, width = (call.fresh("size", minimum=1) if size is None else size for size in output)
    return layer_output(call, cut, (channels, height, width), tensor.dtype)


@layer("torch.nn.Unfold", constructor=f"({_WINDOW})", forward="(input)")
class Unfold:
    """``(N, C, H, W)`` to ``(N, C * kernel area, blocks)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return dict(call.arguments)

    @staticmethod
    def forward(call: Call) -> Value:
        return _unfold(call, call.layer)


@layer("torch.nn.Fold", constructor=f"(output_size, {_WINDOW})", forward="(input)")
class Fold:
    """``(N, C * kernel area, blocks)`` to ``(N, C, H, W)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return dict(call.arguments)

    @staticmethod
    def forward(call: Call) -> Value:
        return _fold(call, call.layer)


@shape_rule("torch.nn.functional.unfold", signature=f"(input: Tensor, {_WINDOW})")
def unfold(call: Call) -> Value:
    return _unfold(call, call.arguments)


@shape_rule("torch.nn.functional.fold", signature=f"(input: Tensor, output_size, {_WINDOW})")
def fold(call: Call) -> Value:
    return _fold(call, call.arguments)
