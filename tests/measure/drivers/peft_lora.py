"""Low rank adapters in a small model."""

# package: peft 0.20.0
# module: peft/tuners/lora/layer.py

import torch
from peft.tuners.lora.config import LoraConfig
from peft.tuners.lora.layer import Linear
from torch import nn

layer = Linear(nn.Linear(16, 24), "default", LoraConfig(), r=4, lora_alpha=8)
x = torch.randn(2, 5, 16)
out = layer(x)
