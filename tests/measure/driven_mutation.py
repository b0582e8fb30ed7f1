"""One-line size errors in released modules, found or not in two ways of use.

*alone*: the module's file is checked as it lies in its package, and nobody calls its classes.
*driven*: the driver is checked, and follows its import into the module; where the module needs nothing of its package,
the two are checked as one file.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Finding
from attnlint.interpreter import Project
from tests.measure.driven import Driver, Sources, alone, read_drivers
from tests.measure.driven_agreement import torch_run
from tests.measure.driving import Outcome, outcomes
from tests.measure.mutants import Mutant, mutants
from tests.measure.mutation import TORCH_ERRORS, print_table, statement_at

Table = dict[str, Counter[str]]


def measure(options: argparse.Namespace) -> int:
    """Change the modules and print the tables; 1 when there is a false alarm."""
    cache = options.cache or Path(tempfile.mkdtemp())
    tables: dict[str, Table] = {way: defaultdict(Counter) for way in ("alone", "driven", "driven, one file")}
    for driver in read_drivers(options.packages, [str(path) for path in options.paths], options.drivers):
        began = time.monotonic()
        chosen = _chosen(driver, options, cache)
        here: dict[str, Counter[str]] = defaultdict(Counter)
        sources, around = Sources(), Project.around(driver.file)
        for mutant, outcome in zip(chosen, outcomes(driver, [each.text for each in chosen], cache), strict=True):
            for way, (verdict, why) in _judged(driver, mutant, outcome, sources, around).items():
                tables[way][mutant.kind][verdict] += 1
                here[way][verdict] += 1
                shown = ("false alarm", "look", *(("missed", "elsewhere") if options.show_misses else ()))
                if verdict in shown:
                    place = f"{driver.file.name}:{mutant.line}"
                    print(f"{verdict}: {driver.name} {way} {place} {mutant.kind}: {mutant.description}")
                    print(f"    {why}", flush=True)
        for way, counts in here.items():
            crashed = counts["found"] + counts["missed"] + counts["elsewhere"]
            print(f"{driver.name:34} {way:17} {counts['found']:>3} of {crashed:>3}  {dict(counts)}")
        print(f"{driver.name:34} {time.monotonic() - began:.0f} s", flush=True)
    status = 0
    for way, table in tables.items():
        print(f"\n{way}")
        status |= print_table(table)
    return status


def _chosen(driver: Driver, options: argparse.Namespace, cache: Path) -> list[Mutant]:
    """Some mutants of each kind, of statements that the driver reaches."""
    ran = set(torch_run(driver, None, cache).lines.get(str(driver.file), ()))
    text = driver.file.read_text()
    by_kind: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants(text):
        first, last, _ = statement_at(text, mutant.line)
        if ran & set(range(first, last + 1)):
            by_kind[mutant.kind].append(mutant)
    chosen = []
    for kind, candidates in by_kind.items():
        random.Random(f"{options.seed} {driver.name} {kind}").shuffle(candidates)
        chosen += candidates[: options.per_kind]
    return chosen


def _judged(
    driver: Driver, mutant: Mutant, outcome: Outcome, sources: Sources, around: Project
) -> dict[str, tuple[str, str]]:
    """For each way of use the verdict, and an explanation."""
    together = alone(driver, mutant.text)
    way = "driven" if together is None else "driven, one file"
    file, program = str(driver.file), str(driver.path)
    if outcome.error:
        reason = _no_shape_error(driver, mutant, outcome)
        if reason:
            return {way: ("other", reason), "alone": ("other", reason)}
    result = {}
    for name in ("alone", way):
        if name == "alone":
            report = check_source(mutant.text, file, Settings(), around)
        elif together is None:
            report = check_source(driver.text, program, driver.settings, sources.project(driver, {file: mutant.text}))
        else:
            report = check_source(together, program, driver.settings, sources.project(driver))
        findings = [one for one in report.findings if one.code.startswith("ATN1") or one.code == "ATN201"]
        if not outcome.error:
            findings = [one for one in findings if one.code != "ATN201"]
            result[name] = _on_running(findings, outcome, program, file, together is not None and name != "alone")
            continue
        frames = outcome.frames
        if name == "alone":
            frames = [frame for frame in frames if frame[0] == file]
        elif together is not None:
            # The module's lines come first in the one file.
            frames = [(program, line) for path, line in frames if path == file] or [(program, -1)]
        result[name] = _on_crash(findings, frames, outcome, mutant, program if name != "alone" and together else file)
    return result


def _no_shape_error(driver: Driver, mutant: Mutant, outcome: Outcome) -> str:
    if outcome.error not in TORCH_ERRORS or not outcome.frames:
        return f"{outcome.error}: {outcome.message[:100]}"
    if outcome.message == "index out of range in self":
        return "the contents of an index, not a shape"
    path, line = outcome.frames[-1]
    text = mutant.text if path == str(driver.file) else Path(path).read_text()
    if statement_at(text, line)[2]:
        return "the program's own assert or raise"
    if not any(path == str(driver.file) for path, _ in outcome.frames):
        return "fails in the driver"
    return ""


def _on_running(findings: list[Finding], outcome: Outcome, program: str, file: str, merged: bool) -> tuple[str, str]:
    executed = {name: set(lines) for name, lines in outcome.lines.items()}
    wrong = []
    for finding in findings:
        path = file if merged and finding.range.line in executed.get(file, ()) else finding.path
        if finding.range.line in executed.get(path, ()):
            wrong.append(finding)
    if not wrong:
        return "silent", ""
    certain = any((one.extra or {}).get("entry") == "module" for one in wrong)
    text = "; ".join(f"{one.range.line}: {one.message} [{(one.extra or {}).get('entry')}]" for one in wrong)
    return ("false alarm" if certain else "look"), text


def _on_crash(
    findings: list[Finding], frames: list[tuple[str, int]], outcome: Outcome, mutant: Mutant, own: str
) -> tuple[str, str]:
    path, line = frames[-1]
    text = mutant.text if path == own else Path(path).read_text()
    first, last, _ = statement_at(text, line)
    for finding in findings:
        places = [(finding.path, finding.range)]
        places += [(one.path, one.range) for one in finding.related if one.kind == "call"][-1:]
        for where, place in places:
            if where == path and (place.line <= line <= place.end_line or first <= place.line <= last):
                return "found", ""
    said = ", ".join(f"{one.range.line}:{one.code}" for one in findings)
    message = outcome.message.splitlines()[0][:120] if outcome.message else ""
    explanation = f"{Path(path).name}:{line}: {outcome.error}: {message}"
    return ("elsewhere", f"{explanation} | we say {said}") if findings else ("missed", explanation)
