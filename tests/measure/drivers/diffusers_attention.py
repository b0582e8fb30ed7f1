"""A transformer block of diffusers with cross attention."""

# package: diffusers 0.42.1
# module: diffusers/models/attention.py

import torch
from diffusers.models.attention import BasicTransformerBlock

block = BasicTransformerBlock(dim=32, num_attention_heads=4, attention_head_dim=8, cross_attention_dim=24)
hidden = torch.randn(2, 16, 32)
context = torch.randn(2, 5, 24)
out = block(hidden, encoder_hidden_states=context)
