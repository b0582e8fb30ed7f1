"""Attention whose projections are convolutions."""

# package: vit_pytorch 1.26.11
# module: vit_pytorch/cvt.py

import torch
from vit_pytorch.cvt import CvT

model = CvT(num_classes=7, s1_emb_dim=16, s2_emb_dim=32, s2_heads=2, s3_emb_dim=48, s3_heads=3, s3_depth=2)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
