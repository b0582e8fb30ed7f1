"""The verifier: findings in, findings with verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from attnlint.environment import find_interpreter, installed_torch
from attnlint.findings import Evidence, Finding, Verdict
from attnlint.ops.release import lacking
from attnlint.verify.encode import encode
from attnlint.verify.process import WorkerError, WorkerKilled, WorkerProcess
from attnlint.verify.verdicts import VerdictCache

MEMORY_LIMIT = 2 << 30
"""Bytes that the worker may take beyond what torch itself takes."""

TIMEOUT = 20.0
"""Seconds for one operation."""


class Verifier:
    """Runs evidence through the real torch in one lazily started worker process. Use as a context manager."""

    def __init__(
        self,
        python: str | None = None,
        *,
        start: Path | None = None,
        cache: Path | None = None,
        device: str = "cpu",
        memory_limit: int = MEMORY_LIMIT,
        timeout: float = TIMEOUT,
    ) -> None:
        """``python``: see ``find_interpreter``; ``cache``: a folder for verdicts, or None. Raises nothing: what is
        wrong with the
        interpreter is in ``problem`` after the first verdict, one line for the user."""
        self.problem = ""
        self.torch_version = ""
        self._device = device
        self._memory_limit = memory_limit
        self._timeout = timeout
        self._cache = VerdictCache(cache)
        self._process: WorkerProcess | None = None
        try:
            self.python = find_interpreter(python, start)
        except FileNotFoundError as error:
            self.python = ""
            self.problem = str(error)
            return
        self.torch_version = installed_torch(self.python) or ""
        self._process = WorkerProcess(self.python, memory_limit=memory_limit, device=device)

    def __enter__(self) -> Verifier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.stop()

    def warm_up(self) -> None:
        """Start importing torch in the worker now, so that it overlaps with the analysis."""
        if self._process is not None and not self.problem:
            try:
                self._process.launch()
            except WorkerError as error:
                self.problem = str(error)

    def verify(self, evidence: Evidence) -> Verdict:
        """The verdict on one piece of evidence.

        Never raises: what goes wrong makes it ``unverified`` with the reason.
        """
        if self.problem or self._process is None:
            return Verdict("unverified", self.problem)
        try:
            if evidence.property is not None:
                request, witness, device = _look(evidence)
            else:
                request, witness, device = encode(evidence, memory_limit=self._memory_limit, device=self._device)
        except (
            Exception
        ) as error:  # evidence that has no integers: an explained loss of one verdict, never of the finding
            return Verdict("unverified", f"the evidence cannot be made concrete: {error}")
        if self.torch_version:
            known = self._cache.get(request, self.torch_version)
            if known is not None:
                return replace(known, witness=witness)
        try:
            answer = self._process.ask(request, timeout=self._timeout)
        except WorkerKilled as error:
            return Verdict("unverified", str(error), witness=witness, device=device)
        except WorkerError as error:
            self.problem = str(error)
            return Verdict("unverified", self.problem)
        self.torch_version = self._process.torch_version
        missing = lacking(evidence, self.torch_version)
        if missing and (evidence.property is None or answer["status"] == "unverified"):
            return Verdict("unverified", missing, torch_version=self.torch_version)  # what it raised is about that
        verdict = Verdict(
            answer["status"],
            answer.get("message", ""),
            error=answer.get("error", ""),
            torch_version=self.torch_version,
            witness=witness,
            device=device,
        )
        if verdict.status != "unverified":
            self._cache.put(request, self.torch_version, verdict)
        return verdict

    def verify_all(self, findings: Iterable[Finding], on_progress: Callable[[], None] | None = None) -> list[Finding]:
        """The findings with their verdicts; one without evidence (ATN0xx) stays as it is."""
        results: list[Finding] = []
        for finding in findings:
            if finding.code == "ATN404":
                reason = "no operation of torch: it contradicts the signature in the configuration"
                finding = replace(finding, verdict=Verdict("unverified", reason))
            elif finding.evidence is not None:
                finding = replace(finding, verdict=self.verify(finding.evidence))
            elif not finding.code.startswith("ATN0"):
                finding = replace(finding, verdict=Verdict("unverified", "this finding carries no evidence to run"))
            results.append(finding)
            if on_progress is not None:
                on_progress()
        return results


def _look(evidence: Evidence) -> tuple[dict[str, Any], str, str]:
    """The request to look at a property, the witness as text, and the device."""
    from attnlint.verify.property_script import property_script

    if evidence.property is not None and not evidence.property.name:
        raise ValueError("too little is known of its operands")
    script = property_script(evidence)
    if not script:
        raise ValueError("a step has no form as source text, or is too large")
    sizes = (evidence.witness or {}).items()
    return {"script": script}, ", ".join(f"{getattr(name, 'name', name)}={size}" for name, size in sizes), "cpu"
