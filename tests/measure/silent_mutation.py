"""Mutation measure for what raises nothing: put silent mistakes into working programs, and see which are found.

    python -m tests.measure.silent_mutation fixtures/programs fixtures/silent [--show-misses] [--preview]

A mutant counts where it runs to its end on torch and one of the program's tensors has other contents (or another shape)
than without it. Programs that come in twos are taken as their right twin. Prints recall by kind of mistake: found with
the expected code, with another code of ATN1xx to ATN3xx, or not.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import torch

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.twins import ran, read_twins
from tests.measure.mutants import Mutant
from tests.measure.silent_mutants import CODES, silent_mutants


def left_behind(text: str, path: Path) -> dict[str, torch.Tensor] | None:
    """The tensors that a program leaves behind, its model run once more in evaluation mode; ``None`` where it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = ran(text, path)
            found = {name: value for name, value in names.items() if isinstance(value, torch.Tensor)}
            model, inputs = names.get("model"), names.get("inputs")
            if isinstance(model, torch.nn.Module) and isinstance(inputs, dict):
                torch.manual_seed(1)
                result = model.eval()(**inputs)
                found["in evaluation mode"] = result if isinstance(result, torch.Tensor) else result[0]
    except Exception:
        return None
    return found


def is_other(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    """Whether a tensor of the same name has other contents."""
    return any(
        name in two
        and (tensor.shape != two[name].shape or not torch.allclose(tensor, two[name], equal_nan=True, atol=1e-5))
        for name, tensor in one.items()
        if tensor.is_floating_point()
    )


def judge(mutant: Mutant, path: Path, before: dict[str, torch.Tensor], settings: Settings) -> str:
    """``found``, ``other code``, ``missed``; ``crash`` or ``same`` where there is nothing silent to find."""
    after = left_behind(mutant.text, path)
    if after is None:
        return "crash"
    if not is_other(before, after):
        return "same"
    codes = {finding.code for finding in check_source(mutant.text, str(path), settings).findings}
    if CODES[mutant.kind] in codes:
        return "found"
    return "other code" if any(code.startswith(("ATN1", "ATN2", "ATN3")) for code in codes) else "missed"


def main() -> int:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--per-kind", type=int, default=4, help="mutants of one kind a program")
    parser.add_argument("--preview", action="store_true")
    parser.add_argument("--show-misses", action="store_true")
    options = parser.parse_args()
    settings = Settings(preview=options.preview)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for path in options.paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            text = read_twins(file).right
            before = left_behind(text, file)
            if before is None:
                print(f"{file}: does not run", file=sys.stderr)
                continue
            counts: Counter[str] = Counter()
            for mutant in silent_mutants(text):
                counts[mutant.kind] += 1
                if counts[mutant.kind] > options.per_kind:
                    continue
                verdict = judge(mutant, file, before, settings)
                table[mutant.kind][verdict] += 1
                if options.show_misses and verdict in ("missed", "other code"):
                    print(f"{verdict}: {file.name}:{mutant.line} {mutant.kind}: {mutant.description}", flush=True)
    _print(table)
    return 0


def _print(table: dict[str, Counter[str]]) -> None:
    columns = ("found", "other code", "missed", "same", "crash")
    print(f"{'kind':28} {'code':7} {'recall':>7}" + "".join(f"{column:>11}" for column in columns))
    total: Counter[str] = Counter()
    rows: list[tuple[str, str, Counter[str]]] = [(kind, CODES[kind], table[kind]) for kind in CODES if kind in table]
    for _, _, counts in rows:
        total.update(counts)
    for kind, code, counts in (*rows, ("all", "", total)):
        silent: Any = counts["found"] + counts["other code"] + counts["missed"]
        recall = f"{counts['found'] / silent:7.0%}" if silent else "      -"
        print(f"{kind:28} {code:7} {recall}" + "".join(f"{counts[column]:11}" for column in columns))


if __name__ == "__main__":
    sys.exit(main())
