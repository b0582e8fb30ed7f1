"""A vision transformer with class attention and talking heads."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/cait.py

import torch
from vit_pytorch.cait import CaiT

model = CaiT(image_size=32, patch_size=8, num_classes=7, dim=48, depth=2, cls_depth=2, heads=4, mlp_dim=96, dim_head=12)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
