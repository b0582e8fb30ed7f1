"""XCiT as timm has it."""

# package: timm 1.0.31
# module: timm/models/xcit.py

import torch
from timm.models.xcit import Xcit

model = Xcit(img_size=32, patch_size=8, num_classes=7, embed_dim=32, depth=2, num_heads=4, eta=1.0)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
