"""Comments that may be read in two ways: where one of them is right, nothing is reported."""

from __future__ import annotations

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.tracer import run_program

HEAD = "import torch\n\n"

RIGHT_IN_ONE_WAY = {
    "one size, the product of three": """\
def negatives(targets, count):
    batch, length, width = targets.shape
    indices = torch.randint(0, length - 1, (batch, length * count))
    # (N, S x L) -> (N x S x L)
    indices = indices.view(-1)
    return targets.view(-1, width)[indices]


negatives(torch.randn(2, 5, 8), 3)
""",
    "one shape for two targets, of which one is a tensor by chance": """\
def pair(count):
    return [1, 2], torch.zeros(count)


def both(count):
    image, masked = pair(count)  # T*C, H, W
    return masked


both(3)
""",
    "what a name was before, in a sentence": """\
def last(batch, length, width):
    out = torch.zeros(batch, length, width)
    out = out[0, -1]  # out.shape = [B, T, C], so out[0, -1] is the last token
    return out


last(2, 3, 4)
""",
    "the values that a tensor holds": """\
def angles(l: int, alpha):
    m = torch.arange(1, l + 1)  # [1, 2, 3, ..., l]
    n = torch.arange(l, 0, -1)  # [l, l-1, l-2, ..., 1]
    return torch.cos(m * alpha) + torch.sin(n * alpha)


angles(3, torch.zeros(5, 1))
""",
    "an element of what is assigned, above": """\
def total(scores, targets):
    batch, length, classes = scores.shape
    loss = 0
    for i in range(batch):
        # scores[i] : [length, classes], targets[i] : [length]
        loss += torch.nn.functional.cross_entropy(scores[i], targets[i])
    # loss[i] : [length, classes]
    loss = loss * 2
    return loss


total(torch.randn(2, 3, 4), torch.zeros(2, 3, dtype=torch.long))
""",
    "a name of the module's own": """\
class Convolution(torch.nn.Module):
    def __init__(self, channels, L):
        super().__init__()
        self.L = 2 * L
        self.kernel = torch.nn.Parameter(torch.randn(channels, self.L))  # (channels, L)


Convolution(2, 5)
""",
    "what the caller of a function calls an axis, and the function too": """\
def logits(x):
    B, T, C = x.shape
    return x @ torch.zeros(C, 7)


def sample(tokens, T):
    out = logits(tokens)  # (B, T, 7)
    return out


sample(torch.zeros(2, 5, 3), 9)
""",
    "what was padded has another number of chunks": '''\
def passing(states, decay):
    """
    Argument:
        states: (batch, nchunks, width)
        decay: (batch, nchunks)
    """
    batch, length, width = states.shape
    states = torch.cat([torch.zeros_like(states[:, :1]), states], dim=1)
    decay = torch.nn.functional.pad(decay, (1, 0))
    nchunks = decay.shape[-1]
    return torch.einsum("bnw,bn->bw", states, decay) * nchunks


passing(torch.zeros(2, 3, 4), torch.zeros(2, 3))
''',
}

WRONG_IN_EVERY_WAY = {
    "a product of two": """\
def unproject(points, inverse):
    N, D = points.shape
    unprojected = torch.matmul(inverse, points.unsqueeze(-1))  # (N, D, D) x (N, D, 1) -> (N, D, 1)
    point = unprojected.squeeze(-1)  # (N, D, 1)
    return point


unproject(torch.zeros(5, 3), torch.zeros(5, 3, 3))
""",
    "one shape for two tensors": """\
def halves(x):
    B, T, C = x.shape
    first, second = x.flatten(1).split(4, dim=1)  # (B, T, C)
    return first


halves(torch.zeros(2, 4, 2))
""",
    "a name that the module has another size for, too": """\
class Convolution(torch.nn.Module):
    def __init__(self, channels, L):
        super().__init__()
        self.L = 2 * L
        self.kernel = torch.nn.Parameter(torch.randn(channels, 3 * L))  # (channels, L)


Convolution(2, 5)
""",
    "a docstring that no two axes agree with": '''\
def passing(states, decay):
    """
    Argument:
        states: (batch, nchunks, width)
        decay: (batch, width)
    """
    batch, length, width = states.shape
    nchunks = length // 2
    return torch.einsum("bnw,bw->bw", states, decay)


passing(torch.zeros(2, 4, 4), torch.zeros(2, 4))
''',
}


@pytest.mark.parametrize("program", RIGHT_IN_ONE_WAY.values(), ids=RIGHT_IN_ONE_WAY)
def test_left_alone(program: str) -> None:
    assert run_program(HEAD + program, "<program>").uncaught is None
    assert check_source(HEAD + program, "program.py", Settings()).findings == ()


@pytest.mark.parametrize("program", WRONG_IN_EVERY_WAY.values(), ids=WRONG_IN_EVERY_WAY)
def test_reported(program: str) -> None:
    assert run_program(HEAD + program, "<program>").uncaught is None
    found = check_source(HEAD + program, "program.py", Settings()).findings
    assert [finding.code for finding in found] == ["ATN403" if '"""' in program else "ATN401"]
