"""ATN118: the parts of a split do not fit the axis or the names."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN118",
    name="split-sizes",
    summary="The parts of a split do not fit the axis or the names",
    explanation="""\
The sizes given to `split` must add up to the axis. `chunk` and `split` may give fewer or more parts than the
statement unpacks: `chunk(3)` of four columns gives two parts.
""",
    failing="""\
import torch

projected = torch.randn(2, 10, 1536)
query, key, value = projected.split([512, 512, 256], dim=-1)  # error: ATN118
""",
    passing="""\
import torch

projected = torch.randn(2, 10, 1536)
query, key, value = projected.split([512, 512, 512], dim=-1)
""",
    how_to_fix="""\
Make the sizes add up to the axis; split a fused projection along its last axis (`dim=-1`).
""",
)
