"""A compact convolutional transformer."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/cct.py

import torch
from vit_pytorch.cct import CCT

model = CCT(img_size=32, embedding_dim=48, num_layers=2, num_heads=4, mlp_ratio=2, num_classes=7)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
