"""Commands and what they cost: seconds of a processor, seconds on the wall, the memory of the largest process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    cpu: float
    """Of the process and of those that it waited for."""
    wall: float
    megabytes: float
    """The peak of the largest process."""
    code: int


def cost(command: Sequence[str | Path], *, folder: Path | None = None, cache: Path | None = None) -> Cost:
    """Run a command and wait for it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if cache is not None:
        environment["ATTNLINT_CACHE_DIR"] = str(cache)
    started = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    megabytes = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Cost(usage.ru_utime + usage.ru_stime, wall, megabytes, process.returncode)


def least(command: Sequence[str | Path], times: int, *, folder: Path | None = None) -> Cost:
    """The cheapest of several runs: the others were disturbed."""
    return min((cost(command, folder=folder) for _ in range(times)), key=lambda one: one.cpu)


def python(*arguments: str | Path) -> list[str | Path]:
    """A command for the Python that runs this."""
    return [sys.executable, *arguments]


def attnlint(*arguments: str | Path) -> list[str | Path]:
    """``attnlint check``, with no configuration."""
    return python("-m", "attnlint", "check", "--isolated", "-q", *arguments)
