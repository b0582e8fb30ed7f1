"""A transformer with local attention."""

# package: local_attention 1.11.2
# module: local_attention/transformer.py
# follow: hyper_connections torch_einops_utils

import torch
from local_attention.transformer import LocalTransformer

model = LocalTransformer(
    num_tokens=99,
    dim=32,
    depth=2,
    max_seq_len=64,
    local_attn_window_size=8,
    heads=4,
    dim_head=8,
    num_residual_streams=1,
)
words = torch.randint(0, 99, (2, 32))
logits = model(words)
