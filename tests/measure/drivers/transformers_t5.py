"""T5 with relative positions."""

# package: transformers 5.23.0
# module: transformers/models/t5/modeling_t5.py
# follow: huggingface_hub

import torch
from transformers.models.t5.configuration_t5 import T5Config
from transformers.models.t5.modeling_t5 import T5ForConditionalGeneration

config = T5Config(
    vocab_size=99, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0, pad_token_id=0
)
model = T5ForConditionalGeneration(config)
words = torch.randint(1, 99, (2, 10))
answer = torch.randint(1, 99, (2, 7))
output = model(input_ids=words, labels=answer)
logits = output.logits
