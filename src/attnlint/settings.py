"""The settings: every option once, with its type, its default and its documentation.

The reader of configuration files, ``attnlint config`` and docs/configuration.md are all made from the fields below.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTPUT_FORMATS = ("full", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit", "rdjson")

DEFAULT_EXCLUDE = (
    ".attnlint_cache",
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)


def _option(
    default: Any,
    doc: str,
    *,
    kind: str,
    example: str,
    choices: tuple[str, ...] = (),
    extends: bool = False,
    patterns: bool = False,
    findings: bool = True,
) -> Any:
    """A field of Settings. ``extends``: the command line adds to the configuration instead of replacing it;
    ``patterns``: paths, relative to the configuration file; ``findings``: it may change the findings of a file, so that
    the cache must know it.
    """
    metadata = {
        "doc": doc,
        "kind": kind,
        "example": example,
        "choices": choices,
        "extends": extends,
        "patterns": patterns,
        "findings": findings,
    }
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the files below one configuration file, the command line already applied."""

    root: Path = field(default_factory=Path.cwd)
    """The folder of the configuration file (the current one if there is none): what patterns are relative to."""
    config_file: Path | None = None

    select: tuple[str, ...] = _option(
        ("ATN",),
        "Codes to report: whole codes, beginnings of codes (`ATN1`), names of rules, or `ALL`. The longest match wins.",
        kind="list of strings",
        example='select = ["ATN101", "ATN11"]',
    )
    extend_select: tuple[str, ...] = _option(
        (),
        "Codes to report in addition to `select`. Rules that are off by default are switched on here.",
        kind="list of strings",
        example='extend-select = ["ATN002"]',
        extends=True,
    )
    ignore: tuple[str, ...] = _option(
        (),
        "Codes not to report. At the same length of match, `ignore` wins over `select`.",
        kind="list of strings",
        example='ignore = ["ATN115"]',
    )
    extend_ignore: tuple[str, ...] = _option(
        (),
        "Codes not to report in addition to `ignore`.",
        kind="list of strings",
        example='extend-ignore = ["ATN114"]',
        extends=True,
    )
    per_file_ignores: Mapping[str, tuple[str, ...]] = _option(
        {},
        "Codes not to report in the files that match a pattern. A pattern that starts with `!` means all other files.",
        kind="table of lists of strings",
        example='per-file-ignores = { "tests/**" = ["ATN1"] }',
        patterns=True,
    )
    signatures: Mapping[str, str] = _option(
        {},
        "What operations of other packages take and return, by qualified name. Sizes with one name must be equal; see "
        "[ATN404](rules/ATN404.md) for what can be written.",
        kind="table of strings",
        example='signatures = { "mylib.attention" = "b h t d, b h s d, b h s d -> b h t d" }',
    )
    follow: tuple[str, ...] = _option(
        (),
        "Installed packages whose sources are read, as those of the project are: what their classes and functions do "
        "with shapes is then known. Their code is never run, and what fails in it is reported at the call in your own. "
        "They are looked up in the environment that `python` names. A package that they import is not followed unless "
        "it is named, too. Large packages take seconds.",
        kind="list of strings",
        example='follow = ["timm", "transformers", "huggingface_hub"]',
    )
    preview: bool = _option(
        False,
        "Report preview rules too: rules that are new and may still change.",
        kind="boolean",
        example="preview = true",
    )
    ignore_noqa: bool = _option(
        False,
        "Report findings in spite of suppression comments.",
        kind="boolean",
        example="ignore-noqa = true",
    )
    parameter_shapes: tuple[str, ...] = _option(
        ("jaxtyping",),
        "Which declared shapes of parameters are taken for granted where a function is checked on its own: `jaxtyping` "
        "annotations, `comments` behind the parameter, `docstrings`. What is taken for granted finds more errors, and "
        "false ones where the declaration is wrong; the others are only compared with what the body asks for.",
        kind="list of strings",
        example='parameter-shapes = ["jaxtyping", "comments"]',
        choices=("jaxtyping", "comments", "docstrings"),
    )
    include: tuple[str, ...] = _option(
        ("*.py", "*.ipynb"),
        "Patterns of the files to check when a folder is given.",
        kind="list of strings",
        example='include = ["*.py", "src/**/*.pyw"]',
        patterns=True,
        findings=False,
    )
    exclude: tuple[str, ...] = _option(
        DEFAULT_EXCLUDE,
        "Patterns of files and folders that are left out, written as in `.gitignore` and relative to the configuration "
        "file. A file that is named on the command line is checked all the same, see `force-exclude`.",
        kind="list of strings",
        example='exclude = ["generated", "src/models/*_pb2.py"]',
        patterns=True,
        findings=False,
    )
    extend_exclude: tuple[str, ...] = _option(
        (),
        "Patterns that are left out in addition to `exclude`.",
        kind="list of strings",
        example='extend-exclude = ["third_party/"]',
        extends=True,
        patterns=True,
        findings=False,
    )
    force_exclude: bool = _option(
        False,
        "Leave out excluded files even when they are named on the command line, as pre-commit does.",
        kind="boolean",
        example="force-exclude = true",
        findings=False,
    )
    respect_gitignore: bool = _option(
        True,
        "Leave out what `.gitignore` files leave out.",
        kind="boolean",
        example="respect-gitignore = false",
        findings=False,
    )
    verify: bool = _option(
        False,
        "Run every finding's operation on real torch and say what it did. Findings that torch refutes are withheld.",
        kind="boolean",
        example="verify = true",
        findings=False,
    )
    python: str | None = _option(
        None,
        "The interpreter that has torch, or the folder of its virtual environment, relative to the configuration file. "
        "If unset: `ATTNLINT_PYTHON`, `VIRTUAL_ENV`, `CONDA_PREFIX`, the nearest `.venv`, attnlint's own interpreter.",
        kind="string",
        example='python = ".venv"',
    )
    output_format: str | None = _option(
        None,
        "How findings are written. Without it: `full` on a terminal, `concise` elsewhere.",
        kind="string",
        example='output-format = "concise"',
        choices=OUTPUT_FORMATS,
        findings=False,
    )
    jobs: int = _option(
        0,
        "Number of processes; 0 for one a processor.",
        kind="integer",
        example="jobs = 4",
        findings=False,
    )
    cache: bool = _option(
        True,
        "Remember results by content in the cache folder.",
        kind="boolean",
        example="cache = false",
        findings=False,
    )
    cache_dir: str | None = _option(
        None,
        "The cache folder, relative to the configuration file. Without it: `ATTNLINT_CACHE_DIR`, or `.attnlint_cache` "
        "beside the configuration file.",
        kind="string",
        example='cache-dir = "/tmp/attnlint"',
        findings=False,
    )
    baseline: str | None = _option(
        None,
        "A file of known findings, relative to the configuration file: they are not reported. Written by "
        "`--update-baseline`.",
        kind="string",
        example='baseline = "attnlint-baseline.json"',
        findings=False,
    )

    def resolve(self, path: str) -> Path:
        """A path from the configuration, relative to its file."""
        return self.root / Path(path).expanduser()


def option_fields() -> tuple[dataclasses.Field[Any], ...]:
    """The fields of Settings that a person can set."""
    return tuple(one for one in dataclasses.fields(Settings) if "doc" in one.metadata)


def key_of(name: str) -> str:
    """The key in configuration files: ``per-file-ignores``."""
    return name.replace("_", "-")


def default_of(option: dataclasses.Field[Any]) -> Any:
    """The default of an option."""
    return getattr(Settings(), option.name)
