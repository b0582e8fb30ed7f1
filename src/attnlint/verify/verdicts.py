"""Verdicts on disk: one file a torch version, one JSON line a verdict, by a hash of the request."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attnlint.findings import Verdict


class VerdictCache:
    """Verdicts that were seen before.

    Damaged lines are skipped; a folder that cannot be written costs only the saving.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, dict[str, Verdict]] = {}

    def get(self, request: dict[str, Any], torch_version: str) -> Verdict | None:
        """The verdict of the same request under the same torch."""
        return self._load(torch_version).get(_key(request))

    def put(self, request: dict[str, Any], torch_version: str, verdict: Verdict) -> None:
        """Remember a verdict. One short append is atomic enough for two runs that share the folder."""
        key = _key(request)
        self._load(torch_version)[key] = verdict
        if self._folder is None:
            return
        line = json.dumps({"key": key, "verdict": asdict(verdict)}) + "\n"
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(self._path(torch_version), "ab") as file:
                file.write(line.encode())

    def _load(self, torch_version: str) -> dict[str, Verdict]:
        known = self._known.get(torch_version)
        if known is not None:
            return known
        known = self._known[torch_version] = {}
        path = self._path(torch_version)
        if path is None:
            return known
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            return known
        for line in lines:
            try:
                entry = json.loads(line)
                known[str(entry["key"])] = Verdict(**entry["verdict"])
            except (ValueError, TypeError, KeyError):
                continue
        return known

    def _path(self, torch_version: str) -> Path:
        name = "".join(character if character.isalnum() or character in ".-" else "_" for character in torch_version)
        return (self._folder or Path(os.devnull)) / f"verdicts-{name}.jsonl"


def _key(request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
