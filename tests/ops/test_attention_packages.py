"""Attention of packages that cannot run here: what their own checks refuse, read from their sources."""

from __future__ import annotations

import pytest

from attnlint.algebra import Facts, Shape
from attnlint.ops.complaint import Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import find_op
from attnlint.values import Tensor, Value


def tensor(*dims: int, dtype: str = "float16") -> Tensor:
    return Tensor(Shape(dims), dtype)


OFFSETS = tensor(4, dtype="int32")
TOKENS = tensor(30, 8, 64)
KEYS = tensor(40, 2, 64)
BATCHED = tensor(2, 10, 8, 64)


def shape(name: str, *arguments: Value, **keywords: Value) -> str:
    op = find_op(name)
    assert op is not None
    result = call_op(op, arguments, keywords, Facts())
    return str(result.shape)


def refusal(name: str, *arguments: Value, **keywords: Value) -> str:
    with pytest.raises(Complaint) as caught:
        shape(name, *arguments, **keywords)
    return caught.value.summary


VARLEN = "flash_attn.flash_attn_varlen_func"


def test_offsets_are_int32_and_of_one_length() -> None:
    assert shape(VARLEN, TOKENS, KEYS, KEYS, OFFSETS, OFFSETS, 12, 20) == "(30, 8, 64)"
    wide = tensor(4, dtype="int64")
    assert refusal(VARLEN, TOKENS, KEYS, KEYS, wide, OFFSETS, 12, 20) == "cu_seqlens_q is int64, not int32"
    fewer = tensor(3, dtype="int32")
    assert "numbers of sequences differ" in refusal(VARLEN, TOKENS, KEYS, KEYS, OFFSETS, fewer, 12, 20)
    assert "has 2 dimensions, not 1" in refusal(VARLEN, TOKENS, KEYS, KEYS, tensor(1, 4, dtype="int32"), OFFSETS, 1, 1)


def test_packed_keys_and_values_of_sequences_of_different_lengths() -> None:
    name = "flash_attn.flash_attn_varlen_kvpacked_func"
    assert shape(name, TOKENS, tensor(40, 2, 2, 64), OFFSETS, OFFSETS, 12, 20) == "(30, 8, 64)"
    assert "axis 1 of kv is 3" in refusal(name, TOKENS, tensor(40, 3, 2, 64), OFFSETS, OFFSETS, 12, 20)
    assert "do not divide" in refusal(name, TOKENS, tensor(40, 2, 3, 64), OFFSETS, OFFSETS, 12, 20)


def test_a_bias_of_xformers_is_not_broadcast() -> None:
    name = "xformers.ops.memory_efficient_attention"
    keys = tensor(2, 7, 8, 64)
    assert shape(name, BATCHED, keys, keys, tensor(2, 8, 10, 7)) == "(2, 10, 8, 64)"
    assert refusal(name, BATCHED, keys, keys, tensor(1, 8, 10, 7)) == "axis 0 of attn_bias is 1, not 2"
    assert refusal(name, BATCHED, keys, keys, attn_bias=tensor(2, 8, 7, 10)) == "axis 2 of attn_bias is 7, not 10"


def test_torchs_own_for_sequences_of_different_lengths() -> None:
    name = "torch.nn.attention.varlen.varlen_attn"
    assert shape(name, TOKENS, tensor(40, 8, 64), tensor(40, 8, 64), OFFSETS, OFFSETS, 12, 20) == "(30, 8, 64)"
    assert "numbers of heads differ" in refusal(name, TOKENS, KEYS, KEYS, OFFSETS, OFFSETS, 12, 20)
    assert shape(name, TOKENS, KEYS, KEYS, OFFSETS, OFFSETS, 12, 20, enable_gqa=True) == "(30, 8, 64)"
    assert "head sizes differ" in refusal(name, TOKENS, tensor(40, 8, 32), tensor(40, 8, 64), OFFSETS, OFFSETS, 12, 20)
