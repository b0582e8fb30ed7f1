"""Results by content: when an entry counts, and what can go wrong with the folder."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import time
from dataclasses import replace
from pathlib import Path

import pytest

from attnlint import cache as cache_module
from attnlint import parallel
from attnlint.algebra import Expression, Rest, Shape, Symbol
from attnlint.cache import ResultCache, cache_folder
from attnlint.check import FileReport
from attnlint.findings import Evidence, Finding, Range
from attnlint.settings import Settings
from attnlint.values import Tensor, TorchName, Unknown
from tests.frontends.conftest import Cli
from tests.frontends.engine import BAD, check_source, write

REPORT = FileReport("a.py", lines=3, dependencies=("dep.py", "absent.py"))


@pytest.fixture
def cache(project: Path) -> ResultCache:
    write(dep="x = 1\n", a="text")
    remember("a.py", REPORT)
    return again()


def again() -> ResultCache:
    """As the next run has it."""
    return ResultCache(Path("cache"))


def remember(path: str, report: FileReport) -> None:
    cache = again()
    cache.put(path, Path(path).read_bytes(), Settings(), report)
    cache.save()


def change(path: str, text: str) -> None:
    """Another content of the same length, at a time of its own."""
    Path(path).write_text(text)
    os.utime(path, ns=(0, time.time_ns() + 5_000_000_000))


def test_the_same_content_is_found(cache: ResultCache) -> None:
    assert cache.get("a.py", Settings()) == REPORT


def test_anything_else_is_not(cache: ResultCache) -> None:
    settings = Settings()
    assert cache.get("b.py", settings) is None
    assert cache.get("a.py", replace(settings, ignore=("ATN101",))) is None
    change("a.py", "texd")
    assert again().get("a.py", settings) is None
    change("a.py", "text and more")
    assert again().get("a.py", settings) is None
    Path("a.py").unlink()
    assert again().get("a.py", settings) is None


def test_a_file_that_was_touched_is_the_same(cache: ResultCache) -> None:
    change("a.py", "text")
    touched = again()
    assert touched.get("a.py", Settings()) == REPORT
    touched.save()
    assert again().get("a.py", Settings()) == REPORT


def test_what_was_written_just_before_is_read_again(project: Path) -> None:
    """Two changes within one tick of the clock of the file system: the time tells nothing."""
    write(a="text", dep="x = 1\n")
    status = Path("a.py").stat()
    remember("a.py", REPORT)
    Path("a.py").write_text("texd")
    os.utime("a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert again().get("a.py", Settings()) is None


def test_unchanged_files_are_not_read(cache: ResultCache, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("a.py", "dep.py"):
        os.utime(path, ns=(0, 1_000_000_000))
    remember("a.py", REPORT)
    next_run = again()

    def unexpected(self: Path) -> bytes:
        raise AssertionError(f"{self} is read")

    monkeypatch.setattr(Path, "read_bytes", unexpected)
    assert next_run.get("a.py", Settings()) == REPORT


def test_settings_that_change_no_finding_do_not_matter(cache: ResultCache) -> None:
    assert cache.get("a.py", replace(Settings(), jobs=7, output_format="json")) == REPORT


@pytest.mark.parametrize("name", ["dep", "absent"])
def test_what_the_file_imports_counts(cache: ResultCache, name: str) -> None:
    write(**{name: "x = 2\n"})
    assert again().get("a.py", Settings()) is None


def test_what_is_changed_back_counts_again(cache: ResultCache) -> None:
    change("dep.py", "x = 2\n")
    assert again().get("a.py", Settings()) is None
    change("dep.py", "x = 1\n")
    assert again().get("a.py", Settings()) == REPORT


def test_two_runs_at_a_time_keep_what_the_other_wrote(cache: ResultCache) -> None:
    write(b="b", c="c")
    one, other = again(), again()
    for run, path in ((one, "b.py"), (other, "c.py")):
        run.put(path, Path(path).read_bytes(), Settings(), FileReport(path, lines=1))
        run.save()
    found = again()
    assert [found.get(path, Settings()) is not None for path in ("a.py", "b.py", "c.py")] == [True] * 3


def test_another_version_of_the_tool_has_its_own_entries(cache: ResultCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_tool_fingerprint", lambda: "other")
    assert again().get("a.py", Settings()) is None


def entries() -> list[Path]:
    return [path for path in Path("cache").glob("results-*/*") if path.is_file()]


@pytest.mark.parametrize("keep", [0, 10, 31, 32, 33, 100, -1])
def test_a_damaged_file_is_a_miss(cache: ResultCache, keep: int) -> None:
    [entry] = entries()
    entry.write_bytes(entry.read_bytes()[:keep])
    assert again().get("a.py", Settings()) is None
    remember("a.py", REPORT)
    assert again().get("a.py", Settings()) == REPORT


def test_a_flipped_bit_is_a_miss(cache: ResultCache) -> None:
    [entry] = entries()
    content = bytearray(entry.read_bytes())
    content[-5] ^= 1
    entry.write_bytes(content)
    assert again().get("a.py", Settings()) is None


class Trap:
    """Unpickled without care, it would call ``print``."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise SystemExit('the cache ran code')",))


@pytest.mark.parametrize(
    "table",
    [
        {"rows": [], "entries": {"key": [[0], None]}},
        {"rows": [["a.py", 4, 0]], "entries": {}},
        {"rows": 3, "entries": []},
        ["rows", "entries"],
        None,
    ],
)
def test_a_file_made_by_somebody_else_is_a_miss(cache: ResultCache, table: object) -> None:
    [entry] = entries()
    content = json.dumps(table).encode()
    entry.write_bytes(hashlib.sha256(content).digest() + content)
    assert again().get("a.py", Settings()) is None


@pytest.mark.parametrize("value", ["trap", "no base 85 \n", [1, 2], {"a": 1}, 5, ["x", None, 3, 4, 5, 6]])
def test_an_entry_made_by_somebody_else_runs_nothing(cache: ResultCache, value: object) -> None:
    [entry] = entries()
    table = json.loads(entry.read_bytes()[32:])
    for stored in table["entries"].values():
        stored[1] = base64.b85encode(pickle.dumps(Trap())).decode() if value == "trap" else value
    content = json.dumps(table).encode()
    entry.write_bytes(hashlib.sha256(content).digest() + content)
    assert again().get("a.py", Settings()) is None


def test_findings_come_back_with_their_evidence(project: Path) -> None:
    batch = Expression.of(Symbol("B", key=("axis", 1, 0)))
    tensor = Tensor(Shape((batch, batch * 4 // 3, 64), Rest(("rest", 1))), "float32")
    evidence = Evidence(
        "torch.Tensor.__getitem__",
        (tensor, (slice(1, None), range(3), 1j, None, ...)),
        {"dtype": TorchName("torch.float32"), "items": Unknown("who knows", key=3)},
        ((3,), {}),
        {"B": 2},
        {"B": batch},
    )
    finding = Finding("ATN101", "a.py", Range(1, 1, 1, 2), "message", evidence=evidence)
    report = FileReport("a.py", (finding,))
    write(a="text")
    remember("a.py", report)
    assert again().get("a.py", Settings()) == report


def test_a_folder_that_cannot_be_made(project: Path) -> None:
    Path("file").write_text("")
    write(a="text")
    cache = ResultCache(Path("file") / "cache")
    cache.put("a.py", b"text", Settings(), REPORT)
    cache.save()
    assert ResultCache(Path("file") / "cache").get("a.py", Settings()) is None


def test_a_full_disk(cache: ResultCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    write(b="text")
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        remember("b.py", REPORT)
    assert again().get("b.py", Settings()) is None
    assert again().get("a.py", Settings()) == REPORT
    assert len(entries()) == 1


def test_the_folder_is_no_part_of_the_project(cache: ResultCache) -> None:
    assert Path("cache/.gitignore").read_text() == "*\n"
    assert Path("cache/CACHEDIR.TAG").exists()


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({}, None, ".attnlint_cache"),
        ({"cache_dir": "there"}, None, "there"),
        ({}, "/elsewhere", "/elsewhere"),
        ({"cache": False}, "/elsewhere", None),
    ],
)
def test_where_it_is(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, object],
    environment: str | None,
    expected: str | None,
) -> None:
    if environment is not None:
        monkeypatch.setenv("ATTNLINT_CACHE_DIR", environment)
    made = replace(Settings(), **settings)  # type: ignore[arg-type]
    assert cache_folder(made) == (project / expected if expected is not None else None)


def test_a_run_uses_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(text: bytes, path: str, settings: Settings, project: object) -> FileReport:
        asked.append(path)
        return check_source(text, path, settings)

    monkeypatch.setattr(parallel, "check_source", counting)
    write(a=BAD, b="import torch\n(((", c="nothing")
    first = cli("check", ".")
    assert asked == ["a.py", "b.py", "c.py"]
    asked.clear()
    assert cli("check", ".") == first
    # What failed is tried again.
    assert asked == ["b.py"]
    asked.clear()
    assert cli("check", "--no-cache", ".") == first
    assert asked == ["a.py", "b.py", "c.py"]
