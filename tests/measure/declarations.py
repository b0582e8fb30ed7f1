"""Declared shapes in released code: how many are read, how many could be judged, and which of them are stale.

    python -m tests.measure.declarations FOLDER... [--limit FILES] [--doubtful]

Prints a row a folder, and every declaration that nothing speaks for. Each is to be read: a stale declaration that a
reviewer would want to know of, or a false alarm.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from attnlint.declarations.collect import collect
from attnlint.declared.watch import Case, Watch
from attnlint.interpreter import AnalysisOptions, analyse
from attnlint.interpreter.project import Projects
from attnlint.syntax import SourceError, decode, parse
from attnlint.syntax.gate import mentions_torch

COLUMNS = ("files", "lines", "declared", "judged", "stale", "doubtful")


def judge(path: Path, projects: Projects, counts: Counter[str]) -> list[Case]:
    """The declarations of one file that its code contradicts."""
    data = path.read_bytes()
    if not mentions_torch(data):
        return []
    counts["files"] += 1
    try:
        source = parse(decode(data), str(path))
    except SourceError:
        return []
    counts["lines"] += len(source.lines)
    declarations = collect(source.text)
    if declarations is None:
        return []
    places = [*declarations.functions.values(), *([declarations.top] if declarations.top is not None else [])]
    counts["declared"] += sum(1 for place in places for _ in place.all())
    watch = Watch(source, declarations)
    analyse(source, projects.around(source.path), AnalysisOptions(watcher=watch))
    cases = list(watch.cases.values())
    counts["judged"] += sum(case.kept or case.contradiction is not None for case in cases)
    stale = [case for case in cases if case.contradiction is not None and not case.kept]
    counts["stale"] += sum(not case.doubtful for case in stale)
    counts["doubtful"] += sum(case.doubtful for case in stale)
    return stale


def main() -> None:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="at most that many files a folder")
    parser.add_argument("--doubtful", action="store_true", help="list those of --preview, too")
    options = parser.parse_args()
    print(f"{'package':24} {''.join(f'{name:>10}' for name in COLUMNS)}")
    details: list[str] = []
    for folder in options.folders:
        projects = Projects()
        counts: Counter[str] = Counter()
        for path in sorted(folder.rglob("*.py"))[: options.limit or None]:
            for case in judge(path, projects, counts):
                found, value = case.contradiction, case.value
                assert found is not None and value is not None
                if not case.doubtful or options.doubtful:
                    spec = case.declaration.said.spec
                    place = f"{path}:{case.declaration.line}: {case.function} {case.name}"
                    details.append(f"{place}: {spec}, is {value.shape}: {found.text} ({case.declaration.kind})")
        print(f"{folder.name:24} {''.join(f'{counts[name]:>10}' for name in COLUMNS)}", flush=True)
    print("\n".join(details))


if __name__ == "__main__":
    main()
