"""litgpt's GPT with rotary positions."""

# package: litgpt 0.5.13
# module: litgpt/model.py
# bare: litgpt
# stub: lightning lightning.fabric lightning.fabric.utilities lightning.fabric.utilities.types
# stub: lightning.fabric.utilities.load lightning.fabric.utilities.apply_func lightning.fabric.loggers
# stub: lightning.fabric.strategies lightning.pytorch lightning.pytorch.cli lightning.pytorch.loggers
# stub: lightning.fabric.utilities.init jsonargparse

import torch
from litgpt.config import Config
from litgpt.model import GPT

config = Config(
    block_size=32,
    n_layer=2,
    n_embd=32,
    n_head=4,
    n_query_groups=2,
    padded_vocab_size=99,
    vocab_size=99,
    intermediate_size=64,
)
model = GPT(config)
logits = model(torch.randint(0, 99, (2, 10)))
