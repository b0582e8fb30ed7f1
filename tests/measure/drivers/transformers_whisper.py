"""Whisper: speech in, words out."""

# package: transformers 5.23.0
# module: transformers/models/whisper/modeling_whisper.py
# follow: huggingface_hub

import torch
from transformers.models.whisper.configuration_whisper import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperModel

config = WhisperConfig(
    vocab_size=99,
    num_mel_bins=16,
    encoder_layers=2,
    encoder_attention_heads=4,
    decoder_layers=2,
    decoder_attention_heads=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    d_model=32,
    max_source_positions=20,
    max_target_positions=24,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
    decoder_start_token_id=1,
)
model = WhisperModel(config)
features = torch.randn(2, 16, 40)
words = torch.randint(0, 99, (2, 7))
hidden = model(input_features=features, decoder_input_ids=words).last_hidden_state
