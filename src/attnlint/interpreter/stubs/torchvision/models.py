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


def resnext50_32x4d(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


def resnext101_32x8d(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


def wide_resnet50_2(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


def wide_resnet101_2(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return ResNet(2048, num_classes)


VGG_BLOCKS = {
    "vgg11": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "vgg13": ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    "vgg16": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "vgg19": ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512)),
}


class VGG(nn.Module):
    """All layers of the features: they are often cut after some of them."""

    def __init__(self, name, batch_norm=False, num_classes=1000):
        super().__init__()
        layers = []
        channels = 3
        for block in VGG_BLOCKS[name]:
            for width in block:
                layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
                if batch_norm:
                    layers.append(nn.BatchNorm2d(width))
                layers.append(nn.ReLU(inplace=True))
                channels = width
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def vgg11(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg11", False, num_classes)


def vgg11_bn(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg11", True, num_classes)


def vgg13(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg13", False, num_classes)


def vgg16(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg16", False, num_classes)


def vgg16_bn(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg16", True, num_classes)


def vgg19(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg19", False, num_classes)


def vgg19_bn(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return VGG("vgg19", True, num_classes)


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def alexnet(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return AlexNet(num_classes)


class _Features(nn.Module):
    """Everything before the pooling: five times half the size, rounded up. It cannot be cut: the layers differ."""

    def __init__(self, width):
        super().__init__()
        self._all = nn.ModuleList([nn.Conv2d(3 if i == 0 else width, width, 3, stride=2, padding=1) for i in range(5)])

    def forward(self, x):
        for layer in self._all:
            x = layer(x)
        return x


class MobileNet(nn.Module):
    def __init__(self, width, num_classes):
        super().__init__()
        self.last_channel = width
        self.features = _Features(width)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(width, num_classes))

    def forward(self, x):
        x = nn.functional.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))


def mobilenet_v2(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return MobileNet(1280, num_classes)


class EfficientNet(nn.Module):
    def __init__(self, width, num_classes):
        super().__init__()
        self.features = _Features(width)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2, inplace=True), nn.Linear(width, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def efficientnet_b0(*, weights=None, progress=True, num_classes=1000):
    return EfficientNet(1280, num_classes)


def efficientnet_b1(*, weights=None, progress=True, num_classes=1000):
    return EfficientNet(1280, num_classes)


def efficientnet_b2(*, weights=None, progress=True, num_classes=1000):
    return EfficientNet(1408, num_classes)


def efficientnet_b3(*, weights=None, progress=True, num_classes=1000):
    return EfficientNet(1536, num_classes)


def efficientnet_b4(*, weights=None, progress=True, num_classes=1000):
    return EfficientNet(1792, num_classes)


class DenseNet(nn.Module):
    def __init__(self, width, num_classes):
        super().__init__()
        self.features = _Features(width)
        self.classifier = nn.Linear(width, num_classes)

    def forward(self, x):
        x = nn.functional.relu(self.features(x), inplace=True)
        x = nn.functional.adaptive_avg_pool2d(x, (1, 1))
        return self.classifier(torch.flatten(x, 1))


def densenet121(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return DenseNet(1024, num_classes)


def densenet169(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return DenseNet(1664, num_classes)


def densenet201(pretrained=False, progress=True, *, weights=None, num_classes=1000):
    return DenseNet(1920, num_classes)
