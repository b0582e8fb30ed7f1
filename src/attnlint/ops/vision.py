"""Images: resizing (``F.interpolate``, ``nn.Upsample``), sampling on a grid, and shuffling pixels and channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor

from attnlint.algebra import Dim, Shape, floor_divide
from attnlint.ops.activations import keep_arguments
from attnlint.ops.axis_arguments import demand_least_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint, placeholder
from attnlint.ops.layer_input import Split, divides, fit, known_size, layer_output, like, positive, wrong_rank
from attnlint.ops.layers_pooling import demand_filled
from attnlint.ops.registry import register, register_layer, shape_rule
from attnlint.ops.results import refuse
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

# mode, ranks that it works on
_MODES: dict[str, tuple[int, ...]] = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "area": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "lanczos": (4,),
    "trilinear": (5,),
}
_CORNERS = ("linear", "bilinear", "bicubic", "trilinear", "lanczos")
_SMOOTH = ("bilinear", "bicubic", "lanczos")


# --- resizing ---------------------------------------------------------------------------------------------------------


def _resize(call: Call, options: Mapping[str, Value]) -> Tensor:
    tensor, mode = call.tensor("input"), options["mode"]
    size, scale = options["size"], options["scale_factor"]
    _check_options(options, size, scale, mode)
    tensor = _with_rank(call, tensor, mode, size)
    # Only some modes have a kernel for bytes.
    if mode != "area" and (tensor.dtype != "uint8" or mode in ("linear", "trilinear")):
        refuse(tensor, "bool integer complex")
    cut = Split(tensor, tensor.shape.dims[:2], None, tensor.shape.dims[2:])
    if mode == "area":
        wanted = _sizes(call, cut.trailing, size, scale, least=0)
        if not any(isinstance(out, int) and out == 0 for out in wanted):
            refuse(tensor, "bool integer")
        return layer_output(call, cut, wanted, tensor.dtype)
    demand_filled(tensor.shape.dims[1:])
    return layer_output(call, cut, _sizes(call, cut.trailing, size, scale, least=1), tensor.dtype)


def _check_options(options: Mapping[str, Value], size: Value, scale: Value, mode: Value) -> None:
    known = not isinstance(size, Unknown) and not isinstance(scale, Unknown)
    if known and (size is None) == (scale is None):
        raise Complaint(
            "ATN104",
            "exactly one of size and scale_factor must be given",
            arguments=("size", "scale_factor"),
            about_placeholder="default" if size is None else "",
        )
    if not isinstance(mode, str):
        return
    if mode not in _MODES:
        raise Complaint("ATN104", f"mode is {mode!r} but must be one of {', '.join(_MODES)}", arguments=("mode",))
    corners = options.get("align_corners")
    if mode not in _CORNERS and isinstance(corners, bool):
        raise Complaint("ATN104", f"align_corners does not go with mode {mode!r}", arguments=("align_corners",))
    if options.get("antialias") is True and mode not in _SMOOTH:
        raise Complaint("ATN104", f"antialias does not go with mode {mode!r}", arguments=("antialias",))
    if mode == "lanczos" and (options.get("antialias") is False or corners is True):
        raise Complaint(
            "ATN104", "mode 'lanczos' goes with antialias=True and without align_corners", arguments=("antialias",)
        )
    if options.get("recompute_scale_factor") is True and size is not None and known:
        raise Complaint("ATN104", "recompute_scale_factor does not go with size", arguments=("recompute_scale_factor",))


def _with_rank(call: Call, tensor: Tensor, mode: Value, size: Value) -> Tensor:
    ranks = _MODES[mode] if isinstance(mode, str) else (3, 4, 5)
    # A list of sizes tells how many axes of space there are.
    count = len(call.as_sequence(size)) if isinstance(size, tuple | list | ListValue) else None
    if tensor.shape.rank is None and len(ranks) > 1 and count is not None and count + 2 in ranks:
        ranks = (count + 2,)
    return call.demand_rank(tensor, ranks, lambda: _wrong_input(tensor, ranks, mode))


def _wrong_input(tensor: Tensor, ranks: tuple[int, ...], mode: Value) -> Complaint:
    text = f"with mode {mode!r}" if isinstance(mode, str) else ""
    return wrong_rank(tensor, ranks, advice=f"{text}: (N, C, ...) with one axis of space for each size".lstrip(": "))


def _items(call: Call, value: Value, count: int, name: str) -> tuple[Value, ...]:
    if isinstance(value, Unknown | Repeated):
        return (Unknown(f"{name} is not known"),) * count
    if not isinstance(value, tuple | list | ListValue):
        return (value,) * count
    items = tuple(value.items) if isinstance(value, ListValue) else tuple(value)
    if len(items) != count:
        raise Complaint(
            "ATN104",
            f"{name} has {len(items)} numbers but the input has {count} axes behind batch and channels",
            arguments=(name, "input"),
        )
    return items


def _sizes(call: Call, space: tuple[Dim, ...], size: Value, scale: Value, *, least: int) -> tuple[Dim, ...]:
    result: list[Dim] = []
    if size is not None and not (isinstance(size, Unknown) and scale is not None):
        for item in _items(call, size, len(space), "size"):
            wanted = known_size(call, item, "size")
            result.append(call.fresh("size", minimum=1) if wanted is None else wanted)
    else:
        for extent, item in zip(space, _items(call, scale, len(space), "scale_factor"), strict=True):
            result.append(_scaled(call, extent, item))
    for out in result:
        call.demand(
            call.facts.at_least(out, least),
            lambda out=out: Complaint("ATN104", f"the output size would be {out}", arguments=("size", "scale_factor")),  # type: ignore[misc]
        )
    return tuple(result)


def _scaled(call: Call, size: Dim, scale: Value) -> Dim:
    """``floor(size * scale)``."""
    if isinstance(scale, bool) or not isinstance(scale, int | float):
        factor = known_size(call, scale, "scale_factor") if not isinstance(scale, float | Unknown) else None
        return call.fresh("size", minimum=1) if factor is None else size * factor
    if isinstance(size, int):
        return floor(size * scale)
    if float(scale).is_integer():
        return size * int(scale)
    if scale > 0 and (1 / scale).is_integer():
        return call.facts.normal(floor_divide(size, int(1 / scale)))
    return call.fresh("size", minimum=0)


_INTERPOLATE = "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None"


@shape_rule("torch.nn.functional.interpolate", signature=f"(input: Tensor, {_INTERPOLATE}, antialias=False)")
def interpolate(call: Call) -> Value:
    return _resize(call, call.arguments)


@shape_rule(
    "torch.nn.functional.upsample",
    signature="(input: Tensor, size=None, scale_factor=None, mode='nearest', align_corners=None)",
)
def upsample(call: Call) -> Value:
    return _resize(call, call.arguments)


def _fixed_mode(mode: str) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        source = call.layer if call.layer else call.arguments
        return _resize(call, {**source, "mode": mode, "align_corners": None})

    return rule


register_layer(
    "torch.nn.Upsample",
    (f"({_INTERPOLATE})",),
    ("(input)",),
    keep_arguments,
    lambda call: _resize(call, call.layer),
    family="vision",
)
for _function, _layer, _mode in (
    ("upsample_nearest", "UpsamplingNearest2d", "nearest"),
    ("upsample_bilinear", "UpsamplingBilinear2d", "bilinear"),
):
    register(
        (f"torch.nn.functional.{_function}",),
        ("(input: Tensor, size=None, scale_factor=None)",),
        _fixed_mode(_mode),
        family="vision",
    )
    register_layer(
        f"torch.nn.{_layer}",
        ("(size=None, scale_factor=None)",),
        ("(input)",),
        keep_arguments,
        _fixed_mode(_mode),
        family="vision",
    )


# --- sampling on a grid -----------------------------------------------------------------------------------------------


@shape_rule(
    "torch.nn.functional.grid_sample",
    signature="(input: Tensor, grid: Tensor, mode='bilinear', padding_mode='zeros', align_corners=None)",
)
def grid_sample(call: Call) -> Value:
    tensor, grid = call.tensor("input"), call.tensor("grid")
    if tensor.shape.rank is None and grid.shape.rank is not None:
        tensor = call.demand_rank(tensor, (grid.shape.rank,), lambda: wrong_rank(tensor, (4, 5)))
    tensor = call.demand_rank(tensor, (4, 5), lambda: wrong_rank(tensor, (4, 5)))
    rank = len(tensor.shape.dims)
    grid = call.demand_rank(
        grid, (rank,), lambda: wrong_rank(grid, (rank,), "grid", advice="the grid has as many dimensions as the input")
    )
    refuse(tensor, "bool integer complex")
    if tensor.dtype is not None and grid.dtype is not None and tensor.dtype != grid.dtype and call.exact_dtypes:
        raise Complaint(
            "ATN115",
            f"input has dtype {tensor.dtype} but grid has dtype {grid.dtype}",
            arguments=("grid",),
            about_rank=True,
        )
    if rank == 5 and call["mode"] == "bicubic":
        raise Complaint(
            "ATN103", "mode 'bicubic' takes 4 dimensions only", arguments=("input", "mode"), about_rank=True
        )
    demand_filled(tensor.shape.dims[2:])
    batch, *space, last = grid.shape.dims
    fit(
        call,
        grid,
        0,
        batch,
        tensor.shape.dims[0],
        what="the batch size of grid",
        parameter="the batch size of input",
        argument="grid",
        code="ATN106",
        other=Clash("input", 0, tensor.shape.dims[0]),
    )
    fit(
        call,
        grid,
        -1,
        last,
        rank - 2,
        what="the last dimension of grid",
        parameter="the number of coordinates",
        argument="grid",
    )
    dtype = tensor.dtype if grid.dtype is None or grid.dtype == tensor.dtype else None
    return Tensor(Shape((tensor.shape.dims[0], tensor.shape.dims[1], *space)), dtype=dtype, device=tensor.device)


@shape_rule(
    "torch.grid_sampler",
    "torch.grid_sampler_2d",
    "torch.grid_sampler_3d",
    signature="(input: Tensor, grid: Tensor, interpolation_mode, padding_mode, align_corners)",
)
def grid_sampler(call: Call) -> Value:
    """``F.grid_sample``, with the modes as numbers."""
    call.arguments["mode"] = "bicubic" if call["interpolation_mode"] == 2 else None
    return grid_sample(call)


@shape_rule("torch.nn.functional.affine_grid", signature="(theta: Tensor, size, align_corners=None)")
def affine_grid(call: Call) -> Value:
    theta = call.tensor("theta")
    refuse(theta, "bool integer complex", argument="theta")
    size = call.sequence("size")
    if len(size) not in (4, 5):
        raise Complaint("ATN104", f"size has {len(size)} numbers but must have 4 or 5", arguments=("size",))
    dims = [known_size(call, item, "size") for item in size]
    if any(isinstance(dim, int) and dim <= 0 for dim in dims):
        raise Complaint("ATN104", "size must be positive", arguments=("size",))
    theta = call.demand_rank(theta, (3,), lambda: wrong_rank(theta, (3,), "theta"))
    count = len(size) - 2
    wanted = (dims[0], count, count + 1)
    for axis, (found, dim) in enumerate(zip(theta.shape.dims, wanted, strict=True)):
        if dim is not None:
            fit(
                call,
                theta,
                axis,
                found,
                dim,
                what=f"dimension {axis} of theta",
                parameter="what size asks for",
                argument="theta",
            )
    space = [call.fresh("size", minimum=1) if dim is None else dim for dim in dims[2:]]
    return Tensor(Shape((theta.shape.dims[0], *space, count)), dtype=theta.dtype, device=theta.device)


# --- shuffling --------------------------------------------------------------------------------------------------------


def _factor(call: Call, source: Mapping[str, Value], name: str) -> Dim:
    factor = known_size(call, source[name], name)
    if factor is None:
        raise CannotTell(f"{name} is not known")
    return positive(
        call,
        factor,
        lambda: Complaint(
            "ATN104", f"{name} must be positive, got {factor}", arguments=(name,), about_placeholder=placeholder(factor)
        ),
    )


def _demand_multiple(call: Call, size: Dim, factor: Dim, what: str, name: str) -> Dim:
    """The quotient of a size that must be a multiple."""
    divides(
        call,
        factor,
        size,
        lambda: Complaint("ATN104", f"{what} {size} is not divisible by {name} = {factor}", arguments=("input", name)),
    )
    return call.facts.normal(floor_divide(size, factor))


def _shuffle(call: Call, source: Mapping[str, Value]) -> Value:
    tensor = demand_least_rank(call, call.tensor("input"), 3)
    factor = _factor(call, source, "upscale_factor")
    *lead, channels, height, width = tensor.shape.dims
    inner = _demand_multiple(call, channels, factor * factor, "the channel dimension", "upscale_factor ** 2")
    shape = Shape(
        (*lead, inner, call.facts.normal(height * factor), call.facts.normal(width * factor)), tensor.shape.rest
    )
    return Tensor(shape, dtype=tensor.dtype, device=tensor.device)


def _unshuffle(call: Call, source: Mapping[str, Value]) -> Value:
    tensor = demand_least_rank(call, call.tensor("input"), 3)
    factor = _factor(call, source, "downscale_factor")
    *lead, channels, height, width = tensor.shape.dims
    rows = _demand_multiple(call, height, factor, "the height", "downscale_factor")
    columns = _demand_multiple(call, width, factor, "the width", "downscale_factor")
    shape = Shape((*lead, call.facts.normal(channels * factor * factor), rows, columns), tensor.shape.rest)
    return Tensor(shape, dtype=tensor.dtype, device=tensor.device)


def _shuffle_channels(call: Call, source: Mapping[str, Value]) -> Value:
    tensor = call.tensor("input")
    if tensor.shape.rank is not None and tensor.shape.rank < 3:
        raise wrong_rank(tensor, (3, 4), advice="channels are dimension 1, with space behind them")
    groups = _factor(call, source, "groups")
    channels = call.facts.leading(tensor.shape, 1)
    _demand_multiple(call, channels, groups, "the channel dimension", "groups")
    return like(tensor)


def _register_shuffle(
    function: str, name: str, option: str, rule: Callable[[Call, Mapping[str, Value]], Value]
) -> None:
    names = (f"torch.nn.functional.{function}", f"torch.{function}")
    register(names, (f"(input: Tensor, {option})",), lambda call: rule(call, call.arguments), family="vision")
    register_layer(
        f"torch.nn.{name}",
        (f"({option})",),
        ("(input)",),
        keep_arguments,
        lambda call: rule(call, call.layer),
        family="vision",
    )


_register_shuffle("pixel_shuffle", "PixelShuffle", "upscale_factor", _shuffle)
_register_shuffle("pixel_unshuffle", "PixelUnshuffle", "downscale_factor", _unshuffle)
_register_shuffle("channel_shuffle", "ChannelShuffle", "groups", _shuffle_channels)
