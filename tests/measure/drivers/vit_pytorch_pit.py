"""A pooling vision transformer."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/pit.py

import torch
from vit_pytorch.pit import PiT

model = PiT(image_size=32, patch_size=8, num_classes=7, dim=24, depth=(1, 2), heads=2, mlp_dim=48, dim_head=8)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
