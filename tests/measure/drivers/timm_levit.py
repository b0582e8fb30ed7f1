"""LeViT as timm has it."""

# package: timm 1.0.31
# module: timm/models/levit.py

import torch
from timm.models.levit import Levit

model = Levit(img_size=64, num_classes=7, embed_dim=(16, 24, 32), key_dim=8, depth=(1, 1, 1), num_heads=(2, 3, 4))
images = torch.randn(2, 3, 64, 64)
logits = model(images)
