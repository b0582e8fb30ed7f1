"""A decoder with rotary positions, grouped heads and a gated feed-forward."""

# package: x_transformers 2.31.10
# module: x_transformers/x_transformers.py
# follow: torch_einops_utils

import torch
from x_transformers.x_transformers import Decoder, TransformerWrapper

model = TransformerWrapper(
    num_tokens=99,
    max_seq_len=32,
    attn_layers=Decoder(
        dim=32, depth=2, heads=4, attn_dim_head=8, attn_kv_heads=2, rotary_pos_emb=True, ff_glu=True, use_rmsnorm=True
    ),
)
words = torch.randint(0, 99, (2, 10))
logits = model(words)
