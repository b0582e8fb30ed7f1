"""Mutation measure: put one-line size errors into working programs, run them on real torch, and see what attnlint says.

    python -m tests.measure.mutation fixtures/programs [--per-kind N] [--show-misses] [--seed N]
    python -m tests.measure.mutation --packages FOLDER [DRIVER...] [--per-kind N] [--show-misses] [--seed N]

The second form changes the modules of the drivers in ``tests/measure/drivers`` (see ``tests.measure.driven``).

Prints recall by kind of mutation over the mutants that crash with an error of torch, and every finding on a mutant that
runs through the
reported line. Exits 1 when there is such a finding (a false alarm).
"""

from __future__ import annotations

import argparse
import ast
import random
import signal
import sys
from collections import Counter, defaultdict
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.tracer import Recording, run_program
from tests.measure.driven import DRIVERS
from tests.measure.mutants import Mutant, mutants

TORCH_ERRORS = (
    "RuntimeError",
    "ValueError",
    "IndexError",
    "EinopsError",
    "TypeError",
    "AssertionError",
    "ZeroDivisionError",
)


class _TooLong(BaseException):
    pass


def _alarm(*_: object) -> None:
    raise _TooLong


def run_mutant(text: str, filename: str, seconds: int = 20) -> Recording | None:
    """Run a mutant; ``None`` when it takes too long."""
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(seconds)
    try:
        recording = run_program(text, filename)
        return None if isinstance(recording.uncaught, _TooLong) else recording
    except _TooLong:
        return None
    finally:
        signal.alarm(0)


def judge(mutant: Mutant, filename: str) -> tuple[str, str]:
    """(``found`` | ``missed`` | ``elsewhere`` | ``silent`` | ``false alarm`` | ``other``, explanation)."""
    recording = run_mutant(mutant.text, filename)
    if recording is None:
        return "other", "too long"
    report = check_source(mutant.text, filename, Settings())
    findings = [finding for finding in report.findings if finding.code.startswith("ATN1")]
    places = ", ".join(f"{finding.range.line}:{finding.code}" for finding in findings)
    if recording.uncaught is None:
        executed = [finding for finding in findings if finding.range.line in recording.lines]
        if executed:
            return "false alarm", "; ".join(f"{finding.range.line}: {finding.message}" for finding in executed)
        return "silent", places
    if type(recording.uncaught).__name__ not in TORCH_ERRORS or not recording.raised:
        return "other", repr(recording.uncaught)[:100]
    line, kind, message = _origin(recording)
    if message == "index out of range in self":
        return "other", "the contents of an index, not a shape"
    statement = statement_at(mutant.text, line)
    for finding in findings:
        if finding.range.line <= line <= finding.range.end_line or statement[0] <= finding.range.line <= statement[1]:
            return "found", ""
    if statement[2]:
        return "other", "the program's own assert or raise"
    early = [finding for finding in findings if finding.range.line in recording.lines and finding.range.line != line]
    explanation = f"line {line}: {kind}: {message.splitlines()[0][:120] if message else ''}"
    if early:
        return "elsewhere", f"{explanation} | we say {places}"
    return "missed", explanation


def _origin(recording: Recording) -> tuple[int, str, str]:
    """The innermost place in the program of the exception that ended it."""
    text = str(recording.uncaught)
    for entry in reversed(recording.raised):
        if entry[2] == text:
            return entry
    return recording.raised[-1]


def statement_at(text: str, line: int) -> tuple[int, int, bool]:
    """First and last line of the innermost statement at ``line``, and whether it is the program's own assert or
    raise."""
    best = (line, line, False)
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.stmt)
            and not hasattr(node, "body")
            and node.lineno <= line <= (node.end_lineno or line)
        ):
            best = (node.lineno, node.end_lineno or line, isinstance(node, ast.Assert | ast.Raise))
    return best


def main() -> int:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--packages", type=Path, help="a folder of unzipped packages: change what drivers build")
    parser.add_argument("--cache", type=Path, help="a folder that keeps what torch did with changed modules")
    parser.add_argument("--drivers", type=Path, default=DRIVERS, help="the folder of the drivers")
    parser.add_argument("--per-kind", type=int, default=6, help="mutants of one kind a program")
    parser.add_argument("--show-misses", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.packages is not None:
        from tests.measure.driven_mutation import measure

        return measure(options)
    files = [file for path in options.paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for file in files:
        text = file.read_text()
        baseline = run_mutant(text, str(file))
        if baseline is None or baseline.uncaught is not None:
            print(f"{file}: does not run: {baseline and baseline.uncaught!r}", file=sys.stderr)
            continue
        by_kind: dict[str, list[Mutant]] = defaultdict(list)
        for mutant in mutants(text):
            by_kind[mutant.kind].append(mutant)
        for kind, candidates in by_kind.items():
            random.Random(options.seed).shuffle(candidates)
            for mutant in candidates[: options.per_kind]:
                try:
                    verdict, why = judge(mutant, str(file))
                except SyntaxError:
                    continue
                table[kind][verdict] += 1
                if verdict == "false alarm" or (options.show_misses and verdict in ("missed", "elsewhere")):
                    print(f"{verdict}: {file.name}:{mutant.line} {kind}: {mutant.description}\n    {why}", flush=True)
    return print_table(table)


def print_table(table: dict[str, Counter[str]]) -> int:
    """Recall by kind of mutation; 1 when there is a false alarm."""
    total: Counter[str] = Counter()
    columns = ("found", "missed", "elsewhere", "silent", "false alarm", "other")
    print(f"{'kind':20} {'recall':>7} " + " ".join(f"{column:>11}" for column in columns))
    for kind, counts in sorted(table.items()):
        total.update(counts)
        print(_row(kind, counts, columns))
    print(_row("all", total, columns))
    return 1 if total["false alarm"] else 0


def _row(kind: str, counts: Counter[str], columns: tuple[str, ...]) -> str:
    crashed = counts["found"] + counts["missed"] + counts["elsewhere"]
    recall = f"{counts['found'] / crashed:.0%}" if crashed else "-"
    return f"{kind:20} {recall:>7} " + " ".join(f"{counts[column]:>11}" for column in columns)


if __name__ == "__main__":
    sys.exit(main())
