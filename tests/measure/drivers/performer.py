"""Performer as a language model."""

# package: performer_pytorch 1.1.4
# module: performer_pytorch/performer_pytorch.py

import torch
from performer_pytorch.performer_pytorch import PerformerLM

model = PerformerLM(num_tokens=99, max_seq_len=32, dim=32, depth=2, heads=4, dim_head=8, nb_features=16)
words = torch.randint(0, 99, (2, 32))
logits = model(words)
