"""``--verify=program``: runs the file itself, in limits, and sees whether torch raises where findings say so."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attnlint.findings import Finding, Verdict
from attnlint.verify.process import PASSED_ON
from attnlint.verify.verifier import MEMORY_LIMIT

WORKER = Path(__file__).with_name("program_worker.py")

SECONDS = 60
"""How long a program may run, torch's import included."""

NOT_TORCH = frozenset({"Refused", "KeyboardInterrupt", "SystemExit", "StopIteration", "GeneratorExit", "MemoryError"})


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """What happened when a program ran."""

    torch_version: str = ""
    raised: tuple[tuple[int, str, str], ...] = ()
    """Line of the file, type, message of every exception that reached its code, in order."""
    reached: frozenset[int] = frozenset()
    """Of the lines asked for, those that were executed."""
    ended: str = ""
    """The exception that ended it; empty when it ran to its end."""
    problem: str = ""
    """Why it could not be run."""


def announcement(python: str, path: str, seconds: int = SECONDS) -> str:
    """What is about to be run, in a line."""
    return (
        f"running {path} with {python} for at most {seconds} s; "
        "it can read what you can read, and can neither write files, nor start processes, nor use the network"
    )


def run_program(
    python: str, path: str, lines: Iterable[int], *, seconds: int = SECONDS, memory: int = MEMORY_LIMIT
) -> ProgramRun:
    """Run a file as ``__main__`` in a process of its own. Never raises: what goes wrong is in ``problem``."""
    request = {"path": os.path.abspath(path), "lines": sorted(set(lines)), "seconds": seconds, "memory": memory}
    answer, problem = run_worker(python, WORKER, request, os.path.dirname(os.path.abspath(path)), seconds)
    if problem:
        return ProgramRun(problem=problem)
    if "error" in answer:
        return ProgramRun(problem=str(answer["error"]))
    return ProgramRun(
        str(answer["torch"]),
        tuple((int(line), str(kind), str(message)) for line, kind, message in answer["raised"]),
        frozenset(answer["reached"]),
        str(answer["ended"]),
    )


def run_worker(
    python: str, worker: Path, request: Mapping[str, Any], folder: str, seconds: int
) -> tuple[dict[str, Any], str]:
    """One request to a worker that answers one and ends: the answer, or in one line why there is none."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", PYTHONIOENCODING="utf-8", CUDA_VISIBLE_DEVICES="")
    environment.update(MPLBACKEND="Agg", PYTHONDONTWRITEBYTECODE="1")
    try:
        process = subprocess.Popen(
            [python, "-E", str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            encoding="utf-8",
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        return {}, f"{python} cannot be started: {error.strerror or error}"
    try:
        output, _ = process.communicate(json.dumps(request) + "\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        return {}, f"the program was stopped after {seconds} s"
    except OSError as error:
        _kill(process)
        return {}, f"the program could not be run: {error}"
    except BaseException:
        _kill(process)
        raise
    try:
        answer: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        code = process.returncode
        killed = f"the program was killed by {signal.Signals(-code).name}" if code and code < 0 else ""
        return {}, killed or f"the program ended with exit status {code}"
    return answer, ""


def judged(findings: Sequence[Finding], python: str, path: str, *, seconds: int = SECONDS) -> list[Finding]:
    """The findings of one file with verdicts of its own run; where that says nothing, the verdict that they had
    stays."""
    lines = {line for one in findings for line in range(one.range.line, one.range.end_line + 1)}
    result = run_program(python, path, lines, seconds=seconds)
    return [replace(finding, verdict=_verdict(finding, result)) for finding in findings]


def _verdict(finding: Finding, result: ProgramRun) -> Verdict:
    before = finding.verdict
    if result.problem:
        return before or Verdict("unverified", result.problem)
    place = finding.range
    for line, kind, message in result.raised:
        if place.line <= line <= place.end_line and kind not in NOT_TORCH:
            message = f"{message} (when the program ran)"
            return Verdict("confirmed", message, error=kind, torch_version=result.torch_version)
    if before is not None and before.status != "unverified":
        return before
    if any(place.line <= line <= place.end_line for line in result.reached):
        reason = "the program ran through this line without an error"
    elif result.ended:
        reason = f"the program ended before it came here: {result.ended}"
    else:
        reason = "the program does not come here"
    return Verdict("unverified", reason, torch_version=result.torch_version)


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired, OSError, ValueError):
        process.communicate(timeout=5)
