"""Data sets of images of one size: a sample is an image, as the transform makes it, and a class."""

import os

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


STREET_NUMBERS = {"train": 73257, "test": 26032, "extra": 531131}
OBJECTS = {"train": 5000, "test": 8000, "unlabeled": 100000, "train+unlabeled": 105000}
LETTERS = {
    "byclass": (697932, 116323),
    "bymerge": (697932, 116323),
    "balanced": (112800, 18800),
    "letters": (124800, 20800),
    "digits": (240000, 40000),
    "mnist": (60000, 10000),
}


class SVHN(_Images):
    def __init__(self, root=None, split="train", transform=None, target_transform=None, download=False):
        super().__init__(root, split == "train", transform, target_transform, download)
        self.split = split

    def __len__(self):
        return STREET_NUMBERS[self.split]


class STL10(_Images):
    size = 96

    def __init__(self, root=None, split="train", folds=None, transform=None, target_transform=None, download=False):
        super().__init__(root, split == "train", transform, target_transform, download)
        self.split = split
        self.folds = folds

    def __len__(self):
        return OBJECTS[self.split] if self.folds is None else 1000


class EMNIST(MNIST):
    def __init__(self, root=None, split="balanced", **options):
        super().__init__(root, **options)
        self.split = split

    def __len__(self):
        return LETTERS[self.split][0 if self.train else 1]


class DatasetFolder(Dataset):
    """Pictures of any size, in three colours, as many as there are files."""

    def __init__(self, root, loader=None, transform=None, target_transform=None):
        self.root = root
        self.transform = transform
        self.target_transform = target_transform
        self.classes = os.listdir(root)
        self.samples = os.listdir(root)
        self.imgs = self.samples
        self.targets = os.listdir(root)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        height, width = os.stat(self.root).st_size, os.stat(self.root).st_mode
        image = Picture(3, height, width)
        if self.transform is not None:
            image = self.transform(image)
        target = torch.randint(0, 10, ()).item()
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


class ImageFolder(DatasetFolder):
    def __init__(self, root, transform=None, target_transform=None, loader=None, is_valid_file=None):
        super().__init__(root, loader, transform, target_transform)
