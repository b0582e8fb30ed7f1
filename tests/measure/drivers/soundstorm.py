"""The conformer of SoundStorm."""

# package: soundstorm_pytorch 0.6.1
# module: soundstorm_pytorch/soundstorm.py
# follow: hyper_connections torch_einops_utils
# bare: soundstorm_pytorch
# stub: audiolm_pytorch audiolm_pytorch.data spear_tts_pytorch

import torch
from soundstorm_pytorch.soundstorm import Conformer

model = Conformer(dim=32, depth=2, heads=4, dim_head=8, conv_kernel_size=5, attn_flash=False, num_residual_streams=1)
out = model(torch.randn(2, 10, 32))
