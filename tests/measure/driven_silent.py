"""Silent mistakes in released modules: put in by a change of the source text, found or not in two ways of use.

    python -m tests.measure.driven_silent PACKAGES [DRIVER ...] [--show-misses] [--per-kind 4] [--cache FOLDER]

A mutant counts where its driver runs to its end on torch and leaves a tensor with other contents behind. *alone*: the
module's file is checked as it lies in its package. *driven*: the driver is checked, and follows its import into the
module. What is found without the change does not count.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import Project
from tests.measure.driven import Driver, Sources, alone, read_drivers
from tests.measure.driven_agreement import torch_run
from tests.measure.driving import outcomes
from tests.measure.mutants import Mutant
from tests.measure.mutation import statement_at
from tests.measure.silent_mutants import CODES, silent_mutants

WAYS = ("alone", "driven")


def main() -> int:
    """Run the measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("drivers", nargs="*")
    parser.add_argument("--per-kind", type=int, default=4, help="mutants of one kind a module")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--show-misses", action="store_true")
    options = parser.parse_args()
    cache = options.cache or Path(tempfile.mkdtemp())
    tables: dict[str, dict[str, Counter[str]]] = {way: defaultdict(Counter) for way in WAYS}
    for driver in read_drivers(options.packages, options.drivers):
        here: Counter[str] = Counter()
        for mutant, verdicts in _of_driver(driver, options.per_kind, cache):
            for way, verdict in verdicts.items():
                tables[way][mutant.kind][verdict] += 1
                here[f"{way} {verdict}"] += 1
                if options.show_misses and verdict in ("missed", "other code"):
                    place = f"{driver.file.name}:{mutant.line}"
                    print(f"{verdict}: {driver.name} {way} {place} {mutant.kind}: {mutant.description}", flush=True)
        print(f"{driver.name}: {dict(here)}", flush=True)
    for way, table in tables.items():
        _print(way, table)
    return 0


def _of_driver(driver: Driver, per_kind: int, cache: Path) -> list[tuple[Mutant, dict[str, str]]]:
    text, file, program = driver.file.read_text(), str(driver.file), str(driver.path)
    ran = set(torch_run(driver, None, cache).lines.get(file, ()))
    by_kind: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in silent_mutants(text):
        first, last, _ = statement_at(text, mutant.line)
        if ran & set(range(first, last + 1)):
            by_kind[mutant.kind].append(mutant)
    chosen: list[Mutant] = []
    for kind, candidates in by_kind.items():
        random.Random(f"{driver.name} {kind}").shuffle(candidates)
        chosen += candidates[:per_kind]
    if not chosen:
        return []
    right, *others = outcomes(driver, [text, *(each.text for each in chosen)], cache)
    if right.error:
        print(f"{driver.name}: {right.error}: {right.message:.100}")
        return []
    sources, around = Sources(), Project.around(driver.file)

    def codes(changed: str) -> dict[str, Counter[str]]:
        together = alone(driver, changed)
        by_itself = check_source(changed, file, Settings(), around)
        if together is None:
            project = sources.project(driver, {file: changed})
            called = check_source(driver.text, program, driver.settings, project)
        else:
            called = check_source(together, program, driver.settings, sources.project(driver))
        return {
            way: Counter(one.code for one in report.findings if one.code.startswith(("ATN1", "ATN2", "ATN3")))
            for way, report in zip(WAYS, (by_itself, called), strict=True)
        }

    before = codes(text)
    result: list[tuple[Mutant, dict[str, str]]] = []
    for mutant, outcome in zip(chosen, others, strict=True):
        if outcome.error or not _is_other(right.left, outcome.left):
            result.append((mutant, dict.fromkeys(WAYS, "crash" if outcome.error else "same")))
            continue
        verdicts = {}
        for way, found in codes(mutant.text).items():
            new = found - before[way]
            verdicts[way] = "found" if CODES[mutant.kind] in new else "other code" if new else "missed"
        result.append((mutant, verdicts))
    return result


def _is_other(one: dict[str, list[float]], two: dict[str, list[float]]) -> bool:
    """Whether a tensor of the same name has other contents."""
    return any(
        name in two
        and (
            len(two[name]) != len(numbers)
            or not all(math.isclose(*pair, rel_tol=1e-4, abs_tol=1e-4) for pair in zip(numbers, two[name], strict=True))
        )
        for name, numbers in one.items()
    )


def _print(way: str, table: dict[str, Counter[str]]) -> None:
    columns = ("found", "other code", "missed", "same", "crash")
    print(f"\n{way}\n{'kind':28} {'code':7} {'recall':>7}" + "".join(f"{column:>11}" for column in columns))
    total: Counter[str] = Counter()
    for kind in CODES:
        total.update(table.get(kind, Counter()))
    for kind, counts in (*((kind, table[kind]) for kind in CODES if kind in table), ("all", total)):
        silent = counts["found"] + counts["other code"] + counts["missed"]
        recall = f"{counts['found'] / silent:7.0%}" if silent else "      -"
        print(f"{kind:28} {CODES.get(kind, ''):7} {recall}" + "".join(f"{counts[column]:11}" for column in columns))


if __name__ == "__main__":
    sys.exit(main())
