"""attnlint: find tensors whose shapes do not fit, before the program runs."""

__version__ = "0.1.0"
