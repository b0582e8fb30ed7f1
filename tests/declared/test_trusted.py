"""Which declared shapes of parameters are taken for granted, and what that finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import ConfigError, Settings, load_settings

COMMENTS = """\
import torch


def scores(
    query,  # (B, T, 64)
    key,  # (B, S, 32)
):
    return query @ key.transpose(1, 2)
"""

DOCSTRING = '''\
import torch


def scores(query, key):
    """Scores.

    Args:
        query: (B, T, 64)
        key: (B, S, 32)
    """
    return query @ key.transpose(1, 2)
'''

ANNOTATIONS = """\
import torch
from jaxtyping import Float
from torch import Tensor


def scores(query: Float[Tensor, "batch heads*width"], key: Float[Tensor, "batch heads*width+1"]):
    return query @ key.transpose(0, 1)
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(COMMENTS, "comments"), (DOCSTRING, "docstrings"), (ANNOTATIONS, "jaxtyping")],
    ids=["comments", "docstrings", "jaxtyping"],
)
def test_what_is_taken_for_granted(text: str, wanted: str) -> None:
    trusting = check_source(text, "scores.py", Settings(parameter_shapes=(wanted,)))
    assert [(finding.code, finding.range.line) for finding in trusting.findings] == [("ATN101", text.count("\n"))]
    others = tuple({"comments", "docstrings", "jaxtyping"} - {wanted})
    assert check_source(text, "scores.py", Settings(parameter_shapes=others)).findings == ()


def test_the_option(tmp_path: Path) -> None:
    path = tmp_path / "attnlint.toml"
    path.write_text('parameter-shapes = ["comments"]\n')
    assert load_settings(tmp_path).parameter_shapes == ("comments",)
    path.write_text('parameter-shapes = ["coments"]\n')
    with pytest.raises(ConfigError, match="may hold jaxtyping, comments, docstrings"):
        load_settings(tmp_path)


def test_findings_can_be_suppressed_and_left_out() -> None:
    text = "import torch\n\nx = torch.zeros(2, 3)  # (2, 3, 4)\n"
    assert [one.code for one in check_source(text, "x.py", Settings()).findings] == ["ATN401"]
    assert check_source(text, "x.py", Settings(ignore=("ATN401",))).findings == ()
    suppressed = text.replace("4)", "4)  # noqa: ATN401")
    assert check_source(suppressed, "x.py", Settings()).findings == ()


DOUBTFUL = [
    "boxes = torch.zeros(5, 4)  # (x, y, w, h)",
    "colours = torch.zeros(5, 7, 3)[0]  # (R, G, B)",
    "point = torch.zeros(5, 4)[:, :3]  # x y z",
    "batch = torch.zeros(2, 5, 8)  # (T, C)",
    "values = torch.tensor([1, 2, 3])  # [1, 2, 3]",
    "total = torch.ones(3, 4).sum(0)  # [3, 3, 3, 3]",
    "size = torch.tensor([7, 2])  # [n, 2]",
    "pair = torch.stack([torch.ones(()), torch.ones(())])  # [a, b]",
    "scaled = torch.rand(5, 2) * 2 - 1  # -> [-1, 1]",
    "start = torch.zeros(0)  # (B, T)",
]


@pytest.mark.parametrize("line", DOUBTFUL)
def test_what_may_mean_something_else_is_left_alone(line: str) -> None:
    assert check_source(f"import torch\n\n{line}\n", "x.py", Settings()).findings == ()
