"""The prior of DALL-E 2."""

# package: dalle2_pytorch 1.15.6
# module: dalle2_pytorch/dalle2_pytorch.py
# bare: dalle2_pytorch
# stub: x_clip dalle2_pytorch.tokenizer
# stub: clip coca_pytorch coca_pytorch.coca_pytorch resize_right embedding_reader webdataset

import torch
from dalle2_pytorch.dalle2_pytorch import DiffusionPriorNetwork

model = DiffusionPriorNetwork(dim=32, num_timesteps=10, depth=2, heads=2, dim_head=16, max_text_len=12)
out = model(
    torch.randn(2, 32), torch.tensor([1, 4]), text_embed=torch.randn(2, 32), text_encodings=torch.randn(2, 12, 32)
)
