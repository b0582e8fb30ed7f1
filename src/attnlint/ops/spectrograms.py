"""Short-time Fourier transforms, and the windows they use."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Expression, Shape, floor_divide
from attnlint.ops.axis_arguments import wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import is_complex, to_complex, to_real
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_argument, dtype_kind, fresh, refuse
from attnlint.values import Tensor, Value


@shape_rule(
    "torch.stft",
    "torch.Tensor.stft",
    signature="(input, n_fft: int, hop_length=None, win_length=None, window=None, center: bool = True,"
    " pad_mode='reflect', normalized=False, onesided=None, return_complex=None, align_to_window=None)",
)
def stft(call: Call) -> Value:
    """``(batch, frequencies, frames)``; with ``return_complex=False`` the parts are a last axis of two."""
    tensor = call.tensor("input")
    if tensor.shape.rank not in (None, 1, 2):
        raise wrong_rank(tensor, "1 or 2", advice="flatten the channels into the batch first")
    refuse(tensor, "bool integer")
    if tensor.shape.rank is None or call["align_to_window"]:
        raise CannotTell("the number of dimensions of the signal is not known")
    n_fft = call.dim("n_fft")
    hop = floor_divide(n_fft, 4) if call["hop_length"] is None else call.dim("hop_length")
    _demand_window(call, n_fft)
    *batch, length = tensor.shape.dims
    center = call.flag("center")
    if center is None:
        raise CannotTell("center is not known")
    if center:
        if call["pad_mode"] == "reflect" and call.facts.at_least(length, floor_divide(n_fft, 2) + 1) is Answer.NO:
            raise _too_short(length, f"the padding {floor_divide(n_fft, 2)}")
        length = length + 2 * floor_divide(n_fft, 2)
    if call.facts.at_least(length, n_fft) is Answer.NO:
        raise _too_short(length, f"n_fft {n_fft}")
    frames = floor_divide(length - n_fft, hop) + 1
    complex_input = tensor.dtype is not None and is_complex(tensor.dtype)
    one_sided = call["onesided"]
    if one_sided is None:
        if tensor.dtype is None:
            raise CannotTell("the dtype of the signal is not known")
        one_sided = not complex_input
    frequencies = floor_divide(n_fft, 2) + 1 if one_sided else n_fft
    as_complex = call["return_complex"]
    if as_complex is None:
        if not complex_input and dtype_kind(tensor.dtype) == "float":
            raise Complaint("ATN115", "return_complex must be given for real inputs", arguments=("return_complex",))
        as_complex = True
    dims = (*batch, frequencies, frames)
    if as_complex is True:
        return fresh(call, dims, tensor.dtype and to_complex(tensor.dtype), like=tensor)
    if as_complex is not False:
        raise CannotTell("return_complex is not known")
    return fresh(call, (*dims, 2), tensor.dtype and to_real(tensor.dtype), like=tensor)


def _too_short(length: Dim, wanted: str) -> Complaint:
    return Complaint(
        "ATN104",
        f"the signal has {length} samples, too few for {wanted}",
        arguments=("input", "n_fft"),
        clash=(Clash("input", -1, length),),
    )


def _demand_window(call: Call, n_fft: Dim) -> None:
    """The window has ``win_length`` samples (``n_fft`` when that is not given)."""
    if call["window"] is None:
        return
    window = call.tensor("window")
    wanted = n_fft if call["win_length"] is None else call.dim("win_length")
    if window.shape.rank not in (None, 1):
        raise wrong_rank(window, "1", argument="window")
    if window.shape.rank == 1:
        size = window.shape.dims[0]
        clash = (Clash("window", 0, size), Clash("win_length", None, wanted))
        call.demand_equal(
            size,
            wanted,
            lambda: Complaint(
                "ATN104", f"the window has {size} samples, not {wanted}", arguments=("window",), clash=clash
            ),
            clash,
        )


@shape_rule(
    "torch.istft",
    "torch.Tensor.istft",
    signature="(input, n_fft: int, hop_length=None, win_length=None, window=None, center: bool = True,"
    " normalized=False, onesided=None, length=None, return_complex: bool = False)",
)
def istft(call: Call) -> Value:
    """The signal ``(batch, samples)`` of a spectrogram ``(batch, frequencies, frames)``."""
    tensor = call.tensor("input")
    if dtype_kind(tensor.dtype) not in (None, "complex"):
        raise Complaint(
            "ATN115",
            f"the spectrogram must be complex, not {tensor.dtype}",
            arguments=("input",),
            advice="`torch.view_as_complex` makes the last axis of two complex",
            about_rank=True,
        )
    if tensor.shape.rank not in (None, 2, 3):
        raise wrong_rank(tensor, "2 or 3")
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions of the spectrogram is not known")
    n_fft = call.dim("n_fft")
    hop = floor_divide(n_fft, 4) if call["hop_length"] is None else call.dim("hop_length")
    _demand_window(call, n_fft)
    *batch, frequencies, frames = tensor.shape.dims
    _demand_frequencies(call, frequencies, n_fft)
    samples = n_fft + hop * (frames - 1)
    if call["length"] is not None:
        samples = call.dim("length")
    elif call.flag("center") is True:
        samples = samples - 2 * floor_divide(n_fft, 2)
    elif call.flag("center") is None:
        raise CannotTell("center is not known")
    as_complex = call.flag("return_complex")
    dtype = tensor.dtype if as_complex else tensor.dtype and to_real(tensor.dtype)
    return fresh(call, Shape((*batch, samples)), dtype if as_complex is not None else None, like=tensor)


def _demand_frequencies(call: Call, frequencies: Dim, n_fft: Dim) -> None:
    """A half spectrum of ``n_fft``, or a whole one; either where ``onesided`` is not given."""
    half = floor_divide(n_fft, 2) + 1
    one_sided = call["onesided"]
    wanted = (half, n_fft) if one_sided is None else (half,) if one_sided else (n_fft,)
    if all(call.facts.equal(frequencies, size) is Answer.NO for size in wanted):
        text = " or ".join(str(size) for size in wanted)
        raise Complaint(
            "ATN104",
            f"the spectrogram has {frequencies} frequencies, but n_fft {n_fft} gives {text}",
            arguments=("input", "n_fft"),
            clash=(Clash("input", -2, frequencies), Clash("n_fft", None, n_fft)),
        )


# --- windows --------------------------------------------------------------------------------------------------------

OPTIONS = "*, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False"
PERIODIC = f"(window_length, periodic=True, {OPTIONS})"
WINDOWS = {
    "bartlett_window": PERIODIC,
    "blackman_window": PERIODIC,
    "hann_window": PERIODIC,
    "hamming_window": f"(window_length, periodic=True, alpha=0.54, beta=0.46, {OPTIONS})",
    "kaiser_window": f"(window_length, periodic=True, beta=12.0, {OPTIONS})",
}
SYMMETRIC = "sym=True, dtype=None, layout=None, device=None, requires_grad=False"
SIGNAL_WINDOWS = {
    "bartlett": f"(M, *, {SYMMETRIC})",
    "blackman": f"(M, *, {SYMMETRIC})",
    "cosine": f"(M, *, {SYMMETRIC})",
    "hann": f"(M, *, {SYMMETRIC})",
    "nuttall": f"(M, *, {SYMMETRIC})",
    "exponential": f"(M, *, center=None, tau=1.0, {SYMMETRIC})",
    "gaussian": f"(M, *, std=1.0, {SYMMETRIC})",
    "general_cosine": f"(M, *, a, {SYMMETRIC})",
    "general_hamming": f"(M, *, alpha=0.54, {SYMMETRIC})",
    "hamming": f"(M, *, {SYMMETRIC})",
    "kaiser": f"(M, *, beta=12.0, {SYMMETRIC})",
}


def _window(call: Call) -> Value:
    name = next(iter(call.arguments))
    length = call.dim(name)
    if isinstance(length, int) and length < 0:
        raise Complaint("ATN105", f"the window length is {length}", arguments=(name,))
    dtype = dtype_argument(call, "float32")
    if name == "M" and dtype not in (None, "float32", "float64"):
        raise Complaint("ATN115", f"windows are float32 or float64, not {dtype}", arguments=("dtype",))
    result: Tensor = fresh(call, (length,), dtype, contiguous=not isinstance(length, Expression))
    return result


for _name, _signature in WINDOWS.items():
    register((f"torch.{_name}",), (_signature,), _window, family="spectrograms")
for _name, _signature in SIGNAL_WINDOWS.items():
    register((f"torch.signal.windows.{_name}",), (_signature,), _window, family="spectrograms")
