"""The blocks of an EfficientNet, by their codes."""

# package: timm 1.0.31
# module: timm/models/efficientnet.py

import torch
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.efficientnet import EfficientNet

blocks = decode_arch_def([["ds_r1_k3_s1_e1_c16_se0.25"], ["ir_r2_k3_s2_e6_c24_se0.25"], ["ir_r1_k5_s2_e6_c40_se0.25"]])
model = EfficientNet(block_args=blocks, num_classes=5, num_features=64, stem_size=16)
images = torch.randn(2, 3, 64, 64)
logits = model(images)
