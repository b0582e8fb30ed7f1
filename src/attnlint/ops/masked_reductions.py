"""``torch.masked``: reductions and normalisations that leave elements out. The mask broadcasts to the input."""

from __future__ import annotations

from attnlint.ops.axis_arguments import given_axes
from attnlint.ops.broadcast import broadcast, expand_into
from attnlint.ops.call import Call
from attnlint.ops.cumulative import checked_axis
from attnlint.ops.promotion import float_result, result_dtype, to_real
from attnlint.ops.reductions import reduced, reduced_dtype
from attnlint.ops.registry import register
from attnlint.ops.results import dtype_argument, fresh, refuse
from attnlint.values import Tensor, Value

REDUCED = "*, keepdim: bool = False, dtype=None, mask=None)"
AXES = "dim: int | ints | None = None"
# Names, signature, dtype as in reductions, and the kinds of dtypes without a kernel.
REDUCTIONS = (
    ("sum prod", f"(input, {AXES}, {REDUCED}", "whole", ""),
    ("amax amin", f"(input, {AXES}, {REDUCED}", "same", "complex"),
    ("argmax argmin", f"(input, dim: int | None = None, {REDUCED}", "same", "complex"),
    ("mean", f"(input, {AXES}, {REDUCED}", "same", ""),
    ("median", f"(input, dim: int = -1, {REDUCED}", "same", "complex"),
    ("logsumexp", f"(input, {AXES}, {REDUCED}", "same", ""),
    ("norm", f"(input, ord=2.0, {AXES}, {REDUCED}", "real", ""),
    (
        "std var",
        f"(input, {AXES}, unbiased=None, *, correction=None, keepdim: bool = False, dtype=None, mask=None)",
        "spread",
        "",
    ),
)
KEEPING = (
    ("softmax log_softmax softmin", "(input, dim: int, *, dtype=None, mask=None)", "same"),
    ("cumsum cumprod", "(input, dim: int, *, dtype=None, mask=None)", "whole"),
    ("normalize", "(input, ord, dim: int, *, eps=1e-12, dtype=None, mask=None)", "same"),
)


def _masked(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if call["mask"] is not None:
        expand_into(call, "mask", call.tensor("mask").shape, tensor.shape)
    return tensor


def _dtype(call: Call, kind: str, dtype: str | None) -> str | None:
    if kind == "spread":
        return dtype_argument(call, float_result(dtype))
    found = dtype_argument(call, reduced_dtype(kind, dtype))
    return found and to_real(found) if kind == "real" else found


def _register() -> None:
    for names, signature, kind, refused in REDUCTIONS:

        def reduction(call: Call, kind: str = kind, refused: str = refused) -> Value:
            tensor = _masked(call)
            refuse(tensor, refused)
            shape, axes, _ = reduced(call, tensor, given_axes(call))
            return fresh(call, shape, _dtype(call, kind, tensor.dtype), like=tensor, axes=axes)

        register(
            tuple(f"torch.masked.{name}" for name in names.split()), (signature,), reduction, family="masked_reductions"
        )
    for names, signature, kind in KEEPING:

        def keeping(call: Call, kind: str = kind) -> Value:
            tensor = checked_axis(call, _masked(call))
            return fresh(call, tensor.shape, _dtype(call, kind, tensor.dtype), like=tensor, axes=tensor.axes)

        register(
            tuple(f"torch.masked.{name}" for name in names.split()), (signature,), keeping, family="masked_reductions"
        )

    def logaddexp(call: Call) -> Value:
        tensors = [(name, call.tensor(name)) for name in ("input", "other")]
        dtype = dtype_argument(call, result_dtype([tensor for _, tensor in tensors]))
        return fresh(call, broadcast(call, tensors), dtype, like=tensors[0][1])

    register(
        ("torch.masked.logaddexp",),
        ("(input, other, *, dtype=None, input_mask=None, other_mask=None)",),
        logaddexp,
        family="masked_reductions",
    )


_register()
