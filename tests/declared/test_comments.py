"""What is read as a shape, and what is left alone."""

from __future__ import annotations

import pytest

from attnlint.declarations.collect import collect
from attnlint.declarations.comments import MAYBE, read_comment

SHAPES = {
    "# (B, T, C)": "(B, T, C)",
    "# [b, n, d]": "[b, n, d]",
    "# b n d": "b n d",
    "# b (h w) c": "b (h w) c",
    "# B x T x C": "B x T x C",
    "# BxTxC": "BxTxC",
    "# (B x T x C)": "(B x T x C)",
    "# B, T, C": "B, T, C",
    "# 2, Wh, Ww": "2, Wh, Ww",
    "# (B*H, T, D)": "(B*H, T, D)",
    "# (..., D)": "(..., D)",
    "# [*, N, C]": "[*, N, C]",
    "# shape: (B, T, 3)": "(B, T, 3)",
    "# shape (query_length, key_length)": "(query_length, key_length)",
    "# -> [N, L]": "[N, L]",
    "# [batch, heads, seq, dim]": "[batch, heads, seq, dim]",
    "# (batch size, seq len, dim)": "(batch size, seq len, dim)",
    "# (N, C, H, W) -> (N, H*W, C)": "(N, H*W, C)",
    "# each (B, N)": "(B, N)",
    "# (N,)": "(N,)",
    "# (B, T, C) after the projection": "(B, T, C)",
    "# (B, T, C)  # type: ignore": "(B, T, C)",
}

ABOUT = {
    "# x: (B, T, C)": [("x", "(B, T, C)")],
    "# q: (B, H, T, D), k: (B, H, S, D)": [("q", "(B, H, T, D)"), ("k", "(B, H, S, D)")],
    "# out: N x C x H x W": [("", "N x C x H x W")],
}

NO_SHAPES = [
    "# foo(a, b)",
    "# x = torch.zeros(3, 4)",
    "# for a, b in pairs",
    "# see (a, b) and (c, d)",
    "# [0, 1]",
    "# -> [-1, 1]",
    "# (0.5, 0.5, 0.5)",
    "# ('a', 'b')",
    "# (optional)",
    "# 3x3 conv",
    "# if x, y",
    "# (B, T) or (B, T, C)",
    "# (a, b) = c",
    "# (x + 1, y) * 2",
    "# no idea what this is for",
    "# TODO(name): fix",
    "# noqa: E501, F401",
    "# type: ignore[arg-type, misc]",
]


@pytest.mark.parametrize("comment", SHAPES)
def test_a_shape(comment: str) -> None:
    assert MAYBE.search(f"x = y  {comment}\n")
    [said] = read_comment(comment)
    assert (said.about, str(said.spec)) == ("", SHAPES[comment])
    assert comment[said.spec.start : said.spec.end] == SHAPES[comment]


@pytest.mark.parametrize("comment", ABOUT)
def test_whose_shape(comment: str) -> None:
    assert [(said.about, str(said.spec)) for said in read_comment(comment)] == ABOUT[comment]


@pytest.mark.parametrize("comment", NO_SHAPES)
def test_no_shape(comment: str) -> None:
    # One with a name in front is about that name, which no statement assigns here.
    assert [said for said in read_comment(comment) if not said.about] == []


def test_a_comment_belongs_to_its_own_target() -> None:
    text = "def f(x):\n    y = x + 1  # x: (B, T)\n    z = x.T  # (T, B)\n    return z\n"
    found = collect(text)
    assert found is not None
    [declared] = found.functions.values()
    assert [(one.line, str(one.said.spec)) for listed in declared.by_statement.values() for one in listed] == [
        (3, "(T, B)")
    ]


DOCSTRING = '''\
def f(x, y, z, w, v):
    """What it does.

    Args:
        x (torch.Tensor): tokens of shape `(batch, tokens, width)`, already normed
        y: (B, T)
        z (Tensor): mask of shape (B, T) or (B, 1, T)
        w (tuple): one of (a, b)
        v: a flag (optional, default)

    Returns:
        Tensor: the scores, of shape (B, T, T)
    """
'''


def test_docstrings() -> None:
    found = collect(DOCSTRING)
    assert found is not None
    [declared] = found.functions.values()
    shapes = {name: str(listed[0].said.spec) for name, listed in declared.parameters.items()}
    assert shapes == {"x": "(batch, tokens, width)", "y": "(B, T)"}
    assert [str(one.said.spec) for one in declared.returns] == ["(B, T, T)"]
    [x] = declared.parameters["x"]
    assert DOCSTRING.splitlines()[x.line - 1][x.column - 1 : x.end_column - 1] == "(batch, tokens, width)"
