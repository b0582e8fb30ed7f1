"""How long an editor waits: from an edit to the diagnostics of the edited text, measured through the protocol.

``python -m tests.benchmarks.editor_latency [--file FILE] [--edits N]`` starts ``attnlint server``, opens a model file
of a thousand lines (the classes of ``fixtures/programs``, one after the other, unless a file is named), makes edits in
the bodies of its functions as a person would, one every ``--pause`` seconds, and prints how long the answers took.
``first`` is the time from the edit to the first diagnostics of the edited text, which may be those of what was edited
alone, with what was known of the rest; ``complete`` is the time to all of them, those of ``attnlint check``. ``CPU`` is
how much time of a processor the server has used for the complete ones (where the system says).
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PROGRAMS = Path(__file__).parents[2] / "fixtures" / "programs"
LINES = 1000
PATIENCE = 120.0

KINDS = ("number", "statement", "comment", "typing")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one line, and what kind of edit it is."""

    kind: str
    line: int
    """From 0."""
    texts: tuple[str, ...]
    """What the line becomes, one after the other."""


def model_file(lines: int = LINES) -> str:
    """The definitions of our own programs, in one file, up to so many lines. What is defined twice is renamed."""
    pieces: list[str] = []
    taken: set[str] = set()
    count = 0
    for path in sorted(PROGRAMS.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        rows = text.splitlines(keepends=True)
        kept = [one for one in tree.body if not isinstance(one, ast.If | ast.Expr | ast.For | ast.With | ast.Assert)]
        last = max((i for i, one in enumerate(kept) if isinstance(one, ast.ClassDef | ast.FunctionDef)), default=-1)
        piece = ""
        names: set[str] = set()
        for one in kept[: last + 1]:
            first = min([one.lineno, *(each.lineno for each in getattr(one, "decorator_list", ()))])
            piece += "".join(rows[first - 1 : one.end_lineno]) + "\n\n"
            names.update(name for name in _bound(one) if not isinstance(one, ast.Import | ast.ImportFrom))
        for name in names & taken:
            piece = re.sub(rf"\b{name}\b", f"{name}Of{path.stem.title().replace('_', '')}", piece)
        taken |= names
        room = lines - count
        if piece.count("\n") > room:
            break
        pieces.append(piece)
        count += piece.count("\n")
    text = "".join(pieces)
    return text + "\n" * (lines - text.count("\n"))


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (one.id for one in statement.targets if isinstance(one, ast.Name))


def edits(text: str, count: int, seed: int) -> Iterator[Edit]:
    """Edits in the bodies of functions, in turn of every kind; each leaves a text that parses."""
    chance = random.Random(seed)
    rows = text.splitlines()
    places = sorted(
        {
            statement.lineno - 1
            for function in ast.walk(ast.parse(text))
            if isinstance(function, ast.FunctionDef)
            for statement in function.body
            if isinstance(statement, ast.Assign | ast.Return) and statement.lineno == statement.end_lineno
        }
    )
    numbers = [line for line in places if re.search(r"\b[0-9]+\b", rows[line])]
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        line = chance.choice(numbers if kind == "number" and numbers else places)
        row = rows[line]
        indentation = row[: len(row) - len(row.lstrip())]
        if kind == "number":
            changed = re.sub(r"\b([0-9]+)\b", lambda match: str(int(match[1]) + 1), row, count=1)
            yield Edit(kind, line, (changed,))
        elif kind == "statement":
            yield Edit(kind, line, (f"{indentation}remembered = None\n{row}",))
        elif kind == "comment":
            yield Edit(kind, line, (f"{row}  # what this does",))
        else:
            typed = "size = 1"
            states = tuple(f"{indentation}{typed[:end]}\n{row}" for end in range(1, len(typed) + 1))
            yield Edit(kind, line, states)


class Client:
    """A client that knows when it was told what."""

    def __init__(self) -> None:
        self.client = LanguageClient("attnlint-latency", "1")
        self.answers: dict[int, float] = {}
        self.count: dict[int, int] = {}
        self._news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def on_push(params: types.PublishDiagnosticsParams) -> None:
            assert params.version is not None
            self.answers.setdefault(params.version, time.perf_counter())
            self.count[params.version] = len(params.diagnostics)
            self._news.set()

    async def start(self, path: Path, text: str) -> None:
        await self.client.start_io(sys.executable, "-m", "attnlint", "server")
        capabilities = types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities())
        await self.client.initialize_async(
            types.InitializeParams(capabilities=capabilities, root_uri=path.parent.as_uri())
        )
        self.client.initialized(types.InitializedParams())
        item = types.TextDocumentItem(path.as_uri(), "python", 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def replace_line(self, path: Path, version: int, line: int, rows: int, new: str) -> None:
        place = types.Range(types.Position(line, 0), types.Position(line + rows, 0))
        change = types.TextDocumentContentChangePartial(place, new + "\n")
        identifier = types.VersionedTextDocumentIdentifier(version, path.as_uri())
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    async def completed(self, path: Path) -> float:
        """When the diagnostics were complete. (A server that pushes them answers the question for them then.)"""
        identifier = types.TextDocumentIdentifier(path.as_uri())
        asked = self.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier))
        await asyncio.wait_for(asked, PATIENCE)
        return time.perf_counter()

    async def answered(self, version: int) -> float:
        while version not in self.answers:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), PATIENCE)
        return self.answers[version]

    def processor_time(self) -> float:
        """Seconds of a processor that the server has used; zero where the system does not say."""
        server = getattr(self.client, "_server", None)
        try:
            fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split() if server else []
            return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            return 0.0

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


Times = tuple[float, float, float]
"""Seconds from the last change of an edit to its first diagnostics, to the complete ones, and of the processor."""


async def measure(path: Path, text: str, count: int, seed: int, pause: float) -> dict[str, list[Times]]:
    """How long the answers took, by the kind of the edit."""
    used = 0.0
    client = Client()
    began = time.perf_counter()
    await client.start(path, text)
    waited = await client.answered(0) - began
    print(f"{text.count(chr(10)):,} lines; opened after {waited * 1000:.0f} ms with {client.count[0]} diagnostics")
    rows = text.splitlines()
    found: dict[str, list[Times]] = {kind: [] for kind in KINDS}
    version = 0
    for edit in edits(text, count, seed):
        height = 1
        for new in edit.texts:
            version += 1
            client.replace_line(path, version, edit.line, height, new)
            began, used = time.perf_counter(), client.processor_time()
            height = new.count("\n") + 1
            if new is not edit.texts[-1]:
                # Eight characters a second.
                await asyncio.sleep(0.12)
        complete = await client.completed(path) - began
        used = client.processor_time() - used
        found[edit.kind].append((await client.answered(version) - began, complete, used))
        await asyncio.sleep(pause)
        # Taken back, so that every edit is of the same text.
        version += 1
        client.replace_line(path, version, edit.line, height, rows[edit.line])
        await client.completed(path)
        await asyncio.sleep(pause)
    await client.stop()
    return found


def one_of(times: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, help="the file to edit; it is not written to")
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between edits")
    options = parser.parse_args()
    path = (options.file or PROGRAMS / "thousand_lines.py").absolute()
    text = path.read_text(encoding="utf-8") if options.file is not None else model_file()
    found = asyncio.run(measure(path, text, options.edits, options.seed, options.pause))
    print(f"{'':<14} {'first':>21} {'complete':>21} {'CPU':>21}")
    print(f"{'edits':<14}" + f" {'median':>10} {'95 %':>10}" * 3)
    found["all"] = [one for answers in found.values() for one in answers]
    for kind, answers in found.items():
        columns = [[one[index] * 1000 for one in answers] for index in range(3)] if answers else []
        figures = " ".join(f"{value:>7.0f} ms" for column in columns for value in one_of(column))
        print(f"{kind:<9} {len(answers):>4} {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
