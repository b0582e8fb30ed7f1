"""torchtune's attention and decoder layer."""

# package: torchtune 0.6.1
# module: torchtune/modules/attention.py
# bare: torchtune torchtune.modules
# stub: torchao torchao.quantization torchao.dtypes torchao.dtypes.nf4tensor

import torch
from torch import nn
from torchtune.modules.attention import MultiHeadAttention

attention = MultiHeadAttention(
    embed_dim=32,
    num_heads=4,
    num_kv_heads=2,
    head_dim=8,
    q_proj=nn.Linear(32, 32),
    k_proj=nn.Linear(32, 16),
    v_proj=nn.Linear(32, 16),
    output_proj=nn.Linear(32, 32),
    max_seq_len=32,
)
x = torch.randn(2, 10, 32)
out = attention(x, x)
