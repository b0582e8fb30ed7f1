"""A vision transformer out of its encoder."""

# package: x_transformers 2.31.10
# module: x_transformers/x_transformers.py
# follow: torch_einops_utils

import torch
from x_transformers.x_transformers import Encoder, ViTransformerWrapper

model = ViTransformerWrapper(
    image_size=32,
    patch_size=8,
    num_classes=7,
    attn_layers=Encoder(dim=32, depth=2, heads=4, attn_pre_talking_heads=True),
)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
