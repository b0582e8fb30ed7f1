"""DistilBERT that classifies."""

# package: transformers 5.23.0
# module: transformers/models/distilbert/modeling_distilbert.py
# follow: huggingface_hub

import torch
from transformers.models.distilbert.configuration_distilbert import DistilBertConfig
from transformers.models.distilbert.modeling_distilbert import DistilBertForSequenceClassification

config = DistilBertConfig(vocab_size=99, dim=32, n_layers=2, n_heads=4, hidden_dim=64, num_labels=3)
model = DistilBertForSequenceClassification(config)
words = torch.randint(0, 99, (2, 10))
mask = torch.ones(2, 10, dtype=torch.long)
logits = model(words, attention_mask=mask).logits
