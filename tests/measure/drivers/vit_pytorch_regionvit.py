"""Region tokens that attend to their local tokens."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/regionvit.py

import torch
from vit_pytorch.regionvit import RegionViT

model = RegionViT(dim=(16, 24, 32, 48), depth=(1, 1, 1, 1), window_size=2, num_classes=7)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
