"""Programs that nobody writes by hand and that must not take for ever."""

from __future__ import annotations

from collections.abc import Callable

HEADER = "import torch\nimport torch.nn as nn\n"
CLASS = '''
class Block{0}(nn.Module):
    """A block."""

    def __init__(self, dim={1}, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).reshape(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-2, -1)) * (C // self.heads) ** -0.5
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C))

'''


def of_lines(lines: int) -> str:
    """A file of about so many lines of ordinary attention."""
    each = CLASS.count("\n")
    return HEADER + "".join(CLASS.format(i, 64 + 4 * (i % 16)) for i in range(lines // each))


def branches(count: int = 500) -> str:
    """A function of so many branches, none of which is decided."""
    tests = "".join(f"    if flags[{i}]:\n        x = x + {i}\n" for i in range(count))
    return f"{HEADER}\ndef f(x: torch.Tensor, flags):\n{tests}    return x\n"


def calls(count: int = 1000) -> str:
    """So many classes, each of which calls the others."""
    parts = []
    for i in range(count):
        others = " + ".join(f"C{(i + step) % count}()(x)" for step in (1, 2, 3, 5, 8))
        parts.append(f"class C{i}(nn.Module):\n    def forward(self, x):\n        return {others}\n\n")
    return HEADER + "".join(parts)


PROGRAMS: dict[str, Callable[[], str]] = {
    "50,000 lines": lambda: of_lines(50_000),
    "nn.Sequential of 2,000 layers": lambda: (
        HEADER + "net = nn.Sequential(\n" + "    nn.Linear(8, 8),\n" * 2000 + ")\nprint(net(torch.zeros(2, 8)).shape)\n"
    ),
    "500 branches": branches,
    "a dict literal of 100,000 entries": lambda: (
        HEADER + "table = {\n" + "".join(f"    'k{i}': {i},\n" for i in range(100_000)) + "}\n"
    ),
    "1,000 classes that call each other": calls,
    "a sum of 20,000 terms": lambda: HEADER + "x = " + " + ".join(["1"] * 20_000) + "\n",
}
