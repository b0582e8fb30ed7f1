"""Data sets of images of one size: a sample is an image, as the transform makes it, and a class."""

import torch
from torch.utils.data import Dataset

from torchvision.transforms import Picture


class _Images(Dataset):
    channels = 3
    size = 32
    count = 60000
    test_count = 10000

    def __init__(self, root=None, train=True, transform=None, target_transform=None, download=False):
        self.transform = transform
        self.target_transform = target_transform
        self.train = train

    def __len__(self):
        return self.count if self.train else self.test_count

    def __getitem__(self, index):
        image = Picture(self.channels, self.size, self.size)
        if self.transform is not None:
            image = self.transform(image)
        target = torch.randint(0, 10, ()).item()
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


class MNIST(_Images):
    channels = 1
    size = 28


class FashionMNIST(MNIST):
    pass


class KMNIST(MNIST):
    pass


class CIFAR10(_Images):
    count = 50000


class CIFAR100(CIFAR10):
    pass
