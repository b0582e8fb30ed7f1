"""Linformer as a language model."""

# package: linformer 0.2.3
# module: linformer/linformer.py

import torch
from linformer.linformer import LinformerLM

model = LinformerLM(num_tokens=99, dim=32, seq_len=20, depth=2, k=8, heads=4, one_kv_head=True, share_kv=True)
logits = model(torch.randint(0, 99, (2, 20)))
