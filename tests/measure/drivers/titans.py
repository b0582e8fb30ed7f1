"""A neural memory."""

# package: titans_pytorch 0.5.5
# module: titans_pytorch/neural_memory.py
# follow: hyper_connections assoc_scan torch_einops_utils axial_positional_embedding

import torch
from titans_pytorch.neural_memory import NeuralMemory

memory = NeuralMemory(dim=16, chunk_size=4, heads=2, dim_head=8)
sequence = torch.randn(2, 16, 16)
retrieved, state = memory(sequence)
