"""torchvision's ResNet."""

# package: torchvision 0.29.1
# module: torchvision/models/resnet.py

import torch
from torchvision.models.resnet import Bottleneck, ResNet

model = ResNet(Bottleneck, [1, 2, 1, 1], num_classes=7)
logits = model(torch.randn(2, 3, 64, 64))
