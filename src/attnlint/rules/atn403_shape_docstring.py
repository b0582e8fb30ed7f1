"""ATN403: a shape in a docstring that the code does not keep."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN403",
    name="shape-docstring",
    summary="A docstring declares another shape than the value has",
    explanation="""\
Entries such as `x (Tensor): tokens of shape (batch, tokens, width)`, `x: (B, T, C)`, `:param x: shape [B, T, C]`,
`:return: [B, T]` declare the shape of a parameter or of the result. The body of the function asks for another rank of
the parameter, or returns a tensor of another rank, or of another size where the docstring has a number or the name of
a variable. An entry with alternatives, or with more than one shape, is left alone.
""",
    failing='''\
import torch


def split_heads(x, heads):
    """Split the last axis into heads.

    :param x: tokens of shape (batch, tokens, width)
    :param heads: number of heads
    :return: tensor of shape (batch, heads, width)"""  # error: ATN403
    batch, tokens, width = x.shape
    return x.view(batch, tokens, heads, width // heads).transpose(1, 2)


split_heads(torch.randn(2, 10, 64), 4)
''',
    passing='''\
import torch


def split_heads(x, heads):
    """Split the last axis into heads.

    :param x: tokens of shape (batch, tokens, width)
    :param heads: number of heads
    :return: tensor of shape (batch, heads, tokens, width // heads)"""
    batch, tokens, width = x.shape
    return x.view(batch, tokens, heads, width // heads).transpose(1, 2)


split_heads(torch.randn(2, 10, 64), 4)
''',
    how_to_fix="""\
Correct the docstring, if the code is right.
""",
    severity="warning",
)
