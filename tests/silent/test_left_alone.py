"""What looks like a silent mistake and is none: nothing is said of it."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

PROGRAMS = {
    "a soft assignment: softmax over the clusters, a sum over the points": """
points, centres = torch.randn(50, 8), torch.randn(6, 8)
assigned = torch.softmax(-((points[:, None] - centres[None]) ** 2).sum(-1), dim=1)
moved = (assigned.unsqueeze(-1) * points.unsqueeze(1)).sum(dim=0) / assigned.sum(0).unsqueeze(-1)
""",
    "residuals of a soft assignment: softmax over the clusters of a layer, a sum over the descriptors": """
class NetVLAD(nn.Module):
    def __init__(self, clusters, width):
        super().__init__()
        self.assign = nn.Linear(width, clusters)
        self.centres = nn.Parameter(torch.randn(clusters, width))
    def forward(self, x):
        weights = self.assign(x).softmax(dim=-1)
        residuals = x.unsqueeze(2) - self.centres
        return (weights.unsqueeze(-1) * residuals).sum(dim=1)
pooled = NetVLAD(5, 8)(torch.randn(2, 30, 8))
""",
    "responsibilities of a mixture": """
x, means = torch.randn(40, 3), torch.randn(4, 3)
scores = nn.Linear(3, 4)(x)
responsibilities = scores.softmax(dim=1)
new = (responsibilities.unsqueeze(-1) * (x.unsqueeze(1) - means)).sum(dim=0)
""",
    "a softmax over one key of a first step": """
query, key, value = torch.randn(2, 1, 8), torch.randn(2, 1, 8), torch.randn(2, 1, 8)
out = torch.softmax(query @ key.transpose(1, 2), dim=-1) @ value
""",
    "one score for each token, of any number of axes": """
class Pooling(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)
    def forward(self, states):
        weights = torch.softmax(self.score(states), dim=1)
        logarithms = F.log_softmax(self.score(states), dim=1)
        return (weights * states).sum(dim=1), logarithms
""",
    "one class by default": """
class Head(nn.Module):
    def __init__(self, width, classes=1):
        super().__init__()
        self.fc = nn.Linear(width, classes)
    def forward(self, x, target):
        return F.cross_entropy(self.fc(x), target)
""",
    "all pairs of nodes: copies in both ways": """
class Pairs(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(2 * width, 1)
    def forward(self, h):
        n, width = h.shape
        left = h.repeat_interleave(n, dim=0)
        right = h.repeat(n, 1)
        return self.score(torch.cat([left, right], dim=1)).view(n, n), left * right
scores, products = Pairs(4)(torch.randn(6, 4))
""",
    "all pairs of two sets": """
left, right = torch.randn(3, 8), torch.randn(5, 8)
pairs = left.repeat_interleave(5, dim=0) * right.repeat(3, 1)
table = pairs.view(3, 5, 8)
""",
    "a mask of heads that is copied for samples": """
batch, heads, tokens = 2, 3, 5
scores = torch.randn(batch, heads, tokens, tokens).reshape(batch * heads, tokens, tokens)
bias = torch.randn(heads, tokens, tokens).repeat(batch, 1, 1)
scores = scores + bias
""",
    "heads in front of the samples on both sides": """
x, mask = torch.randn(2, 5, 12), torch.zeros(2, 1, 5, dtype=torch.bool)
heads = torch.cat(x.split(4, dim=2), dim=0)
scores = heads @ heads.transpose(1, 2)
scores = scores.masked_fill(mask.repeat(3, 1, 1), float("-inf"))
""",
    "rotary pairs of halves, cut from a table": """
def rotate_half(x):
    x1, x2 = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)
class Rotary(nn.Module):
    def __init__(self, width, longest=64):
        super().__init__()
        frequencies = 1.0 / 10000 ** (torch.arange(0, width, 2) / width)
        angles = torch.outer(torch.arange(longest).float(), frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cos", angles.cos()[None, None])
        self.register_buffer("sin", angles.sin()[None, None])
    def forward(self, x):
        cos, sin = self.cos[:, :, : x.shape[-2]], self.sin[:, :, : x.shape[-2]]
        return x * cos + rotate_half(x) * sin
turned = Rotary(8)(torch.randn(2, 3, 10, 8))
""",
    "rotary pairs of neighbours, laid out as such": """
def rotate_half(x):
    x = x.reshape(*x.shape[:-1], -1, 2)
    x1, x2 = x.unbind(dim=-1)
    return torch.stack((-x2, x1), dim=-1).flatten(-2)
def rotary(x):
    tokens, width = x.shape[-2:]
    angles = torch.arange(tokens)[:, None] * (1.0 / 10000 ** (torch.arange(0, width, 2) / width))[None]
    angles = angles.repeat_interleave(2, dim=-1)
    return x * angles.cos() + rotate_half(x) * angles.sin()
turned = rotary(torch.randn(2, 3, 10, 8))
""",
    "a symmetric matrix divided by its sums": """
x = torch.randn(9, 4)
similar = torch.exp(x @ x.T)
weights = similar / similar.sum(dim=1)
def normalized(adjacency):
    return adjacency / adjacency.sum(dim=1)
""",
    "columns divided by their sums": """
scores = torch.exp(torch.randn(9, 9))
weights = scores / scores.sum(dim=0)
""",
    "a letter that is added up on one side": """
weights, values = torch.randn(2, 4, 7, 7), torch.randn(2, 4, 7, 16)
received = torch.einsum("bhqk,bhkd->bhd", weights, values)
total = torch.einsum("bij,bj->b", torch.randn(2, 3, 4), torch.randn(2, 4))
""",
    "a product of scores for every pair, added up along one axis": """
prices, amounts = torch.randn(6, 1), torch.randn(6)
table = (prices * amounts).sum(dim=1)
""",
    "squared distances of all pairs": """
x = torch.randn(6, 4)
squares = (x ** 2).sum(1, keepdim=True)
distance = (squares + (x ** 2).sum(1) - 2 * x @ x.T).mean()
""",
    "a softmax of scaled probabilities": """
probabilities = nn.Linear(4, 3)(torch.randn(5, 4)).softmax(-1)
sharper = (probabilities / 0.1).softmax(-1)
""",
    "the logarithm of a softmax": """
scores = nn.Linear(4, 3)(torch.randn(5, 4))
loss = F.nll_loss(torch.log(scores.softmax(-1)), torch.zeros(5, dtype=torch.long))
same = F.kl_div(scores.log_softmax(-1), scores.softmax(-1))
""",
    "quantiles of one variable": """
class Head(nn.Module):
    def __init__(self, features, window, quantiles):
        super().__init__()
        self.quantiles = quantiles
        self.linear = nn.Linear(features, window * quantiles)
    def forward(self, x):
        batch, variables, features = x.shape
        x = self.linear(x).permute(0, 2, 1)
        return x.reshape(batch, -1, self.quantiles)
""",
    "a width of 0 by default": """
class Attention(nn.Module):
    def __init__(self, width, heads=16):
        super().__init__()
        self.heads, self.head_width = heads, 0
        self.query = nn.Linear(width, heads * self.head_width)
    def forward(self, x):
        batch, tokens, width = x.shape
        return self.query(x).view(batch, tokens, self.heads, self.head_width).transpose(1, 2)
heads = Attention(8)(torch.randn(2, 5, 8))
""",
    "hidden states of one layer as rows": """
output, (hidden, cell) = nn.LSTM(4, 6, batch_first=True)(torch.randn(3, 5, 4))
rows = hidden.view(3, -1)
layers = nn.LSTM(4, 6, 2, bidirectional=True)(torch.randn(5, 3, 4))[1][0].view(2, 2, 3, 6)
""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_is_left_alone(program: str) -> None:
    check(program)
