"""UNETR on volumes."""

# package: monai 1.6.1
# module: monai/networks/nets/unetr.py

import torch
from monai.networks.nets.unetr import UNETR

model = UNETR(
    in_channels=1, out_channels=3, img_size=(32, 32, 32), feature_size=8, hidden_size=48, mlp_dim=64, num_heads=4
)
volume = torch.randn(1, 1, 32, 32, 32)
out = model(volume)
