"""Short ways to make tensors for the tests of layers."""

from __future__ import annotations

from typing import Any

import torch


def real(*shape: int) -> Any:
    return torch.ones(shape)


def half(*shape: int) -> Any:
    return torch.ones(shape, dtype=torch.half)


def double(*shape: int) -> Any:
    return torch.ones(shape, dtype=torch.double)


def whole(*shape: int) -> Any:
    return torch.ones(shape, dtype=torch.long)


def yes(*shape: int) -> Any:
    return torch.ones(shape, dtype=torch.bool)
