"""Transformer blocks for tables."""

# package: pytorch_tabular 1.2.0
# module: pytorch_tabular/models/common/layers/transformers.py
# bare: pytorch_tabular pytorch_tabular.models pytorch_tabular.models.common
# stub: sklearn sklearn.base sklearn.datasets sklearn.preprocessing sklearn.cluster
# stub: sklearn.model_selection pytorch_lightning pytorch_lightning.utilities
# stub: pytorch_lightning.utilities.cloud_io rich rich.logging

import torch
from pytorch_tabular.models.common.layers.transformers import TransformerEncoderBlock

block = TransformerEncoderBlock(input_embed_dim=32, num_heads=4, transformer_head_dim=8)
out = block(torch.randn(2, 9, 32))
