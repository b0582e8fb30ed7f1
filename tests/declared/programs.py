"""Twins: a program whose declared shape is stale, and the same with the right one, in the styles of real code.

``{}`` is where the declared shape stands. All sizes differ, so that torch's shapes tell every axis from every other.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

"""


@dataclass(frozen=True, slots=True)
class Twins:
    """One program with a stale and a right declaration of the same value."""

    name: str
    program: str
    stale: str
    right: str
    code: str = "ATN401"


COMMENTS = [
    Twins(
        "heads split by view and transpose",
        """\
class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        q = self.to_q(x)  # (B, T, C)
        q = q.view(B, T, H, D).transpose(1, 2)  # {}
        return q


out = Attention(48, 4)(torch.randn(2, 5, 48))
""",
        "(B, T, H, D)",
        "(B, H, T, D)",
    ),
    Twins(
        "heads merged",
        """\
def merge(x):
    b, h, n, d = x.shape
    x = x.transpose(1, 2)  # [b, n, h, d]
    x = x.reshape(b, n, h * d)  # {}
    return x


out = merge(torch.randn(2, 3, 5, 7))
""",
        "[b, h, n, d]",
        "[b, n, h*d]",
    ),
    Twins(
        "bare words of einops",
        """\
def scores(q, k):
    b, n, d = q.shape
    m = k.shape[1]
    s = q @ k.transpose(1, 2)  # {}
    return s


out = scores(torch.randn(2, 5, 8), torch.randn(2, 7, 8))
""",
        "b n d d",
        "b n m",
    ),
    Twins(
        "crosses between the axes",
        """\
class Pool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, 2 * width, 3, padding=1)

    def forward(self, x):
        B, C, H, W = x.shape
        y = self.conv(x).mean(dim=(2, 3))  # {}
        return y


out = Pool(3)(torch.randn(2, 3, 5, 7))
""",
        "B x C x H x W",
        "B x 2*C",
    ),
    Twins(
        "an einsum without the batch",
        """\
def attend(weights, value):
    B, H, T, S = weights.shape
    D = value.shape[-1]
    out = torch.einsum("bhts,bhsd->bthd", weights, value)  # {}
    return out


out = attend(torch.randn(2, 3, 5, 7), torch.randn(2, 3, 7, 11))
""",
        "(B, H, T, D)",
        "(B, T, H, D)",
    ),
    Twins(
        "the right side of an arrow",
        """\
def tokens(images):
    N, C, H, W = images.shape
    x = images.flatten(2).transpose(1, 2)  # (N, C, H, W) -> {}
    return x


out = tokens(torch.randn(2, 3, 5, 7))
""",
        "(N, C, H*W)",
        "(N, H*W, C)",
    ),
    Twins(
        "a name in front",
        """\
class Gate(nn.Module):
    def __init__(self, dim, experts):
        super().__init__()
        self.gate = nn.Linear(dim, experts)

    def forward(self, hidden):
        batch, seq, dim = hidden.shape
        flat = hidden.view(-1, dim)  # flat: {}
        logits = self.gate(flat)
        return logits


out = Gate(16, 6)(torch.randn(2, 5, 16))
""",
        "(batch, seq, dim)",
        "(batch*seq, dim)",
    ),
    Twins(
        "the word shape",
        """\
def positions(length, width):
    position = torch.arange(length).unsqueeze(1)  # shape: {}
    return position


out = positions(5, 8)
""",
        "(length, width, 1)",
        "(length, 1)",
    ),
    Twins(
        "an ellipsis",
        """\
def rotate(x):
    B, T, D = x.shape
    pairs = x.view(B, T, 2, D // 2)  # {}
    return pairs


out = rotate(torch.randn(2, 5, 8))
""",
        "(..., D)",
        "(..., 2, D // 2)",
    ),
    Twins(
        "a number",
        """\
class Boxes(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.head = nn.Linear(width, 4)

    def forward(self, queries):
        boxes = self.head(queries).sigmoid()  # {}
        return boxes


out = Boxes(16)(torch.randn(2, 5, 16))
""",
        "(..., 6)",
        "(..., 4)",
    ),
    Twins(
        "long names in brackets",
        """\
def split(hidden, num_heads, head_dim):
    batch, seq_len, _ = hidden.shape
    query = hidden.view(batch, seq_len, num_heads, head_dim).permute(0, 2, 1, 3)  # {}
    return query


out = split(torch.randn(2, 5, 12), 3, 4)
""",
        "[batch, seq_len, num_heads, head_dim]",
        "[batch, num_heads, seq_len, head_dim]",
    ),
    Twins(
        "the last axis of a reduction",
        """\
def pool(x, mask):
    B, T, C = x.shape
    total = (x * mask.unsqueeze(-1)).sum(dim=1)  # {}
    return total / mask.sum(dim=1, keepdim=True)


out = pool(torch.randn(2, 5, 8), torch.ones(2, 5))
""",
        "(B, T, C)",
        "(B, C)",
    ),
    Twins(
        "several targets",
        """\
class Packed(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)  # each {}
        return q


out = Packed(12)(torch.randn(2, 5, 12))
""",
        "(B, C)",
        "(B, T, C)",
    ),
    Twins(
        "a squeezed axis of a literal",
        """\
scores = torch.zeros(2, 5, 1)  # (2, 5, 1)
scores = scores.squeeze(-1)  # {}
""",
        "(2, 5, 1)",
        "(2, 5)",
    ),
]
"""At the end of a statement."""

ANNOTATIONS = [
    Twins(
        "a result",
        """\
from jaxtyping import Float
from torch import Tensor


def heads(x: Float[Tensor, "batch token width"], n: int) -> Float[Tensor, "{}"]:
    batch, token, width = x.shape
    return x.view(batch, token, n, width // n).transpose(1, 2)


x = torch.randn(2, 5, 12)
out = heads(x, 3)
""",
        "batch token width",
        "batch n token dim",
        "ATN402",
    ),
    Twins(
        "a variable",
        """\
from jaxtyping import Float
from torch import Tensor


def swap(x: Float[Tensor, "batch token width"]) -> Tensor:
    y: Float[Tensor, "{}"] = x.transpose(1, 2)
    return y


x = torch.randn(2, 5, 12)
out = swap(x)
""",
        "batch token width",
        "batch width token",
        "ATN402",
    ),
    Twins(
        "a parameter, and what is passed",
        """\
from jaxtyping import Float
from torch import Tensor


def mean(x: Float[Tensor, "{}"]) -> Tensor:
    return x.mean(dim=-1)


x = torch.randn(2, 5, 12)
out = mean(x)
""",
        "token width",
        "batch token width",
        "ATN402",
    ),
]

DOCSTRINGS = [
    Twins(
        "Google style, a parameter",
        '''\
def area(boxes):
    """Areas.

    Args:
        boxes (torch.Tensor): boxes of shape {}

    Returns:
        torch.Tensor: areas
    """
    batch, count, four = boxes.shape
    return boxes[..., 2] * boxes[..., 3]


boxes = torch.randn(2, 5, 4)
out = area(boxes)
''',
        "(batch, 4)",
        "(batch, count, 4)",
        "ATN403",
    ),
    Twins(
        "a list without types",
        '''\
def attend(q, k):
    """Scores.

    q: (B, T, D)
    k: {}
    """
    B, T, D = q.shape
    B, S, D = k.shape
    return q @ k.transpose(1, 2)


q = torch.randn(2, 5, 8)
k = torch.randn(2, 7, 8)
out = attend(q, k)
''',
        "(B, H, S, D)",
        "(B, S, D)",
        "ATN403",
    ),
    Twins(
        "Sphinx style, the result",
        '''\
def pool(x):
    """Mean over the tokens.

    :param x: [B, T, C]
    :return: {}
    """
    B, T, C = x.shape
    return x.mean(dim=1)


x = torch.randn(2, 5, 8)
out = pool(x)
''',
        "[B, T, C]",
        "[B, C]",
        "ATN403",
    ),
    Twins(
        "Google style, the result",
        '''\
def tokens(images):
    """Patches as tokens.

    Args:
        images: images

    Returns:
        tokens of shape {}
    """
    N, C, H, W = images.shape
    return images.flatten(2).transpose(1, 2)


images = torch.randn(2, 3, 5, 7)
out = tokens(images)
''',
        "(N, C, H*W)",
        "(N, H*W, C)",
        "ATN403",
    ),
]

ALL = [*COMMENTS, *ANNOTATIONS, *DOCSTRINGS]
