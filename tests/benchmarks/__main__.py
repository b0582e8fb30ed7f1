"""How fast attnlint is, next to what else there is: ``python -m tests.benchmarks``.

Downloads pinned releases of four packages (``--cache`` keeps them), and prints what each command took on their files
that mention torch, and the ratios of one run. Give the machine nothing else to do meanwhile. ``--limit 0`` takes all
files, which lasts; ``--folder`` measures code of your own instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import corpus, surprises
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.measuring import Cost, attnlint, cost, least, python

PARSE = "import sys, libcst\nfor path in sys.argv[1:]:\n    libcst.parse_module(open(path, 'rb').read())"
WITHOUT_PLUGIN = (
    "import importlib.metadata as m, sys\n"
    "real = m.Distribution.entry_points.fget\n"
    "m.Distribution.entry_points = property(\n"
    "    lambda self: m.EntryPoints(e for e in real(self) if not e.value.startswith('attnlint')))\n"
    "from flake8.main.cli import main\n"
    "sys.exit(main())"
)
FLAKE8 = ("--isolated", "-j", "1", "--exit-zero")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", nargs="*", default=list(corpus.RELEASES), choices=list(corpus.RELEASES))
    parser.add_argument("--folder", type=Path, help="measure on this instead of released packages")
    parser.add_argument("--limit", type=int, default=60, help="files a package, spread over it; 0 for all")
    parser.add_argument("--cache", type=Path, help="where downloads are kept")
    parser.add_argument("--most-lines", type=int, default=100_000, help="the largest generated file")
    parser.add_argument("--skip", nargs="*", default=[], choices=["packages", "growth", "surprises", "start"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        if "start" not in options.skip:
            start(work)
        if "packages" not in options.skip:
            names = ["code"] if options.folder is not None else options.packages
            for name in names:
                if options.folder is not None:
                    shutil.copytree(options.folder, work / "code")
                    found = corpus.of_folder("code", work / "code")
                else:
                    found = corpus.load(name, options.cache or work / "wheels", work)
                package(found.only(options.limit), work)
        if "growth" not in options.skip:
            growth(work, options.most_lines)
        if "surprises" not in options.skip:
            odd_programs(work)
    return 0


def row(what: str, found: Cost, floor: float = 0.0, note: str = "") -> None:
    """Print one line of a table."""
    ratio = f"{found.cpu / floor:8.2f}" if floor else " " * 8
    failed = "" if found.code in (0, 1) else f"  (exit code {found.code})"
    print(f"  {what:<44} {found.cpu:8.2f} {found.wall:8.2f} {ratio} {found.megabytes:7.0f}  {note}{failed}", flush=True)


def title(text: str) -> None:
    """Print the head of a table."""
    print(f"\n{text}\n  {'':<44} {'CPU s':>8} {'wall s':>8} {'ratio':>8} {'MB':>7}", flush=True)


def start(work: Path) -> None:
    """One small file from start to end."""
    small = work / "small.py"
    small.write_text(surprises.HEADER + surprises.CLASS.format(0, 64), encoding="utf-8")
    title("Start: one class of attention; the ratio is to importing libcst")
    attnlint_once = attnlint("--no-cache", small)
    cost(attnlint_once)
    floor = least(python("-c", "import libcst"), 5)
    row("python -c 'import libcst'", floor, floor.cpu)
    row("attnlint check small.py", least(attnlint_once, 5), floor.cpu)


def package(found: Corpus, work: Path) -> None:
    """Everything that is measured on one package."""
    title(f"{found.name}: {len(found.files)} files, {found.lines:,} lines; the ratio is to libcst's parser")
    floor = cost(python("-c", PARSE, *found.files))
    row("libcst.parse_module", floor, floor.cpu)
    cores = os.cpu_count() or 1
    row("attnlint, cold, 1 process", cost(attnlint("--no-cache", "-j", "1", *found.files)), floor.cpu)
    cache = work / f"cache-{found.name}"
    row(f"attnlint, cold, {cores} processes", cost(attnlint("-j", str(cores), *found.files), cache=cache), floor.cpu)
    row("attnlint, nothing changed", cost(attnlint(*found.files), cache=cache), floor.cpu)
    changed = min(found.files, key=lambda path: path.stat().st_size)
    changed.write_text(changed.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    row("attnlint, the smallest file changed", cost(attnlint(*found.files), cache=cache), floor.cpu)
    for name, command in _others(found):
        row(name, cost(command), floor.cpu)


def _others(found: Corpus) -> Iterator[tuple[str, list[str | Path]]]:
    """Other tools, those that are installed."""
    if importlib.util.find_spec("flake8") is not None:
        yield "flake8 without attnlint", python("-c", WITHOUT_PLUGIN, *FLAKE8, *found.files)
        yield "flake8 with attnlint", python("-m", "flake8", *FLAKE8, *found.files)
    if importlib.util.find_spec("torchfix") is not None:
        yield "TorchFix", python("-m", "torchfix", "--select", "ALL", *found.files)
    for tool in ("torchtyc", "pyrefly"):
        path = shutil.which(tool)
        if path is not None:
            yield tool, [path, "check", *found.files]


def growth(work: Path, most: int) -> None:
    """Lines against seconds."""
    title("Growth: generated files")
    points: list[tuple[float, float]] = []
    lines = 1000
    path = work / "generated.py"
    while lines <= most:
        path.write_text(surprises.of_lines(lines), encoding="utf-8")
        found = cost(attnlint("--no-cache", path))
        row(f"{lines:,} lines", found)
        points.append((math.log(lines), math.log(found.cpu)))
        lines *= 10
    if len(points) > 1:
        (x0, y0), (x1, y1) = points[-2:]
        print(f"  growth exponent of the last step: {(y1 - y0) / (x1 - x0):.2f}")


def odd_programs(work: Path) -> None:
    """Never slow by surprise."""
    title("Programs that nobody writes")
    for name, make in surprises.PROGRAMS.items():
        path = work / "odd.py"
        path.write_text(make(), encoding="utf-8")
        row(name, cost(attnlint("--no-cache", path)))


if __name__ == "__main__":
    sys.exit(main())
