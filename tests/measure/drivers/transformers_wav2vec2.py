"""Wav2Vec2 on waveforms."""

# package: transformers 5.23.0
# module: transformers/models/wav2vec2/modeling_wav2vec2.py
# follow: huggingface_hub

import torch
from transformers.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config
from transformers.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForCTC

config = Wav2Vec2Config(
    vocab_size=32,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    conv_dim=(16, 16, 16),
    conv_stride=(5, 2, 2),
    conv_kernel=(10, 3, 3),
    num_conv_pos_embeddings=16,
    num_conv_pos_embedding_groups=4,
    apply_spec_augment=False,
)
model = Wav2Vec2ForCTC(config)
waves = torch.randn(2, 2000)
logits = model(waves).logits
