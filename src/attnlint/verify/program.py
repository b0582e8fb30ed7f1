"""``--verify=program``: runs the file itself, in limits, and sees whether torch raises where findings say so.

What the file itself does not come to is called by a driver: see :mod:`attnlint.verify.driver`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attnlint.findings import Finding, Verdict
from attnlint.verify.driver import Driver, NoDriver, driver_for
from attnlint.verify.process import PASSED_ON
from attnlint.verify.verifier import MEMORY_LIMIT

WORKER = Path(__file__).with_name("program_worker.py")

SECONDS = 60
"""How long a program may run, torch's import included."""

NOT_TORCH = frozenset({"Refused", "KeyboardInterrupt", "SystemExit", "StopIteration", "GeneratorExit", "MemoryError"})

NOT_OF_SHAPES = NOT_TORCH | {"AttributeError", "NameError", "UnboundLocalError", "KeyError", "TypeError", "ImportError"}
"""What made-up arguments raise by themselves: no proof when a driver made them."""


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
    attempt: int = -1
    """With a driver: which of its attempts raised at a line asked for."""


def announcement(python: str, path: str, seconds: int = SECONDS, *, driver: Driver | None = None) -> str:
    """What is about to be run, in a line."""
    what = path if driver is None else f"{driver.text()} of {path}"
    return (
        f"running {what} with {python} for at most {seconds} s; "
        "it can read what you can read, and can neither write files, nor start processes, nor use the network"
    )


def run_program(
    python: str,
    path: str,
    lines: Iterable[int],
    *,
    seconds: int = SECONDS,
    memory: int = MEMORY_LIMIT,
    driver: Driver | None = None,
) -> ProgramRun:
    """Run a file as ``__main__`` in a process of its own, or import it and run a driver.

    Never raises: what goes wrong is in ``problem``.
    """
    request: dict[str, Any] = {"path": os.path.abspath(path), "lines": sorted(set(lines)), "seconds": seconds}
    request.update(memory=memory, driver=None if driver is None else driver.request)
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
        attempt=int(answer["attempt"]),
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


def driven(
    findings: Sequence[Finding],
    python: str,
    path: str,
    text: str,
    *,
    seconds: int = SECONDS,
    announce: Callable[[str], None] | None = None,
) -> list[Finding]:
    """The findings of one file whose own run did not come to them, with verdicts of a driver each.

    Each driver has a process of its own: what dies costs no other finding its verdict. ``announce`` is told what is
    run before it is.
    """
    results = []
    for finding in findings:
        if finding.verdict is not None and finding.verdict.status == "confirmed":
            results.append(finding)
            continue
        try:
            driver = driver_for(finding, text)
        except (NoDriver, SyntaxError, ValueError, RecursionError) as error:
            results.append(replace(finding, verdict=_without_driver(finding, f"no driver could be made: {error}")))
            continue
        if announce is not None:
            announce(announcement(python, path, seconds, driver=driver))
        lines = range(finding.range.line, finding.range.end_line + 1)
        result = run_program(python, path, lines, seconds=seconds, driver=driver)
        results.append(replace(finding, verdict=_driven_verdict(finding, driver, result)))
    return results


def _driven_verdict(finding: Finding, driver: Driver, result: ProgramRun) -> Verdict:
    if result.problem:
        return _without_driver(finding, result.problem)
    place = finding.range
    if result.attempt >= 0:
        for line, kind, message in result.raised:
            if place.line <= line <= place.end_line and kind not in NOT_OF_SHAPES:
                message = f"{message} (when {driver.text(result.attempt)} ran)"
                return Verdict("confirmed", message, error=kind, torch_version=result.torch_version)
    called = driver.text()
    if any(place.line <= line <= place.end_line for line in result.reached):
        reason = f"{called} ran through this line without an error that torch raises"
    elif result.ended:
        reason = f"{called} ended before it came here: {result.ended}"
    else:
        reason = f"{called} does not come here"
    return _without_driver(finding, reason, result.torch_version)


def _without_driver(finding: Finding, reason: str, torch_version: str = "") -> Verdict:
    """What the run of the file said, and why a driver says no more; a verdict of the kernel stays."""
    before = finding.verdict
    if before is not None and before.status != "unverified":
        return before
    message = f"{before.message}; {reason}" if before is not None and before.message else reason
    return Verdict("unverified", message, torch_version=torch_version)


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired, OSError, ValueError):
        process.communicate(timeout=5)
