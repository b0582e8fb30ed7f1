"""Programs that come in twos: one with a silent mistake, and the same one right.

A comment ``# right: CODE`` says what stands in place of the line above it in the right twin. ``# differs: PROPERTY``
names a row of the table of ``attnlint probe`` that fails for the wrong twin and holds for the right one, for the
``model`` and the ``inputs`` that the program leaves behind. A program may leave a ``loss`` behind instead.
"""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from attnlint.verify import probe_worker, properties

_RIGHT = re.compile(r"^(?P<indent>\s*)# right: (?P<code>.+)$")
_DIFFERS = re.compile(r"^# differs: (?P<property>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Twins:
    """Both programs of a file."""

    path: Path
    wrong: str
    right: str
    differs: str
    """The property that tells them apart; empty where only the finding's own proof does."""


def read_twins(path: Path) -> Twins:
    """The twins of a file."""
    text = path.read_text()
    rows: list[str] = []
    for row in text.splitlines():
        found = _RIGHT.match(row)
        if found is None:
            rows.append(row)
        else:
            rows[-1] = found["indent"] + found["code"]
    differs = _DIFFERS.search(text)
    return Twins(path, text, "\n".join(rows) + "\n", differs["property"] if differs else "")


def ran(text: str, path: Path) -> dict[str, Any]:
    """What a program leaves behind."""
    torch.manual_seed(0)
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, str(path), "exec"), names)
    return names


def rows_of(names: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Property to status and what was seen, for what a program left behind."""
    if "loss" in names:
        return {"a perfect prediction costs nothing": _loss_row(names)}
    model, inputs = names["model"].eval(), names["inputs"]
    request = {"batch_axis": 0, "token_axis": 1, "mask": "mask" if "mask" in inputs else "", "mask_true": "ignored"}
    probe = probe_worker.Probe(torch, properties, model, {**request, "inputs": []})
    probe.inputs = dict(inputs)
    probe.independence_and_repetition()
    probe.weights()
    probe.masks()
    probe.tokens()
    return {row[0]: (row[2], row[3]) for row in probe.rows}


def _loss_row(names: dict[str, Any]) -> tuple[str, str]:
    def run(inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"cost": names["loss"](inputs["prediction"], inputs["target"])}

    inputs = {"prediction": torch.randn(8, 1), "target": torch.randn(8)}
    with torch.no_grad():
        seen = properties.perfect_prediction_costs_nothing(run, inputs, "prediction", "target", "cost")
    return ("fails" if seen else "holds", seen)


__all__ = ["Twins", "ran", "read_twins", "rows_of"]
