"""Vector quantisation."""

# package: vector_quantize_pytorch 1.32.0
# module: vector_quantize_pytorch/vector_quantize_pytorch.py

import torch
from vector_quantize_pytorch.vector_quantize_pytorch import VectorQuantize

quantizer = VectorQuantize(dim=16, codebook_size=32, codebook_dim=8, heads=2)
x = torch.randn(2, 10, 16)
quantized, indices, loss = quantizer(x)
