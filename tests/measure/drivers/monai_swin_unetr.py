"""Swin UNETR on images."""

# package: monai 1.6.1
# module: monai/networks/nets/swin_unetr.py

import torch
from monai.networks.nets.swin_unetr import SwinUNETR

model = SwinUNETR(
    in_channels=1,
    out_channels=3,
    feature_size=12,
    depths=(1, 1, 1, 1),
    num_heads=(2, 2, 4, 4),
    window_size=4,
    spatial_dims=2,
)
images = torch.randn(2, 1, 64, 64)
out = model(images)
