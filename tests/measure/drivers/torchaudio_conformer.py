"""torchaudio's conformer."""

# package: torchaudio 2.11.0
# module: torchaudio/models/conformer.py
# bare: torchaudio torchaudio.models

import torch
from torchaudio.models.conformer import Conformer

model = Conformer(input_dim=32, num_heads=4, ffn_dim=64, num_layers=2, depthwise_conv_kernel_size=5)
lengths = torch.tensor([10, 8])
out, out_lengths = model(torch.randn(2, 10, 32), lengths)
