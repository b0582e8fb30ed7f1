"""Attention that is routed by clusters."""

# package: routing_transformer 1.6.1
# module: routing_transformer/routing_transformer.py

import torch
from routing_transformer.routing_transformer import RoutingTransformerLM

model = RoutingTransformerLM(
    num_tokens=99, dim=32, depth=2, max_seq_len=32, heads=4, dim_head=8, window_size=8, causal=True
)
logits, loss = model(torch.randint(0, 99, (2, 32)))
