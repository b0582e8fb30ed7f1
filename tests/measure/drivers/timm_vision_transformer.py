"""timm's vision transformer, with a class token and its head."""

# package: timm 1.0.31
# module: timm/models/vision_transformer.py

import torch
from timm.models.vision_transformer import VisionTransformer

model = VisionTransformer(img_size=32, patch_size=8, num_classes=7, embed_dim=48, depth=2, num_heads=4, qk_norm=True)
images = torch.randn(2, 3, 32, 32)
features = model.forward_features(images)
logits = model(images)
