"""ATN119: tensors of one operation are on different devices."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN119",
    name="devices",
    summary="The operands of an operation are on different devices",
    explanation="""\
torch computes where its operands are, and they must all be on one device. Only certain cases are reported: a device
that the code names (`device="cuda"`, `.cuda()`, `.to("cuda")`, `.cpu()`), or the CPU where a program makes a tensor
without saying where. A device that is chosen when the program runs
(`"cuda" if torch.cuda.is_available() else "cpu"`) is not known, and never reported.

`module.to(...)` moves parameters and registered buffers. It does not move a plain tensor that is an attribute.

A tensor without dimensions on the CPU goes with tensors of any device, and so does a tensor of indices on the CPU. A
tensor that is not on the CPU cannot become a NumPy array.

Where there is no CUDA device, the verdict is that of torch's `FakeTensorMode`, which works out devices without having
them. It says so.
""",
    failing="""\
import torch
from torch import nn

projection = nn.Linear(64, 64).to("cuda")
tokens = torch.randn(2, 10, 64)
output = projection(tokens)  # error: ATN119
""",
    passing="""\
import torch
from torch import nn

projection = nn.Linear(64, 64).to("cuda")
tokens = torch.randn(2, 10, 64, device="cuda")
output = projection(tokens)
""",
    how_to_fix="""\
Make tensors where they are used (`torch.arange(tokens, device=x.device)`), register masks and tables as buffers
(`self.register_buffer("mask", mask)`), and move the batch to the device of the model.
""",
)
