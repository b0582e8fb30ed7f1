"""Convolutions with transformers between."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/mobile_vit.py

import torch
from vit_pytorch.mobile_vit import MobileViT

model = MobileViT(
    image_size=(64, 64), dims=[24, 32, 40], channels=[8, 8, 16, 16, 24, 24, 32, 32, 40, 40, 64], num_classes=7
)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
