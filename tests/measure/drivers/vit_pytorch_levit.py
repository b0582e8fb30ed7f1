"""A pyramid of attention with convolutions."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/levit.py

import torch
from vit_pytorch.levit import LeViT

model = LeViT(
    image_size=64,
    num_classes=7,
    stages=3,
    dim=(32, 48, 64),
    depth=2,
    heads=(2, 3, 4),
    mlp_mult=2,
    dim_key=8,
    dim_value=16,
)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
