"""Shape agreement on released modules that drivers build and call."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from attnlint.interpreter import AnalysisOptions, analyse
from attnlint.syntax import parse
from tests.harness.agreement import Agreement, compare, shapes_of
from tests.harness.tracer import Recording
from tests.measure.driven import Driver, Sources, alone, read_drivers
from tests.measure.driving import Outcome, import_module, in_process, kept, prepare, run_driver

SECONDS = 300


def measure(packages: Path, names: list[str], *, show: bool, cache: Path | None = None) -> int:
    """Run the drivers and print the table; 1 when there is a disagreement."""
    total: dict[str, Counter[str]] = {"package": Counter(), "one file": Counter()}
    for driver in read_drivers(packages, names):
        for how, text in (("package", None), ("one file", alone(driver))):
            if how == "one file" and text is None:
                continue
            outcome = torch_run(driver, text, cache)
            if outcome.error:
                print(f"{driver.name:40} {how}: {outcome.error}: {outcome.message:.200} {outcome.frames[-1:]}")
                continue
            began = time.process_time()
            results, notes = agreements(driver, text, outcome)
            seconds = time.process_time() - began
            counts = total[how]
            recorded, inferred = (sum(getattr(each, key) for each in results.values()) for key in _COUNTS)
            counts["recorded"] += recorded
            counts["inferred"] += inferred
            counts["disagreements"] += sum(len(each.disagreements) for each in results.values())
            counts["drivers"] += 1
            share = f"{inferred / recorded:.1%}" if recorded else "-"
            print(f"{driver.name:40} {how:8} {inferred:>5} of {recorded:>5}  {share:>6} {seconds:6.2f} s", flush=True)
            for note in list(dict.fromkeys(notes))[:6]:
                print(f"    note: {note}")
            for path, result in results.items():
                for line in result.disagreements:
                    print(f"    DISAGREES {Path(path).name} {line}")
                for line in result.unknown if show else ():
                    print(f"    unknown {Path(path).name} {line}")
    for how, counts in total.items():
        share = counts["inferred"] / max(counts["recorded"], 1)
        print(
            f"{how:9} {counts['drivers']:>3} drivers {counts['inferred']:>6} of {counts['recorded']:>6}  {share:.1%}, "
            f"{counts['disagreements']} disagreements"
        )
    return 1 if any(counts["disagreements"] for counts in total.values()) else 0


_COUNTS = ("recorded", "inferred")


def torch_run(driver: Driver, text: str | None, cache: Path | None) -> Outcome:
    """What torch does with a driver, or with ``text`` in its place."""
    key = (driver.text, driver.version, text or "")
    return kept(cache, key, lambda: in_process(lambda: _run(driver, text), SECONDS), too_long=False)


def _run(driver: Driver, text: str | None) -> Outcome:
    prepare(driver)
    if text is None:
        import_module(driver)
    return run_driver(driver, text)


def agreements(driver: Driver, text: str | None, outcome: Outcome) -> tuple[dict[str, Agreement], list[str]]:
    """For each file the comparison of what torch did with what is inferred; and the notes of the analysis."""
    path = str(driver.path)
    files = frozenset(outcome.shapes) - {path} if text is None else frozenset()
    project = Sources().project(driver)
    source = parse(text or driver.text, path)
    options = AnalysisOptions(record_bindings=True, module_only=True, recorded_files=files)
    analysis = analyse(source, project, options)
    found = {path: shapes_of((one for one in analysis.bindings if not one.path), source)}
    for file in files:
        module = project.source(file)
        assert module is not None
        found[file] = shapes_of((one for one in analysis.bindings if one.path == file), module)
    results = {}
    for name, inferred in found.items():
        recording = Recording()
        for line, bound, shape in outcome.shapes[name]:
            recording.shapes.setdefault((line, bound), []).append(tuple(shape))
        results[name] = compare(recording, inferred)
    findings = [f"finding {one.code} {one.complaint.summary}" for one in analysis.findings if one.code < "ATN2"]
    return results, [*analysis.notes, *analysis.debug, *findings]
