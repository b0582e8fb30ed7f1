"""Two vision transformers of different patches with cross attention."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/cross_vit.py

import torch
from vit_pytorch.cross_vit import CrossViT

model = CrossViT(
    image_size=32,
    num_classes=7,
    sm_dim=32,
    lg_dim=48,
    sm_patch_size=8,
    lg_patch_size=16,
    sm_enc_heads=2,
    lg_enc_heads=3,
    sm_enc_dim_head=16,
    lg_enc_dim_head=16,
    lg_enc_depth=2,
    sm_enc_mlp_dim=64,
    lg_enc_mlp_dim=64,
    cross_attn_heads=2,
    cross_attn_dim_head=8,
    depth=2,
)
images = torch.randn(2, 3, 32, 32)
logits = model(images)
