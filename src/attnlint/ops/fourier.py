"""``torch.fft``: transforms of complex tensors, of real ones to half spectra, and back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from attnlint.algebra import Answer, Dim, Shape, floor_divide
from attnlint.ops.axis_arguments import given_axes, locate
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.promotion import float_result, to_complex, to_real
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_argument, fresh, is_plain, refuse, unknown_shape
from attnlint.values import Tensor, Value


@dataclass(frozen=True, slots=True)
class Transform:
    """A kind of transform: which half of the spectrum is missing on which side."""

    names: tuple[str, str, str]
    """Of one axis, of two, of many."""
    half_input: bool = False
    """The last axis holds a half spectrum: ``2 * (n - 1)`` real values come out."""
    half_output: bool = False
    """A half spectrum of ``n // 2 + 1`` values comes out on the last axis; the input must be real."""

    def output_dtype(self, dtype: str | None) -> str | None:
        """Complex, or real from a half spectrum; whole numbers become floating point."""
        floating = float_result(dtype)
        if floating is None:
            return None
        return to_real(floating) if self.half_input else to_complex(floating)


TRANSFORMS = (
    Transform(("fft", "fft2", "fftn")),
    Transform(("ifft", "ifft2", "ifftn")),
    Transform(("rfft", "rfft2", "rfftn"), half_output=True),
    Transform(("ihfft", "ihfft2", "ihfftn"), half_output=True),
    Transform(("irfft", "irfft2", "irfftn"), half_input=True),
    Transform(("hfft", "hfft2", "hfftn"), half_input=True),
)
SIGNATURES = (
    "(input, n=None, dim: int = -1, norm=None, *, out=None)",
    "(input, s: int | ints | None = None, dim: int | ints = (-2, -1), norm=None, *, out=None)",
    "(input, s: int | ints | None = None, dim: int | ints | None = None, norm=None, *, out=None)",
)


def _transform(kind: Transform, call: Call) -> Value:
    tensor = call.tensor("input")
    if kind.half_output:
        refuse(tensor, "complex", advice="take the full transform, without the `r`")
    dtype = kind.output_dtype(tensor.dtype)
    sizes = _sizes(call)
    axes = given_axes(call)
    if axes is None:
        if sizes is None and tensor.shape.rank is None:
            return fresh(call, unknown_shape(), dtype, like=tensor)
        count = len(sizes) if sizes is not None else tensor.shape.rank or 0
        if tensor.shape.rank is not None and count > tensor.shape.rank:
            text = f"{count} sizes for {tensor.shape.rank} dimensions"
            raise Complaint("ATN107", text, arguments=("s",), about_rank=True)
        axes = tuple(range(-count, 0))
    if sizes is not None and len(sizes) != len(axes):
        raise Complaint("ATN107", f"{len(sizes)} sizes for {len(axes)} axes", arguments=("s", "dim"))
    if tensor.shape.rank == 0 and axes:
        raise Complaint("ATN107", f"axis {axes[-1]} of a tensor without axes", arguments=("dim",), about_rank=True)
    try:
        tensor, places = locate(call, tensor, axes)
    except CannotTell:
        return fresh(call, unknown_shape(), dtype, like=tensor)
    dims: list[Dim] = list(tensor.shape.dims)
    for index, place in enumerate(places):
        wanted = sizes[index] if sizes is not None else None
        last = index == len(places) - 1
        size = wanted
        if size is None:
            size = 2 * (dims[place] - 1) if last and kind.half_input else dims[place]
        _demand_some(call, size)
        dims[place] = floor_divide(size, 2) + 1 if last and kind.half_output else size
    return fresh(call, Shape(tuple(dims), tensor.shape.rest), dtype, like=tensor)


def _sizes(call: Call) -> tuple[Dim | None, ...] | None:
    """The sizes that are asked for; ``None`` (or -1, for several axes) leaves an axis as it is."""
    if "n" in call.arguments:
        return None if call["n"] is None else (call.dim("n"),)
    if call["s"] is None:
        return None
    given = call["s"]
    sizes = [call.as_dim(value, "s") for value in ((given,) if isinstance(given, int) else call.sequence("s"))]
    return tuple(None if isinstance(size, int) and size == -1 else size for size in sizes)


def _demand_some(call: Call, size: Dim) -> None:
    if call.facts.at_least(size, 1) is Answer.NO:
        raise Complaint("ATN107", f"a transform of {size} points", arguments=("input",))


@shape_rule("torch.fft.fftshift", "torch.fft.ifftshift", signature="(input, dim: int | ints | None = None)")
def shift(call: Call) -> Value:
    """Swap the halves of axes."""
    tensor: Tensor = call.tensor("input")
    axes = given_axes(call)
    if axes and tensor.shape.rank == 0:
        raise Complaint("ATN107", f"axis {axes[0]} of a tensor without axes", arguments=("dim",), about_rank=True)
    with suppress(CannotTell):
        tensor, _ = locate(call, tensor, axes or (), distinct=False)
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes, contiguous=is_plain(tensor))


@shape_rule(
    "torch.fft.fftfreq",
    "torch.fft.rfftfreq",
    signature="(n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False)",
)
def frequencies(call: Call) -> Value:
    """The frequencies of a transform's output."""
    n = call.dim("n")
    size = floor_divide(n, 2) + 1 if call.name.endswith("rfftfreq") else n
    return fresh(call, (size,), dtype_argument(call, "float32"), contiguous=True)


def _register() -> None:
    for kind in TRANSFORMS:

        def rule(call: Call, kind: Transform = kind) -> Value:
            return _transform(kind, call)

        for name, signature in zip(kind.names, SIGNATURES, strict=True):
            register((f"torch.fft.{name}",), (signature,), rule, family="fourier")


_register()
