"""Imported files are run by name: the same values as when Python runs them whole, in whatever order they are read."""

from __future__ import annotations

import contextlib
import runpy
import sys
from pathlib import Path

import pytest
import torch

from attnlint.interpreter import Analysis, AnalysisOptions, Project, analyse
from attnlint.syntax import Source, parse
from tests.harness.expectations import read_expectations
from tests.interpreter.programs import errors, shapes

HEADER = "import torch\nimport torch.nn as nn\n"

PROGRAMS: dict[str, dict[str, str]] = {
    "a name that is bound again": {
        "sizes.py": "first = 2\nbefore = first + 1\nfirst = 5\nafter = first + 1\n",
        "main.py": """
from sizes import after, before, first
x = torch.zeros(first, before, after)  # shape: (5, 3, 6)
""",
    },
    "read late what was bound early": {
        "sizes.py": "n = 2\ndef early(): return n\nm = early()\nn = 7\n",
        "main.py": """
import sizes
x = torch.zeros(sizes.n)  # shape: (7,)
y = torch.zeros(sizes.m)  # shape: (2,)
z = torch.zeros(sizes.early())  # shape: (7,)
""",
    },
    "a registry that decorators fill, with what the module itself says": {
        "registry.py": """
import sys

entry_points, sizes, tagged = {}, {}, {}

def clear(name):
    for each in tagged.pop(name, []) + [name]:
        sizes.pop(each, None)

def register(function):
    module = sys.modules[function.__module__]
    name = function.__name__
    if hasattr(module, "__all__"):
        if name not in module.__all__:
            module.__all__.append(name)
    else:
        module.__all__ = [name]
    if name in entry_points:
        clear(name)
    entry_points[name] = function
    if hasattr(module, "defaults") and name in module.defaults:
        sizes[name] = module.defaults[name]
    return function

def rename(old, new):
    if old in entry_points:
        sizes.pop(old, None)
    entry_points[old] = entry_points[new]

def size_of(name):
    if name in sizes:
        return sizes[name]
    raise KeyError(name)
""",
        "main.py": """
import sys
from registry import register, rename, size_of
defaults = {"small": 4, "large": 7}

@register
def small():
    return torch.zeros(size_of("small"), 2)

@register
def large():
    return torch.zeros(size_of("large"), 2)

rename("tiny", "small")
x = small()  # shape: (4, 2)
y = large()  # shape: (7, 2)
z = torch.zeros(len(sys.modules[__name__].__all__))  # shape: (2,)
""",
    },
    "functions of another file that are called like methods that write": {
        "initial.py": """
def copy_(tensor, other):
    return tensor.copy_(other)

def shaped_(tensor, other):
    return tensor.resize_(other.shape)
""",
        "main.py": """
import initial
first, second = torch.zeros(3, 4), torch.zeros(5)
initial.copy_(first, torch.ones(3, 4))
initial.copy_(second, torch.ones(5))
x = initial.shaped_(torch.zeros(6), torch.ones(2, 3))  # shape: (2, 3)
y = initial.copy_(second, torch.ones(1))  # shape: (5,)
""",
    },
    "cached functions of another file": {
        "sizes.py": """
import functools

@functools.lru_cache
def size(n, more=1):
    return n + more

@functools.cache
def shape(n):
    return [n]

@functools.lru_cache(maxsize=None)
def power(n):
    return 1 if n == 0 else 2 * power(n - 1)
""",
        "main.py": """
from sizes import power, shape, size
x = torch.zeros(size(2), size(2, more=3), size(2))  # shape: (3, 5, 3)
y = torch.zeros(power(4))  # shape: (16,)
shape(3).append(2)
z = torch.zeros(shape(3))  # shape: (3, 2)
w = torch.zeros(size(4))  # shape: (5,)
""",
    },
    "a dict that grows": {
        "sizes.py": "table = {'a': 2}\ntable['b'] = 3\ntable.update(c=4)\ntable['c'] += 1\nn = len(table)\n",
        "main.py": """
from sizes import n, table
x = torch.zeros(table['a'], table['b'], table['c'])  # shape: (2, 3, 5)
y = torch.zeros(n)  # shape: (3,)
""",
    },
    "a dict that grows after it was read": {
        "sizes.py": "table = {'a': 2}\nbefore = len(table)\ntable['b'] = 3\n",
        "main.py": """
from sizes import table, before
x = torch.zeros(len(table), before)  # shape: (2, 1)
""",
    },
    "a decorator that registers": {
        "layers.py": """
import torch.nn as nn
REGISTRY = {}

def register(cls):
    REGISTRY[cls.__name__] = cls
    return cls

@register
class Small(nn.Module):
    def forward(self, x):
        return x[:, :2]

@register
class Big(nn.Module):
    def forward(self, x):
        return x[:, :6]
""",
        "main.py": """
from layers import REGISTRY
x = REGISTRY["Big"]()(torch.zeros(3, 8))  # shape: (3, 6)
""",
    },
    "an object that holds itself": {
        "layers.py": """
class Node:
    def __init__(self, size):
        self.size = size
        self.first = self
        self.last = self

ROOT = Node(3)
ROOT.parent = ROOT
ROOT.child = ROOT
""",
        "main.py": """
from layers import ROOT
x = torch.zeros(ROOT.parent.first.size, ROOT.child.last.size)  # shape: (3, 3)
""",
    },
    "a registry that is an object": {
        "layers.py": """
class Registry:
    def __init__(self):
        self.sizes = {}
    def register(self, name, size):
        self.sizes[name] = size

SIZES = Registry()
SIZES.register("a", 4)

def more():
    SIZES.register("b", 5)

more()
""",
        "main.py": """
import layers
x = torch.zeros(layers.SIZES.sizes["a"], layers.SIZES.sizes["b"])  # shape: (4, 5)
""",
    },
    "subclasses that are counted": {
        "layers.py": """
class Base:
    size = 3
    total = 0
    def __init_subclass__(cls, **keywords):
        Base.total = Base.total + cls.size

class Two(Base):
    size = 2

class Five(Base):
    size = 5
""",
        "main.py": """
from layers import Base
x = torch.zeros(Base.total)  # shape: (7,)
""",
    },
    "a function that sets a global": {
        "state.py": "size = 1\ndef grow():\n    global size\n    size = 9\ngrow()\n",
        "main.py": """
import state
x = torch.zeros(state.size)  # shape: (9,)
""",
    },
    "an attribute that is set later": {
        "layers.py": "class A:\n    n = 1\nclass B:\n    pass\nA.n = 4\nA.other = B\nB.n = A.n + 1\n",
        "main.py": """
from layers import A
x = torch.zeros(A.n, A.other.n)  # shape: (4, 5)
""",
    },
    "imports in a try, names behind a condition": {
        "sizes.py": """
try:
    import nowhere_to_be_found as accelerated
except ImportError:
    accelerated = None

if accelerated is None:
    n = 3
else:
    n = 4

for i in range(3):
    n += i

with open(__file__) as file:
    m = 2
""",
        "main.py": """
from sizes import m
x = torch.zeros(m)  # shape: (2,)
""",
    },
    "star imports, one after the other": {
        "a.py": "n = 2\nm = 3\n_hidden = 4\n",
        "b.py": "from a import *\nm = 5\nk = n + m\n",
        "c.py": "k = 1\nn = 10\nfrom b import *\n__all__ = ['k', 'm', 'n']\n",
        "main.py": """
from c import *
x = torch.zeros(k, n, m)  # shape: (7, 2, 5)
""",
    },
    "packages that import from each other": {
        "pack/__init__.py": "from .one import first\nfrom .two import second\nbase = 2\n",
        "pack/one.py": "step = 1\nfrom . import two\ndef first():\n    return two.size + step\n",
        "pack/two.py": """
from .one import step
size = 3
def second():
    from . import base
    return base + step
""",
        "main.py": """
from pack import first, second
x = torch.zeros(first(), second())  # shape: (4, 3)
""",
    },
    "names made up on demand, declared for type checkers": {
        "pack/__init__.py": """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sizes import n
    from .more import *
else:
    def __getattr__(name):
        import importlib
        for part in ("sizes", "more"):
            module = importlib.import_module("." + part, __name__)
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)
""",
        "pack/sizes.py": "n = 4\n",
        "pack/more.py": "m = 6\n",
        "main.py": """
from pack import m, n
x = torch.zeros(n, m)  # shape: (4, 6)
""",
    },
    "what is under main is not run": {
        "sizes.py": "n = 2\nif __name__ == '__main__':\n    n = 3\n",
        "main.py": """
from sizes import n
x = torch.zeros(n)  # shape: (2,)
""",
    },
    "a long chain of classes": {
        "layers.py": "class C0:\n    n = 3\n" + "".join(f"class C{i + 1}(C{i}):\n    pass\n" for i in range(300)),
        "main.py": """
from layers import C300
x = torch.zeros(C300.n)  # shape: (3,)
""",
    },
    "the error is in the file that is checked": {
        "layers.py": "import torch.nn as nn\nclass Head(nn.Linear):\n    pass\nhead = Head(8, 4)\n",
        "main.py": """
from layers import head
x = head(torch.zeros(2, 8))  # shape: (2, 4)
y = head(torch.zeros(2, 9))  # error: ATN104
""",
    },
}


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for name, text in PROGRAMS[request.param].items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEADER + text if name == "main.py" else text, encoding="utf-8")
    return tmp_path


def analysed(folder: Path, project: Project) -> tuple[Source, Analysis]:
    path = folder / "main.py"
    source = parse(path.read_text(encoding="utf-8"), str(path))
    return source, analyse(source, project, AnalysisOptions(record_bindings=True, strict=True))


@pytest.mark.parametrize("folder", PROGRAMS, indirect=True)
def test_values_of_imported_names(folder: Path) -> None:
    source, analysis = analysed(folder, Project(folder))
    expected = read_expectations(source.text)
    assert errors(source, analysis) == expected.errors
    found = shapes(source, analysis)
    for (line, _), shape in expected.shapes.items():
        assert [values for (at, _), values in found.items() if at == line] == [{shape}]


@pytest.mark.parametrize("folder", PROGRAMS, indirect=True)
def test_the_same_when_all_is_known_already(folder: Path) -> None:
    """Every other file is checked first, in the same project: what they have read changes nothing."""
    project = Project(folder)
    for path in sorted(folder.rglob("*.py"), reverse=True):
        analyse(parse(path.read_text(encoding="utf-8"), str(path)), project, AnalysisOptions(strict=True))
    source, analysis = analysed(folder, project)
    first, alone = analysed(folder, Project(folder))
    assert errors(source, analysis) == errors(first, alone)
    assert shapes(source, analysis) == shapes(first, alone)
    assert set(alone.dependencies) <= set(analysis.dependencies)


@pytest.mark.parametrize("folder", PROGRAMS, indirect=True)
def test_torch_does_what_the_comments_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "main.py"
    text = path.read_text(encoding="utf-8")
    expected = read_expectations(text)
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    failing = {line for line, _ in expected.errors}
    lines = text.splitlines()
    kept = "\n".join("" if number in failing else line for number, line in enumerate(lines, 1))
    path.write_text(kept, encoding="utf-8")
    try:
        variables = runpy.run_path(str(path))
        for line in failing:
            with pytest.raises(RuntimeError):
                exec(lines[line - 1], variables)
    finally:
        for name in set(sys.modules) - known:
            module = sys.modules[name]
            with contextlib.suppress(AttributeError, TypeError):
                if str(module.__file__).startswith(str(folder)):
                    del sys.modules[name]
    for (line, _), shape in expected.shapes.items():
        value = variables[lines[line - 1].partition(" ")[0]]
        assert isinstance(value, torch.Tensor)
        assert str(tuple(value.shape)).replace(" ", "") == shape


def test_only_what_a_name_depends_on_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(
        "class A:\n    n = 2\n    def f(self):\n        return 1\n\nclass B:\n    m = 3\n\nclass C(A):\n    pass\n",
        encoding="utf-8",
    )
    (tmp_path / "main.py").write_text("from layers import C\nimport torch\ntorch.zeros(C.n)\n", encoding="utf-8")
    project = Project(tmp_path)
    _, analysis = analysed(tmp_path, project)
    module = project.modules[str(tmp_path / "layers.py")]
    assert module.done == {0, 2}
    assert analysis.dependencies == [str(tmp_path / "layers.py")]
