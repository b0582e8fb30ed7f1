"""``state_dict()``: the names, their order and the shapes are those of torch."""

from __future__ import annotations

import pytest
import torch

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import AnalysisOptions, Project, analyse
from attnlint.syntax import parse
from attnlint.values import DictValue

PROGRAM = """\
import torch
from torch import nn

class Tables(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.scale = nn.Parameter(torch.ones(3))
        self.register_buffer("kept", torch.ones(5))
        self.register_buffer("not_kept", torch.ones(6), persistent=False)
        self.register_buffer("not_kept_either", torch.ones(6), False)
        self.plain = torch.ones(2)
        self.several = nn.ParameterList([nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(2))])

model = {layer}
state = model.state_dict()
"""
LAYERS = """
nn.Linear(3, 4)
nn.Linear(3, 4, bias=False)
nn.Bilinear(3, 4, 5)
nn.Embedding(10, 4)
nn.EmbeddingBag(10, 4)
nn.Conv1d(4, 8, 3)
nn.Conv2d(4, 8, 3, groups=2, bias=False)
nn.ConvTranspose2d(4, 8, 3)
nn.BatchNorm1d(4)
nn.BatchNorm2d(4, affine=False)
nn.BatchNorm2d(4, track_running_stats=False)
nn.InstanceNorm2d(4, affine=True)
nn.LayerNorm(4)
nn.GroupNorm(2, 4)
nn.RMSNorm(4)
nn.PReLU(4)
nn.LSTM(3, 4, num_layers=2, bidirectional=True)
nn.LSTM(3, 4, proj_size=2)
nn.GRU(3, 4, bias=False)
nn.RNN(3, 4)
nn.LSTMCell(3, 4)
nn.GRUCell(3, 4)
nn.MultiheadAttention(8, 2)
nn.MultiheadAttention(8, 2, kdim=4, vdim=4, bias=False)
nn.MultiheadAttention(8, 2, add_bias_kv=True)
nn.TransformerEncoderLayer(8, 2)
nn.TransformerDecoderLayer(8, 2, 16)
nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)
nn.Transformer(8, 2, 1, 1, 16)
nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5))
nn.ModuleList([nn.Linear(3, 4), nn.LayerNorm(4)])
nn.ModuleDict({"first": nn.Linear(3, 4), "second": nn.LayerNorm(4)})
Tables()
nn.Sequential(Tables(), nn.Sequential(Tables()))
nn.CrossEntropyLoss(weight=torch.ones(3))
"""


@pytest.mark.parametrize("layer", LAYERS.strip().splitlines())
def test_names_and_shapes_are_torchs(layer: str) -> None:
    text = PROGRAM.replace("{layer}", layer)
    analysis = analyse(parse(text, "program.py"), Project.around("program.py"), AnalysisOptions(record_bindings=True))
    (state,) = [each.value for each in analysis.bindings if each.name == "state"]
    space: dict[str, object] = {}
    exec(text, space)
    real = space["state"]
    assert isinstance(real, dict) and isinstance(state, DictValue)
    assert [(name, value.shape.dims) for name, value in state.items.items()] == [
        (name, tuple(value.shape)) for name, value in real.items() if isinstance(value, torch.Tensor)
    ]


SAVED = """
import os
import torch
from torch import nn
unknown = os.environ.get("ANY")

torch.save({"model": nn.Linear(8, 4).state_dict(), "epoch": 3}, "model.pt")
EXTRA
state = torch.load("model.pt")["model"]
nn.Linear(8, SIZE).load_state_dict(state)
"""


@pytest.mark.parametrize(
    ("size", "extra", "expected"),
    [
        (2, "", [(10, "ATN120")]),
        (4, "", []),
        (2, "torch.save(unknown, 'model.pt')", []),
        (2, "torch.save({}, unknown)", []),
        (2, "if unknown: torch.save({}, 'model.pt')", []),
        (4, "torch.save({'model': nn.Linear(8, 2).state_dict()}, 'model.pt')", [(10, "ATN120")]),
    ],
)
def test_what_is_loaded_is_what_was_saved_last(size: int, extra: str, expected: list[tuple[int, str]]) -> None:
    text = SAVED.replace("SIZE", str(size)).replace("EXTRA", extra)
    report = check_source(text, "example.py", Settings())
    assert [(finding.range.line, finding.code) for finding in report.findings] == expected
