"""ATN314: a rotary embedding whose pairs do not fit its angles."""

from __future__ import annotations

from attnlint.rules.rule import Rule

_PROGRAM = """\
import torch


def rotate(x):
    {halves}
    return torch.cat((-second, first), dim=-1)


def rotary(x):
    tokens, width = x.shape[-2:]
    frequencies = 1.0 / 10000 ** (torch.arange(0, width, 2) / width)
    angles = torch.outer(torch.arange(tokens), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return x * angles.cos() + rotate(x) * angles.sin(){marked}


query = rotary(torch.randn(2, 4, 10, 8))
"""

RULE = Rule(
    code="ATN314",
    name="rotary-pairs",
    summary="A rotary embedding whose pairs do not fit its angles",
    explanation="""\
`x * cos + rotate_half(x) * sin` turns the features in pairs, each pair by an angle of its own. Which features make a
pair is said twice: by `rotate_half`, and by how the angles are laid out. Halves of the width go with
`cat((angles, angles))`, neighbours with `angles.repeat_interleave(2)`, and of a pair one is negated. Taken from two
implementations they do not fit: nothing raises, nothing is turned, and the scores no longer depend on the distance of
two tokens alone.

Reported where both layouts are read from the code. The verdict looks whether the vectors keep their lengths, as they do
when they are turned.
""",
    failing=_PROGRAM.format(halves="first, second = x[..., ::2], x[..., 1::2]", marked="  # error: ATN314"),
    passing=_PROGRAM.format(halves="first, second = x.chunk(2, dim=-1)", marked=""),
    how_to_fix="""\
Take `rotate_half` and the layout of the angles from one implementation.
""",
    severity="warning",
)
