"""Tensors of one shape that lie in memory in different ways."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import randn


def layouts(shape: tuple[int, ...]) -> Iterator[torch.Tensor]:
    """Contiguous, transposed, sliced, expanded: everything that ``view`` minds."""
    yield randn(shape)
    if len(shape) > 1:
        yield randn(shape[::-1]).permute(*range(len(shape) - 1, -1, -1))
        yield randn(*shape[:-1], 2 * shape[-1])[..., ::2]
        yield randn(2 * shape[0], *shape[1:])[::2]
        yield randn(*shape[:-2], shape[-1], shape[-2]).transpose(-1, -2)
    if shape and shape[0] == 1:
        yield randn(shape).expand(3, *shape[1:])
    if len(shape) == 3:
        yield randn(shape[1], shape[0], shape[2]).transpose(0, 1)
