"""Inlay hints are short."""

from __future__ import annotations

import pytest

from attnlint.server.hint_labels import LONGEST, label_and_tooltip, sizes

PATCHES = "(img.shape[2] // patch_size)*(img.shape[3] // patch_size)"


def test_what_says_nothing_is_not_shown() -> None:
    assert label_and_tooltip({"x": ["(...)"]}) is None
    assert label_and_tooltip({"x": ["(...)", "(B, T)"]}) == ("(B, T)", "")
    assert label_and_tooltip({"x": ["(...)"], "y": ["(B, T)"]}) == ("y: (B, T)", "")


def test_a_short_label_says_everything() -> None:
    assert label_and_tooltip({"q": ["(B, T)", "(1, 2)"], "k": ["(B,)"]}) == ("q: (B, T) | (1, 2), k: (B,)", "")
    assert label_and_tooltip({"q": ["(B, T)"], "k": ["(B, T)"], "v": ["(B,)"]}) == ("q, k: (B, T), v: (B,)", "")


@pytest.mark.parametrize(
    ("shapes", "label"),
    [
        # That with most names of the author's, and that there are others.
        ([f"(b, {PATCHES}, 64)", "(b, n, dim)", "(b, 1, dim)"], "(b, n, dim) | …"),
        (["(b, 1, heads * dim_head + 1)", f"(b, {PATCHES}, 2*width)"], "(b, …, 2*width) | …"),
        ([f"(b, heads, {PATCHES}, {PATCHES})"], "(b, heads, …, …)"),
        ([f"({PATCHES} + {PATCHES},)"], "(…,)"),
    ],
)
def test_a_long_one_is_shortened_and_the_tooltip_has_the_rest(shapes: list[str], label: str) -> None:
    found = label_and_tooltip({"x": shapes})
    assert found is not None
    assert found == (label, "\n".join(shapes))
    assert len(found[0]) <= LONGEST


def test_sizes_are_cut_at_their_own_commas_alone() -> None:
    assert sizes("(B, max(a, b[1, 2]), 4)") == ["B", "max(a, b[1, 2])", "4"]
    assert sizes("(..., 4)") == ["...", "4"]
    assert sizes("()") == []
