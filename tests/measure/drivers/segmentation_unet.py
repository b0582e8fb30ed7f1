"""A U-Net on a ResNet."""

# package: segmentation_models_pytorch 0.6.0
# module: segmentation_models_pytorch/decoders/unet/model.py

import torch
from segmentation_models_pytorch.decoders.unet.model import Unet

model = Unet("resnet18", encoder_depth=3, encoder_weights=None, decoder_channels=(32, 24, 16), classes=2)
masks = model(torch.randn(2, 3, 32, 32))
