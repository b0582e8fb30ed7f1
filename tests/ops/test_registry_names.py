"""Every name in the registry is the name of something in torch, einops or another modelled package."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import pytest

from attnlint.ops.registry import all_aliases, all_layers, all_ops

# Optional packages, objects of torch that only some builds have, the operations of Python itself, and a class of
# torch.nn.modules that the interpreter knows under torch.nn.
ELSEWHERE = (
    "flash_attn",
    "xformers",
    "getitem",
    "setitem",
    "unpack",
    "torch.Tensor.mps",
    "torch.Tensor.npu",
    "torch.nn.NonDynamicallyQuantizableLinear",
)


def resolve(name: str) -> Any:
    """The object of a dotted name; LookupError when there is none."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
            for part in parts[end:]:
                found = getattr(found, part)
        except (ImportError, AttributeError):
            continue
        return found
    raise LookupError(name)


def names() -> list[str]:
    return [*(op.name for op in all_ops()), *(layer.name for layer in all_layers()), *all_aliases()]


@pytest.mark.filterwarnings("ignore")
def test_names_exist() -> None:
    missing = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names():
            if name.startswith(ELSEWHERE):
                continue
            try:
                resolve(name)
            except LookupError:
                missing.append(name)
    assert missing == []
