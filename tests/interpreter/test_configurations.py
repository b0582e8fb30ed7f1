"""Models made from a configuration class of the project: hooks of its attributes, its defaults, its sizes left open."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import AnalysisOptions, Project, analyse
from attnlint.syntax import parse

CONFIGURATION = """
class Specified:
    def __getattribute__(self, key):
        special = super().__getattribute__("__dict__").get("_special")
        if special is not None:
            if key in special:
                raise RuntimeError(key)
        return super().__getattribute__(key)

class Base(Specified):
    attribute_map = {}

    def __init__(self, **kwargs):
        self.classes = kwargs.pop("classes", 2)
        for key, value in kwargs.items():
            setattr(self, key, value)

    def __setattr__(self, key, value):
        if key in super().__getattribute__("attribute_map"):
            key = super().__getattribute__("attribute_map")[key]
        super().__setattr__(key, value)

    def __getattribute__(self, key):
        if key != "attribute_map" and key in super().__getattribute__("attribute_map"):
            key = super().__getattribute__("attribute_map")[key]
        return super().__getattribute__(key)

class Config(Base):
    attribute_map = {"hidden_size": "n_embd", "num_attention_heads": "n_head"}

    def __init__(self, n_embd=64, n_head=4, n_layer=24, mlp=None, gated=False, levels=0, **kwargs):
        self.n_embd = n_embd
        self.n_head = n_head
        self.n_layer = n_layer
        self.mlp = mlp if mlp is not None else 4 * n_embd
        self.gated = gated
        self.levels = levels
        super().__init__(**kwargs)
"""

MODEL = """
import torch
from torch import nn
from configuration import Config

class Block(nn.Module):
    def __init__(self, config: Config, index: int):
        super().__init__()
        self.index = index
        self.heads = config.num_attention_heads
        self.qkv = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.up = nn.Linear(config.n_embd, WIDE)
        self.gate = nn.Linear(config.n_embd, config.mlp) if config.gated else None
        self.down = nn.Linear(config.mlp, config.n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (each.view(B, T, self.heads, C // self.heads).transpose(1, 2) for each in (q, k, v))
        x = x + ((q @ k.transpose(-2, -1) * (C // self.heads) ** -0.5).softmax(-1) @ v).transpose(1, 2).reshape(B, T, C)
        hidden = self.up(x)
        if self.gate is not None:
            hidden = hidden * self.gate(x)
        return x + self.down(hidden)  # DOWN

class Model(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.blocks = nn.ModuleList([Block(config, index) for index in range(config.num_layers)])
        self.head = nn.Linear(config.hidden_size, config.classes)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)
""".replace("config.num_layers", "config.n_layer")

RUN = """
from configuration import Config
from model import Model
import torch

assert Model(Config(n_layer=2))(torch.zeros(2, 5, 64)).shape == (2, 5, 2)
config = Config(hidden_size=32, n_head=2, n_layer=6, gated=True, classes=7)
assert (config.n_embd, config.hidden_size, config.num_attention_heads) == (32, 32, 2)
model = Model(config)
assert [block.index for block in model.blocks] == [0, 1, 2, 3, 4, 5]
assert model(torch.zeros(2, 5, 32)).shape == (2, 5, 7)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "configuration.py").write_text(CONFIGURATION)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("configuration", "model"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    for name in ("configuration", "model"):
        sys.modules.pop(name, None)


def _found(project: Path, text: str) -> list[tuple[int, str]]:
    path = project / "model.py"
    path.write_text(text)
    result = check_source(text, str(path), Settings(), Project(str(project)))
    assert not result.notes, result.notes
    return [(finding.range.line, finding.code) for finding in result.findings]


def _run(project: Path) -> None:
    (project / "program.py").write_text(RUN)
    runpy.run_path(str(project / "program.py"))


def test_a_working_model(project: Path) -> None:
    assert _found(project, MODEL.replace("WIDE", "config.mlp")) == []
    _run(project)


@pytest.mark.parametrize("wide", ["config.mlp + 1", "2 * config.mlp", "config.classes"])
def test_a_width_that_does_not_fit(project: Path, wide: str) -> None:
    text = MODEL.replace("WIDE", wide)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "# DOWN" in each)
    assert [code for at, code in _found(project, text) if at == line] == ["ATN104"]
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        _run(project)


def test_an_axis_of_the_size_zero_is_a_placeholder(project: Path) -> None:
    text = """
import torch
from torch import nn
from configuration import Config

class Levels(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(config.levels, config.n_embd))

    def forward(self, x):
        return x * self.scale[0]
"""
    assert _found(project, text) == []
    (project / "program.py").write_text(
        "import torch\nfrom configuration import Config\nfrom model import Levels\n"
        "assert Levels(Config(levels=2))(torch.zeros(3, 64)).shape == (3, 64)\n"
    )
    runpy.run_path(str(project / "program.py"))


PARTS = """
import copy
from torch import nn
from configuration import Config

class Output(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.n_embd, config.n_embd)
        self.norm = nn.LayerNorm(NORMED)

    def forward(self, x, residual):
        return self.norm(self.dense(x) + residual)  # NORM

class Model(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        HANDED
        self.output = Output(config)

    def forward(self, x, kind: str):
        return getattr(self, kind)(x, x)
"""


def _parts(handed: str, normed: str) -> tuple[str, int]:
    text = PARTS.replace("HANDED", handed).replace("NORMED", normed)
    return text, next(number for number, each in enumerate(text.splitlines(), 1) if "# NORM" in each)


def _call_parts(project: Path) -> None:
    (project / "program.py").write_text(
        "import torch\nfrom configuration import Config\nfrom model import Model\n"
        "assert Model(Config())(torch.zeros(2, 5, 64), 'output').shape == (2, 5, 64)\n"
    )
    runpy.run_path(str(project / "program.py"))


def test_a_part_is_given_the_configuration_of_the_whole(project: Path) -> None:
    text, line = _parts("", "config.mlp")
    assert _found(project, text) == [(line, "ATN104")]
    with pytest.raises(RuntimeError, match="normalized_shape"):
        _call_parts(project)


@pytest.mark.parametrize("handed", ["", "config = copy.deepcopy(config)"])
def test_a_part_that_fits_the_configuration_of_the_whole(project: Path, handed: str) -> None:
    assert _found(project, _parts(handed, "config.n_embd")[0]) == []
    _call_parts(project)


@pytest.mark.parametrize("handed", ["config = copy.deepcopy(config); ", ""])
def test_what_the_whole_sets_is_not_the_default_for_its_parts(project: Path, handed: str) -> None:
    text, _ = _parts(f"{handed}config.classes = config.n_embd", "config.classes")
    assert _found(project, text) == []
    _call_parts(project)


def _steps(project: Path, text: str) -> int:
    path = project / "model.py"
    path.write_text(text)
    analysis = analyse(parse(text, str(path)), Project(str(project)), AnalysisOptions(strict=True))
    assert not analysis.notes
    return int(analysis.figures["steps"])


def test_layers_made_alike_cost_no_more_when_there_are_more(project: Path) -> None:
    text = MODEL.replace("WIDE", "config.mlp")
    few = _steps(project, text)
    (project / "configuration.py").write_text(CONFIGURATION.replace("n_layer=24", "n_layer=240"))
    assert _steps(project, text) < 2 * few


ROWS = {
    "an index that decides": """
        [nn.Linear(8, 8 if index % 2 else 8 * index + 8) for index in range(6)]
    """,
    "widths of a list": """
        [nn.Linear(widths[index], widths[index + 1]) for index in range(6)]
    """,
    "a class of its own for the last": """
        [Own(index) if index == 5 else Own(index + 3) for index in range(6)]
    """,
    "a width that grows with the index": """
        [Own(index) for index in range(6)]
    """,
    "counted elsewhere": """
        [Counted() for index in range(6)]
    """,
}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_what_layers_have_of_their_own_is_theirs(row: str) -> None:
    text = f"""
import torch
from torch import nn

widths = [4, 4, 4, 4, 4, 16, 32]
made = []

class Own(nn.Module):
    def __init__(self, index):
        super().__init__()
        self.index = index
        self.inner = nn.Sequential(nn.Linear(2, index + 1), nn.GELU())
        self.weight = nn.Parameter(torch.zeros(index + 1, 3))

class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        made.append(self)
        self.weight = nn.Parameter(torch.zeros(len(made), 3))

row = nn.ModuleList({row.strip()})
shapes = [tuple(parameter.shape) for layer in row for parameter in layer.parameters()]
x = torch.zeros(sum(shape[0] for shape in shapes))
"""
    variables: dict[str, object] = {}
    exec(text, variables)
    source = parse(text, "program.py")
    analysis = analyse(source, Project("/nonexistent"), AnalysisOptions(record_bindings=True, strict=True))
    bound = [each.value for each in analysis.bindings if each.name == "x"]
    assert [str(each.shape) for each in bound] == [f"({len(variables['x'])},)"]  # type: ignore[attr-defined, arg-type]
