"""PatchTST of neuralforecast."""

# package: neuralforecast 3.3.0
# module: neuralforecast/models/patchtst.py
# bare: neuralforecast neuralforecast.models neuralforecast.common neuralforecast.losses
# stub: neuralforecast.common._base_model neuralforecast.losses.pytorch

import torch
from neuralforecast.models.patchtst import PatchTST_backbone

model = PatchTST_backbone(
    c_in=1, c_out=1, input_size=48, h=12, patch_len=8, stride=4, hidden_size=32, n_heads=4, linear_hidden_size=64
)
forecast = model(torch.randn(2, 1, 48))
