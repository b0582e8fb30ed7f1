"""Runs a program on real torch and records the shape of every tensor bound to a name, and where torch raised."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from tests.harness.devices import names_cuda, pretended_cuda

# Small tensors on a shared machine: threads cost more than they give.
torch.set_num_threads(1)

Shapes = dict[tuple[int, str], list[tuple[int, ...]]]


@dataclass(slots=True)
class Recording:
    """What happened when a program ran."""

    shapes: Shapes = field(default_factory=dict)
    """(line, name) to the shapes that the name had after that line was executed, in order of execution."""
    raised: list[tuple[int, str, str]] = field(default_factory=list)
    """(line in the program, type, message) of every exception that entered the program's own code, caught or not."""
    lines: set[int] = field(default_factory=set)
    """The lines that were executed."""
    uncaught: BaseException | None = None


class Tracer:
    """A ``sys.settrace`` function for the frames of one file."""

    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self._assigned = _names_assigned(text)
        self.recording = Recording()
        self._seen: dict[Any, dict[str, int]] = {}
        self._line: dict[Any, int] = {}
        self._last_error: BaseException | None = None

    def __call__(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != self.filename:
            return None
        if event == "call":
            self._line[frame] = 0
            self._seen[frame] = {name: id(value) for name, value in frame.f_locals.items()}
            return self
        if event == "exception":
            _, error, _ = argument
            # What the line was to bind is not bound.
            self._line[frame] = 0
            if error is not self._last_error:
                self._last_error = error
                self.recording.raised.append((frame.f_lineno, type(error).__name__, str(error)))
        if event in ("line", "return"):
            self._record(frame)
            self._line[frame] = frame.f_lineno
            self.recording.lines.add(frame.f_lineno)
        if event == "return":
            self._seen.pop(frame, None)
            self._line.pop(frame, None)
        return self

    def _record(self, frame: types.FrameType) -> None:
        line = self._line.get(frame, 0)
        seen = self._seen.setdefault(frame, {})
        for name, value in list(frame.f_locals.items()):
            if seen.get(name) != id(value) or (line, name) in self._assigned:
                seen[name] = id(value)
                if line and isinstance(value, torch.Tensor):
                    self.recording.shapes.setdefault((line, name), []).append(tuple(value.shape))
                    # Keep it alive: a new tensor at the same address would go unnoticed.
                    self._keep(value)

    def _keep(self, value: Any) -> None:
        kept: list[Any] = self.__dict__.setdefault("kept", [])
        kept.append(value)


def _names_assigned(text: str) -> set[tuple[int, str]]:
    """The (line, name) that one-line statements assign: ``x = default(x, y)`` may bind the same object again."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AugAssign) and node.lineno == node.end_lineno:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found |= {
                    (node.lineno, part.id)
                    for part in ast.walk(target)
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
                }
    return found


def run_program(text: str, filename: str, *, path: Path | None = None) -> Recording:
    """Run a program as ``__main__`` under the tracer. What it prints is thrown away."""
    tracer = Tracer(filename, text)
    module = types.ModuleType("__main__")
    module.__file__ = filename
    previous_main = sys.modules["__main__"]
    sys.modules["__main__"] = module
    if path is not None:
        sys.path.insert(0, str(path))
    previous_trace = sys.gettrace()
    torch.manual_seed(0)
    try:
        code = compile(text, filename, "exec")
        devices = pretended_cuda() if names_cuda(text) else contextlib.nullcontext()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), devices:
            sys.settrace(tracer)
            try:
                exec(code, module.__dict__)
            finally:
                sys.settrace(previous_trace)
    except SystemExit:
        pass
    except BaseException as error:
        tracer.recording.uncaught = error
    finally:
        sys.modules["__main__"] = previous_main
        if path is not None:
            sys.path.remove(str(path))
    return tracer.recording
