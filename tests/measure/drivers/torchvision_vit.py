"""torchvision's vision transformer."""

# package: torchvision 0.29.1
# module: torchvision/models/vision_transformer.py

import torch
from torchvision.models.vision_transformer import VisionTransformer

model = VisionTransformer(
    image_size=32, patch_size=8, num_layers=2, num_heads=4, hidden_dim=48, mlp_dim=96, num_classes=7
)
logits = model(torch.randn(2, 3, 32, 32))
