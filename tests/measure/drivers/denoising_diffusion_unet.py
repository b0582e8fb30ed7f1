"""The U-Net of denoising diffusion, and a step of its training."""

# package: denoising_diffusion_pytorch 2.3.4
# module: denoising_diffusion_pytorch/denoising_diffusion_pytorch.py

import torch
from denoising_diffusion_pytorch.denoising_diffusion_pytorch import GaussianDiffusion, Unet

model = Unet(dim=16, dim_mults=(1, 2), attn_heads=2, attn_dim_head=8)
diffusion = GaussianDiffusion(model, image_size=16, timesteps=10)
images = torch.rand(2, 3, 16, 16)
loss = diffusion(images)
loss.backward()
