"""The shape rules by an older torch, and where that torch and the installed one differ, as a table.

    python -m tests.measure.older_torch PYTHON [--samples 16] [--show-rules] [--write docs/torch-versions.md]

PYTHON is an interpreter with the other torch (and what ``torch.testing`` needs: numpy below 2, yaml,
typing_extensions); this program's own folders are lent to it. Each torch's OpInfo and ModuleInfo databases give their
cases. The shape rules are judged on the cases of the older torch by what that torch does. Then all cases of both run
on both.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnlint.rules.pages import replace_section
from attnlint.verify.process import WorkerError, WorkerKilled, WorkerProcess
from tests.ops import expected_gaps

ROOT = Path(__file__).resolve().parents[2]
LENT = ("expecttest",)
"""Pure Python packages that ``torch.testing`` imports and an interpreter for users has not."""


@dataclass(slots=True)
class Database:
    """What one torch's databases gave."""

    torch: str = ""
    cases: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """One case that the two torches answer differently."""

    operation: str
    call: str
    older: str
    newer: str


def read_database(python: str, samples: int) -> Database:
    """Run ``older_torch_cases`` under an interpreter."""
    found = Database()
    with tempfile.TemporaryDirectory() as folder:
        for name in LENT:
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.submodule_search_locations:
                (Path(folder) / name).symlink_to(next(iter(spec.submodule_search_locations)))
        program = (
            f"import runpy, sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'src')]!r}; sys.path.append({folder!r}); "
            f"sys.argv = ['cases', '{samples}']; "
            "runpy.run_module('tests.measure.older_torch_cases', run_name='__main__')"
        )
        output = subprocess.run([python, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in output.splitlines():
        data = json.loads(line)
        if "entry" in data:
            found.cases.append(data)
        else:
            found.torch = data.get("torch", found.torch)
            found.counts = data.get("counts", found.counts)
            found.absent = data.get("absent", found.absent)
    return found


def answers(python: str, cases: list[dict[str, Any]]) -> Iterator[str]:
    """What the torch of an interpreter does with each case: ``raises ...``, ``returns ...``; empty when not known."""
    process = WorkerProcess(python, memory_limit=2 << 30)
    try:
        for case in cases:
            try:
                answer = process.ask(case["request"], timeout=60)
            except (WorkerError, WorkerKilled) as problem:
                print(f"{case['call']}: {problem}", file=sys.stderr)
                yield ""
                continue
            if answer["status"] == "unverified":
                yield ""
            elif answer["status"] == "confirmed":
                yield f"raises {answer['error']}: {answer['message'].splitlines()[0]}"
            else:
                yield answer["message"].removeprefix("torch ")
    finally:
        process.stop()


def differences(older: str, newer: str, cases: list[dict[str, Any]]) -> list[Difference]:
    """The cases that two interpreters answer differently; two errors are alike whatever they say."""
    found = []
    for case, one, other in zip(cases, answers(older, cases), answers(newer, cases), strict=True):
        if one and other and one != other and not (one.startswith("raises") and other.startswith("raises")):
            found.append(Difference(case["request"]["operation"], case["call"], one, other))
    return found


def grouped(found: list[Difference]) -> list[tuple[Difference, int]]:
    """One difference of each kind, and how many there are of it."""
    kinds: dict[tuple[str, str, str], list[Difference]] = {}
    for one in found:
        short = one.operation.replace("torch.Tensor.", "torch.").rstrip("_")
        kinds.setdefault((short, _kind(one.older), _kind(one.newer)), []).append(one)
    return [(min(group, key=lambda one: len(one.call)), len(group)) for _, group in sorted(kinds.items())]


def _kind(answer: str) -> str:
    """An answer without its numbers: calls that differ in sizes alone are of one kind."""
    return re.sub(r"\d+", "N", answer) if answer.startswith("raises") else "returns"


def table(older: str, newer: str, found: list[Difference]) -> str:
    """The differences in Markdown."""
    rows = [f"| call | torch {older} | torch {newer} | cases |", "|---|---|---|---|"]
    for one, count in grouped(found):
        cells = (f"`{one.call}`", one.older, one.newer, str(count))
        rows.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    return "\n".join(rows)


def _cell(text: str) -> str:
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= 160 else text[:156] + " ..."


def unexpected(database: Database) -> list[str]:
    """What the shape rules get wrong or miss by a torch, in words."""
    return [
        f"{case['entry']}: {case['outcome']}: {case['text']} | {case['call']}"
        for case in database.cases
        if case["outcome"] == "wrong"
        or (case["outcome"] == "missed" and not any(re.search(words, case["text"]) for words in expected_gaps.MISSED))
    ]


def release(version: str) -> str:
    """``1.13.0a0`` and ``2.13.0+cpu`` as people name them."""
    return ".".join(re.findall(r"\d+", version)[:2])


def main() -> int:
    """Measure and print; with ``--write`` put the table into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--show-rules", action="store_true", help="list what the rules get wrong by the older torch")
    parser.add_argument("--write", type=Path, help="a page with a place for the table")
    options = parser.parse_args()
    older, newer = (read_database(python, options.samples) for python in (options.python, sys.executable))
    print(f"the rules by torch {older.torch}: {older.counts}; by torch {newer.torch}: {newer.counts}")
    if options.show_rules:
        print("\n".join(unexpected(older)))
    cases = [case for case in (*older.cases, *newer.cases) if case["request"] is not None]
    found = differences(options.python, sys.executable, cases)
    text = table(release(older.torch), release(newer.torch), found)
    operations = Counter(one.operation for one in found)
    print(f"{len(cases)} calls on both: {len(found)} differ, of {len(operations)} operations\n\n{text}")
    if options.write is not None:
        options.write.write_text(replace_section(options.write.read_text(), "differences", text, kind="measured"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
