"""Llama with fewer heads for keys and values than for queries."""

# package: transformers 5.23.0
# module: transformers/models/llama/modeling_llama.py
# follow: huggingface_hub

import torch
from transformers.models.llama.configuration_llama import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaForCausalLM

config = LlamaConfig(
    vocab_size=99,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
)
model = LlamaForCausalLM(config)
words = torch.randint(0, 99, (2, 10))
output = model(words, labels=words)
logits = output.logits
loss = output.loss
