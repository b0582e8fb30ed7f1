"""A torch that seems to have a CUDA device: tensors that know where they are and hold nothing.

torch's ``FakeTensorMode`` works out devices, and raises what the real device would. A build without CUDA cannot copy
such tensors, or fill them: here they are made anew instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode

_NAMES_CUDA = re.compile(r"""\.cuda\(|["']cuda["':]\)|device=["']cuda""")
_MOVES = {"to", "cuda", "cpu"}
_FILLS = {"uniform_", "normal_", "zero_", "fill_", "trunc_normal_", "copy_"}


def names_cuda(text: str) -> bool:
    """Whether a program puts something on a CUDA device, whatever the machine has."""
    return _NAMES_CUDA.search(text) is not None


@contextmanager
def pretended_cuda() -> Iterator[None]:
    """Run programs as if there were a CUDA device. Nothing is computed, and no gradients are kept."""
    apply = torch.nn.Module._apply
    torch.nn.Module._apply = _apply_to_all  # type: ignore[method-assign, assignment]
    try:
        with FakeTensorMode(), torch.no_grad(), _Empty():
            yield
    finally:
        torch.nn.Module._apply = apply  # type: ignore[method-assign]


def _apply_to_all(module: torch.nn.Module, fn: Callable[[torch.Tensor], torch.Tensor]) -> torch.nn.Module:
    """As ``Module._apply``, which swaps the contents of tensors: with fake ones it cannot. No gradients."""
    for part in module.modules():
        for name, value in part._parameters.items():
            if value is not None:
                part._parameters[name] = torch.nn.Parameter(fn(value), requires_grad=False)
        for name, value in part._buffers.items():
            if value is not None:
                part._buffers[name] = fn(value)
    return module


class _Empty(TorchFunctionMode):
    """What would be copied to a device, or filled there, is made empty."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in _MOVES and args and isinstance(args[0], torch.Tensor):
            device = "cuda" if name == "cuda" else "cpu" if name == "cpu" else _wanted(args[1:], kwargs)
            if device is not None:
                dtypes = [value for value in (*args[1:], *kwargs.values()) if isinstance(value, torch.dtype)]
                return _empty_like(args[0], device, (dtypes or [args[0].dtype])[0])
        filled = args[0] if args else kwargs.get("tensor")
        if name in _FILLS or getattr(func, "__module__", "") == "torch.nn.init":
            if isinstance(filled, torch.Tensor) and filled.device.type == "cuda":
                return filled
        if name == "__getitem__" and args[0].device.type == "cuda":
            return _empty_like(func(_empty_like(args[0], "cpu"), *args[1:]), "cuda")
        if str(kwargs.get("device") or "cpu").startswith("cuda") and not name.startswith("empty"):
            device = kwargs.pop("device")
            return _empty_like(func(*args, **kwargs), device)
        return func(*args, **kwargs)


def _wanted(values: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    for value in (*values, keywords.get("device")):
        if isinstance(value, str | torch.device):
            return value
        if isinstance(value, torch.Tensor):
            return value.device
    return None


def _empty_like(tensor: torch.Tensor, device: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype or tensor.dtype, device=device)
