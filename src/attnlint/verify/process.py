"""The worker process: started lazily, watched, and started anew when a kernel takes it down."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, Literal

WORKER = Path(__file__).with_name("worker.py")

# What the worker may see of the environment: what an interpreter and its shared libraries need, and no secrets.
PASSED_ON = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "HOME",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
)

START_TIMEOUT = 120.0
"""Seconds for importing torch on a cold disk."""


class WorkerError(Exception):
    """There is no usable worker: wrong interpreter, torch missing, torch broken. The text is one line for the user."""


class WorkerKilled(Exception):
    """The worker died or hung on one request."""


class WorkerProcess:
    """One worker. Not safe for use from several threads."""

    def __init__(self, python: str, *, memory_limit: int, device: str = "cpu") -> None:
        self.python = python
        self.torch_version = ""
        self._device = device
        self._memory_limit = memory_limit
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._ready = False

    def launch(self) -> None:
        """Start the process without waiting for torch to be imported. Raises WorkerError when it cannot be started."""
        if self._process is not None:
            return
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", PYTHONIOENCODING="utf-8")
        environment["ATTNLINT_WORKER_MEMORY"] = str(self._memory_limit)
        if self._device == "cpu":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        elif "CUDA_VISIBLE_DEVICES" in os.environ:
            environment["CUDA_VISIBLE_DEVICES"] = os.environ["CUDA_VISIBLE_DEVICES"]
        try:
            self._process = subprocess.Popen(
                [self.python, "-E", "-u", str(WORKER), self._device],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                encoding="utf-8",
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise WorkerError(f"{self.python} cannot be started: {error.strerror or error}") from error
        self._lines = queue.Queue()
        threading.Thread(target=_pump, args=(self._process, self._lines), daemon=True).start()
        self._ready = False

    def wait_until_ready(self) -> None:
        """Wait for the worker's greeting. Raises WorkerError."""
        self.launch()
        if self._ready:
            return
        try:
            line = self._lines.get(timeout=START_TIMEOUT)
        except queue.Empty:
            self.stop()
            raise WorkerError(f"{self.python} did not import torch within {START_TIMEOUT:.0f} s") from None
        try:
            hello = json.loads(line)
            if not isinstance(hello, dict):
                raise ValueError
        except ValueError:
            self.stop()
            raise WorkerError(f"{self.python} is no Python interpreter that can run the worker") from None
        if "error" in hello:
            self.stop()
            raise WorkerError(f"{hello['error']} under {self.python}")
        if self._device.startswith("cuda") and not hello.get("cuda"):
            self.stop()
            raise WorkerError(f"torch under {self.python} sees no CUDA device")
        self.torch_version = str(hello["torch"])
        self._ready = True

    def ask(self, request: dict[str, Any], *, timeout: float) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises WorkerError when there is no worker, and WorkerKilled when it died or took longer than ``timeout``
        seconds; the next call starts a new one.
        """
        self.wait_until_ready()
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            self.stop()
            raise WorkerKilled(f"the worker was killed after {timeout:g} s") from None
        except (BrokenPipeError, OSError):
            line = ""
        if not line:
            reason = self._death()
            self.stop()
            raise WorkerKilled(reason)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _death(self) -> str:
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code is not None and code < 0:
            return f"the worker was killed by {signal.Signals(-code).name}"
        return f"the worker died with exit status {code}"

    def stop(self) -> None:
        """Kill the process and everything it started."""
        process, self._process = self._process, None
        self._ready = False
        if process is None:
            return
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with contextlib.suppress(OSError, ValueError):
            if process.stdin is not None:
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.stop()


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | Literal[""]]) -> None:
    """Move the worker's lines to the queue; an empty one says that it has ended."""
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        for line in process.stdout:
            lines.put(line)
    lines.put("")
    with contextlib.suppress(OSError, ValueError):
        process.stdout.close()
