"""A vision transformer that classifies."""

# package: transformers 5.23.0
# module: transformers/models/vit/modeling_vit.py
# follow: huggingface_hub

import torch
from transformers.models.vit.configuration_vit import ViTConfig
from transformers.models.vit.modeling_vit import ViTForImageClassification

config = ViTConfig(
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    image_size=32,
    patch_size=8,
    num_labels=5,
)
model = ViTForImageClassification(config)
images = torch.randn(2, 3, 32, 32)
logits = model(images).logits
