"""How far the shape rules go: OpInfo and ModuleInfo by family, as a table.

python -m tests.ops.coverage [--samples N] [--problems] [PATTERN]
"""

from __future__ import annotations

import argparse
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from attnlint.ops.registry import find_layer
from tests.ops.judge import Judgement, Outcome, judge, judge_symbolic
from tests.ops.moduleinfo_cases import error_modules, judge_module, modules, qualified, valid_modules
from tests.ops.opinfo_cases import entries, entry_name, error_cases, family_of, valid_cases


@dataclass(slots=True)
class Tally:
    """What came of the cases of one family, on integers and on symbols."""

    entries: set[str] = field(default_factory=set)
    integers: Counter[Outcome] = field(default_factory=Counter)
    symbols: Counter[Outcome] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement, the entry of torch's database that it is about, and whether it was on symbols."""

    entry: str
    family: str
    symbolic: bool
    judgement: Judgement


def judge_entry(entry: Any, *, samples: int) -> Iterator[Verdict]:
    """All judgements on one OpInfo entry."""
    name, family = entry_name(entry), family_of(entry) or "no rule"
    for case in valid_cases(entry, most=samples):
        yield Verdict(name, family, False, judge(case))
        symbolic = judge_symbolic(case)
        if symbolic is not None:
            yield Verdict(name, family, True, symbolic)
    for case in error_cases(entry):
        yield Verdict(name, family, False, judge(case))


def judge_module_entry(info: Any, *, samples: int) -> Iterator[Verdict]:
    """All judgements on one ModuleInfo entry."""
    layer = find_layer(qualified(info))
    family = "no rule" if layer is None else layer.family
    for case in valid_modules(info, most=samples):
        yield Verdict(info.name, family, False, judge_module(case))
        yield Verdict(info.name, family, True, judge_module(case, symbolic=True))
    for case in error_modules(info):
        yield Verdict(info.name, family, False, judge_module(case))


def table(verdicts: list[Verdict]) -> str:
    """One line a family: entries, cases, what came of them."""
    tallies: dict[str, Tally] = {}
    for verdict in verdicts:
        for family in (verdict.family, "all"):
            tally = tallies.setdefault(family, Tally())
            tally.entries.add(verdict.entry)
            counts = tally.symbols if verdict.symbolic else tally.integers
            counts[verdict.judgement.outcome] += 1
    head = (
        f"{'family':32} entries samples  exact unknown  wrong no-rule  found missed | exact unknown wrong (on symbols)"
    )
    lines = [head]
    for family in sorted(tallies, key=lambda name: (name == "all", name)):
        tally = tallies[family]
        found = tally.integers
        valid = sum(found[outcome] for outcome in (Outcome.EXACT, Outcome.UNKNOWN, Outcome.WRONG, Outcome.NO_RULE))
        lines.append(
            f"{family:32} {len(tally.entries):7} {valid:7} {found[Outcome.EXACT]:6} {found[Outcome.UNKNOWN]:7} "
            f"{found[Outcome.WRONG]:6} {found[Outcome.NO_RULE]:7} {found[Outcome.FOUND]:6} {found[Outcome.MISSED]:6} |"
            f"{tally.symbols[Outcome.EXACT]:6} {tally.symbols[Outcome.UNKNOWN]:7} {tally.symbols[Outcome.WRONG]:5}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table, and with ``--problems`` what is not exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--problems", action="store_true")
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    verdicts = [
        verdict
        for entry in entries()
        if re.search(options.pattern, entry_name(entry))
        for verdict in judge_entry(entry, samples=options.samples)
    ]
    module_verdicts = [
        verdict
        for info in modules()
        if re.search(options.pattern, info.name)
        for verdict in judge_module_entry(info, samples=options.samples)
    ]
    print("OpInfo")
    print(table(verdicts))
    print("\nModuleInfo")
    print(table(module_verdicts))
    if options.problems:
        for verdict in (*verdicts, *module_verdicts):
            if verdict.judgement.outcome not in (Outcome.EXACT, Outcome.FOUND):
                judgement = verdict.judgement
                kind = f"{judgement.outcome.value}{' on symbols' if verdict.symbolic else ''}"
                print(f"{verdict.entry}: {kind}: {judgement.text} | {judgement.call}")


if __name__ == "__main__":
    main()
