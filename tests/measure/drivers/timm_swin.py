"""Swin: windows that shift."""

# package: timm 1.0.31
# module: timm/models/swin_transformer.py

import torch
from timm.models.swin_transformer import SwinTransformer

model = SwinTransformer(
    img_size=32, patch_size=2, num_classes=7, embed_dim=16, depths=(2, 2), num_heads=(2, 4), window_size=4
)
images = torch.randn(2, 3, 32, 32)
features = model.forward_features(images)
logits = model(images)
