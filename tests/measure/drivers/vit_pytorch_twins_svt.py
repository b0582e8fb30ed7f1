"""Local attention in windows, then global attention on reduced keys."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/twins_svt.py

import torch
from vit_pytorch.twins_svt import TwinsSVT

model = TwinsSVT(
    num_classes=7,
    s1_emb_dim=16,
    s1_local_patch_size=4,
    s1_global_k=4,
    s2_emb_dim=24,
    s2_local_patch_size=4,
    s2_global_k=4,
    s3_emb_dim=32,
    s3_local_patch_size=2,
    s3_global_k=2,
    s3_depth=1,
    s4_emb_dim=48,
    s4_local_patch_size=2,
    s4_global_k=2,
    s4_depth=1,
)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
