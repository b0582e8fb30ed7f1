"""Which devices a program says, and where it is not certain: then nothing is reported."""

from __future__ import annotations

import pytest

from attnlint.check import check_source
from attnlint.config import Settings

MODEL = """
class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 4))
        self.mask = torch.ones(4, 4)

    def forward(self, x):
        return self.weight @ (x * self.mask)
"""


def lines(program: str) -> list[int]:
    """The lines with ATN119, counted from 1 in the given text."""
    text = f"import torch\nfrom torch import nn\n{program}"
    report = check_source(text, "program.py", Settings())
    assert report.error is None
    assert {finding.code for finding in report.findings} <= {"ATN119"}, report.findings
    return [finding.range.line - 2 for finding in report.findings]


def test_a_tensor_is_on_the_cpu_where_nobody_says_otherwise() -> None:
    assert lines("x = torch.randn(3, device='cuda')\ny = x + torch.ones(3)") == [2]


@pytest.mark.parametrize(
    "device", ["'cuda'", "'cuda:1'", "torch.device('cuda')", "torch.device('cuda', 0)", "0", "'mps'"]
)
def test_ways_to_name_a_device(device: str) -> None:
    assert lines(f"x = torch.randn(3).to({device})\ny = x + torch.ones(3)") == [2]
    assert lines(f"x = torch.randn(3, device={device})\ny = x + torch.ones(3, device={device})") == []


@pytest.mark.parametrize(
    "choice",
    [
        "'cuda' if torch.cuda.is_available() else 'cpu'",
        "torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "torch.accelerator.current_accelerator()",
        "__import__('os').environ['DEVICE']",
        "f'cuda:{rank}'",
    ],
)
def test_a_device_that_is_chosen_when_the_program_runs_is_not_known(choice: str) -> None:
    assert lines(f"rank = int(input())\ndevice = {choice}\nx = torch.randn(3, device=device) + torch.ones(3)") == []
    assert lines(f"rank = int(input())\ndevice = {choice}\nnn.Linear(3, 3).to(device)(torch.ones(3))") == []
    assert lines(f"rank = int(input())\ndevice = {choice}\nnn.Linear(3, 3, device=device)(torch.ones(3))") == []


@pytest.mark.parametrize(
    "change",
    [
        "torch.set_default_device('cuda')",
        "torch.set_default_tensor_type('torch.cuda.FloatTensor')",
    ],
)
def test_a_program_that_changes_the_default_device(change: str) -> None:
    assert lines(f"{change}\nx = torch.randn(3, device='cuda') + torch.ones(3)") == []


@pytest.mark.parametrize("context", ["torch.device('cuda')", "device", "init_on_device()", "somewhere"])
def test_inside_a_context_that_may_choose_a_device(context: str) -> None:
    program = f"""
from elsewhere import init_on_device, somewhere
device = torch.device("cuda")
x = torch.randn(3, device="cuda")
with {context}:
    y = x + torch.ones(3)
"""
    assert lines(program) == []


def test_inside_a_context_that_does_not() -> None:
    assert lines("x = torch.randn(3, device='cuda')\nwith torch.no_grad():\n    y = x + torch.ones(3)") == [3]


def test_a_function_that_others_may_call() -> None:
    assert lines("def f():\n    return torch.randn(3, device='cuda') + torch.ones(3)") == []
    assert lines("def f():\n    return torch.randn(3, device='cuda') + torch.ones(3, device='cpu')") == [2]


def test_a_plain_attribute_stays_behind() -> None:
    assert lines(f"{MODEL}\nMasked().cuda()(torch.randn(4, 4).cuda())") == [9]
    assert lines(f"{MODEL}\nMasked()(torch.randn(4, 4))") == []


def test_a_buffer_does_not() -> None:
    buffer = MODEL.replace("self.mask = torch.ones(4, 4)", "self.register_buffer('mask', torch.ones(4, 4))")
    assert lines(f"{buffer}\nMasked().cuda()(torch.randn(4, 4).cuda())") == []
    assert lines(f"{buffer}\nMasked().cuda()(torch.randn(4, 4))") == [9]


def test_a_class_that_has_a_hand_in_moving() -> None:
    own = MODEL + "\n    def _apply(self, fn):\n        self.mask = fn(self.mask)\n        return super()._apply(fn)\n"
    assert lines(f"{own}\nMasked().cuda()(torch.randn(4, 4).cuda())") == []


@pytest.mark.parametrize(
    "move",
    [
        "model = nn.DataParallel(nn.Linear(4, 4).cuda())",
        "model = nn.Linear(4, 4).cuda(); model.cpu()",
        "model = nn.Linear(4, 4).cuda().to(torch.float32).cpu()",
        "model = nn.Linear(4, 4).cuda(); model.apply(print)",
        "model = nn.Linear(4, 4).cuda(); model.to(torch.ones(3))",
    ],
)
def test_where_the_model_is_now(move: str) -> None:
    assert lines(f"{move}\nmodel(torch.randn(4, 4))") == []


def test_the_dtype_says_nothing_about_the_device() -> None:
    assert lines("model = nn.Linear(4, 4).cuda().to(torch.float64)\nmodel(torch.randn(4, 4).double())") == [2]


def test_an_array_shares_memory_with_the_cpu() -> None:
    assert lines("x = torch.randn(3).cuda()\nx.numpy()") == [2]
    assert lines("x = torch.randn(3).cuda()\nx.cpu().numpy()\nx.numpy(force=True)") == []


def test_a_tensor_that_may_be_anywhere() -> None:
    assert lines("def f(x):\n    return x + torch.ones(3, device='cuda') + torch.ones(3, device='cuda')") == []


def test_branches_leave_what_both_know() -> None:
    program = "x = torch.ones(3)\nif input():\n    x = x.cuda()\ny = x + torch.ones(3, device='cpu')"
    assert lines(program) == []


SILENT = {
    "parameters in a list": """
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = nn.ParameterList([nn.Parameter(torch.ones(4)) for _ in range(3)])
        self.named = nn.ParameterDict({"a": nn.Parameter(torch.ones(4))})

    def forward(self, x):
        for weight in self.weights:
            x = x * weight
        return x + self.named["a"]

Mixed().cuda()(torch.randn(4).cuda())
""",
    "a parameter that was read before its layer moved": """
layer = nn.Linear(4, 4)
weight = layer.weight
layer.cuda()
y = weight + torch.ones(4, device="cuda")
""",
    "buffers of a class of torch": """
class Norm(nn.BatchNorm1d):
    def forward(self, x):
        return (x - self.running_mean) / self.running_var

Norm(4).cuda()(torch.randn(3, 4, device="cuda"))
""",
    "a device that may not be there": """
x = torch.ones(3)
try:
    x = x.cuda()
except RuntimeError:
    pass
y = x + torch.ones(3)
model = nn.Linear(3, 3)
try:
    model.cuda()
except RuntimeError:
    pass
model(torch.ones(3))
""",
    "contents that are replaced": """
model = nn.Linear(4, 4).cuda()
for parameter in model.parameters():
    parameter.data = parameter.data.cpu()
model(torch.ones(4))
""",
    "two conditions that are one": """
there = torch.cuda.is_available()
model = nn.Linear(3, 3)
x = torch.ones(3)
if there:
    model = model.cuda()
if there:
    x = x.cuda()
model(x)
""",
    "numbers of losses, brought back": """
loss = torch.randn(3, device="cuda").mean()
total = torch.zeros(1)
total = total + loss.cpu()
total += loss.item()
x = torch.randn(3, device="cuda")
x[torch.arange(2)] = 0
x.copy_(torch.ones(3))
y = torch.where(x > 0, x, torch.tensor(0.0))
""",
}


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT)
def test_what_works_is_silent(program: str) -> None:
    assert lines(program) == []
