"""The transformer of Flux."""

# package: diffusers 0.42.1
# module: diffusers/models/transformers/transformer_flux.py

import torch
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

model = FluxTransformer2DModel(
    patch_size=1,
    in_channels=4,
    num_layers=1,
    num_single_layers=1,
    attention_head_dim=16,
    num_attention_heads=2,
    joint_attention_dim=32,
    pooled_projection_dim=24,
    axes_dims_rope=(4, 4, 8),
)
out = model(
    hidden_states=torch.randn(1, 16, 4),
    encoder_hidden_states=torch.randn(1, 6, 32),
    pooled_projections=torch.randn(1, 24),
    timestep=torch.tensor([1.0]),
    img_ids=torch.zeros(16, 3),
    txt_ids=torch.zeros(6, 3),
).sample
