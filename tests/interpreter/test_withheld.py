"""What a call of the checked file does in another file that decides for itself between several ways."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import Project

ATTENTION = """
import os
import torch
import torch.nn.functional as F

def is_fused():
    return os.environ.get("FUSED") == "1"

def either(query, key):
    if is_fused():
        return F.scaled_dot_product_attention(query, key, key)
    else:
        scores = query @ key.transpose(-2, -1)
        return scores.softmax(dim=-1) @ key

def one(query, key):
    if is_fused():
        return query * 2
    else:
        return query @ key.transpose(-2, -1)

def in_turn(tensors, key):
    for each in tensors:
        if is_fused():
            x = each[0] @ key.transpose(-2, -1)
        else:
            x = each[1] @ key.transpose(-2, -1)
    return x

def one_of_four(query, key):
    if is_fused():
        if os.environ.get("DEEP") == "1":
            return query @ key.transpose(-2, -1)
        else:
            return query
    else:
        return query @ key.transpose(-2, -1)

def all_of_three(query, key):
    if is_fused():
        if os.environ.get("DEEP") == "1":
            return query @ key.transpose(-2, -1)
        else:
            return F.scaled_dot_product_attention(query, key, key)
    else:
        return torch.einsum("bid,bjd->bij", query, key)
"""
CALLS = {
    "either(query, key)": True,
    "all_of_three(query, key)": True,
    "one(query, key)": False,
    "one_of_four(query, key)": False,
    "in_turn([(query, key), (query, query)], query)": False,
    "in_turn([(query, query), (key, key)], query)": True,
    "either(query, query)": False,
    "all_of_three(query, query)": False,
}


@pytest.mark.parametrize("call", CALLS)
def test_what_fails_on_all_sides(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding where, and only where, torch refuses the call whatever the environment says."""
    (tmp_path / "attention.py").write_text(ATTENTION)
    program = tmp_path / "program.py"
    program.write_text(
        f"import torch\nfrom attention import *\nquery, key = torch.randn(2, 5, 8), torch.randn(2, 7, 6)\n{call}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    refused = []
    for fused in "01":
        for deep in "01":
            monkeypatch.setenv("FUSED", fused)
            monkeypatch.setenv("DEEP", deep)
            monkeypatch.delitem(sys.modules, "attention", raising=False)
            try:
                runpy.run_path(str(program))
                refused.append(False)
            except RuntimeError:
                refused.append(True)
    assert all(refused) is CALLS[call]
    report = check_source(program.read_text(), str(program), Settings(), Project.around(program))
    assert [finding.range.line for finding in report.findings] == [4] * CALLS[call]
