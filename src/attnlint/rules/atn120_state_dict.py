"""ATN120: a state dict does not fit the module that loads it."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN120",
    name="state-dict",
    summary="A state dict does not fit the module that loads it",
    explanation="""\
`module.load_state_dict(state)` wants the names of `state` to be those of the module's parameters and buffers, and
compares the shape of every tensor with that of its namesake. `strict=False` allows for names that are missing or too
many, not for another shape.

It is reported where a program makes both modules itself, so that all names and shapes are known; nothing is said of a
file that is loaded. The verdict is that of a module with just the one parameter that is named.
""",
    failing="""\
from torch import nn

pretrained = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 1000))
finetuned = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 5))
finetuned.load_state_dict(pretrained.state_dict(), strict=False)  # error: ATN120
""",
    passing="""\
from torch import nn

pretrained = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 1000))
finetuned = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 5))
state = pretrained.state_dict()
del state["2.weight"], state["2.bias"]
finetuned.load_state_dict(state, strict=False)
""",
    how_to_fix="""\
Make the module with the sizes that the state was saved with and replace its last layer afterwards, or take the entries
that do not fit out of the state and load the rest with `strict=False`.
""",
)
