"""Results by content: when an entry counts, and what can go wrong with the folder."""

from __future__ import annotations

import pickle
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
    write(dep="x = 1\n")
    made = ResultCache(project / "cache")
    made.put("a.py", b"text", Settings(), REPORT)
    return made


def test_the_same_content_is_found(cache: ResultCache) -> None:
    assert cache.get("a.py", b"text", Settings()) == REPORT


def test_anything_else_is_not(cache: ResultCache) -> None:
    settings = Settings()
    assert cache.get("a.py", b"texd", settings) is None
    assert cache.get("b.py", b"text", settings) is None
    assert cache.get("a.py", b"text", replace(settings, ignore=("ATN101",))) is None


def test_settings_that_change_no_finding_do_not_matter(cache: ResultCache) -> None:
    assert cache.get("a.py", b"text", replace(Settings(), jobs=7, output_format="json")) == REPORT


@pytest.mark.parametrize("name", ["dep", "absent"])
def test_what_the_file_imports_counts(cache: ResultCache, name: str) -> None:
    write(**{name: "x = 2\n"})
    assert cache.get("a.py", b"text", Settings()) is None


def test_another_version_of_the_tool_has_its_own_entries(cache: ResultCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_tool_fingerprint", lambda: "other")
    assert ResultCache(Path("cache")).get("a.py", b"text", Settings()) is None


def entries() -> list[Path]:
    return [path for path in Path("cache").glob("results-*/*") if path.is_file()]


@pytest.mark.parametrize("keep", [0, 10, 31, 32, 33, 100, -1])
def test_a_damaged_entry_is_a_miss(cache: ResultCache, keep: int) -> None:
    [entry] = entries()
    entry.write_bytes(entry.read_bytes()[:keep])
    assert cache.get("a.py", b"text", Settings()) is None
    cache.put("a.py", b"text", Settings(), REPORT)
    assert cache.get("a.py", b"text", Settings()) == REPORT


def test_a_flipped_bit_is_a_miss(cache: ResultCache) -> None:
    [entry] = entries()
    content = bytearray(entry.read_bytes())
    content[-5] ^= 1
    entry.write_bytes(content)
    assert cache.get("a.py", b"text", Settings()) is None


class Trap:
    """Unpickled without care, it would call ``print``."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise SystemExit('the cache ran code')",))


def test_an_entry_made_by_somebody_else_runs_nothing(cache: ResultCache) -> None:
    import hashlib

    [entry] = entries()
    content = pickle.dumps({"key": Trap()})
    entry.write_bytes(hashlib.sha256(content).digest() + content)
    assert cache.get("a.py", b"text", Settings()) is None


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
    cache = ResultCache(project / "cache")
    cache.put("a.py", b"text", Settings(), report)
    assert cache.get("a.py", b"text", Settings()) == report


def test_a_folder_that_cannot_be_made(project: Path) -> None:
    Path("file").write_text("")
    cache = ResultCache(Path("file") / "cache")
    cache.put("a.py", b"text", Settings(), REPORT)
    assert cache.get("a.py", b"text", Settings()) is None


def test_a_full_disk(cache: ResultCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    cache.put("b.py", b"text", Settings(), REPORT)
    assert cache.get("b.py", b"text", Settings()) is None
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

    def counting(text: bytes, path: str, settings: Settings) -> FileReport:
        asked.append(path)
        return check_source(text, path, settings)

    monkeypatch.setattr(parallel, "check_source", counting)
    write(a=BAD, b="import torch\n(((", c="nothing")
    first = cli("check", ".")
    assert asked == ["a.py", "b.py", "c.py"]
    asked.clear()
    assert cli("check", ".") == first
    # What failed is tried again, and what has no torch in it is quicker to check than to look up.
    assert asked == ["b.py", "c.py"]
    asked.clear()
    assert cli("check", "--no-cache", ".") == first
    assert asked == ["a.py", "b.py", "c.py"]
