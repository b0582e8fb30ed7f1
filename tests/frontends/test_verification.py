"""``attnlint check --verify``: what becomes of verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attnlint.findings import Finding, Verdict
from tests.frontends.conftest import Cli

pytestmark = pytest.mark.usefixtures("engine", "verifier")

THREE = "import torch\nx = 1  # finding: ATN101\ny = 2  # finding: ATN102\nz = 3  # finding: ATN103\n"
VERDICTS = {
    "ATN101": Verdict("confirmed", "shapes cannot be multiplied", error="RuntimeError", torch_version="2.13.0"),
    "ATN102": Verdict("refuted", "it runs", torch_version="2.13.0"),
    "ATN103": Verdict("unverified", "it took too long"),
}
made: list[dict[str, Any]] = []


class FakeVerifier:
    problem = ""

    def __init__(self, python: str | None, **options: Any) -> None:
        made.append({"python": python, **options})

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        made[-1]["closed"] = True

    def verify_all(self, findings: Iterable[Finding], on_progress: Callable[[], None]) -> list[Finding]:
        verified = []
        for finding in findings:
            verified.append(replace(finding, verdict=VERDICTS[finding.code]))
            on_progress()
        return verified


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    made.clear()
    monkeypatch.setattr("attnlint.verify.Verifier", FakeVerifier)


def test_refuted_findings_are_withheld_and_counted(cli: Cli) -> None:
    Path("a.py").write_text(THREE)
    code, out, err = cli("check", "--verify")
    assert code == 1
    assert out == (
        "a.py:2:1: ATN101 x = 1: does not fit [confirmed: shapes cannot be multiplied]\n"
        "a.py:4:1: ATN103 z = 3: does not fit [unverified: it took too long]\n"
    )
    assert err.splitlines()[:4] == [
        "Found 2 errors in 1 file (1 confirmed, 1 unverified, 1 refuted by torch and withheld).",
        "1 finding refuted by torch: a shape rule of attnlint is wrong. Please report:",
        "  ATN102 y = 2: does not fit",
        "    torch 2.13.0: it runs",
    ]
    assert made[-1]["closed"]


def test_refuted_findings_do_not_count_for_the_exit_code(cli: Cli) -> None:
    Path("a.py").write_text("import torch\ny = 2  # finding: ATN102\n")
    assert cli("check", "--verify")[:2] == (0, "")


def test_without_findings_torch_is_not_started(cli: Cli) -> None:
    Path("a.py").write_text("import torch\n")
    assert cli("check", "--verify")[0] == 0
    assert made == []


def test_the_interpreter_of_the_configuration_is_relative_to_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sub").mkdir()
    Path("env").mkdir()
    Path("attnlint.toml").write_text('python = "env"\nverify = true\n')
    Path("sub/a.py").write_text(THREE)
    monkeypatch.chdir("sub")
    cli("check")
    assert made[-1]["python"] == str(Path("../env").resolve())
    assert made[-1]["cache"] == Path("..").resolve() / ".attnlint_cache"


def test_the_interpreter_of_the_command_line_is_relative_to_the_current_folder(cli: Cli) -> None:
    Path("a.py").write_text(THREE)
    Path("env").mkdir()
    cli("check", "--verify", "--python", "env")
    assert made[-1]["python"] == str(Path("env").resolve())
    cli("check", "--verify", "--python", "sh")
    assert made[-1]["python"].endswith("/sh")


def test_what_is_wrong_with_the_interpreter_is_said_once_with_a_way_out(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeVerifier, "problem", "no torch in /usr/bin/python3")
    Path("a.py").write_text(THREE)
    err = cli("check", "--verify")[2]
    assert "Nothing was verified: no torch in /usr/bin/python3.\n" in err
    assert "--python PATH" in err


def test_without_verify_the_summary_says_how_to_switch_it_on(cli: Cli) -> None:
    Path("a.py").write_text(THREE)
    assert "Run with --verify" in cli("check")[2]
    assert made == []
