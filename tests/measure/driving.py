"""Runs drivers, and drivers of changed modules, on real torch: in processes of their own, forked from one that has
torch."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import json
import os
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from tests.harness.tracer import Tracer
from tests.measure.driven import Driver


@dataclass(slots=True)
class Outcome:
    """What real torch did with one program."""

    error: str = ""
    """The type of the error that ended it; empty when it ran to its end."""
    message: str = ""
    frames: list[tuple[str, int]] = field(default_factory=list)
    """The places in the files of the program and of the packages that the error went through, innermost last."""
    shapes: dict[str, list[tuple[int, str, list[int]]]] = field(default_factory=dict)
    """For each traced file (line, name, shape)."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    """For each traced file the lines that ran."""
    left: dict[str, list[float]] = field(default_factory=dict)
    """The tensors of numbers that the program leaves behind: for each its sizes, and a few sums over its elements."""


def kept(folder: Path | None, key: tuple[str, ...], make: Callable[[], Outcome], *, too_long: bool = True) -> Outcome:
    """What ``make`` comes to, from a file of ``folder`` where it was made before; that it took too long is kept only
    where ``too_long`` says so: a busy machine may be the cause."""
    if folder is None:
        return make()
    file = _file(folder, key)
    if file.exists():
        return Outcome(**json.loads(file.read_text()))
    outcome = make()
    if too_long or outcome.error != "TooLong":
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(outcome)))
    return outcome


def import_module(driver: Driver) -> None:
    """Import the driver's module: the tracer is slow, and a large package imports hundreds of files."""
    with contextlib.suppress(Exception):
        importlib.import_module(driver.module)


def _file(folder: Path, key: tuple[str, ...]) -> Path:
    text = "\0".join((torch.__version__, *key))
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def outcomes(driver: Driver, texts: list[str], cache: Path, seconds: int = 60) -> list[Outcome]:
    """What torch does with the driver when the text of its module is each of ``texts``: each in a process of its own,
    forked from one that has imported the package."""
    keys = [(driver.text, driver.version, "changed", text) for text in texts]
    missing = [(key, text) for key, text in zip(keys, texts, strict=True) if not _file(cache, key).exists()]

    def all_of_them() -> Outcome:
        prepare(driver)
        run_driver(driver, trace=False)
        for key, text in missing:
            kept(cache, key, partial(in_process, partial(run_driver, driver, changed=text), seconds))
        return Outcome()

    if missing:
        in_process(all_of_them, 120 + seconds * len(missing))
    nothing = Outcome("TooLong", "not run")
    return [kept(cache, key, lambda: nothing) if _file(cache, key).exists() else nothing for key in keys]


def in_process(body: Callable[[], Outcome], seconds: int) -> Outcome:
    """What ``body`` comes to in a forked process."""
    sys.stdout.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        status = 1
        try:
            outcome = body()
            with os.fdopen(writer, "w") as pipe:
                json.dump(asdict(outcome), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return Outcome(**json.loads(text)) if text else Outcome("TooLong", f"no answer in {seconds} s")


def prepare(driver: Driver) -> None:
    """Make the packages importable in this process."""
    warnings.simplefilter("ignore")
    sys.path[:0] = [str(folder) for folder in driver.folders]
    _without_kernels()
    _versions(driver)
    for name in driver.stubs:
        sys.modules[name] = _Stub(name)
    for name in driver.bare:
        for folder in driver.folders:
            path = folder.joinpath(*name.split("."))
            if path.is_dir():
                package = types.ModuleType(name)
                package.__path__ = [str(path)]
                package.__version__ = driver.version  # type: ignore[attr-defined]
                package.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
                sys.modules[name] = package
                parent, _, last = name.rpartition(".")
                if parent in sys.modules:
                    setattr(sys.modules[parent], last, package)
                break


class _Stub(types.ModuleType):
    """Stands for a module that is not installed: everything in it is a class of no content."""

    __path__: list[str] = []  # noqa: RUF012
    __version__ = "0.0.0"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (_Anything,), {})
        setattr(self, name, made)
        return made


class _Anything:
    """Can be made of anything; as a decorator it changes nothing."""

    def __new__(cls, *arguments: Any, **_: Any) -> Any:
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        """Nothing."""


def _without_kernels() -> None:
    """torchvision registers fakes of kernels that a build for another torch does not bring."""
    register = torch.library.register_fake

    def tolerant(operator: Any, *arguments: Any, **keywords: Any) -> Any:
        if isinstance(operator, str) and operator.startswith("torchvision::"):
            return lambda function: function
        return register(operator, *arguments, **keywords)

    torch.library.register_fake = tolerant


def _versions(driver: Driver) -> None:
    """Packages that are only unzipped have no metadata."""
    known = importlib.metadata.version

    def version(name: str) -> str:
        try:
            return known(name)
        except importlib.metadata.PackageNotFoundError:
            if name.replace("-", "_") == driver.package.replace("-", "_"):
                return driver.version
            if any(folder.joinpath(name).is_dir() for folder in driver.folders):
                return str(getattr(importlib.import_module(name), "__version__", "0"))
            raise

    importlib.metadata.version = version


def run_driver(driver: Driver, text: str | None = None, changed: str | None = None, *, trace: bool = True) -> Outcome:
    """Run the driver (or ``text`` in its place) in this process, the text of its module changed to ``changed``."""
    program, path = text or driver.text, str(driver.path)
    if changed is not None:
        try:
            _replace(driver, changed)
        except Exception as error:
            return _failed(Outcome(), error, {path, str(driver.file)}, driver)
    tracers = {path: Tracer(path, program)}
    if changed is not None:
        tracers[str(driver.file)] = Tracer(str(driver.file), changed)
    others: set[str] = set()
    own = f"{driver.root}/{driver.module.partition('.')[0]}/"

    def dispatch(frame: types.FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        tracer = tracers.get(name)
        if tracer is not None:
            return tracer(frame, event, argument)
        if name in others:
            return None
        if not name.startswith(own):
            others.add(name)
            return None
        tracers[name] = Tracer(name, Path(name).read_text())
        return tracers[name](frame, event, argument)

    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    torch.manual_seed(0)
    outcome = Outcome()
    try:
        code = compile(program, path, "exec")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            sys.settrace(dispatch if trace else None)
            try:
                exec(code, module.__dict__)
            finally:
                sys.settrace(None)
    except Exception as error:
        outcome = _failed(outcome, error, {path, str(driver.file)}, driver)
    outcome.left = {name: print_of(value) for name, value in vars(module).items() if _is_of_numbers(value)}
    for name, tracer in tracers.items():
        outcome.lines[name] = sorted(tracer.recording.lines)
        outcome.shapes[name] = [
            (line, bound, list(shape))
            for (line, bound), shapes in tracer.recording.shapes.items()
            for shape in dict.fromkeys(shapes)
        ]
    return outcome


def _is_of_numbers(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point() and value.numel() > 0


def print_of(tensor: torch.Tensor) -> list[float]:
    """A tensor in few numbers: its sizes, and sums of its elements in which each has another weight."""
    flat = tensor.detach().double().nan_to_num(0.5, 1.5, -1.5).flatten()
    weights = [torch.cos(torch.arange(flat.numel(), dtype=torch.float64) * pace) for pace in (0.0, 0.7, 1.9)]
    return [*map(float, tensor.shape), *(float((flat * weight).sum()) for weight in weights)]


def _failed(outcome: Outcome, error: Exception, files: set[str], driver: Driver) -> Outcome:
    outcome.error, outcome.message = type(error).__name__, str(error)[:300]
    folders = tuple(f"{folder}/" for folder in driver.folders)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in files or frame.filename.startswith(folders):
            outcome.frames.append((frame.filename, frame.lineno or 0))
    return outcome


def _replace(driver: Driver, text: str) -> None:
    """Put the module's changed text in the place of the module."""
    known = sys.modules.get(driver.module)
    spec = known.__spec__ if known is not None else importlib.util.find_spec(driver.module)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[driver.module] = module
    exec(compile(text, str(driver.file), "exec"), module.__dict__)
    parent, _, name = driver.module.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], name, module)
