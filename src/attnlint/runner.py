"""One run: paths to a report. Every front end that checks more than one text goes through here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlint.baseline import withhold_known
from attnlint.baseline import write as write_baseline
from attnlint.cache import cache_folder
from attnlint.check import FileReport
from attnlint.config import Settings, SettingsResolver
from attnlint.environment import python_of
from attnlint.files import STANDARD_INPUT, Target, discover, display_path
from attnlint.findings import Finding
from attnlint.output.report import Failure, Report, Sources
from attnlint.parallel import check_data, check_targets

if TYPE_CHECKING:
    from attnlint.verify import Verifier

OnProgress = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Run:
    """What to check and how."""

    paths: Sequence[str]
    resolver: SettingsResolver
    standard_input: bytes | None = None
    """The text, when ``-`` is among the paths."""
    standard_input_name: str = ""
    update_baseline: bool = False
    on_progress: OnProgress = field(default=lambda what, done, total: None)

    @property
    def settings(self) -> Settings:
        """The settings for the run as a whole: those of the first path."""
        first = self.paths[0] if self.paths else "."
        place = Path(self.standard_input_name or "-" if first == STANDARD_INPUT else first)
        return self.resolver.for_folder(place) if place.is_dir() else self.resolver.for_file(place)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    report: Report
    files: tuple[FileReport, ...]
    settings: Settings
    """Those of the run as a whole."""


def run(request: Run) -> Outcome:
    """Find the files, check them, leave out what the baseline knows, ask torch. Raises ConfigError."""
    settings = request.settings
    # The interpreter's standard input is one text, whatever else is named.
    from_input = STANDARD_INPUT in request.paths
    discovery = discover([path for path in request.paths if path != STANDARD_INPUT], request.resolver)
    verification = _Verification(settings, _start_folder(request)) if settings.verify else None
    total = len(discovery.targets) + from_input
    done = 0

    def on_done(report: FileReport) -> None:
        nonlocal done
        done += 1
        if report.findings and verification is not None:
            verification.warm_up()
        request.on_progress("checking", done, total)

    sources = Sources()
    files: list[FileReport] = []
    try:
        if from_input:
            name = display_path(request.standard_input_name) if request.standard_input_name else STANDARD_INPUT
            data = request.standard_input or b""
            target = Target(name, request.resolver.for_file(Path(request.standard_input_name or STANDARD_INPUT)))
            files.append(check_data(data, target.path, target.settings))
            sources = Sources({name: _text(data)})
            on_done(files[0])
        files.extend(check_targets(discovery.targets, settings.jobs, on_done))
        findings = sorted((finding for file in files for finding in file.findings), key=lambda one: one.sort_key)
        known: tuple[Finding, ...] = ()
        baseline = settings.resolve(settings.baseline) if settings.baseline is not None else None
        if baseline is not None and not request.update_baseline:
            new, known = withhold_known(findings, baseline, sources)
            findings = list(new)
        if verification is not None and findings:
            count = len(findings)
            findings = verification.verify(findings, lambda number: request.on_progress("asking torch", number, count))
    finally:
        if verification is not None:
            verification.close()
    refuted = tuple(finding for finding in findings if _is_refuted(finding))
    kept = tuple(finding for finding in findings if not _is_refuted(finding))
    if baseline is not None and request.update_baseline:
        write_baseline(kept, baseline, sources)
        kept, known = (), kept
    failures = [Failure(one.path, one.error) for one in discovery.unreadable]
    failures.extend(Failure(file.path, file.error) for file in files if file.error is not None)
    report = Report(
        findings=kept,
        failures=tuple(sorted(failures, key=lambda failure: failure.path)),
        refuted=refuted,
        baselined=len(known),
        suppressed=sum(file.suppressed for file in files),
        checked=sum(file.error is None for file in files),
        skipped=sum(file.skipped for file in files),
        lines=sum(file.lines for file in files),
        verified=verification is not None,
        problem=verification.problem if verification is not None else "",
        sources=sources,
    )
    return Outcome(report, tuple(files), settings)


def _is_refuted(finding: Finding) -> bool:
    return finding.verdict is not None and finding.verdict.status == "refuted"


def _start_folder(request: Run) -> Path:
    """Where the search for a virtual environment starts."""
    first = Path(request.paths[0] if request.paths else ".")
    return first if first.is_dir() else first.absolute().parent


def _text(data: bytes) -> str:
    """Standard input as text, for showing it."""
    return data.decode("utf-8-sig", errors="replace")


class _Verification:
    """The verifier, which is made when the first finding comes: most runs have none."""

    def __init__(self, settings: Settings, start: Path) -> None:
        self._settings = settings
        self._start = start
        self._verifier: Any = None
        self.problem = ""

    def warm_up(self) -> None:
        """Let torch be imported while the rest is checked."""
        if self._verifier is None:
            self._verifier = verifier_for(self._settings, self._start)
            self._verifier.warm_up()

    def verify(self, findings: list[Finding], on_number: Callable[[int], None]) -> list[Finding]:
        self.warm_up()
        number = 0

        def on_verdict() -> None:
            nonlocal number
            number += 1
            on_number(number)

        verified: list[Finding] = self._verifier.verify_all(findings, on_verdict)
        self.problem = self._verifier.problem
        return verified

    def close(self) -> None:
        if self._verifier is not None:
            self._verifier.close()


def verifier_for(settings: Settings, start: Path) -> Verifier:
    """A verifier as the settings have it; ``start`` is where the search for a virtual environment begins."""
    # Most runs find nothing and need none.
    from attnlint.verify import Verifier

    return Verifier(python_of(settings), start=start, cache=cache_folder(settings))
