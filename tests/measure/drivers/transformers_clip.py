"""CLIP with both towers."""

# package: transformers 5.23.0
# module: transformers/models/clip/modeling_clip.py
# follow: huggingface_hub

import torch
from transformers.models.clip.configuration_clip import CLIPTextConfig, CLIPVisionConfig
from transformers.models.clip.modeling_clip import CLIPTextModelWithProjection, CLIPVisionModelWithProjection

text_config = CLIPTextConfig(
    vocab_size=99,
    hidden_size=32,
    intermediate_size=64,
    projection_dim=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=16,
)
vision_config = CLIPVisionConfig(
    hidden_size=32,
    intermediate_size=64,
    projection_dim=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    image_size=32,
    patch_size=8,
)
words = torch.randint(0, 99, (2, 10))
images = torch.randn(3, 3, 32, 32)
text = CLIPTextModelWithProjection(text_config)(words).text_embeds
vision = CLIPVisionModelWithProjection(vision_config)(images).image_embeds
similarity = text @ vision.t()
