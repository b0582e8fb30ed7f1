"""A vision transformer for video, factorised."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/vivit.py

import torch
from vit_pytorch.vivit import ViViT

model = ViViT(
    image_size=32,
    image_patch_size=8,
    frames=4,
    frame_patch_size=2,
    num_classes=7,
    dim=48,
    spatial_depth=1,
    temporal_depth=1,
    heads=4,
    mlp_dim=96,
    dim_head=12,
)
videos = torch.randn(2, 3, 4, 32, 32)
logits = model(videos)
