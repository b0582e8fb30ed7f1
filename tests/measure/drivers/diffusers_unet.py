"""The conditional U-Net of stable diffusion."""

# package: diffusers 0.42.1
# module: diffusers/models/unets/unet_2d_condition.py

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

model = UNet2DConditionModel(
    sample_size=8,
    block_out_channels=(16, 32),
    layers_per_block=1,
    down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    cross_attention_dim=24,
    attention_head_dim=8,
    norm_num_groups=8,
)
latents = torch.randn(2, 4, 8, 8)
context = torch.randn(2, 5, 24)
noise = model(latents, 10, encoder_hidden_states=context).sample
