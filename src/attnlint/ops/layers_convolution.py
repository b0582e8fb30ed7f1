"""Convolutions: ``nn.Conv1d`` to ``nn.Conv3d``, the lazy ones, and ``F.conv1d`` to ``F.conv3d``."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Dim, floor_divide
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint, placeholder
from attnlint.ops.layer_input import (
    Split,
    dimensions,
    divides,
    fit,
    known_size,
    layer_output,
    optional,
    optional_tensor,
    parameter,
    same_kind,
    split,
)
from attnlint.ops.layers_linear import refuse_integers_of_layer
from attnlint.ops.registry import register, register_layer
from attnlint.ops.windows import MaybeDim, demand_not_negative, demand_positive, window_sizes, windows
from attnlint.values import Tensor, Unknown, Value

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


# --- constructors -----------------------------------------------------------------------------------------------------


def check_groups(call: Call, groups: Dim | None, channels: Dim | None, name: str) -> None:
    """``groups`` must divide the channels; torch says so in the constructor."""
    if isinstance(groups, int) and groups <= 0:
        raise Complaint(
            "ATN104",
            "groups must be a positive integer",
            arguments=("groups",),
            about_placeholder=placeholder(groups),
        )
    if groups is None or channels is None or groups == 1:
        return
    divides(
        call,
        groups,
        channels,
        lambda: Complaint(
            "ATN104", f"{name} {channels} is not divisible by groups {groups}", arguments=(name, "groups")
        ),
    )


def _attributes(call: Call, count: int) -> dict[str, Value]:
    """The attributes that tell how the window slides, as torch keeps them: tuples."""
    result: dict[str, Value] = {}
    for name in ("kernel_size", "stride", "dilation"):
        result[name] = _tuple(call, name, count)
    padding = call["padding"]
    result["padding"] = padding if isinstance(padding, str) else _tuple(call, "padding", count)
    result["groups"] = call["groups"]
    result["padding_mode"] = call["padding_mode"]
    return result


def _tuple(call: Call, name: str, count: int) -> Value:
    values = window_sizes(call, call[name], count, name)
    if any(value is None for value in values):
        return tuple(Unknown(f"{name} is not known") if value is None else value for value in values)
    return values


def _build(count: int, *, lazy: bool = False) -> Callable[[Call], dict[str, Value]]:
    def build(call: Call) -> dict[str, Value]:
        given = None if lazy else call["in_channels"]
        channels = None if lazy else known_size(call, given, "in_channels")
        out = known_size(call, call["out_channels"], "out_channels")
        groups = known_size(call, call["groups"], "groups")
        check_groups(call, groups, channels, "in_channels")
        check_groups(call, groups, out, "out_channels")
        attributes = _attributes(call, count)
        _check_padding(call, attributes)
        kernel = window_sizes(call, call["kernel_size"], count, "kernel_size")
        inner = None if channels is None or groups is None else call.facts.normal(floor_divide(channels, groups))
        return {
            "in_channels": Unknown("the layer is lazy", kind="int") if lazy else given,
            "out_channels": call["out_channels"],
            **attributes,
            "transposed": False,
            "output_padding": (0,) * count,
            "weight": parameter(call, out, inner, *kernel, label="weight"),
            "bias": optional(call, "bias", parameter(call, out, label="bias")),
        }

    return build


def _check_padding(call: Call, attributes: dict[str, Value]) -> None:
    padding, mode = attributes["padding"], attributes["padding_mode"]
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise Complaint(
                "ATN104", f"padding is {padding!r} but must be 'same', 'valid' or numbers", arguments=("padding",)
            )
        if padding == "same" and any(isinstance(step, int) and step != 1 for step in attributes["stride"]):
            raise Complaint("ATN104", "padding='same' does not go with a stride", arguments=("padding", "stride"))
    if isinstance(mode, str) and mode not in PADDING_MODES:
        raise Complaint(
            "ATN104", f"padding_mode is {mode!r} but must be one of {PADDING_MODES}", arguments=("padding_mode",)
        )


# --- forward ----------------------------------------------------------------------------------------------------------


def demand_channels(call: Call, cut: Split, wanted: Dim | None, name: str) -> None:
    """Demand the number of channels in front of the axes of space."""
    if wanted is None:
        return
    axis = cut.offset
    fit(call, cut.tensor, axis, cut.trailing[0], wanted, what=f"the channel dimension ({axis})", parameter=name)


def _forward(count: int) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        tensor, weight, layer = call.tensor("input"), call.layer["weight"], call.layer
        refuse_integers_of_layer(call, tensor, weight)
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        dtype = same_kind(call, tensor, weight, ("input", "weight")) if isinstance(weight, Tensor) else None
        groups = known_size(call, layer.get("groups", 1), "groups")
        kernel: tuple[MaybeDim, ...]
        if isinstance(weight, Tensor) and weight.shape.rank == count + 2:
            out, inner, *rest = call.facts.resolve(weight.shape).dims
            kernel = tuple(rest)
            wanted = None if groups is None else call.facts.normal(inner * groups)
            demand_channels(call, cut, wanted, "in_channels")
        else:
            kernel = window_sizes(call, layer["kernel_size"], count, "kernel_size")
            demand_channels(call, cut, known_size(call, layer["in_channels"], "in_channels"), "in_channels")
            known = known_size(call, layer["out_channels"], "out_channels")
            out = call.fresh("out_channels", minimum=1) if known is None else known
        space = _slide(
            call, cut, kernel, layer["stride"], layer["padding"], layer["dilation"], layer.get("padding_mode", "zeros")
        )
        return layer_output(call, cut, (out, *space), dtype)

    return forward


def _slide(
    call: Call, cut: Split, kernel: tuple[MaybeDim, ...], stride: Value, padding: Value, dilation: Value, mode: Value
) -> list[Dim]:
    """The sizes of the output's axes of space."""
    count = len(kernel)
    steps = window_sizes(call, stride, count, "stride")
    reach = window_sizes(call, dilation, count, "dilation")
    demand_positive(call, steps, "stride")
    demand_positive(call, reach, "dilation")
    demand_positive(call, kernel, "kernel_size")
    space = cut.trailing[1:]
    if padding == "same":
        if any(isinstance(step, int) and step != 1 for step in steps):
            raise Complaint("ATN104", "padding='same' does not go with a stride", arguments=("padding", "stride"))
        # Half of what the kernel reaches over, on the wider side.
        known = [
            None if k is None or d is None else floor_divide(d * (k - 1) + 1, 2)
            for k, d in zip(kernel, reach, strict=True)
        ]
        if mode in ("reflect", "circular"):
            check_padding_fits(call, space, tuple(known), mode)
        return list(space)
    pads = window_sizes(call, 0 if padding == "valid" else padding, count, "padding")
    demand_not_negative(call, pads, "padding")
    if mode in ("reflect", "circular"):
        check_padding_fits(call, space, pads, mode)
    return [windows(call, *axis, name="length") for axis in zip(space, kernel, steps, pads, reach, strict=True)]


def check_padding_fits(call: Call, space: tuple[Dim, ...], pads: tuple[MaybeDim, ...], mode: str) -> None:
    """``reflect`` needs more elements than it pads, ``circular`` at least as many."""
    for size, pad in zip(space, pads, strict=True):
        if pad is None:
            continue
        least = pad + 1 if mode == "reflect" else pad
        call.demand(
            call.facts.at_least(size, least),
            lambda size=size, pad=pad: Complaint(  # type: ignore[misc]
                "ATN104", f"{mode} padding of {pad} does not fit an axis of size {size}", arguments=("input", "padding")
            ),
        )


def _functional(count: int) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, weight = call.tensor("input"), call.tensor("weight")
        if weight.shape.rank is None:
            raise CannotTell("the weight has an unknown number of dimensions")
        if weight.shape.rank != count + 2:
            raise Complaint(
                "ATN103",
                f"weight has {dimensions(weight.shape.rank)} but must have {count + 2}",
                arguments=("weight",),
                about_rank=True,
            )
        cut = split(call, tensor, count + 1, (count + 1, count + 2))
        dtype = same_kind(call, tensor, weight, ("input", "weight"))
        out, inner, *kernel = weight.shape.dims
        groups = known_size(call, call["groups"], "groups")
        check_groups(call, groups, out, "the first dimension of weight")
        if groups is not None:
            name = "the second dimension of weight" if groups == 1 else "groups * the second dimension of weight"
            demand_channels(call, cut, inner * groups, name)
        demand_bias(call, call["bias"], out)
        space = _slide(call, cut, tuple(kernel), call["stride"], call["padding"], call["dilation"], "zeros")
        return layer_output(call, cut, (out, *space), dtype)

    return rule


def demand_bias(call: Call, value: Value, out: Dim) -> None:
    """The bias of a convolution is one number for each output channel."""
    bias = optional_tensor(call, value, "bias")
    if bias is None or bias.shape.rank is None:
        return
    if bias.shape.rank != 1:
        raise Complaint(
            "ATN103", f"bias has {dimensions(bias.shape.rank)} but must have 1", arguments=("bias",), about_rank=True
        )
    fit(
        call,
        bias,
        0,
        bias.shape.dims[0],
        out,
        what="the size of bias",
        parameter="the number of output channels",
        argument="bias",
    )


_OPTIONS = (
    "kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros', device=None, dtype=None"
)
_FUNCTION = "(input: Tensor, weight: Tensor, bias: Tensor = None, stride=1, padding=0, dilation=1, groups=1)"

for _count in (1, 2, 3):
    _name = f"conv{_count}d"
    register(
        (f"torch.nn.functional.{_name}", f"torch.{_name}"),
        (_FUNCTION,),
        _functional(_count),
        family="layers_convolution",
    )
    register_layer(
        f"torch.nn.Conv{_count}d",
        (f"(in_channels, out_channels, {_OPTIONS})",),
        ("(input)",),
        _build(_count),
        _forward(_count),
        family="layers_convolution",
        bases=("torch.nn.modules.conv._ConvNd", "torch.nn.Module"),
    )
    register_layer(
        f"torch.nn.LazyConv{_count}d",
        (f"(out_channels, {_OPTIONS})",),
        ("(input)",),
        _build(_count, lazy=True),
        _forward(_count),
        family="layers_convolution",
        bases=(f"torch.nn.Conv{_count}d",),
    )
