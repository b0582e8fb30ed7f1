"""The cases of one torch's own databases as JSON lines; ``tests.measure.older_torch`` runs it under two interpreters.

    python -m tests.measure.older_torch_cases SAMPLES

A line a case: its entry, what the shape rule makes of it by this torch, and the request by which any torch can run it
again. Last come how many there were of each outcome, and the known names that this torch has not.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch

from attnlint.findings import Evidence
from attnlint.ops.listing import known_ops
from attnlint.verify.encode import encode
from attnlint.verify.worker import CannotBuild, resolve
from tests.ops.judge import Judgement, judge
from tests.ops.moduleinfo_cases import (
    ModuleCase,
    NotConverted,
    error_modules,
    judge_module,
    module_value,
    modules,
    valid_modules,
)
from tests.ops.opinfo_cases import Case, entries, entry_name, error_cases, valid_cases

LIMIT = 1 << 30


def function_evidence(case: Case) -> Evidence:
    """The call of a function, to be run again."""
    return Evidence(case.call.name, case.call.arguments, case.call.keywords)


def module_evidence(case: ModuleCase) -> Evidence:
    """The construction and the call of a module, to be run again."""

    def values(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return tuple(map(module_value, arguments[0])), {key: module_value(item) for key, item in arguments[1].items()}

    arguments, keywords = values(case.call)
    return Evidence(case.name, arguments, keywords, constructor=values(case.constructor))


def judged(samples: int) -> Iterator[tuple[str, Judgement, Case | ModuleCase]]:
    """Every case of this torch's OpInfo and ModuleInfo with the judgement on it, on integers."""
    for entry in entries():
        for case in (*valid_cases(entry, most=samples), *error_cases(entry)):
            yield entry_name(entry), judge(case), case
    for info in modules():
        for module_case in (*valid_modules(info, most=samples), *error_modules(info)):
            yield info.name, judge_module(module_case), module_case


def request_of(case: Case | ModuleCase) -> dict[str, Any] | None:
    """The case for a worker; ``None`` where an argument has no such form."""
    try:
        evidence = function_evidence(case) if isinstance(case, Case) else module_evidence(case)
        return encode(evidence, memory_limit=LIMIT)[0]
    except (NotConverted, ValueError, TypeError):
        return None


def main() -> None:
    """Print the lines."""
    warnings.simplefilter("ignore")
    print(json.dumps({"torch": torch.__version__}), flush=True)
    counts: Counter[str] = Counter()
    for name, judgement, case in judged(int(sys.argv[1])):
        counts[judgement.outcome.value] += 1
        line = {"entry": name, "outcome": judgement.outcome.value, "text": judgement.text, "call": judgement.call}
        print(json.dumps(line | {"request": request_of(case)}), flush=True)
    print(json.dumps({"counts": counts}))
    print(json.dumps({"absent": [known.name for known in known_ops() if is_absent(known.name)]}))


def is_absent(name: str) -> bool:
    """Whether this torch has no such name. (The packages beside torch are none of its business.)"""
    try:
        resolve(name)
    except CannotBuild:
        return name.startswith("torch.")
    return False


if __name__ == "__main__":
    main()
