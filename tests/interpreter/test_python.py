"""Functions, classes and data of Python, run on tensors."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

PROGRAMS = {
    "every kind of parameter": """
def f(a, /, b, *args, c=3, **kwargs):
    return torch.zeros(a, b, len(args), c, kwargs.get("d", 1))

x = f(1, 2)  # shape: (1, 2, 0, 3, 1)
y = f(1, 2, 7, 7, c=5, d=6)  # shape: (1, 2, 2, 5, 6)
z = f(*[4, 5], **{"c": 2})  # shape: (4, 5, 0, 2, 1)
""",
    "closures, nonlocal, lambda, partial": """
from functools import partial, wraps

def counter():
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step

step = counter()
step(); step()
x = torch.zeros(step())  # shape: (3,)
g = partial(torch.zeros, 2)
y = g(5)  # shape: (2, 5)
q, k, v = map(lambda t: t.view(2, 3, 4).transpose(0, 1), torch.zeros(24, 3).unbind(-1))  # shape: q (3, 2, 4)

def twice(function):
    @wraps(function)
    def inner(*args, **kwargs):
        return function(function(*args, **kwargs))
    return inner

@twice
def grow(t):
    return torch.cat([t, t])

z = grow(torch.zeros(1))  # shape: (4,)
""",
    "cached functions run once for the same arguments": """
import functools

@functools.lru_cache(maxsize=None)
def sizes(n):
    return [n]

@functools.lru_cache
def count(n):
    calls.append(n)
    return n

@functools.cache
def width(n, factor=2):
    return n * factor

calls = []
sizes(3).append(4)
x = torch.zeros(sizes(3))  # shape: (3, 4)
y = torch.zeros(sizes(5))  # shape: (5,)
count(1); count(1); count(2)
z = torch.zeros(len(calls), width(3), width(3, factor=4))  # shape: (2, 6, 12)
""",
    "generators": """
def numbers(n):
    for i in range(n):
        yield i + 1
    yield from [7, 8]

x = torch.zeros(*numbers(2))  # shape: (1, 2, 7, 8)
first = next(numbers(3))
y = torch.zeros(first, sum(n for n in numbers(2)))  # shape: (1, 18)
""",
    "recursion": """
def power(n):
    return 1 if n == 0 else 2 * power(n - 1)

x = torch.zeros(power(3))  # shape: (8,)

def forever(n):
    return forever(n + 1)

forever(0)
y = torch.zeros(2)  # shape: (2,)
""",
    "classes": """
class Base:
    size = 3
    def __init__(self, n):
        self.n = n
    @property
    def area(self):
        return self.n * self.size
    @classmethod
    def make(cls):
        return cls(2)
    @staticmethod
    def double(n):
        return 2 * n
    def __call__(self, m):
        return torch.zeros(self.n, m)
    def __len__(self):
        return self.n
    def __getitem__(self, index):
        return torch.zeros(index + 1)

class Derived(Base):
    size = 5
    def __init__(self, n):
        super().__init__(n + 1)

d = Derived.make()
x = torch.zeros(d.area)  # shape: (15,)
y = d(7)  # shape: (3, 7)
z = d[4]  # shape: (5,)
w = torch.zeros(len(d), Base.double(4))  # shape: (3, 8)
""",
    "configuration": """
from dataclasses import dataclass, field

@dataclass
class Config:
    dim: int = 64
    heads: int = 8
    sizes: list = field(default_factory=lambda: [1, 2])

class Block(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.qkv = nn.Linear(config.dim, 3 * config.dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)  # shape: q (2, 5, 64)
        q = q.view(B, T, self.config.heads, -1)  # shape: (2, 5, 8, 8)
        return q

Block(Config())(torch.zeros(2, 5, 64))
""",
    "an unknown object has stable attributes": """
class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.num_heads
        self.head_dim = config.head_dim
        self.q = nn.Linear(config.hidden_size, config.num_heads * self.head_dim)

    def forward(self, x):
        B, T, _ = x.shape
        q = self.q(x)
        q = q.view(B, T, self.heads, self.head_dim)  # shape: (B, T, config.num_heads, config.head_dim)
        bad = q @ q  # error: ATN201
        return q
""",
    "strings, slices, stars": """
sizes = (2, 3, 4)
first, *rest = sizes
x = torch.zeros(first, *rest)  # shape: (2, 3, 4)
y = x.view(*x.shape[:1], -1)  # shape: (2, 12)
name = f"dim_{first}"
table = {"dim_2": 9}
z = torch.zeros(table[name])  # shape: (9,)
(a, b), c = (1, 2), 3
w = torch.zeros(a, b, c)  # shape: (1, 2, 3)
if (n := len(sizes)) > 2:
    v = torch.zeros(n)  # shape: (3,)
""",
    "augmented assignment": """
x = torch.zeros(2, 3)
x += torch.zeros(3)
x *= 2
y = x + 0  # shape: (2, 3)
x += torch.zeros(4, 2, 3)  # error: ATN106
items = [1]
items += [2, 3]
z = torch.zeros(items)  # shape: (1, 2, 3)
""",
    "wrong number of names": """
x = torch.zeros(2, 3, 4, 5)
B, T, C = x.shape  # error: ATN113
""",
    "axis of a shape out of range": """
x = torch.zeros(2, 3)
n = x.shape[2]  # error: ATN113
m = x.size(-3)  # error: ATN113
""",
    "exceptions of Python are no findings": """
x = {}
y = x["missing"]
z = torch.zeros(2, 3) @ torch.zeros(2, 3)  # error: ATN101
""",
    "a list of which nothing is known any more": """
from somewhere import change
sizes = [2, 3]
change(sizes)
x = torch.zeros(sizes) @ torch.zeros(4, 4)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    check(PROGRAMS[name])
