"""GPT-2 with its head."""

# package: transformers 5.23.0
# module: transformers/models/gpt2/modeling_gpt2.py
# follow: huggingface_hub

import torch
from transformers.models.gpt2.configuration_gpt2 import GPT2Config
from transformers.models.gpt2.modeling_gpt2 import GPT2LMHeadModel

config = GPT2Config(vocab_size=99, n_positions=32, n_embd=32, n_layer=2, n_head=4)
model = GPT2LMHeadModel(config)
words = torch.randint(0, 99, (2, 10))
output = model(words, labels=words)
logits = output.logits
loss = output.loss
