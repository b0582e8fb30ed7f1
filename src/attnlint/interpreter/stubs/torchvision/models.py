"""Models for images: the widths that code which changes their heads relies on, around far fewer layers."""

import torch
from torch import nn


class ResNet(nn.Module):
    def __init__(self, width, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = nn.Conv2d(64, width // 8, 3, padding=1)
        self.layer2 = nn.Conv2d(width // 8, width // 4, 3, stride=2, padding=1)
        self.layer3 = nn.Conv2d(width // 4, width // 2, 3, stride=2, padding=1)
        self.layer4 = nn.Conv2d(width // 2, width, 3, stride=2, padding=1)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def resnet18(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(512, num_classes)


def resnet34(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(512, num_classes)


def resnet50(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


def resnet101(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


def resnet152(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)
