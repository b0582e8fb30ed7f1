"""ESPnet's transformer decoder."""

# package: espnet 202412
# module: espnet2/asr/decoder/transformer_decoder.py
# bare: espnet espnet2
# stub: typeguard

import torch
from espnet2.asr.decoder.transformer_decoder import TransformerDecoder

model = TransformerDecoder(vocab_size=50, encoder_output_size=32, attention_heads=4, linear_units=64, num_blocks=2)
memory = torch.randn(2, 12, 32)
words = torch.randint(1, 50, (2, 6))
scores, lengths = model(memory, torch.tensor([12, 9]), words, torch.tensor([6, 5]))
