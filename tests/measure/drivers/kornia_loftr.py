"""The transformer of LoFTR."""

# package: kornia 0.9.0
# module: kornia/feature/loftr/loftr_module/transformer.py
# bare: kornia kornia.feature kornia.feature.loftr kornia.feature.loftr.loftr_module

import torch
from kornia.feature.loftr.loftr_module.transformer import LocalFeatureTransformer

model = LocalFeatureTransformer({"d_model": 32, "nhead": 4, "layer_names": ["self", "cross"], "attention": "linear"})
first, second = model(torch.randn(2, 12, 32), torch.randn(2, 9, 32))
