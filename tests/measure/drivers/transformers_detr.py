"""DETR's decoder and its parts."""

# package: transformers 5.23.0
# module: transformers/models/detr/modeling_detr.py
# follow: huggingface_hub

import torch
from transformers.models.detr.configuration_detr import DetrConfig
from transformers.models.detr.modeling_detr import DetrDecoder, DetrEncoder

config = DetrConfig(
    d_model=32,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    num_queries=6,
)
encoder, decoder = DetrEncoder(config), DetrDecoder(config)
positions = torch.randn(2, 12, 32)
queries = torch.randn(2, 6, 32)
memory = encoder(inputs_embeds=torch.randn(2, 12, 32), spatial_position_embeddings=positions).last_hidden_state
out = decoder(
    inputs_embeds=torch.zeros(2, 6, 32),
    encoder_hidden_states=memory,
    spatial_position_embeddings=positions,
    object_queries_position_embeddings=queries,
).last_hidden_state
