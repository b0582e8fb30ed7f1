"""Branches, loops, exceptions: what is known on each path and where paths meet."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

PROGRAMS = {
    "decided branch": """
x = torch.zeros(2, 3)
if x.dim() == 2:
    y = x[None]  # shape: (1, 2, 3)
else:
    y = x @ torch.zeros(7, 7)
z = y + 1  # shape: (1, 2, 3)
""",
    "undecided branch: both are looked at": """
def f(x: Tensor, flag: bool = None):
    a = torch.zeros(2, 3)
    if flag:
        b = a @ torch.zeros(3, 5)  # shape: (2, 5)
    else:
        b = a @ torch.zeros(4, 5)  # error: ATN101
    return b
""",
    "paths meet: equal values stay": """
def f(flag):
    if flag:
        x = torch.zeros(2, 3)
    else:
        x = torch.ones(2, 3)
    y = x.t()  # shape: (3, 2)
""",
    "paths meet: an operation fails only if it fails for each alternative": """
def f(flag):
    x = torch.zeros(2, 3) if flag else torch.zeros(2, 4)
    y = x @ torch.zeros(4, 5)  # shape: (2, 5)
    z = x @ torch.zeros(5, 5)  # error: ATN101
""",
    "early return ends the path": """
def f(x, mask=None):
    if mask is None:
        return torch.zeros(2, 3)
    y = torch.zeros(2, 3)
    return y

z = f(torch.zeros(1))  # shape: (2, 3)
""",
    "a function that returns on some paths and raises on the last one returns": """
def activation(name):
    if name == "relu":
        return F.relu
    if name == "gelu":
        return F.gelu
    raise ValueError(name)

def width(name):
    if name == "small":
        return 4
    else:
        raise KeyError(name)

class Block(nn.Module):
    def __init__(self, name, size):
        super().__init__()
        self.act = activation(name)
        self.inner = width(size)
        self.first = nn.Linear(8, self.inner)
        self.second = nn.Linear(5, 8)

    def forward(self, x):
        y = self.act(self.first(torch.zeros(2, 8)))  # shape: (2, 4)
        return self.second(y)  # error: ATN104
""",
    "a loop that is left on some paths and raises on the last one is left": """
def first(items, anything):
    for item in items:
        if anything:
            found = item
            break
        raise ValueError("no")
    return found

def counted(items, anything):
    total = 0
    for item in items:
        total += item
        if anything:
            continue
        raise ValueError("no")
    return total

def sizes(anything):
    x = torch.zeros(first([4, 5], anything), counted([4, 5], anything))  # shape: (4, 9)
    x @ torch.zeros(4, 9)  # error: ATN101
""",
    "raise teaches": """
class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        if dim % heads != 0:
            raise ValueError("no")
        self.heads = heads
        self.head_dim = dim // heads
        self.q = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q = self.q(x).view(B, T, self.heads, self.head_dim)
        y = q.reshape(B, T, C)  # shape: (B, T, dim)
        return y
""",
    "a condition holds inside": """
def f(x):
    if x.dim() == 3:
        y = x.transpose(1, 2)
        a, b, c = y.shape
        z = torch.zeros(a, b, c) + y
    return x
""",
    "the same flag twice": """
class M(nn.Module):
    def __init__(self, dim: int, flag: bool):
        super().__init__()
        self.flag = flag
        if flag:
            self.proj = nn.Linear(dim, 2 * dim)
        else:
            self.proj = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        y = self.proj(x)
        if self.flag:
            y = y.unflatten(-1, (2, -1))
        else:
            y = y.unflatten(-1, (3, -1))
        return y
""",
    "None or a tensor": """
def exists(v):
    return v is not None

def default(v, d):
    return v if exists(v) else d

x = torch.zeros(2, 5, 8)
a = default(None, x)  # shape: (2, 5, 8)

def f(context=None):
    context = default(context, torch.zeros(2, 7, 8))
    return context

b = f()  # shape: (2, 7, 8)
c = f(torch.zeros(2, 3, 8))  # shape: (2, 3, 8)
""",
    "known loop": """
x = torch.zeros(1, 2)
for i in range(3):
    x = torch.cat([x, x], dim=0)
y = x + 0  # shape: (8, 2)
for i, (a, b) in enumerate(zip([1, 2], [3, 4])):
    z = torch.zeros(a, b)
w = z + 0  # shape: (2, 4)
""",
    "break and continue": """
x = torch.zeros(1)
for i in range(10):
    if i == 2:
        continue
    if i == 4:
        break
    x = torch.cat([x, torch.zeros(1)])
else:
    x = torch.zeros(100)
y = x + 0  # shape: (4,)
""",
    "loop of unknown length": """
class M(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            self.layers.append(nn.ModuleList([nn.LayerNorm(dim), nn.Linear(dim, dim)]))

    def forward(self, x):
        b, n, d = x.shape
        for norm, linear in self.layers:
            x = linear(norm(x)) + x  # shape: (b, n, dim)
        return x
""",
    "loop that grows": """
def f(n: int):
    x = torch.zeros(1, 4)
    for _ in range(n):
        x = torch.cat([x, torch.zeros(1, 4)])
    y = x @ torch.zeros(4, 5)
    z = x @ torch.zeros(3, 5)  # error: ATN101
""",
    "while": """
i = 0
x = torch.zeros(1)
while i < 3:
    x = torch.cat([x, x])
    i += 1
y = x + 0  # shape: (8,)
while True:
    i += 1
    if i > 5:
        break
z = torch.zeros(i)  # shape: (6,)
""",
    "try: the error is caught, and reported": """
def f():
    try:
        y = torch.zeros(2, 3) @ torch.zeros(2, 3)  # error: ATN101
    except RuntimeError:
        y = torch.zeros(5)
    return y
""",
    "try: a handler that is reached": """
try:
    import surely_not_there
    x = torch.zeros(2)
except ImportError:
    x = torch.zeros(2)
y = x + 0  # shape: (2,)
d = {}
try:
    z = d["a"]
except KeyError as error:
    z = torch.zeros(3)
finally:
    w = torch.zeros(4)  # shape: (4,)
v = z + 0  # shape: (3,)
""",
    "pytest.raises": """
import pytest
with pytest.raises(RuntimeError):
    torch.zeros(2, 3) @ torch.zeros(2, 3)
with torch.no_grad():
    y = torch.zeros(2, 3) @ torch.zeros(2, 3)  # error: ATN101
""",
    "match": """
def f(kind, x):
    match kind:
        case "a":
            return x
        case "b" | "c":
            return x.t()
        case (n, m):
            return torch.zeros(n, m)
    return None

a = f("a", torch.zeros(2, 3))  # shape: (2, 3)
b = f("c", torch.zeros(2, 3))  # shape: (3, 2)
c = f((5, 6), None)  # shape: (5, 6)
""",
    "a generator is taken as far as it is needed": """
a, b = torch.zeros(2, 3), torch.zeros(2, 3, 4, 5)
n = next(t.shape[1] for t in (a, b))
k = next((t.shape[3] for t in (b, a)), None)
some = any(t.dim() == 2 or t.view(7).dim() == 1 for t in (a, b))
every = all(t.dim() > 2 and t.view(7).dim() == 1 for t in (a, b))
x = torch.zeros(n, k)  # shape: (3, 5)
y = all(t.dim() == 2 and t.view(7).dim() == 1 for t in (a, b))  # error: ATN105
""",
    "a generator that was asked for an item on one of two paths": """
def sizes():
    yield 2
    yield 3

def f(flag):
    source = sizes()
    if flag:
        next(source)
    if flag:
        x = torch.zeros(next(source), 4)
    else:
        x = torch.zeros(5, 4)
    z = x @ torch.zeros(5, 5)  # error: ATN101
""",
    "an axis that a tensor does not have is named once": """
def fold(labels: Tensor, ratio: int):
    labels = labels.view(-1, ratio).amax(1)
    longest = labels.size(1)  # error: ATN113
    if longest > 3:
        return labels.repeat_interleave(2, dim=1)
    return labels.sum(1)

def either(flag):
    x = torch.zeros(3)
    if flag:
        return x.sum(1)  # error: ATN107
    return x.amax(1)  # error: ATN107
""",
    "a rank that was asked before the axes became known": """
def f(x: Tensor):
    is_flat = x.dim() == 1
    is_matrix = x.dim() == 2
    tokens, width = x.shape
    if is_flat:
        return x @ torch.zeros(3, 4) @ torch.zeros(3, 4)
    if is_matrix:
        y = torch.zeros(5, tokens) @ x  # shape: (5, width)
    else:
        z = x @ torch.zeros(3, 4) @ torch.zeros(3, 4)
    return torch.zeros(2, 3) @ torch.zeros(4, 5)  # error: ATN101
""",
    "a star import on one of two paths": """
import sys
if len(sys.argv) > 3000:
    from nowhere import *
elif len(sys.argv) > 2000:
    from elsewhere import *

def f(x):
    y = torch.zeros(2, 3) @ torch.zeros(4, 5)  # error: ATN101
    return unbound(y)
""",
    "an error goes on with what is left": """
x = torch.zeros(2, 3) @ torch.zeros(4, 5)  # error: ATN101
y = x + 0  # shape: (2, 5)
z = torch.zeros(2, 3).view(7)  # error: ATN105
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    check(PROGRAMS[name])
