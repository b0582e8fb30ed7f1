"""Quantisation to finite levels."""

# package: vector_quantize_pytorch 1.32.0
# module: vector_quantize_pytorch/finite_scalar_quantization.py

import torch
from vector_quantize_pytorch.finite_scalar_quantization import FSQ

quantizer = FSQ(levels=[8, 5, 5, 5], dim=16)
x = torch.randn(2, 10, 16)
quantized, indices = quantizer(x)
again = quantizer.indices_to_codes(indices)
