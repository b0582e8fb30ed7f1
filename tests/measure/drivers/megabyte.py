"""MEGABYTE: transformers over patches of bytes."""

# package: MEGABYTE_pytorch 0.3.6
# module: MEGABYTE_pytorch/megabyte.py

import torch
from MEGABYTE_pytorch.megabyte import MEGABYTE

model = MEGABYTE(num_tokens=99, dim=(32, 16), depth=(2, 2), max_seq_len=(8, 4), dim_head=8, heads=2)
words = torch.randint(1, 99, (2, 32))
loss = model(words, return_loss=True)
