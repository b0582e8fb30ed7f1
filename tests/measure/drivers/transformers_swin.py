"""Swin as transformers has it."""

# package: transformers 5.23.0
# module: transformers/models/swin/modeling_swin.py
# follow: huggingface_hub

import torch
from transformers.models.swin.configuration_swin import SwinConfig
from transformers.models.swin.modeling_swin import SwinForImageClassification

config = SwinConfig(
    image_size=32, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4, num_labels=3
)
model = SwinForImageClassification(config)
images = torch.randn(2, 3, 32, 32)
output = model(images)
logits = output.logits
