"""torchvision as far as shapes go."""

from torchvision import datasets, models, transforms
