"""A run that is interrupted leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# The analysis of every file takes for ever, and tells its process.
PROGRAM = """
import os, sys, time
from attnlint import parallel
from attnlint.cli import main

def check_source(text, path, settings, project):
    open(f"started-{os.getpid()}", "w").close()
    time.sleep(600)

parallel.check_source = check_source
sys.exit(main(["check", "-j", "2", "--no-cache", "."]))
"""


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_no_process_is_left(project: Path, number: signal.Signals, code: int) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (project / name).write_text("import torch\n")
    (project / "run").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell lets what it starts in the background ignore the signal, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until(lambda: len(list(project.glob("started-*"))) == 2)
    workers = [int(path.name.removeprefix("started-")) for path in project.glob("started-*")]
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors
    wait_until(lambda: not any(alive(worker) for worker in workers))
