"""A diffusion U-Net with cross attention."""

# package: monai 1.6.1
# module: monai/networks/nets/diffusion_model_unet.py

import torch
from monai.networks.nets.diffusion_model_unet import DiffusionModelUNet

model = DiffusionModelUNet(
    spatial_dims=2,
    in_channels=1,
    out_channels=1,
    num_res_blocks=1,
    channels=(16, 32),
    attention_levels=(False, True),
    norm_num_groups=8,
    num_head_channels=8,
    with_conditioning=True,
    cross_attention_dim=12,
)
images = torch.randn(2, 1, 16, 16)
steps = torch.tensor([3, 5])
context = torch.randn(2, 4, 12)
out = model(images, steps, context=context)
