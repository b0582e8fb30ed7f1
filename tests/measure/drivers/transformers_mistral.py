"""Mistral with a sliding window."""

# package: transformers 5.23.0
# module: transformers/models/mistral/modeling_mistral.py
# follow: huggingface_hub

import torch
from transformers.models.mistral.configuration_mistral import MistralConfig
from transformers.models.mistral.modeling_mistral import MistralForCausalLM

config = MistralConfig(
    vocab_size=99,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    sliding_window=4,
)
model = MistralForCausalLM(config)
words = torch.randint(0, 99, (2, 10))
logits = model(words).logits
