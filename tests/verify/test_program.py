"""``--verify=program``: the file's own run, and what it may not do."""

from __future__ import annotations

import sys
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.verify.program import judged, run_program

FAILING = """\
import torch


def f(x):
    return torch.bmm(x, x)


if __name__ == '__main__':
    f(torch.randn(3, 4))
"""


def test_confirms_where_the_program_raises(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(FAILING)
    report = check_source(FAILING, str(path), Settings())
    [finding] = judged(report.findings, sys.executable, str(path))
    assert finding.verdict is not None
    assert (finding.verdict.status, finding.verdict.error) == ("confirmed", "RuntimeError")
    assert "3D tensor" in finding.verdict.message


def test_what_is_not_reached_stays_unverified(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    text = FAILING.replace("    f(torch", "    print(torch")
    path.write_text(text)
    report = check_source(text, str(path), Settings())
    for finding in judged(report.findings, sys.executable, str(path)):
        assert finding.verdict is not None
        assert finding.verdict.message == "the program does not come here"


def test_a_caught_error_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import torch\ntry:\n    torch.bmm(torch.ones(2), torch.ones(2))\nexcept RuntimeError:\n    pass\n")
    result = run_program(sys.executable, str(path), [3])
    assert [(line, kind) for line, kind, _ in result.raised] == [(3, "RuntimeError")]
    assert result.ended == ""
    assert result.reached == {3}


def test_a_program_cannot_write_start_processes_or_connect(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    for line in (
        "open('written', 'w')",
        "import os; os.mkdir('made')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import torch; torch.save(torch.ones(2), 'written')",
    ):
        path.write_text(line + "\n")
        result = run_program(sys.executable, str(path), [])
        assert result.ended, line
        assert sorted(one.name for one in tmp_path.iterdir()) == ["program.py"], line


def test_a_program_that_hangs_or_dies_costs_only_its_verdicts(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("while True:\n    pass\n")
    assert run_program(sys.executable, str(path), [], seconds=8).problem
    path.write_text("import os, signal\nos.abort()\n")
    assert "SIGABRT" in run_program(sys.executable, str(path), []).problem
    assert "cannot be started" in run_program(str(tmp_path / "nothing"), str(path), []).problem
