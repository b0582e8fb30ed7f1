"""BEiT with relative positions."""

# package: timm 1.0.31
# module: timm/models/beit.py

import torch
from timm.models.beit import Beit

model = Beit(
    img_size=32, patch_size=8, num_classes=5, embed_dim=32, depth=2, num_heads=4, use_rel_pos_bias=True, init_values=0.1
)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
