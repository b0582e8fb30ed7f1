"""CoCa of open_clip."""

# package: open_clip_torch 3.3.0
# module: open_clip/coca_model.py
# bare: open_clip
# stub: open_clip.tokenizer

import torch
from open_clip.coca_model import CLIPTextCfg, CLIPVisionCfg, CoCa, MultimodalCfg

model = CoCa(
    embed_dim=32,
    multimodal_cfg=MultimodalCfg(context_length=11, vocab_size=99, width=32, heads=4, layers=2, dim_head=8),
    text_cfg=CLIPTextCfg(
        context_length=12, vocab_size=99, width=32, heads=4, layers=2, embed_cls=True, output_tokens=True
    ),
    vision_cfg=CLIPVisionCfg(
        layers=2,
        width=32,
        head_width=8,
        patch_size=8,
        image_size=32,
        attentional_pool=True,
        attn_pooler_heads=4,
        output_tokens=True,
    ),
)
images = torch.randn(2, 3, 32, 32)
words = torch.randint(1, 99, (2, 12))
result = model(images, words)
logits = result["logits"]
