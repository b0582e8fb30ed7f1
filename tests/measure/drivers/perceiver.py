"""Perceiver on images."""

# package: perceiver_pytorch 0.11.0
# module: perceiver_pytorch/perceiver_pytorch.py

import torch
from perceiver_pytorch.perceiver_pytorch import Perceiver

model = Perceiver(
    num_freq_bands=4,
    depth=2,
    max_freq=10.0,
    num_latents=12,
    latent_dim=32,
    latent_heads=4,
    cross_dim_head=8,
    latent_dim_head=8,
    num_classes=7,
    self_per_cross_attn=2,
)
images = torch.randn(2, 16, 16, 3)
logits = model(images)
