"""A conformer in the style of einops."""

# package: conformer 0.3.2
# module: conformer/conformer.py

import torch
from conformer.conformer import Conformer

model = Conformer(32, depth=2, dim_head=8, heads=4, conv_kernel_size=5)
out = model(torch.randn(2, 10, 32))
