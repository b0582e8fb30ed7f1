"""Attention along the axes of an image."""

# package: axial_attention 0.6.1
# module: axial_attention/axial_attention.py

import torch
from axial_attention.axial_attention import AxialAttention, AxialImageTransformer

attention = AxialAttention(dim=24, dim_index=1, heads=4, num_dimensions=2)
out = attention(torch.randn(2, 24, 6, 8))
model = AxialImageTransformer(dim=16, depth=2, heads=2, reversible=False, axial_pos_emb_shape=(6, 8))
image = model(torch.randn(2, 16, 6, 8))
