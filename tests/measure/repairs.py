"""Repair measure: over failing programs, the share of findings with a proved repair, and whether the programs then run.

    python -m tests.measure.repairs fixtures [--mutants 200] [--seed 0] [--show]

The programs are those of ``tests.measure.proof``. A program with a single finding must run to its end after its
repair; in others
torch must no longer raise at the repaired statement.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Finding
from attnlint.fixes import apply_edits, repaired
from tests.measure.mutation import run_mutant
from tests.measure.proof import Program, programs


def outcome(program: Program, finding: Finding, text: str, *, alone: bool) -> str:
    """What real torch does with the repaired program: ``runs``, ``raises there`` or ``raises elsewhere``."""
    recording = run_mutant(text, program.path)
    if recording is None:
        return "too long"
    lines = range(finding.range.line, finding.range.end_line + 1)
    if any(line in lines and kind not in ("StopIteration", "GeneratorExit") for line, kind, _ in recording.raised):
        return "raises there"
    if recording.uncaught is None:
        return "runs"
    return "raises elsewhere" if alone else "runs past it"


def main() -> int:
    """Run the measure and print the table; 1 when an offered repair does not hold on torch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="show the repairs, and what does not hold")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    by_code: dict[str, Counter[str]] = {}
    started = time.monotonic()
    for program in programs(options.paths, options.mutants, options.seed):
        settings = Settings()
        findings = tuple(one for one in check_source(program.text, program.path, settings).findings if one.evidence)
        for finding in repaired(program.text, program.path, settings, findings):
            fixes = [finding.fix] if finding.fix is not None else list(finding.alternatives)
            codes = by_code.setdefault(finding.code, Counter())
            counts["findings"] += 1
            codes["findings"] += 1
            kind = "one repair" if len(fixes) == 1 else "alternatives" if fixes else "none"
            counts[kind] += 1
            codes["repaired"] += bool(fixes)
            if options.show:
                print(f"{program.name}\n    {finding.range.line}: {finding.code} {finding.message}  [{kind}]")
            for number, fix in enumerate(fixes):
                result = outcome(program, finding, apply_edits(program.text, fix.edits), alone=len(findings) == 1)
                counts[f"{'first' if number == 0 else 'other'}: {result}"] += 1
                if options.show:
                    print(f"        {result}: {fix.title}")
    total = max(counts["findings"], 1)
    for key, count in sorted(counts.items()):
        print(f"{key:<28} {count:>5}  {count / total:.1%}")
    for code, one in sorted(by_code.items()):
        print(f"    {code} {one['repaired']:>4} of {one['findings']:>4}")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if counts["first: raises there"] or counts["other: raises there"] else 0


if __name__ == "__main__":
    sys.exit(main())
