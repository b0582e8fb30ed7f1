"""Released packages to measure on: pinned, downloaded once with pip, unpacked anew for each run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

RELEASES = {"transformers": "4.57.1", "diffusers": "0.35.2", "timm": "1.0.22", "vit-pytorch": "1.12.5"}


@dataclass(frozen=True, slots=True)
class Corpus:
    """The files of one package that mention torch."""

    name: str
    folder: Path
    files: tuple[Path, ...]
    lines: int

    def only(self, limit: int) -> Corpus:
        """So many of the files, spread over the package."""
        if not limit or limit >= len(self.files):
            return self
        chosen = self.files[:: -(-len(self.files) // limit)]
        return Corpus(self.name, self.folder, chosen, sum(map(_lines, chosen)))


def load(name: str, cache: Path, work: Path) -> Corpus:
    """A package, unpacked below ``work``; the wheel is kept in ``cache``."""
    version = RELEASES[name]
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    cache.mkdir(parents=True, exist_ok=True)
    if not list(cache.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), f"{name}=={version}"]
        subprocess.run(command, check=True)
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(next(cache.glob(pattern))) as wheel:
        wheel.extractall(folder)
    return of_folder(name, folder)


def of_folder(name: str, folder: Path) -> Corpus:
    """A package that is there already."""
    files = tuple(path for path in sorted(folder.rglob("*.py")) if b"torch" in path.read_bytes())
    return Corpus(name, folder, files, sum(map(_lines, files)))


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")
