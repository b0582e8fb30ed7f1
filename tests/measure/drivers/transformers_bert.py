"""BERT with a configuration of its own, for masked words and for classes."""

# package: transformers 5.23.0
# module: transformers/models/bert/modeling_bert.py
# follow: huggingface_hub

import torch
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertForMaskedLM, BertForSequenceClassification, BertModel

config = BertConfig(
    vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, num_labels=3
)
words = torch.randint(0, 99, (2, 10))
mask = torch.ones(2, 10, dtype=torch.long)
hidden = BertModel(config)(words, attention_mask=mask).last_hidden_state
masked = BertForMaskedLM(config)(words, labels=words)
logits = masked.logits
classes = BertForSequenceClassification(config)(words, labels=torch.tensor([0, 2]))
scores = classes.logits
