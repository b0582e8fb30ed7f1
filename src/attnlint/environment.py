"""Which Python is the user's: the one that has their torch, and the packages that their code imports."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from pathlib import Path

from attnlint.settings import Settings


def find_interpreter(python: str | None = None, start: Path | None = None) -> str:
    """The interpreter for the worker.

    In order: ``python`` (an executable or the folder of a virtual environment; from ``--python`` or the configuration),
    ``ATTNLINT_PYTHON``, ``VIRTUAL_ENV``, ``CONDA_PREFIX``, the nearest ``.venv`` or ``venv`` above ``start``, and our
    own.

    Raises FileNotFoundError when ``python`` is given and is neither.
    """
    if python:
        found = _executable(Path(python).expanduser())
        if found is None:
            raise FileNotFoundError(f"no Python interpreter at {python}")
        return found
    for variable in ("ATTNLINT_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"):
        text = os.environ.get(variable)
        # Inside pre-commit VIRTUAL_ENV may be the hook's own environment, which has no torch.
        if text and Path(text) != Path(sys.prefix):
            found = _executable(Path(text))
            if found is not None:
                return found
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        for name in (".venv", "venv"):
            if (folder / name / "pyvenv.cfg").is_file():
                found = _executable(folder / name)
                if found is not None:
                    return found
    return sys.executable


def python_of(settings: Settings) -> str | None:
    """The configured interpreter: a path relative to the configuration, or a command."""
    if settings.python is None:
        return None
    path = settings.resolve(settings.python)
    if path.exists():
        return str(path)
    return shutil.which(settings.python) or str(path)


def installed_torch(python: str) -> str | None:
    """The version of torch that an interpreter has, read from its files (starting it costs a second); ``None``
    if not found."""
    for folder in site_packages(python):
        try:
            text = (folder / "torch" / "version.py").read_text(encoding="utf-8")
        except OSError:
            continue
        for line in text.splitlines():
            if line.startswith("__version__"):
                return line.partition("=")[2].strip().strip("'\"")
    return None


def site_packages(python: str) -> list[Path]:
    """The folders of an interpreter that packages are installed in, found without starting it."""
    prefix = Path(python).absolute().parent.parent
    return [*sorted(prefix.glob("lib/python3*/site-packages")), prefix / "Lib" / "site-packages"]


def followed_packages(settings: Settings) -> dict[str, str]:
    """The packages that ``follow`` names, with the folders that they are installed in; those that are not are left
    out."""
    if not settings.follow:
        return {}
    try:
        return dict(_followed(find_interpreter(python_of(settings), settings.root), settings.follow))
    except FileNotFoundError:
        return {}


@functools.cache
def _followed(python: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    folders = site_packages(python)
    folders += [linked for folder in folders for linked in _linked(folder)]
    found = []
    for name in names:
        for folder in folders:
            if (folder / name).is_dir() or (folder / f"{name}.py").is_file():
                found.append((name, str(folder)))
                break
    return tuple(found)


def _linked(folder: Path) -> list[Path]:
    """The folders that ``.pth`` files add: packages that are installed where they are developed."""
    found = []
    for file in sorted(folder.glob("*.pth")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        found += [Path(folder, line.strip()) for line in lines if line.strip() and not line.startswith(("#", "import"))]
    return found


def _executable(path: Path) -> str | None:
    if path.is_dir():
        for name in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
            if (path / name).is_file():
                return str(path / name)
        return None
    return str(path) if path.is_file() and os.access(path, os.X_OK) else None
