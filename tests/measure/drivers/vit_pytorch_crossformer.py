"""Attention at short and at long distance."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/crossformer.py

import torch
from vit_pytorch.crossformer import CrossFormer

model = CrossFormer(
    dim=(32, 64, 96, 128), depth=(1, 1, 1, 1), global_window_size=(4, 2, 2, 1), local_window_size=2, num_classes=7
)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
