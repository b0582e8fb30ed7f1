"""What a comparison of unknown things comes to may be a tensor."""

from __future__ import annotations

from attnlint.check import check_source
from attnlint.config import Settings

PROGRAM = """
import torch

def length_to_mask(length, max_len=None, dtype=None):
    if max_len is None:
        max_len = length.max().long().item()
    mask = torch.arange(max_len).expand(len(length), max_len) < length.unsqueeze(1)
    return torch.as_tensor(mask, dtype=dtype)

def pool(x, lengths=None):
    L = x.shape[-1]
    if lengths is None:
        lengths = torch.ones(x.shape[0])
    mask = length_to_mask(lengths * L, max_len=L)
    return x * mask.unsqueeze(1)

pool(torch.randn(2, 3, 5), torch.tensor([0.4, 1.0]))
"""


def test_as_tensor_of_a_comparison_has_the_rank_of_its_operands() -> None:
    library = PROGRAM.rpartition("pool(")[0]
    for text in (PROGRAM, library):
        assert check_source(text, "a.py", Settings()).findings == ()
