"""A file of known findings, so that an old code base can start today and only new findings count."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from attnlint.config import ConfigError
from attnlint.findings import Finding
from attnlint.output.fingerprint import fingerprints
from attnlint.output.report import Sources

VERSION = 1


def withhold_known(
    findings: Sequence[Finding], path: Path, sources: Sources
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that the baseline does not know, and those that it knows. Raises ConfigError if it is unreadable."""
    known = _read(path)
    names = fingerprints(findings, sources, below=path.absolute().parent)
    new = tuple(finding for finding, name in zip(findings, names, strict=True) if name not in known)
    old = tuple(finding for finding, name in zip(findings, names, strict=True) if name in known)
    return new, old


def write(findings: Sequence[Finding], path: Path, sources: Sources) -> None:
    """Make these findings the known ones. Raises ConfigError when the file cannot be written."""
    folder = path.absolute().parent
    entries = [
        {
            "path": os.path.relpath(finding.path, folder).replace(os.sep, "/"),
            "code": finding.code,
            "message": finding.message,
            "fingerprint": name,
        }
        for finding, name in zip(findings, fingerprints(findings, sources, below=folder), strict=True)
    ]
    text = json.dumps({"version": VERSION, "findings": entries}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        raise ConfigError(f"the baseline {path} cannot be written: {error.strerror}") from None


def _read(path: Path) -> frozenset[str]:
    try:
        document = json.loads(path.read_bytes())
        if document["version"] != VERSION:
            raise ConfigError(f"the baseline {path} has version {document['version']}, this attnlint reads {VERSION}")
        return frozenset(entry["fingerprint"] for entry in document["findings"])
    except OSError as error:
        raise ConfigError(f"the baseline {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"the baseline {path} is damaged: write it anew with --update-baseline") from None
