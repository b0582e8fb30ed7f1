"""SpeechBrain's conformer with relative positions."""

# package: speechbrain 1.1.2
# module: speechbrain/lobes/models/transformer/Conformer.py
# bare: speechbrain speechbrain.lobes speechbrain.lobes.models speechbrain.utils

import torch
from speechbrain.lobes.models.transformer.Conformer import ConformerEncoder

model = ConformerEncoder(num_layers=2, d_model=32, d_ffn=64, nhead=4, kernel_size=5)
speech = torch.randn(2, 10, 32)
positions = torch.randn(1, 19, 32)
out, attention = model(speech, pos_embs=positions)
