"""A mixer of tokens and channels."""

# package: timm 1.0.31
# module: timm/models/mlp_mixer.py

import torch
from timm.models.mlp_mixer import MlpMixer

model = MlpMixer(num_classes=7, img_size=32, patch_size=8, num_blocks=2, embed_dim=32)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
