"""torchvision's Swin."""

# package: torchvision 0.29.1
# module: torchvision/models/swin_transformer.py

import torch
from torchvision.models.swin_transformer import SwinTransformer

model = SwinTransformer(
    patch_size=[2, 2], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], num_classes=7
)
logits = model(torch.randn(2, 3, 32, 32))
