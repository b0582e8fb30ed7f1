"""ESM-2 with contacts."""

# package: fair_esm 2.0.0
# module: esm/model/esm2.py

import torch
from esm.model.esm2 import ESM2

model = ESM2(num_layers=2, embed_dim=40, attention_heads=4)
tokens = torch.randint(4, 20, (2, 9))
result = model(tokens, repr_layers=[1], return_contacts=True)
logits = result["logits"]
contacts = result["contacts"]
hidden = result["representations"][1]
