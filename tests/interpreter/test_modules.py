"""``nn.Module`` objects: containers, attributes, methods, entries."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import HEADER, analysed, check

PROGRAMS = {
    "sequential": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
x = net(torch.zeros(2, 8))  # shape: (2, 4)
y = net[:2](torch.zeros(2, 8))  # shape: (2, 16)
z = net[-1](torch.zeros(2, 8))  # error: ATN104
w = nn.Sequential(*[nn.Linear(8, 8) for _ in range(30)])(torch.zeros(3, 8))  # shape: (3, 8)
""",
    "module list and dict": """
layers = nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 6)])
layers.append(nn.Linear(6, 7))
x = torch.zeros(1, 4)
for layer in layers:
    x = layer(x)
y = x + 0  # shape: (1, 7)
table = nn.ModuleDict({"a": nn.Linear(7, 2)})
table["b"] = nn.Linear(2, 9)
z = table["b"](table["a"](y))  # shape: (1, 9)
n = torch.zeros(len(layers))  # shape: (3,)
""",
    "buffers and hooks that only some have": """
class Shifted(nn.Module):
    def __init__(self, shift: bool, watched: bool):
        super().__init__()
        self.layer = nn.Linear(4, 6)
        if shift:
            self.register_buffer("offset", torch.ones(6))
        if watched:
            self.layer.register_forward_hook(lambda module, given, output: output.mean(1))
        self.register_buffer("scale", torch.ones(6))

    def forward(self, x):
        x = self.layer(x)
        return x * self.scale

def moved(shift: bool, watched: bool):
    model = Shifted(shift, watched).to("cpu")
    return len(model.state_dict()), model(torch.zeros(2, 4))

moved(True, False)
y = moved(False, False)[1]  # shape: (2, 6)
""",
    "a subclass of a container": """
class Block(nn.Sequential):
    def __init__(self, a, b):
        super().__init__()
        self.first = nn.Linear(a, b)
        self.add_module("second", nn.Linear(b, 3))

x = Block(4, 5)(torch.zeros(2, 4))  # shape: (2, 3)
""",
    "a subclass of a layer": """
class Linear(nn.Linear):
    def __init__(self, n):
        super().__init__(n, 2 * n)

    def forward(self, x):
        return super().forward(x).relu()

x = Linear(4)(torch.zeros(2, 4))  # shape: (2, 8)
""",
    "identity or linear": """
class M(nn.Module):
    def __init__(self, a: int, b: int):
        super().__init__()
        self.proj = nn.Identity() if a == b else nn.Linear(a, b)

    def forward(self, x):
        return self.proj(x)

x = M(3, 3)(torch.zeros(2, 3))  # shape: (2, 3)
y = M(3, 4)(torch.zeros(2, 3))  # shape: (2, 4)
""",
    "buffers, parameters, methods that give the module back": """
class M(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer("mask", torch.ones(n, n).triu(1).bool())
        self.scale = nn.Parameter(torch.ones(n))
        self.apply(self._init)

    def _init(self, module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)

    def forward(self, x):
        y = x.masked_fill(self.mask, 0.0) * self.scale  # error: ATN106
        return y

model = M(5).eval().to("cpu")
x = model(torch.zeros(2, 5, 5))  # shape: (2, 5, 5)
y = model(torch.zeros(2, 4, 4))
n = sum(p.numel() for p in model.parameters())
""",
    "activation tables and names": """
ACT2FN = {"gelu": F.gelu, "relu": nn.ReLU()}
x = ACT2FN["gelu"](torch.zeros(2, 3))  # shape: (2, 3)
y = getattr(F, "softmax")(x, dim=-1)  # shape: (2, 3)
z = getattr(torch, "float32")
w = torch.zeros(2, dtype=z)  # shape: (2,)
""",
    "a class that nobody calls": """
class Head(nn.Module):
    def __init__(self, dim, heads, dim_head=64):
        super().__init__()
        inner = heads * dim_head
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * inner)
        self.out = nn.Linear(inner, dim)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q = q.view(b, n, self.heads, -1).transpose(1, 2)
        k = k.view(b, n, self.heads, -1).transpose(1, 2)
        v = v.view(b, n, self.heads, -1).transpose(1, 2)
        weights = (q @ k.transpose(-2, -1)).softmax(-1)  # shape: (b, heads, n, n)
        y = weights @ v
        y = y.transpose(1, 2).reshape(b, n, -1)
        return self.out(y)
""",
    "a constructor against its own forward": """
class Mlp(nn.Module):
    def __init__(self, dim=64, hidden=256):
        super().__init__()
        self.a = nn.Linear(dim, hidden)
        self.b = nn.Linear(dim, dim)

    def forward(self, x):
        return self.b(self.a(x))  # error: ATN104
""",
    "other methods, too": """
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(3, 4))

    def helper(self):
        return self.w @ self.w  # error: ATN101
""",
    "checkpoint": """
from torch.utils.checkpoint import checkpoint
layer = nn.Linear(3, 4)
x = checkpoint(layer, torch.zeros(2, 3), use_reentrant=False)  # shape: (2, 4)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    check(PROGRAMS[name])


def test_entries_are_named() -> None:
    _, analysis = analysed(
        HEADER + "class A(nn.Module):\n    def forward(self, x):\n        return x\n\ndef f(x):\n    return x\n"
    )
    assert analysis.entries[0] == "module"
    assert any(entry.startswith("A") for entry in analysis.entries)
    assert "function f" in analysis.entries


def test_the_same_broken_demand_is_reported_once() -> None:
    _, analysis = analysed(
        HEADER + "def f(x):\n    return x @ torch.zeros(7, 7)\n\nf(torch.zeros(2, 3))\nf(torch.zeros(2, 4))\n"
    )
    assert len(analysis.findings) == 1


def test_a_finding_knows_its_call_chain_and_evidence() -> None:
    _, analysis = analysed(HEADER + "def f(x):\n    return x @ torch.zeros(7, 7)\n\nf(torch.zeros(2, 3))\n")
    (finding,) = analysis.findings
    assert finding.evidence.operation == "operator.matmul"
    assert [str(value.shape) for value in finding.evidence.arguments] == ["(2, 3)", "(7, 7)"]
    assert [link.text for link in finding.chain] == ["f"]


def test_a_layer_s_evidence_holds_its_constructor() -> None:
    _, analysis = analysed(HEADER + "nn.Linear(3, out_features=4)(torch.zeros(2, 5))\n")
    (finding,) = analysis.findings
    assert finding.evidence.operation == "torch.nn.Linear"
    assert finding.evidence.constructor == ((3,), {"out_features": 4})


def test_budget_ends_an_entry_with_a_note() -> None:
    body = "            if j == i:\n                continue\n            n = n + 1\n"
    _, analysis = analysed(
        HEADER + f"def f(n):\n    for i in range(40):\n        for j in range(40):\n{body}",
        entry_steps=200,
    )
    assert any("budget" in note for note in analysis.notes)


def test_runs_are_repeatable() -> None:
    text = HEADER + "def f(q, k):\n    b, n, d = q.shape\n    return q.view(b, n, 8, 8) @ k.view(b, 4, 3)\n"
    first = analysed(text)[1].findings
    second = analysed(text)[1].findings
    assert [(one.code, one.place, str(one.complaint)) for one in first] == [
        (one.code, one.place, str(one.complaint)) for one in second
    ]
