"""Proof measure: over failing programs, what torch confirms, which reproductions raise the same, and which repairs
hold.

    python -m tests.measure.proof fixtures/programs [--mutants 200] [--seed 0] [--show] [--repairs]

The failing programs are those given that have findings, the failing examples of the rules, and mutants of working
programs.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.rules import all_rules
from attnlint.verify import Verifier
from attnlint.verify.repro import reproduction
from tests.harness.reproduction import difference
from tests.measure.mutants import mutants


@dataclass(frozen=True, slots=True)
class Program:
    """A program with findings."""

    name: str
    text: str
    path: str


def programs(paths: list[Path], count: int, seed: int) -> Iterator[Program]:
    """The failing programs, then ``count`` mutants with findings, taken from all programs in turn."""
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    for file in files:
        yield Program(file.name, file.read_text(), str(file))
    for rule in all_rules():
        if rule.failing:
            yield Program(f"{rule.code} (example)", rule.failing, f"{rule.code}.py")
    chance = random.Random(seed)
    queues = []
    for file in files:
        every = list(mutants(file.read_text()))
        chance.shuffle(every)
        queues.append((file, every))
    given = 0
    while given < count and any(every for _, every in queues):
        for file, every in queues:
            if not every or given >= count:
                continue
            mutant = every.pop()
            if check_source(mutant.text, str(file), Settings()).findings:
                given += 1
                yield Program(f"{file.name}:{mutant.line} {mutant.kind}: {mutant.description}", mutant.text, str(file))


def main() -> int:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--show", action="store_true", help="show every finding that is not confirmed or not reproduced"
    )
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    with Verifier(sys.executable) as verifier:
        for program in programs(options.paths, options.mutants, options.seed):
            for finding in check_source(program.text, program.path, Settings(preview="ATN2" in program.name)).findings:
                if finding.code.startswith("ATN0") or finding.evidence is None:
                    continue
                counts["findings"] += 1
                started = time.perf_counter()
                verdict = verifier.verify(finding.evidence)
                seconds.append(time.perf_counter() - started)
                counts[verdict.status] += 1
                if verdict.status != "confirmed":
                    if options.show:
                        print(f"{program.name}\n    {finding.range.line}: {finding.code} {finding.message}")
                        print(f"    {verdict.status}: {verdict.message}")
                    continue
                script = reproduction(replace(finding, verdict=verdict))
                wrong = difference(script, verdict)
                counts["reproduced"] += not wrong
                if wrong and options.show:
                    print(f"{program.name}\n    {finding.range.line}: {finding.code} {finding.message}\n    {wrong}\n")
                    print("".join(f"    | {row}\n" for row in script.splitlines()))
    total = max(counts["findings"], 1)
    print(f"{counts['findings']} findings")
    for status in ("confirmed", "refuted", "unverified"):
        print(f"    {status:<12} {counts[status]:>5}  {counts[status] / total:.1%}")
    share = counts["reproduced"] / max(counts["confirmed"], 1)
    print(f"    reproduced   {counts['reproduced']:>5}  {share:.1%} of the confirmed")
    if seconds:
        print(f"    median time of a verdict {statistics.median(seconds) * 1000:.2f} ms")
    return 0 if counts["reproduced"] == counts["confirmed"] else 1


if __name__ == "__main__":
    sys.exit(main())
