"""Classes that nobody calls: what is found in them alone, torch finds when they are called as their authors mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
import torch

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import Project
from tests.interpreter.programs import HEADER, check


@dataclass(frozen=True)
class Class:
    """The text of a class, how torch is asked about it, and whether that is an error (``{wrong}`` is what makes it)."""

    text: str
    call: str
    right: str
    wrong: str


DECORATED = """
    import functools

    def noted(function):
        @functools.wraps(function)
        def wrapper(self, *args, **kwargs):
            self.noted = dict(kwargs)
            return function(self, *args, **kwargs)

        return wrapper


    class Attention(nn.Module):
        @noted
        def __init__(self, dim: int = 32, heads: int = 4):
            super().__init__()
            self.heads = heads
            self.to_q = nn.Linear(dim, dim)
            self.to_out = nn.Linear({size}, dim)

        @noted
        def forward(self, x: Tensor) -> Tensor:
            return self.to_out(self.to_q(x))  # error: ATN104
"""

OPTIONAL = """
    class Embeddings(nn.Module):
        def __init__(self, vocab: int = 100, width: int = 32, length: int = 64):
            super().__init__()
            self.words = nn.Embedding(vocab, width)
            self.positions = nn.Embedding(length, {size})
            self.register_buffer("position_ids", torch.arange(length).expand(1, -1))

        def forward(self, input_ids=None, position_ids=None, inputs_embeds=None):
            if input_ids is not None and inputs_embeds is not None:
                raise ValueError("one of the two")
            shape = input_ids.size() if input_ids is not None else inputs_embeds.size()[:-1]
            batch, length = shape
            if position_ids is None:
                position_ids = self.position_ids[:, :length]
            if inputs_embeds is None:
                inputs_embeds = self.words(input_ids)
            return inputs_embeds + self.positions(position_ids)  # error: ATN106
"""

# Keys whose heads were not moved to the front; queries and keys have one length, which the heads need not have.
HEADS = """
    class Attention(nn.Module):
        def __init__(self, width: int = 32, heads: int = 4, vocab: int = 100):
            super().__init__()
            self.heads = heads
            self.words = nn.Embedding(vocab, width)
            self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))

        def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, cache: dict | None = None):
            batch, length = input_ids.shape
            x = self.words(input_ids)
            q = self.q(x).view(batch, length, self.heads, -1).transpose(1, 2)
            k = self.k(x).view(batch, length, self.heads, -1){size}
            v = self.v(x).view(batch, length, self.heads, -1).transpose(1, 2)
            return F.scaled_dot_product_attention(q, k, v)  # error: ATN201
"""

ROW = """
    class Block(nn.Module):
        def __init__(self, width, index):
            super().__init__()
            self.index = index
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            for _ in range(20):
                self.rate = 0.1 * index

        def forward(self, x):
            return x + self.down(self.up(x))


    class Net(nn.Module):
        def __init__(self, width: int = 32, depth: int = 48):
            super().__init__()
            self.first = nn.ModuleList([Block(width, index) for index in range(depth)])
            self.second = nn.ModuleList()
            for index in range(depth):
                self.second.append(Block(width, index))
            self.head = nn.Linear({size}, 10)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.first:
                x = block(x)
            for index in range(len(self.second)):
                x = self.second[index](x)
            return self.head(x)  # error: ATN104
"""

CLASSES = {
    "decorated": Class(DECORATED, "Attention()(torch.randn(2, 5, 32))", "dim", "2 * dim"),
    "optional inputs": Class(OPTIONAL, "Embeddings()(torch.zeros(2, 7, dtype=torch.long))", "width", "2 * width"),
    "heads": Class(HEADS, "Attention()(torch.zeros(2, 7, dtype=torch.long))", ".transpose(1, 2)", ""),
    "a long row of blocks": Class(ROW, "Net()(torch.randn(2, 5, 32))", "width", "width + 1"),
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_that_nobody_calls(name: str) -> None:
    cls = CLASSES[name]
    text = dedent(cls.text)
    wrong = text.replace("{size}", cls.wrong)
    check(wrong)
    with pytest.raises(RuntimeError):
        exec(f"{HEADER}{wrong}\n{cls.call}\n", {})
    right = text.replace("{size}", cls.right)
    exec(f"{HEADER}{right}\n{cls.call}\n", {})
    assert not check_source(HEADER + right, "program.py", Settings()).findings


def test_a_plain_call_that_lacks_what_every_caller_gives() -> None:
    # Without a context the widths do not fit: it is there for self-attention of a class that derives from it, at most.
    text = """
    class Cross(nn.Module):
        def __init__(self, width: int = 32, context_width: int = 48):
            super().__init__()
            self.q, self.kv = nn.Linear(width, width), nn.Linear(context_width, width)

        def forward(self, x, context=None, mask=None):
            b, n, d = x.shape
            context = x if context is None else context
            return self.q(x) @ self.kv(context).transpose(1, 2)
    """
    check(dedent(text))
    names: dict[str, type[torch.nn.Module]] = {}
    exec(HEADER + dedent(text), names)
    module = names["Cross"]()
    assert module(torch.randn(2, 5, 32), torch.randn(2, 7, 48)).shape == (2, 5, 7)


def test_a_folder_without_init_is_part_of_the_package_above(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "layers.py").write_text("from torch import nn\ndef narrow(): return nn.Linear(8, 4)\n")
    model = package / "models" / "model.py"
    model.write_text("import torch\nimport package\nfrom package.layers import narrow\nnarrow()(torch.zeros(2, 4))\n")
    report = check_source(model.read_text(), str(model), Settings(), Project.around(model))
    assert [finding.code for finding in report.findings] == ["ATN104"]
