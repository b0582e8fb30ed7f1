"""Reformer's attention by hashing."""

# package: reformer_pytorch 1.4.4
# module: reformer_pytorch/reformer_pytorch.py

import torch
from reformer_pytorch.reformer_pytorch import LSHSelfAttention, ReformerLM

attention = LSHSelfAttention(dim=32, heads=4, bucket_size=8, n_hashes=2)
out = attention(torch.randn(2, 32, 32))
model = ReformerLM(
    num_tokens=99, dim=32, depth=2, max_seq_len=32, heads=4, dim_head=8, bucket_size=8, n_hashes=2, ff_chunks=2
)
logits = model(torch.randint(0, 99, (2, 32)))
