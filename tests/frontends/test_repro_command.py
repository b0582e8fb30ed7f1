"""``attnlint repro``: a program that shows the finding on real torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.frontends.conftest import Cli

pytest.importorskip("attnlint.verify.repro")

BAD = "import torch\n\nscores = torch.bmm(torch.randn(10, 512), torch.randn(512, 10))\n"


def test_the_program_fails_as_the_finding_says(cli: Cli) -> None:
    Path("a.py").write_text(BAD)
    code, out, err = cli("repro", "a.py:3")
    assert (code, err) == (0, "")
    result = subprocess.run([sys.executable, "-c", out], capture_output=True, text=True, check=False, timeout=120)
    assert "must be a 3D tensor" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("a.py", "must be FILE:LINE"),
        ("a.py:x", "must be FILE:LINE"),
        ("a.py:1", "there is no finding at a.py:1"),
        ("missing.py:1", "ATN003 cannot be read"),
    ],
)
def test_mistakes(cli: Cli, place: str, complaint: str) -> None:
    Path("a.py").write_text(BAD)
    code, out, err = cli("repro", place)
    assert (code, out) == (2, "")
    assert complaint in err
