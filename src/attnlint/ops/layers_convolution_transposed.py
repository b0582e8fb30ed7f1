"""Transposed convolutions: ``nn.ConvTranspose1d`` to ``3d``, the lazy ones, and ``F.conv_transpose1d`` to ``3d``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attnlint.algebra import Dim, floor_divide
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_input import (
    Split,
    dimensions,
    known_size,
    layer_output,
    optional,
    parameter,
    same_kind,
    split,
)
from attnlint.ops.layers_convolution import check_groups, demand_bias, demand_channels
from attnlint.ops.layers_linear import refuse_integers_of_layer
from attnlint.ops.registry import register, register_layer
from attnlint.ops.windows import MaybeDim, demand_not_negative, demand_positive, extent, window_sizes
from attnlint.values import Tensor, Unknown, Value

_WINDOW = ("kernel_size", "stride", "padding", "dilation", "output_padding")


def _build(count: int, *, lazy: bool = False) -> Callable[[Call], dict[str, Value]]:
    def build(call: Call) -> dict[str, Value]:
        channels = None if lazy else known_size(call, call["in_channels"], "in_channels")
        out = known_size(call, call["out_channels"], "out_channels")
        groups = known_size(call, call["groups"], "groups")
        mode = call["padding_mode"]
        if isinstance(mode, str) and mode != "zeros":
            raise Complaint(
                "ATN104", "only padding_mode='zeros' works for a transposed convolution", arguments=("padding_mode",)
            )
        check_groups(call, groups, channels, "in_channels")
        check_groups(call, groups, out, "out_channels")
        attributes: dict[str, Value] = {name: window_sizes(call, call[name], count, name) for name in _WINDOW}
        outer = None if out is None or groups is None else call.facts.normal(floor_divide(out, groups))
        kernel = attributes["kernel_size"]
        return {
            "in_channels": Unknown("the layer is lazy", kind="int") if lazy else call["in_channels"],
            "out_channels": call["out_channels"],
            **{
                name: tuple(Unknown(f"{name} is not known") if v is None else v for v in value)
                for name, value in attributes.items()
            },
            "groups": call["groups"],
            "padding_mode": mode,
            "transposed": True,
            "weight": parameter(call, channels, outer, *kernel, label="weight"),
            "bias": optional(call, "bias", parameter(call, out, label="bias")),
        }

    return build


def _window(call: Call, source: Callable[[str], Value], count: int) -> dict[str, tuple[MaybeDim, ...]]:
    window = {
        name: window_sizes(call, source(name), count, name)
        for name in ("stride", "padding", "dilation", "output_padding")
    }
    demand_positive(call, window["stride"], "stride")
    demand_positive(call, window["dilation"], "dilation")
    demand_not_negative(call, window["padding"], "padding")
    demand_not_negative(call, window["output_padding"], "output_padding")
    for extra, step, reach in zip(window["output_padding"], window["stride"], window["dilation"], strict=True):
        if isinstance(extra, int) and isinstance(step, int) and isinstance(reach, int) and extra >= max(step, reach):
            raise Complaint(
                "ATN104",
                f"output_padding {extra} must be smaller than the stride {step} or the dilation {reach}",
                arguments=("output_padding",),
            )
    return window


def _sizes(
    call: Call,
    cut: Split,
    kernel: Sequence[MaybeDim],
    window: dict[str, tuple[MaybeDim, ...]],
    *,
    wanted: bool = False,
) -> list[Dim]:
    """The output's axes of space; the least that they can be where the caller wants certain sizes."""
    result: list[Dim] = []
    rows = zip(
        cut.trailing[1:], kernel, *(window[n] for n in ("stride", "padding", "dilation", "output_padding")), strict=True
    )
    for size, reach, step, pad, spread, extra in rows:
        if reach is None or step is None or pad is None or spread is None or extra is None:
            result.append(call.fresh("length", minimum=1))
            continue
        out = (size - 1) * step - 2 * pad + extent(reach, spread) + extra
        out = call.facts.normal(out)
        if wanted:
            result.append(out)
            continue
        # Whether an empty output raises depends on the backend; a negative size always does.
        call.demand(
            call.facts.at_least(out, 0),
            lambda out=out: Complaint(  # type: ignore[misc]
                "ATN104", f"the output size would be {out}", arguments=("input", "padding")
            ),
        )
        result.append(out)
    return result


def _forward(count: int) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        tensor, weight, layer = call.tensor("input"), call.layer["weight"], call.layer
        refuse_integers_of_layer(call, tensor, weight)
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        dtype = same_kind(call, tensor, weight, ("input", "weight")) if isinstance(weight, Tensor) else None
        groups = known_size(call, layer["groups"], "groups")
        kernel: tuple[MaybeDim, ...]
        out: Dim | None
        wanted: Dim | None
        if isinstance(weight, Tensor) and weight.shape.rank == count + 2:
            wanted, outer, *rest = call.facts.resolve(weight.shape).dims
            kernel = tuple(rest)
            out = None if groups is None else call.facts.normal(outer * groups)
        else:
            kernel = window_sizes(call, layer["kernel_size"], count, "kernel_size")
            wanted = known_size(call, layer["in_channels"], "in_channels")
            out = known_size(call, layer["out_channels"], "out_channels")
        demand_channels(call, cut, wanted, "in_channels")
        window = _window(call, lambda name: layer[name], count)
        if call["output_size"] is None:
            space = _sizes(call, cut, kernel, window)
        else:
            window["output_padding"] = (0,) * count
            space = _wanted_sizes(call, cut, _sizes(call, cut, kernel, window, wanted=True), window["stride"])
        return layer_output(call, cut, (call.fresh("out_channels", minimum=1) if out is None else out, *space), dtype)

    return forward


def _wanted_sizes(call: Call, cut: Split, least: list[Dim], steps: tuple[MaybeDim, ...]) -> list[Dim]:
    """``output_size=``: between the least size and a stride more; torch works out the output padding."""
    given = call.sequence("output_size")
    count = len(least)
    if len(given) not in (count, count + 1, count + 2) or (
        cut.rest is None and len(given) not in (count, count + 1 + len(cut.lead))
    ):
        raise Complaint(
            "ATN104",
            f"output_size has {len(given)} elements for {count} axes",
            arguments=("output_size",),
            about_rank=True,
        )
    result = [call.as_dim(value, "output_size") for value in given[-count:]]
    for size, low, step in zip(result, least, steps, strict=True):
        if isinstance(size, int) and isinstance(low, int) and isinstance(step, int) and not low <= size < low + step:
            raise Complaint(
                "ATN104",
                f"output_size {size} is not possible: it can be {low} to {low + step - 1}",
                arguments=("output_size", "input"),
            )
    return result


def _functional(count: int) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, weight = call.tensor("input"), call.tensor("weight")
        if weight.shape.rank != count + 2:
            if weight.shape.rank is None:
                raise CannotTell("the weight has an unknown number of dimensions")
            summary = f"weight has {dimensions(weight.shape.rank)} but must have {count + 2}"
            raise Complaint("ATN103", summary, arguments=("weight",), about_rank=True)
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        dtype = same_kind(call, tensor, weight, ("input", "weight"))
        wanted, outer, *kernel = weight.shape.dims
        groups = known_size(call, call["groups"], "groups")
        check_groups(call, groups, wanted, "the first dimension of weight")
        demand_channels(call, cut, wanted, "the first dimension of weight")
        out = call.fresh("out_channels", minimum=1) if groups is None else call.facts.normal(outer * groups)
        demand_bias(call, call["bias"], out)
        window = _window(call, lambda name: call[name], count)
        return layer_output(call, cut, (out, *_sizes(call, cut, kernel, window)), dtype)

    return rule


_OPTIONS = (
    "kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1, padding_mode='zeros', "
    "device=None, dtype=None"
)
_FUNCTION = (
    "(input: Tensor, weight: Tensor, bias: Tensor = None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)"
)
_FAMILY = "layers_convolution_transposed"

for _count in (1, 2, 3):
    _name = f"conv_transpose{_count}d"
    register((f"torch.nn.functional.{_name}", f"torch.{_name}"), (_FUNCTION,), _functional(_count), family=_FAMILY)
    for _lazy in (False, True):
        register_layer(
            f"torch.nn.{'Lazy' * _lazy}ConvTranspose{_count}d",
            (f"({'' if _lazy else 'in_channels, '}out_channels, {_OPTIONS})",),
            ("(input, output_size=None)",),
            _build(_count, lazy=_lazy),
            _forward(_count),
            family=_FAMILY,
            bases=(f"torch.nn.ConvTranspose{_count}d",)
            if _lazy
            else ("torch.nn.modules.conv._ConvNd", "torch.nn.Module"),
        )
