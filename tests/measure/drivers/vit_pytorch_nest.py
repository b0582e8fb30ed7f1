"""Nested transformers over blocks of the image."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/nest.py

import torch
from vit_pytorch.nest import NesT

model = NesT(
    image_size=32, patch_size=4, num_classes=7, dim=24, heads=2, num_hierarchies=3, block_repeats=(1, 1, 2), dim_head=8
)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
