"""A transformer with memories of the past segment."""

# package: memorizing_transformers_pytorch 0.4.1
# module: memorizing_transformers_pytorch/memorizing_transformers_pytorch.py
# stub: faiss

import torch
from memorizing_transformers_pytorch.memorizing_transformers_pytorch import (
    Attention,
    FeedForward,
    T5RelativePositionBias,
)

bias = T5RelativePositionBias(scale=2.0, heads=4)
attention = Attention(dim=32, heads=4, dim_head=8, xl_max_memories=4)
x = torch.randn(2, 10, 32)
out, memories = attention(x, rel_pos_bias=bias(10, 10, device=x.device))
out = FeedForward(32)(out)
