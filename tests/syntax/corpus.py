"""Real files to test on: the standard library, libcst's own sources, and torch's where it is installed."""

from __future__ import annotations

import ast
import importlib.util
import os
import sysconfig
import warnings
from functools import cache
from pathlib import Path

_STANDARD = (
    "argparse ast asyncio/base_events asyncio/tasks collections/__init__ contextlib copy dataclasses difflib enum "
    "functools inspect json/decoder logging/__init__ pathlib pickle random re/_parser statistics string subprocess "
    "tarfile tempfile textwrap threading tokenize traceback turtle typing unittest/mock zipfile "
    "test/test_grammar test/test_patma test/test_fstring test/test_generators test/test_coroutines test/test_syntax "
    "test/test_string_literals test/test_except_star test/test_unpack_ex test/test_named_expressions "
    "test/test_type_params"
).split()
_PACKAGES = {"libcst": ("_nodes", "metadata"), "torch": ("nn/modules", "nn")}


def _package_files(name: str, folders: tuple[str, ...]) -> list[Path]:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return []
    root = Path(spec.submodule_search_locations[0])
    return [path for folder in folders for path in sorted((root / folder).glob("*.py"))]


@cache
def files() -> tuple[Path, ...]:
    """Files that this Python can parse, none of them huge."""
    library = Path(sysconfig.get_paths()["stdlib"])
    found = [library / f"{name}.py" for name in _STANDARD]
    for package, folders in _PACKAGES.items():
        found += _package_files(package, folders)
    limit = int(os.environ.get("ATTNLINT_CORPUS_FILES", "60"))
    return tuple([path for path in found if path.is_file() and _is_fit(path)][:limit])


def plain_files() -> tuple[Path, ...]:
    """The files without the one that tries out what f-strings can be made of since Python 3.12.

    It has comments inside of fields, and blanks where libcst does not keep them.
    """
    return tuple(path for path in files() if path.name != "test_fstring.py")


def _is_fit(path: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return False
    return path.stat().st_size < 100_000


def text_of(path: Path) -> str:
    """The text, with the line ends of the file."""
    return path.read_bytes().decode("utf-8")


def parse_with_ast(text: str) -> ast.Module:
    """Python's own parse, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
