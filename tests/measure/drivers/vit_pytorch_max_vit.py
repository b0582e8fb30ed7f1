"""Blocks of convolution, attention in windows and attention in a grid."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/max_vit.py

import torch
from vit_pytorch.max_vit import MaxViT

model = MaxViT(num_classes=7, dim=16, depth=(1, 1), dim_head=8, window_size=4, dim_conv_stem=8)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
