"""What released modules are made of, in small: mechanisms that their measures showed to be missing."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

PROGRAMS = {
    "autograd functions run their forward": """
from torch.autograd import Function

class Summed(Function):
    @staticmethod
    def forward(ctx, x, axis):
        ctx.axis = axis
        ctx.save_for_backward(x)
        return x.sum(axis)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None

summed = Summed.apply
y = summed(torch.zeros(2, 3), 1)  # shape: (2,)
""",
    "a layer has more than its shape rule speaks of": """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x):
        self.lstm.flatten_parameters()
        return self.lstm(x)[0]

y = Encoder()(torch.zeros(2, 3, 4))  # shape: (2, 3, 5)
""",
    "lengths that the program writes down": """
lengths = torch.tensor([3, 7, 5])
longest = int(lengths.max())
ids = torch.arange(longest)  # shape: (7,)
total = torch.zeros(lengths.sum().item())  # shape: (15,)
mask = ids < lengths.unsqueeze(1)  # shape: (3, 7)
levels = torch.tensor([8, 5, 5], dtype=torch.int32)
codes = torch.arange(levels.prod().item())  # shape: (200,)
packed = nn.utils.rnn.pack_padded_sequence(torch.zeros(3, 9, 4), lengths, batch_first=True, enforce_sorted=False)
padded, _ = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
width = padded.size(1)
filled = torch.zeros(width)  # shape: (7,)
""",
    "fans of an initialisation are two numbers": """
from torch.nn.init import _calculate_fan_in_and_fan_out

def initialise(weight):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(weight)
    nn.init.normal_(weight, std=fan_in**-0.5)

layer = nn.Linear(3, 5)
initialise(layer.weight)
y = layer(torch.zeros(2, 3))  # shape: (2, 5)
""",
    "the methods that collections.abc gives to a mapping": """
from collections.abc import MutableMapping

class Table(MutableMapping):
    def __init__(self):
        self.own = {"a": 3, "b": 4}

    def __getitem__(self, key):
        return self.own[key]

    def __setitem__(self, key, value):
        self.own[key] = value

    def __delitem__(self, key):
        del self.own[key]

    def __iter__(self):
        return iter(self.own)

    def __len__(self):
        return len(self.own)

table = Table()
x = torch.zeros(*table.values())  # shape: (3, 4)
y = torch.zeros(len(list(table.keys())), table.get("c", 5))  # shape: (2, 5)
""",
    "signatures": """
import inspect

def make(width, depth=2, *, bias=True):
    return width

parameters = inspect.signature(make).parameters
defaults = {name: each.default for name, each in parameters.items() if each.default is not inspect.Parameter.empty}
x = torch.zeros(len(parameters), defaults["depth"])  # shape: (3, 2)
options = {"num_features": 4, "num_channels": 4}
known = inspect.signature(nn.BatchNorm1d).parameters
norm = nn.BatchNorm1d(**{name: value for name, value in options.items() if name in known})
y = norm(torch.zeros(2, 4))  # shape: (2, 4)
""",
    "the file of a function": """
import inspect
import os

def make():
    pass

name = inspect.getsourcefile(make).split(os.path.sep)[-1]
x = torch.zeros(len(name.rpartition(".")[2]))  # shape: (2,)
""",
    "an option of the constructor is blamed where it fails": """
class Block(nn.Module):
    def __init__(self, dim: int, project: bool):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(2 * dim, dim) if project else nn.Identity()

    def forward(self, x):
        return self.out(self.norm(x))  # error: ATN104
""",
    "an option that goes with another is not": """
class Block(nn.Module):
    def __init__(self, dim: int, double: bool):
        super().__init__()
        self.double = double
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(2 * dim, dim) if double else nn.Linear(dim, dim)

    def forward(self, x):
        x = self.norm(x)
        if self.double:
            x = torch.cat([x, x], dim=-1)
        return self.out(x)
""",
    "a shape unpacked with something beside it": """
x = torch.zeros(2, 3, 4)
b, n, d, device = *x.shape, x.device
y = torch.zeros(b, n)  # shape: (2, 3)
b, n, device = *x.shape, x.device  # error: ATN113
""",
    "two options that go together": """
class Block(nn.Module):
    def __init__(self, dim: int, double: bool):
        super().__init__()
        self.wide = nn.Linear(dim, 2 * dim) if double else nn.Linear(dim, dim)
        self.out = nn.Linear(2 * dim, 3) if double else nn.Linear(dim, 3)

    def forward(self, x):
        b, n, c = x.shape
        y = self.out(self.wide(x))  # shape: (b, n, 3)
        return y
""",
    "a decorator that may have wrapped a method": """
import somewhere

def hooked(method):
    if not somewhere.is_there():
        return method

    def wrapper(self, *args, **kwargs):
        return method(self, *args, **kwargs)

    return wrapper

class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 5)

    @hooked
    def encode(self, x):
        return self.layer(x)

y = Coder().encode(torch.zeros(2, 3))  # shape: (2, 5)
""",
    "the first of many blocks": """
class Stack(nn.Module):
    def __init__(self, dim: int, depth: int, project: bool):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            self.layers.append(nn.Linear(dim + 1, dim) if project else nn.Identity())

    def forward(self, x):
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x) + x  # error: ATN104
        return x
""",
    "the first block is another one": """
class Stack(nn.Module):
    def __init__(self, width: int, dim: int, depth: int):
        super().__init__()
        self.first = nn.LayerNorm(width)
        self.layers = nn.ModuleList([nn.Linear(width if i == 0 else dim, dim) for i in range(depth)])

    def forward(self, x):
        x = self.first(x)
        for layer in self.layers:
            x = layer(x)
        return x
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    check(PROGRAMS[name])
