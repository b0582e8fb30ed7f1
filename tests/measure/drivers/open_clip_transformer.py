"""The towers of open_clip."""

# package: open_clip_torch 3.3.0
# module: open_clip/transformer.py
# bare: open_clip
# stub: open_clip.tokenizer

import torch
from open_clip.transformer import TextTransformer, VisionTransformer

vision = VisionTransformer(image_size=32, patch_size=8, width=32, layers=2, heads=4, mlp_ratio=2.0, output_dim=24)
text = TextTransformer(context_length=12, vocab_size=99, width=32, heads=4, layers=2, output_dim=24)
images = torch.randn(3, 3, 32, 32)
words = torch.randint(0, 99, (2, 12))
image_features = vision(images)
text_features = text(words)
similarity = text_features @ image_features.t()
