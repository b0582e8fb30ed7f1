"""Perceiver with queries."""

# package: perceiver_pytorch 0.11.0
# module: perceiver_pytorch/perceiver_io.py

import torch
from perceiver_pytorch.perceiver_io import PerceiverIO

model = PerceiverIO(
    depth=2, dim=24, queries_dim=20, logits_dim=7, num_latents=12, latent_dim=32, latent_heads=4, latent_dim_head=8
)
data = torch.randn(2, 15, 24)
queries = torch.randn(9, 20)
logits = model(data, queries=queries)
