"""Tacotron 2."""

# package: torchaudio 2.11.0
# module: torchaudio/models/tacotron2.py
# bare: torchaudio torchaudio.models

import torch
from torchaudio.models.tacotron2 import Tacotron2

model = Tacotron2(
    n_mels=10,
    n_symbol=30,
    symbol_embedding_dim=16,
    encoder_embedding_dim=16,
    decoder_rnn_dim=24,
    attention_rnn_dim=24,
    attention_hidden_dim=12,
    prenet_dim=8,
    postnet_embedding_dim=16,
)
model.eval()
words = torch.randint(0, 30, (2, 7))
mel, post, gates, alignments = model(words, torch.tensor([7, 5]), torch.randn(2, 10, 6), torch.tensor([6, 4]))
