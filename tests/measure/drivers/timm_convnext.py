"""ConvNeXt."""

# package: timm 1.0.31
# module: timm/models/convnext.py

import torch
from timm.models.convnext import ConvNeXt

model = ConvNeXt(num_classes=7, depths=(1, 1, 2, 1), dims=(8, 16, 24, 32))
images = torch.randn(2, 3, 64, 64)
logits = model(images)
