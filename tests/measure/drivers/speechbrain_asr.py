"""SpeechBrain's transformer for speech."""

# package: speechbrain 1.1.2
# module: speechbrain/lobes/models/transformer/TransformerASR.py
# bare: speechbrain speechbrain.lobes speechbrain.lobes.models speechbrain.utils

import torch
from speechbrain.lobes.models.transformer.TransformerASR import TransformerASR

model = TransformerASR(
    tgt_vocab=50, input_size=20, d_model=32, nhead=4, num_encoder_layers=1, num_decoder_layers=1, d_ffn=64
)
features = torch.randn(2, 12, 20)
words = torch.randint(1, 50, (2, 6))
encoded, decoded = model(features, words)
