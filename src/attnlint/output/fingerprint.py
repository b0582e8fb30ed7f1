"""Names for findings that survive when lines above them come and go."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from attnlint.findings import Finding
from attnlint.output.report import Sources


def fingerprints(findings: Sequence[Finding], sources: Sources, *, below: Path | None = None) -> list[str]:
    """One for each finding: from the path, the code, the source text, and which of several equal ones it is.

    ``below``: the folder that paths are taken relative to; without it they count as they are shown.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for finding in findings:
        text = sources.text(finding.path, finding.range) or finding.message
        path = finding.path if below is None else os.path.relpath(finding.path, below)
        key = (path.replace(os.sep, "/"), finding.code, " ".join(text.split()))
        found.append(hashlib.sha256("\0".join((*key, str(seen[key]))).encode(errors="surrogatepass")).hexdigest())
        seen[key] += 1
    return found
