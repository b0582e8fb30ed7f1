"""fairseq2's attention."""

# package: fairseq2 0.8.1
# module: fairseq2/models/transformer/multihead_attention.py
# stub: fairseq2n fairseq2n.bindings fairseq2n.bindings.data ruamel ruamel.yaml ruamel.yaml.error
# stub: lazy_importer clusterscope tiktoken tiktoken.load sacrebleu wandb mypy_extensions psutil

import torch
from fairseq2.models.transformer.attention_bias import AttentionBiasCache, IdentityBias
from fairseq2.models.transformer.multihead_attention import StandardMultiheadAttention
from fairseq2.models.transformer.sdpa.naive import NaiveSDPA
from fairseq2.nn import BatchLayout

attention = StandardMultiheadAttention(32, 4, NaiveSDPA(IdentityBias()), num_key_value_heads=2)
x = torch.randn(2, 10, 32)
layout = BatchLayout.of(x)
out = attention(x, layout, x, layout, x, AttentionBiasCache())
