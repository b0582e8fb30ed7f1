"""MaxViT: windows and grids."""

# package: timm 1.0.31
# module: timm/models/maxxvit.py

import torch
from timm.models.maxxvit import MaxxVit, MaxxVitCfg, MaxxVitTransformerCfg

config = MaxxVitCfg(
    embed_dim=(16, 32),
    depths=(1, 1),
    block_type=("M", "M"),
    stem_width=16,
    transformer_cfg=MaxxVitTransformerCfg(dim_head=8, window_size=(4, 4), grid_size=(4, 4)),
)
model = MaxxVit(config, img_size=32, num_classes=5)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
