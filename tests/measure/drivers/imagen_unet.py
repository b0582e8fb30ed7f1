"""The U-Net of Imagen."""

# package: imagen_pytorch 2.1.0
# module: imagen_pytorch/imagen_pytorch.py
# bare: imagen_pytorch
# stub: imagen_pytorch.t5

import torch
from imagen_pytorch.imagen_pytorch import Unet

model = Unet(
    dim=16,
    dim_mults=(1, 2),
    text_embed_dim=24,
    cond_dim=20,
    attn_heads=2,
    attn_dim_head=8,
    max_text_len=12,
    num_resnet_blocks=1,
)
images = torch.randn(2, 3, 16, 16)
out = model(images, torch.rand(2), text_embeds=torch.randn(2, 12, 24), text_mask=torch.ones(2, 12).bool())
