"""Which Python runs the worker: the one that has the user's torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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


def installed_torch(python: str) -> str | None:
    """The version of torch that an interpreter has, read from its files (starting it costs a second); ``None``
    if not found."""
    prefix = Path(python).absolute().parent.parent
    folders = [*prefix.glob("lib/python3*/site-packages"), prefix / "Lib" / "site-packages"]
    for folder in folders:
        try:
            text = (folder / "torch" / "version.py").read_text(encoding="utf-8")
        except OSError:
            continue
        for line in text.splitlines():
            if line.startswith("__version__"):
                return line.partition("=")[2].strip().strip("'\"")
    return None


def _executable(path: Path) -> str | None:
    if path.is_dir():
        for name in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
            if (path / name).is_file():
                return str(path / name)
        return None
    return str(path) if path.is_file() and os.access(path, os.X_OK) else None
