"""Precision on released code: check whole packages, and let torch judge every finding.

    pip download --no-deps -d wheels timm vit-pytorch ...; unzip each into a folder
    python -m tests.measure.packages FOLDER... [--limit FILES] [--slow N] [--no-verify] [--jobs N]

Prints files, lines, findings by code, verdicts, seconds, and every finding. Exits 1 when torch refutes one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from attnlint.check import FileReport, check_source
from attnlint.config import Settings
from attnlint.verify import Verifier


def check_file(path: Path) -> tuple[FileReport, float]:
    """One file and the CPU seconds it took."""
    started = time.process_time()
    report = check_source(path.read_bytes(), str(path), Settings())
    return report, time.process_time() - started


def main() -> int:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="at most that many files a folder")
    parser.add_argument("--slow", type=int, default=5, help="list the slowest files")
    parser.add_argument("--no-verify", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    refuted = 0
    columns = "".join(
        f"{title:>9}" for title in ("files", "lines", "errors", "findings", "conf.", "ref.", "unv.", "CPU s")
    )
    print(f"{'package':24} {columns}")
    details: list[str] = []
    slowest: list[tuple[float, str, int]] = []
    with Verifier() as verifier, ProcessPoolExecutor(options.jobs) as pool:
        for folder in options.folders:
            files = sorted(folder.rglob("*.py"))[: options.limit or None]
            counts: Counter[str] = Counter()
            run = pool.map(check_file, files, chunksize=4) if options.jobs > 1 else map(check_file, files)
            for file, (report, seconds) in zip(files, run, strict=True):
                counts["files"] += 1
                counts["lines"] += report.lines
                counts["errors"] += report.error is not None
                counts["ms"] += round(seconds * 1000)
                slowest.append((seconds, str(file), report.lines))
                if report.error is not None:
                    details.append(f"{file}:{report.error.line}: {report.error.code} {report.error.message}")
                for finding in report.findings:
                    counts["findings"] += 1
                    status = "unverified"
                    message = ""
                    if not options.no_verify and finding.evidence is not None:
                        verdict = verifier.verify(finding.evidence)
                        status, message = verdict.status, f" [{verdict.witness}] {verdict.message}"
                    counts[status] += 1
                    where = f"{finding.path}:{finding.range.line}:{finding.range.column}"
                    details.append(f"{where}: {finding.code} {finding.message}\n    {status}:{message}")
            refuted += counts["refuted"]
            keys = ("files", "lines", "errors", "findings", "confirmed", "refuted", "unverified")
            columns = "".join(f"{counts[key]:>9}" for key in keys)
            print(f"{folder.name:24} {columns}{counts['ms'] / 1000:>9.1f}", flush=True)
    print("\n".join(details))
    for seconds, name, lines in sorted(slowest, reverse=True)[: options.slow]:
        print(f"{seconds:7.2f} s  {lines:6} lines  {name}")
    return 1 if refuted else 0


if __name__ == "__main__":
    sys.exit(main())
