"""A diffusion transformer."""

# package: diffusers 0.42.1
# module: diffusers/models/transformers/dit_transformer_2d.py

import torch
from diffusers.models.transformers.dit_transformer_2d import DiTTransformer2DModel

model = DiTTransformer2DModel(
    num_attention_heads=2, attention_head_dim=8, in_channels=4, num_layers=2, sample_size=8, num_embeds_ada_norm=10
)
latents = torch.randn(2, 4, 8, 8)
steps = torch.tensor([3, 5])
labels = torch.tensor([1, 2])
out = model(latents, timestep=steps, class_labels=labels).sample
