"""A gated MLP as a language model."""

# package: g_mlp_pytorch 0.1.5
# module: g_mlp_pytorch/g_mlp_pytorch.py

import torch
from g_mlp_pytorch.g_mlp_pytorch import gMLP

model = gMLP(num_tokens=99, dim=32, depth=2, seq_len=16, attn_dim=8, causal=True)
logits = model(torch.randint(0, 99, (2, 16)))
