"""A transformer over images with cross attention."""

# package: diffusers 0.42.1
# module: diffusers/models/transformers/transformer_2d.py

import torch
from diffusers.models.transformers.transformer_2d import Transformer2DModel

model = Transformer2DModel(
    num_attention_heads=2, attention_head_dim=8, in_channels=16, norm_num_groups=4, cross_attention_dim=12, num_layers=2
)
images = torch.randn(2, 16, 6, 6)
context = torch.randn(2, 5, 12)
out = model(images, encoder_hidden_states=context).sample
