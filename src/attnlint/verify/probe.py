"""``attnlint probe``: a module of the user's, run in limits, and which properties of an attention hold of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from attnlint.verify.program import SECONDS, run_worker
from attnlint.verify.verifier import MEMORY_LIMIT

WORKER = Path(__file__).with_name("probe_worker.py")


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the module's forward: positional where it has no name."""

    shape: tuple[int, ...]
    name: str = ""
    dtype: str = "float32"
    high: int = 8
    """Integers are drawn below it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was seen of one property."""

    property: str
    must_hold: bool
    """False: whether it should hold is for the author to say (causality)."""
    status: Literal["holds", "fails", "unknown"]
    seen: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """All rows; ``problem`` where the module could not be run."""

    rows: tuple[Row, ...] = ()
    output: tuple[int, ...] = ()
    torch_version: str = ""
    problem: str = ""


def run_probe(
    python: str,
    place: str,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    inputs: Sequence[Input],
    *,
    batch_axis: int = 0,
    token_axis: int = 1,
    mask: str = "",
    mask_true: str = "ignored",
    seconds: int = SECONDS,
) -> ProbeResult:
    """Make the class at ``place`` and ask its forward everything. Never raises: what goes wrong is in ``problem``."""
    module, _, name = place.rpartition(":")
    if module.endswith(".py"):
        place = f"{os.path.abspath(module)}:{name}"
    request = {
        "place": place,
        "arguments": list(arguments),
        "keywords": dict(keywords),
        "inputs": [
            {"name": one.name, "shape": list(one.shape), "dtype": one.dtype, "high": one.high} for one in inputs
        ],
        "batch_axis": batch_axis,
        "token_axis": token_axis,
        "mask": mask,
        "mask_true": mask_true,
        "seconds": seconds,
        "memory": MEMORY_LIMIT,
    }
    answer, problem = run_worker(python, WORKER, request, os.getcwd(), seconds)
    if problem:
        return ProbeResult(problem=problem.replace("the program", "the module"))
    if "error" in answer:
        return ProbeResult(problem=str(answer["error"]))
    rows = tuple(Row(str(row[0]), bool(row[1]), row[2], str(row[3])) for row in answer["rows"])
    return ProbeResult(rows, tuple(answer["output"]), str(answer["torch"]))
