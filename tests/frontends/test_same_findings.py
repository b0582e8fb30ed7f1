"""One package, the same findings however it is checked: cold, warm, in any order, on several processes, one by one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from attnlint import parallel
from attnlint.check import FileReport, check_source
from attnlint.files import Target
from attnlint.settings import Settings

PACKAGE = {
    "pyproject.toml": "[project]\nname = 'pack'\n",
    "pack/__init__.py": "from .blocks import *\nfrom .sizes import DIM\n",
    "pack/sizes.py": "DIM = 64\nHEADS = 4\nTABLE = {'small': DIM}\nTABLE['large'] = 2 * DIM\n",
    "pack/registry.py": """
MODELS = {}

def register(cls):
    MODELS[cls.__name__] = cls
    return cls

def create(name, *arguments):
    return MODELS[name](*arguments)
""",
    "pack/blocks.py": """
import torch
import torch.nn as nn
from . import registry
from .sizes import DIM, HEADS, TABLE

__all__ = ["Attention", "Narrow"]

@registry.register
class Attention(nn.Module):
    def __init__(self, dim=DIM, heads=HEADS):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim + 1, dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).reshape(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        y = (q @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(B, T, C))

class Narrow(Attention):
    def __init__(self):
        super().__init__(TABLE["small"])
        self.wide = nn.Linear(TABLE["large"], 3)

    def forward(self, x):
        return self.wide(torch.zeros(2, TABLE["small"]))
""",
    "pack/other.py": """
import torch
import torch.nn as nn
from .registry import MODELS, create, register

@register
class Other(nn.Linear):
    pass

if "Attention" not in MODELS:
    x = torch.zeros(2, 3) @ torch.zeros(4, 5)
if len(MODELS) == 1:
    x = torch.zeros(2, 3) @ torch.zeros(6, 5)
y = create("Other", 3, 4)(torch.zeros(2, 5))
""",
    "pack/circle.py": """
import torch
from .back import back
size = 6

def there(x):
    return x @ torch.zeros(size, 2)

back(torch.zeros(3, 7))
""",
    "pack/back.py": """
import torch
from . import circle

def back(x):
    return circle.there(x)

back(torch.zeros(3, 5))
""",
    "use.py": """
import torch
from pack import DIM, Attention
from pack.registry import MODELS
import pack.other

model = Attention(DIM)
z = torch.zeros(2, DIM) @ torch.zeros(DIM + 1, 3)
if "Other" in MODELS:
    pass
else:
    x = torch.zeros(2, 3) @ torch.zeros(4, 5)
""",
}
EXPECTED = {"pack/back.py", "pack/blocks.py", "pack/circle.py", "pack/other.py", "use.py"}
"""The files with errors that attnlint sees."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, text in PACKAGE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Settings(root=tmp_path, cache=False)


def files() -> list[str]:
    return sorted(str(path.relative_to(Path.cwd())) for path in Path.cwd().rglob("*.py"))


def found(reports: Iterable[FileReport]) -> dict[str, list[str]]:
    """Findings as texts, with everything that a person may see of them."""
    texts = {}
    for report in reports:
        assert report.error is None, report
        texts[report.path] = [repr(replace(finding, evidence=None)) for finding in report.findings]
    return texts


def one_by_one(settings: Settings) -> dict[str, list[str]]:
    return found(check_source(Path(path).read_bytes(), path, settings) for path in files())


def together(settings: Settings, order: list[str], jobs: int = 1) -> dict[str, list[str]]:
    targets = [Target(path, settings) for path in order]
    return found(parallel.check_targets(targets, jobs, lambda report: None))


def test_alone(settings: Settings) -> None:
    alone = one_by_one(settings)
    assert {path for path, findings in alone.items() if findings} == EXPECTED
    assert one_by_one(settings) == alone


def test_in_any_order(settings: Settings) -> None:
    alone = one_by_one(settings)
    order = files()
    assert together(settings, order) == alone
    assert together(settings, order[::-1]) == alone
    for seed in range(6):
        random.Random(seed).shuffle(order)
        assert together(settings, order) == alone, order


def test_on_several_processes(settings: Settings) -> None:
    assert together(settings, files(), jobs=3) == one_by_one(settings)


def test_cold_and_warm(settings: Settings) -> None:
    cached = replace(settings, cache=True)
    alone = one_by_one(settings)
    assert together(cached, files()) == alone
    assert together(cached, files()) == alone
    sizes = Path("pack/sizes.py")
    sizes.write_text(sizes.read_text().replace("DIM = 64", "DIM = 32"))
    assert together(cached, files()) == one_by_one(settings) != alone


def test_when_little_is_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnlint.interpreter.project import Projects

    alone = one_by_one(settings)
    for largest in (0, 500, 2000):
        monkeypatch.setattr(Projects, "LARGEST", largest)
        assert together(settings, files()) == alone


def test_words_of_files_that_are_not_imported_count_for_nothing(tmp_path: Path) -> None:
    """Another file of the project, checked before by the same process, may speak of ``autocast``; an imported one
    that does keeps two dtypes from being an error."""
    from attnlint.parallel import Shared, read_and_check

    texts = {
        "pyproject.toml": "",
        "mixed.py": "import torch\n\n\ndef run(f, x):\n    with torch.autocast('cuda'):\n        return f(x)\n",
        "training.py": "import torch\nfrom mixed import run\n\nprint(run(torch.relu, torch.zeros(2)))\n",
        "alone.py": (
            "import torch\nfrom torch import nn\n\nlayer = nn.Linear(4, 4).to(torch.bfloat16)\n"
            "print(layer(torch.zeros(2, 4)))\n"
        ),
    }
    texts["importing.py"] = "from mixed import run\n" + texts["alone.py"] + "print(run(layer, torch.zeros(2, 4)))\n"
    for name, text in texts.items():
        (tmp_path / name).write_text(text)

    def found(*names: str) -> list[list[str]]:
        shared = Shared()
        return [
            [finding.code for finding in read_and_check(str(tmp_path / name), Settings(), shared).report.findings]
            for name in names
        ]

    assert found("alone.py") == [["ATN115"]]
    assert found("training.py", "alone.py") == [[], ["ATN115"]]
    assert found("importing.py", "alone.py", "importing.py")[1] == ["ATN115"]
