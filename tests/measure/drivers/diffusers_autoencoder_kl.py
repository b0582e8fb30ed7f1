"""The autoencoder of stable diffusion."""

# package: diffusers 0.42.1
# module: diffusers/models/autoencoders/autoencoder_kl.py

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

model = AutoencoderKL(
    block_out_channels=(16, 32),
    down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
    up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
    norm_num_groups=8,
    latent_channels=4,
)
images = torch.randn(2, 3, 32, 32)
latents = model.encode(images).latent_dist.mode()
again = model.decode(latents).sample
