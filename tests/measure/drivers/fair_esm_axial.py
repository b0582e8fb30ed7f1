"""Attention over the rows and columns of an alignment."""

# package: fair_esm 2.0.0
# module: esm/axial_attention.py

import torch
from esm.axial_attention import ColumnSelfAttention, RowSelfAttention

alignment = torch.randn(5, 7, 2, 24)
row, attention = RowSelfAttention(24, 4)(alignment)
column, weights = ColumnSelfAttention(24, 4)(row)
