"""ECAPA-TDNN: speaker embeddings."""

# package: speechbrain 1.1.2
# module: speechbrain/lobes/models/ECAPA_TDNN.py
# bare: speechbrain speechbrain.lobes speechbrain.lobes.models speechbrain.utils

import torch
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN

model = ECAPA_TDNN(
    20, channels=[16, 16, 16, 16, 48], lin_neurons=24, attention_channels=8, res2net_scale=4, se_channels=8
)
features = torch.randn(2, 50, 20)
embeddings = model(features)
