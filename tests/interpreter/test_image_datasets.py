"""How many samples the image data sets of torchvision have, split by split (their pages say so; none is downloaded)."""

from __future__ import annotations

from attnlint.check import check_source
from attnlint.config import Settings

PROGRAM = """
from torch.utils.data import random_split
from torchvision.datasets import CIFAR10, EMNIST, STL10, SVHN

parts = random_split(STL10(".", split="unlabeled"), [95000, 5000])
parts = random_split(STL10("."), [4500, 500])
parts = random_split(STL10(".", folds=0), [900, 100])
parts = random_split(SVHN("."), [73000, 257])
parts = random_split(EMNIST(".", split="letters", train=False), [20000, 800])
parts = random_split(CIFAR10("."), [45000, 5000])
parts = random_split(STL10(".", split="test"), [4500, 500])
"""


def test_parts_are_counted_against_the_split() -> None:
    findings = check_source(PROGRAM, "program.py", Settings()).findings
    assert [(finding.code, finding.range.line) for finding in findings] == [("ATN118", 11)]
