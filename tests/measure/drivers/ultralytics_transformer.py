"""The encoder layers of RT-DETR."""

# package: ultralytics 8.4.190
# module: ultralytics/nn/modules/transformer.py
# bare: ultralytics ultralytics.nn ultralytics.nn.modules
# stub: ultralytics.utils ultralytics.utils.torch_utils

import torch
from ultralytics.nn.modules.transformer import AIFI, TransformerBlock

out = AIFI(32, 64, 4)(torch.randn(2, 32, 5, 6))
block = TransformerBlock(16, 32, 4, 2)
features = block(torch.randn(2, 16, 5, 6))
