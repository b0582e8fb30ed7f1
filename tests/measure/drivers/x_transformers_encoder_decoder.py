"""An encoder and a decoder with cross attention."""

# package: x_transformers 2.31.10
# module: x_transformers/x_transformers.py
# follow: torch_einops_utils

import torch
from x_transformers.x_transformers import XTransformer

model = XTransformer(
    dim=32,
    enc_num_tokens=99,
    enc_depth=2,
    enc_heads=4,
    enc_max_seq_len=32,
    dec_num_tokens=99,
    dec_depth=2,
    dec_heads=4,
    dec_max_seq_len=32,
)
source = torch.randint(0, 99, (2, 10))
target = torch.randint(0, 99, (2, 7))
mask = torch.ones(2, 10).bool()
loss = model(source, target, mask=mask)
