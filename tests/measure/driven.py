"""Real modules of released packages, each driven by a few lines of ours.

A driver (``tests/measure/drivers/*.py``) is a program that builds a module small and calls it. Comments at its start
say what it is about:

    # package: timm 1.0.31
    # module: timm/models/vision_transformer.py
    # bare: torchtune            (packages whose own __init__ is not run: it wants what is not installed)
    # stub: torchao              (modules that stand for what is not installed and not used)
    # follow: huggingface_hub    (packages of the running environment that are followed, as by the setting ``follow``)

The packages lie in a folder that is given on the command line, each unzipped into a folder of its name, or together as
in ``site-packages``. Nothing of them is kept in this repository.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from attnlint.environment import followed_packages
from attnlint.interpreter import Project
from attnlint.interpreter.project import read_file
from attnlint.settings import Settings
from attnlint.syntax import Source

DRIVERS = Path(__file__).parent / "drivers"
HEADER = re.compile(r"#\s*(package|module|bare|stub|follow):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver, and where the module that it drives lies."""

    path: Path
    text: str
    package: str
    version: str
    folders: tuple[Path, ...]
    """What stands on the path for imports: the folder of every package."""
    root: Path
    """The folder that the module is imported from."""
    file: Path
    """The module's file."""
    module: str
    """Its dotted name."""
    bare: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        """With what the driver is to be checked: a check with others would no longer follow its packages."""
        return Settings(python=sys.executable, follow=self.follow)

    @property
    def name(self) -> str:
        """The name of the driver's file."""
        return self.path.stem


def read_driver(path: Path, packages: Path) -> Driver | None:
    """A driver; ``None`` when its package is not in the folder."""
    text = path.read_text()
    header: dict[str, str] = {}
    for key, value in HEADER.findall(text):
        header[key] = f"{header.get(key, '')} {value}".strip()
    package, _, version = header["package"].partition(" ")
    folders = tuple(dict.fromkeys((packages / package, *sorted(each for each in packages.iterdir() if each.is_dir()))))
    for base in (packages, *folders):
        file = base / header["module"]
        if file.exists():
            break
    else:
        return None
    module = header["module"].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if base == packages:
        folders = (packages,)
    bare, stubs, follow = (tuple(header.get(key, "").split()) for key in ("bare", "stub", "follow"))
    return Driver(path, text, package, version, folders, base, file, module, bare, stubs, follow)


def read_drivers(packages: Path, names: list[str], folder: Path = DRIVERS) -> list[Driver]:
    """The drivers of a folder whose package is there: all, or those whose name contains one of ``names``."""
    found = []
    for path in sorted(folder.glob("*.py")):
        if not names or any(name in path.stem for name in names):
            driver = read_driver(path, packages)
            if driver is None:
                print(f"{path.stem}: no such module in {packages}")
            else:
                found.append(driver)
    return found


def alone(driver: Driver, changed: str | None = None) -> str | None:
    """The module (or its changed text) and its driver as one program; ``None`` when the module imports from its own
    package, or from another of the packages."""
    text = driver.file.read_text() if changed is None else changed
    local = {name.name.removesuffix(".py") for folder in driver.folders if folder.is_dir() for name in folder.iterdir()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] in local):
            return None
        if isinstance(node, ast.Import) and any(name.name.partition(".")[0] in local for name in node.names):
            return None
    tree = ast.parse(driver.text)
    lines = driver.text.splitlines(keepends=True)
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == driver.module:
            assert statement.end_lineno is not None
            lines[statement.lineno - 1 : statement.end_lineno] = ["\n"] * (statement.end_lineno - statement.lineno + 1)
    kept = [line for line in lines if "from __future__" not in line]
    return f"{text.rstrip()}\n\n\n{''.join(kept)}"


@dataclass(slots=True)
class Sources:
    """The files of the packages, parsed once for all projects of one driver."""

    parsed: dict[str, Source | None] = field(default_factory=dict)

    def project(self, driver: Driver, replaced: dict[str, str] | None = None) -> Project:
        """The driver's project, with the text of some files replaced."""
        texts = {str(path): text.encode() for path, text in (replaced or {}).items()}

        def read(path: str) -> bytes | None:
            return texts[path] if path in texts else read_file(path)

        roots = [driver.root, *driver.folders]
        project = _Shared(self, driver.path.parent, roots, read, texts)
        project.follow(followed_packages(driver.settings))
        return project


class _Shared(Project):
    """A project that takes what was parsed before, unless its text is replaced."""

    def __init__(self, sources: Sources, root: Path, roots: list[Path], read: object, texts: dict[str, bytes]) -> None:
        super().__init__(root, roots=roots, read=read)  # type: ignore[arg-type]
        self._shared = sources
        self._texts = texts

    def source(self, path: str) -> Source | None:
        if path in self._texts:
            return super().source(path)
        if path not in self._shared.parsed:
            self._shared.parsed[path] = super().source(path)
        return self._shared.parsed[path]

    def _exists(self, path: str, folder: bool = False) -> bool:
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = Path(path).is_dir() if folder else Path(path).is_file()
        return known
