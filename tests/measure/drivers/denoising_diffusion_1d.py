"""The U-Net for sequences."""

# package: denoising_diffusion_pytorch 2.3.4
# module: denoising_diffusion_pytorch/denoising_diffusion_pytorch_1d.py

import torch
from denoising_diffusion_pytorch.denoising_diffusion_pytorch_1d import GaussianDiffusion1D, Unet1D

model = Unet1D(dim=16, dim_mults=(1, 2), channels=4, attn_heads=2, attn_dim_head=8)
diffusion = GaussianDiffusion1D(model, seq_length=16, timesteps=10)
sequences = torch.rand(2, 4, 16)
loss = diffusion(sequences)
