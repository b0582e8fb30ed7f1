"""nn.MultiheadAttention and the Transformer family: the rules against torch, on integers and with less known."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import Case, function, layer, of, real

CASES = [
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(6, 3, 8), real(6, 3, 8)),
    layer("MultiheadAttention", 8, 3)(real(5, 3, 8), real(6, 3, 8), real(6, 3, 8)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 7), real(6, 3, 8), real(6, 3, 8)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(6, 3, 7), real(6, 3, 7)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(6, 3, 8), real(7, 3, 8)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(6, 4, 8), real(6, 4, 8)),
    layer("MultiheadAttention", 8, 2, batch_first=True)(real(5, 3, 8), real(6, 4, 8), real(6, 4, 8)),
    layer("MultiheadAttention", 8, 2, batch_first=True)(real(5, 3, 8), real(5, 4, 8), real(5, 4, 8)),
    layer("MultiheadAttention", 8, 2, batch_first=True)(
        real(5, 3, 8), real(5, 4, 8), real(5, 4, 8), need_weights=False
    ),
    layer("MultiheadAttention", 8, 2, batch_first=True)(
        real(5, 3, 8), real(5, 4, 8), real(5, 4, 8), average_attn_weights=False
    ),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(6, 8), real(6, 8)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(6, 8), real(6, 8), average_attn_weights=False),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(6, 8), real(6, 8)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(6, 3, 8), real(6, 3, 8)),
    layer("MultiheadAttention", 8, 2)(real(8), real(8), real(8)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 1, 8), real(5, 3, 1, 8), real(5, 3, 1, 8)),
    layer("MultiheadAttention", 8, 2, kdim=6, vdim=7)(real(5, 3, 8), real(4, 3, 6), real(4, 3, 7)),
    layer("MultiheadAttention", 8, 2, kdim=6, vdim=7)(real(5, 3, 8), real(4, 3, 7), real(4, 3, 6)),
    layer("MultiheadAttention", 8, 2, kdim=6, vdim=7)(real(5, 3, 8), real(4, 3, 6), real(5, 3, 7)),
    layer("MultiheadAttention", 8, 2, kdim=6)(real(5, 3, 8), real(4, 3, 6), real(4, 3, 8)),
    layer("MultiheadAttention", 8, 2, add_bias_kv=True)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8)),
    layer("MultiheadAttention", 8, 2, add_bias_kv=True, add_zero_attn=True)(
        real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), key_padding_mask=real(3, 4)
    ),
    layer("MultiheadAttention", 8, 2, add_zero_attn=True, bias=False)(
        real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(5, 4)
    ),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(4, 5)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(6, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(3, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(1, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(3, 2, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=real(4)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(4, 8), real(4, 8), attn_mask=real(2, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(4, 8), real(4, 8), attn_mask=real(1, 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(4, 8), real(4, 8), attn_mask=real(5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(4, 8), real(4, 8), key_padding_mask=real(4)),
    layer("MultiheadAttention", 8, 2)(real(5, 8), real(4, 8), real(4, 8), key_padding_mask=real(1, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), key_padding_mask=real(3, 4).bool()),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), key_padding_mask=real(4, 3).bool()),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), key_padding_mask=of("long", 3, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), attn_mask=of("long", 5, 4)),
    layer("MultiheadAttention", 8, 2)(real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), is_causal=True),
    layer("MultiheadAttention", 8, 2)(
        real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), is_causal=True, attn_mask=real(5, 4)
    ),
    layer("MultiheadAttention", 8, 2)(
        real(5, 3, 8), real(4, 3, 8), real(4, 3, 8), is_causal=True, attn_mask=real(4, 4), need_weights=False
    ),
    layer("MultiheadAttention", 8, 2)(of("long", 5, 3, 8), real(4, 3, 8), real(4, 3, 8)),
    layer("MultiheadAttention", 8, 2)(of("half", 5, 3, 8), of("half", 4, 3, 8), of("half", 4, 3, 8)),
    layer("MultiheadAttention", 8, 0)(real(1)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 8)),
    layer("TransformerEncoderLayer", 8, 3, 16)(real(5, 3, 8)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 7)),
    layer("TransformerEncoderLayer", 8, 2, 16, norm_first=True)(real(5, 3, 7)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 8)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(8)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 8), real(5, 5)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 8), real(3, 3)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 8), real(5, 5), real(3, 5)),
    layer("TransformerEncoderLayer", 8, 2, 16)(real(5, 3, 8), real(5, 5), real(5, 3)),
    layer("TransformerEncoderLayer", 8, 2, 16, batch_first=True)(real(5, 3, 8), real(3, 3), real(5, 3)),
    layer("TransformerEncoderLayer", 8, 2, 16, activation="foo")(real(5, 3, 8)),
    layer("TransformerDecoderLayer", 8, 2, 16)(real(5, 3, 8), real(6, 3, 8)),
    layer("TransformerDecoderLayer", 8, 2, 16)(real(5, 3, 8), real(6, 4, 8)),
    layer("TransformerDecoderLayer", 8, 2, 16)(real(5, 3, 8), real(6, 3, 7)),
    layer("TransformerDecoderLayer", 8, 2, 16)(
        real(5, 3, 8), real(6, 3, 8), real(5, 5), real(5, 6), real(3, 5), real(3, 6)
    ),
    layer("TransformerDecoderLayer", 8, 2, 16)(real(5, 3, 8), real(6, 3, 8), real(5, 5), real(6, 6)),
    layer("TransformerDecoderLayer", 8, 2, 16)(real(5, 8), real(6, 8)),
    layer("Transformer", 8, 2, 1, 1, 16)(real(5, 3, 8), real(6, 3, 8)),
    layer("Transformer", 8, 2, 1, 1, 16)(real(5, 3, 8), real(6, 4, 8)),
    layer("Transformer", 8, 2, 1, 1, 16, batch_first=True)(real(5, 3, 8), real(5, 4, 8)),
    layer("Transformer", 8, 2, 2, 1, 16, batch_first=True)(
        real(5, 3, 8),
        real(5, 4, 8),
        src_mask=real(3, 3),
        tgt_mask=real(4, 4),
        memory_mask=real(4, 3),
        src_key_padding_mask=real(5, 3),
        memory_key_padding_mask=real(5, 3),
    ),
    layer("Transformer", 8, 2, 2, 1, 16, batch_first=True)(
        real(5, 3, 8), real(5, 4, 8), src_mask=real(3, 3), tgt_mask=real(3, 3)
    ),
    layer("Transformer", 8, 2, 1, 1, 16)(real(5, 3, 7), real(6, 3, 8)),
    layer("Transformer", 8, 2, 1, 1, 16)(real(5, 3, 8), real(6, 3, 7)),
    layer("Transformer", 8, 2, 1, 1, 16)(real(5, 8), real(6, 8)),
    function(
        "multi_head_attention_forward",
        real(5, 3, 8),
        real(4, 3, 8),
        real(4, 3, 8),
        8,
        2,
        real(24, 8),
        real(24),
        None,
        None,
        False,
        0.0,
        real(8, 8),
        real(8),
    ),
    function(
        "multi_head_attention_forward",
        real(5, 3, 8),
        real(4, 3, 8),
        real(4, 3, 8),
        8,
        3,
        real(24, 8),
        real(24),
        None,
        None,
        False,
        0.0,
        real(8, 8),
        real(8),
    ),
    function(
        "multi_head_attention_forward",
        real(5, 3, 7),
        real(4, 3, 8),
        real(4, 3, 8),
        8,
        2,
        real(24, 8),
        real(24),
        None,
        None,
        False,
        0.0,
        real(8, 8),
        real(8),
    ),
    function(
        "multi_head_attention_forward",
        real(5, 3, 8),
        real(4, 3, 6),
        real(4, 3, 7),
        8,
        2,
        None,
        real(24),
        None,
        None,
        True,
        0.0,
        real(8, 8),
        real(8),
        use_separate_proj_weight=True,
        q_proj_weight=real(8, 8),
        k_proj_weight=real(8, 6),
        v_proj_weight=real(8, 7),
    ),
    function(
        "multi_head_attention_forward",
        real(5, 3, 8),
        real(4, 3, 8),
        real(4, 3, 8),
        8,
        2,
        real(24, 8),
        real(24),
        None,
        None,
        False,
        0.0,
        real(8, 8),
        real(8),
        attn_mask=real(4, 4),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_torch_and_the_rule_agree(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_silent_and_right_with_less_known(case: Case) -> None:
    case.check_with_less_known()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_symbols_put_back_give_the_integers(case: Case) -> None:
    case.check_with_symbols_for_all_sizes()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_dtype_gives_a_false_alarm(case: Case) -> None:
    case.check_with_other_dtypes()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_for_any_strides(case: Case) -> None:
    case.check_with_other_strides()
