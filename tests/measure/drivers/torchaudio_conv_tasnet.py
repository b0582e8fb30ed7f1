"""Conv-TasNet."""

# package: torchaudio 2.11.0
# module: torchaudio/models/conv_tasnet.py
# bare: torchaudio torchaudio.models

import torch
from torchaudio.models.conv_tasnet import ConvTasNet

model = ConvTasNet(
    num_sources=2,
    enc_kernel_size=8,
    enc_num_feats=16,
    msk_num_feats=12,
    msk_num_hidden_feats=20,
    msk_num_layers=2,
    msk_num_stacks=1,
)
separated = model(torch.randn(2, 1, 64))
