"""The U-Net after Karras."""

# package: denoising_diffusion_pytorch 2.3.4
# module: denoising_diffusion_pytorch/karras_unet.py

import torch
from denoising_diffusion_pytorch.karras_unet import KarrasUnet

model = KarrasUnet(
    image_size=16,
    dim=16,
    dim_max=32,
    num_classes=5,
    channels=3,
    num_downsamples=2,
    num_blocks_per_stage=1,
    attn_res=(8, 4),
    attn_dim_head=8,
)
images = torch.randn(2, 3, 16, 16)
out = model(images, torch.rand(2), class_labels=torch.tensor([1, 3]))
