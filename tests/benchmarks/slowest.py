"""Which functions of the checked code cost most, and why: ``python -m tests.benchmarks.slowest FILE... [--most 20]``.

A function's own time is what its body took without the functions of the user's that it called. What makes one dear is
how often it is run: by its callers, on the paths that part within it, in the rounds of its loops.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import binding, forks, loops
from attnlint.interpreter.objects import FunctionValue
from attnlint.interpreter.project import Projects
from attnlint.interpreter.run import Run
from attnlint.syntax import nodes
from attnlint.values import Value


@dataclass(slots=True)
class Spent:
    """What one function took, over all that was checked."""

    seconds: float = 0.0
    calls: int = 0
    paths: int = 0
    rounds: int = 0
    place: str = ""

    def why(self) -> str:
        """The largest of its multipliers, in words."""
        each = max(self.calls, 1)
        reasons = {
            f"called {self.calls:,} times": float(self.calls),
            f"{self.paths / each:,.0f} paths in each call": self.paths / each,
            f"{self.rounds / each:,.0f} rounds of its loops in each call": self.rounds / each,
        }
        dear = [reason for reason, times in sorted(reasons.items(), key=lambda item: -item[1]) if times >= 3]
        return ", ".join(dear) or "long, or full of operations"


class Meter:
    """Times the functions that an interpreter runs."""

    def __init__(self) -> None:
        self.functions: dict[tuple[str, int], Spent] = {}
        self._open: list[Spent] = []
        self._since = 0.0

    def _charge(self) -> None:
        """What passed since the last function was entered or left belongs to the one that ran."""
        now = time.process_time()
        if self._open:
            self._open[-1].seconds += now - self._since
        self._since = now

    def run_body(self, run: Run, function: FunctionValue, variables: dict[str, Value], node: nodes.Node) -> Value:
        """Run the body of a function, with the clock on."""
        self._charge()
        module = function.module
        spent = self.functions.setdefault((module.path, function.node.id), Spent())
        if not spent.calls:
            line = module.source.first_line(function.node.id)
            spent.place = f"{Path(module.path).name}:{line} {function.name}"
        spent.calls += 1
        self._open.append(spent)
        try:
            return _run_body(run, function, variables, node)
        finally:
            self._charge()
            self._open.pop()

    def fork(self, run: Run, branches: Any) -> Any:
        """Count the paths of a fork."""
        if self._open:
            self._open[-1].paths += len(branches)
        return _fork_blocks(run, branches)

    def round(self, run: Run, loop: Any, node: Any) -> Any:
        """Count a round of a loop."""
        if self._open:
            self._open[-1].rounds += 1
        return _round(run, loop, node)


_run_body, _fork_blocks, _round = binding.run_body, forks.fork_blocks, loops._round


def _replace(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Wherever our own modules have taken a function by its name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("attnlint."):
            for key, value in list(vars(module).items()):
                if value is old:
                    setattr(module, key, new)


def main() -> int:
    """Check files and print the dearest functions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=20)
    options = parser.parse_args()
    meter = Meter()
    check_source("import torch\n", "empty.py", Settings())  # so that all modules are there, and can be changed
    _replace(_run_body, meter.run_body)
    _replace(_fork_blocks, meter.fork)
    _replace(_round, meter.round)
    projects = Projects()
    started = time.process_time()
    for path in options.files:
        check_source(path.read_bytes(), str(path), Settings(), projects.around)
    total = time.process_time() - started
    print(f"{len(options.files)} files, {total:.1f} s of CPU, the clock included")
    dearest = sorted(meter.functions.values(), key=lambda spent: -spent.seconds)[: options.most]
    for spent in dearest:
        print(f"{spent.seconds:7.2f} s  {spent.place}: {spent.why()}")
    shown = sum(spent.seconds for spent in dearest)
    print(f"{shown:7.2f} s in these {len(dearest)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
