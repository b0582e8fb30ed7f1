"""``attnlint check``: options, output, exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.frontends.conftest import Cli
from tests.frontends.engine import BAD, GOOD, WORSE, write

pytestmark = pytest.mark.usefixtures("engine")

LINE = "a.py:2:1: ATN103 scores = torch.bmm(a, b): does not fit\n"


# --- exit codes ------------------------------------------------------------------------------------------------------


def test_clean(cli: Cli) -> None:
    write(a=GOOD)
    assert cli("check", "a.py") == (0, "", "No errors in 1 file.\n")


def test_findings(cli: Cli) -> None:
    write(a=BAD)
    code, out, err = cli("check", "a.py")
    assert (code, out) == (1, LINE)
    assert err.startswith("Found 1 error in 1 file.\n")


def test_check_is_the_default_command_and_the_current_folder_the_default_path(cli: Cli) -> None:
    write(a=BAD)
    assert cli("a.py")[:2] == (1, LINE)
    assert cli("-q", ".")[:2] == (1, LINE)
    assert cli("check")[:2] == (1, LINE)


def test_exit_zero(cli: Cli) -> None:
    write(a=BAD)
    assert cli("--exit-zero", "a.py")[:2] == (0, LINE)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--nonsense",), "unrecognized arguments"),
        (("--output-format", "xml"), "invalid choice"),
        (("-j", "0"), "invalid number of processes"),
        (("-j", "many"), "invalid number of processes"),
        (("--select", "ATN999"), "no rule has the code 'ATN999'"),
        (("--config", "nowhere.toml"), "there is no file nowhere.toml"),
        (("--config", "slect=['ATN']"), "did you mean 'select'"),
        (("--per-file-ignores", "a.py"), "must be PATTERN:CODE"),
        (("--stdin-filename", "a.py"), "is for standard input"),
        (("--update-baseline",), "--baseline FILE"),
        (("-", "--watch"), "cannot work on standard input"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(cli: Cli, arguments: tuple[str, ...], complaint: str) -> None:
    write(a=BAD)
    code, out, err = cli("check", *arguments, "a.py")
    assert (code, out) == (2, "")
    assert complaint in err
    assert "Traceback" not in err


def test_paths_and_options_in_any_order(cli: Cli) -> None:
    write(a=BAD, b=BAD, c=BAD)
    out = cli("a.py", "--select", "ATN103", "b.py", "-q", "c.py")[1]
    assert [line.partition(":")[0] for line in out.splitlines()] == ["a.py", "b.py", "c.py"]


def test_no_arguments_at_all(cli: Cli) -> None:
    code, out, err = cli()
    assert (code, out) == (2, "")
    assert "usage: attnlint" in err


def test_a_folder_without_python(cli: Cli) -> None:
    assert cli("check", ".")[0] == 0
    assert "no Python files or notebooks found" in cli("check", ".")[2]


# --- what cannot be checked ------------------------------------------------------------------------------------------


def test_a_bad_file_is_one_line_and_the_others_are_checked(cli: Cli) -> None:
    write(a=BAD, b="import torch\n(((", c=GOOD)
    code, out, err = cli("check", "a.py", "b.py", "c.py", "missing.py")
    assert (code, out) == (1, LINE)
    assert "b.py:1:3: ATN001 '(' was never closed\n" in err
    assert "missing.py:1:1: ATN003 no such file or folder\n" in err
    assert "2 files could not be checked." in err


def test_when_nothing_could_be_checked(cli: Cli) -> None:
    write(b="import torch\n(((")
    code, out, err = cli("check", "b.py", "missing.py")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "Nothing could be checked."


def test_a_bug_of_ours_costs_one_file(cli: Cli) -> None:
    write(a=BAD, b="import torch  # crash\n")
    code, out, err = cli("check", ".")
    assert (code, out) == (1, LINE)
    assert "b.py:1:1: ATN004 attnlint failed here, please report it: ZeroDivisionError: on purpose\n" in err
    assert "Traceback" not in err
    assert "Traceback" in cli("check", "-v", ".")[2]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(cli: Cli) -> None:
    write(a=GOOD, b=GOOD)
    Path("b.py").chmod(0)
    code, _, err = cli("check", ".")
    assert code == 1
    assert "b.py:1:1: ATN003 cannot be read: Permission denied\n" in err


def test_a_file_whose_name_is_not_text(cli: Cli) -> None:
    Path(os.fsdecode(b"bad\xff.py")).write_text(BAD)
    code, out, _ = cli("check", ".")
    assert code == 1
    assert out.startswith("bad\\udcff.py:2:1: ATN103")


def test_a_file_that_vanishes_between_search_and_check(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=BAD, b=GOOD)
    from attnlint import parallel

    real = parallel.read_and_check

    def vanish(path: str, settings: object, shared: object) -> object:
        if path == "b.py":
            Path("b.py").unlink()
        return real(path, settings, shared)  # type: ignore[arg-type]

    monkeypatch.setattr(parallel, "read_and_check", vanish)
    code, out, err = cli("check", ".")
    assert (code, out) == (1, LINE)
    assert "b.py:1:1: ATN003 cannot be read: No such file or directory\n" in err


# --- selection and suppression ---------------------------------------------------------------------------------------


def codes(out: str) -> list[str]:
    return [line.split()[1] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["ATN101", "ATN105", "ATN101"]),
        (("--select", "ATN105"), ["ATN105"]),
        (("--select", "ATN101,ATN105"), ["ATN101", "ATN105", "ATN101"]),
        (("--select", "ATN2", "--extend-select", "number-of-elements"), ["ATN105"]),
        (("--ignore", "ATN101"), ["ATN105"]),
        (("--ignore", "ATN101", "--extend-ignore", "ATN105"), []),
        (("--per-file-ignores", "a.py:ATN101"), ["ATN105"]),
        (("--per-file-ignores", "b.py:ATN101"), ["ATN101", "ATN105", "ATN101"]),
        (("--config", "ignore=['ATN105']"), ["ATN101", "ATN101"]),
    ],
)
def test_which_rules(cli: Cli, arguments: tuple[str, ...], expected: list[str]) -> None:
    write(a=WORSE)
    assert codes(cli("check", "a.py", *arguments)[1]) == expected


def test_the_configuration_of_the_project(cli: Cli) -> None:
    write(a=WORSE)
    Path("pyproject.toml").write_text('[tool.attnlint]\nselect = ["ATN105"]\noutput-format = "json"\n')
    assert [finding["code"] for finding in json.loads(cli("check")[1])] == ["ATN105"]
    assert len(cli("check", "--isolated")[1].splitlines()) == 3


def test_suppressed_findings_are_counted(cli: Cli) -> None:
    write(a="import torch\nx = a @ b  # finding: ATN101  # noqa: ATN101\ny = a @ b  # finding: ATN101\n")
    code, out, err = cli("check", "a.py")
    assert (code, len(out.splitlines())) == (1, 1)
    assert "(1 suppressed)" in err
    assert len(cli("check", "a.py", "--ignore-noqa")[1].splitlines()) == 2


def test_unused_suppressions_on_demand(cli: Cli) -> None:
    write(a="import torch\nx = 1  # noqa: ATN101, E501\n")
    assert cli("check", "a.py")[0] == 0
    code, out, _ = cli("check", "a.py", "--extend-select", "ATN002")
    assert (code, out) == (1, "a.py:2:8: ATN002 unused suppression: no ATN101 here\n")


# --- output ----------------------------------------------------------------------------------------------------------


def test_full_output(cli: Cli) -> None:
    write(a=BAD)
    out = cli("check", "a.py", "--output-format", "full")[1]
    assert "2 | scores = torch.bmm(a, b)" in out
    assert "^^^^^^^^^^^^^^^^^^^^^^^^ (10, 512) float32" in out
    assert "help: do something else" in out
    assert "\x1b" not in out


def test_colour_on_demand(cli: Cli) -> None:
    write(a=BAD)
    assert "\x1b[1;31mATN103\x1b[0m" in cli("check", "a.py", "--color", "always")[1]


def test_machine_formats_carry_the_failures_and_no_summary(cli: Cli) -> None:
    write(a=BAD, b="import torch\n(((")
    code, out, err = cli("check", ".", "--output-format", "json")
    assert code == 1
    assert [finding["code"] for finding in json.loads(out)] == ["ATN103", "ATN001"]
    assert err == "b.py:1:3: ATN001 '(' was never closed\n"


def test_output_file(cli: Cli) -> None:
    write(a=BAD)
    code, out, _ = cli("check", "a.py", "--output-format", "json", "-o", "reports/out.json")
    assert (code, out) == (1, "")
    assert json.loads(Path("reports/out.json").read_text())[0]["code"] == "ATN103"


def test_output_file_that_cannot_be_written(cli: Cli) -> None:
    write(a=BAD)
    code, _, err = cli("check", "a.py", "-o", ".")
    assert code == 2
    assert "--output-file: .:" in err


def test_statistics(cli: Cli) -> None:
    write(a=WORSE)
    code, out, _ = cli("check", "a.py", "--statistics")
    assert (code, out) == (1, "2  ATN101  matmul-inner-dimension\n1  ATN105  number-of-elements\n")
    assert json.loads(cli("check", "a.py", "--statistics", "--output-format", "json")[1])[0] == {
        "code": "ATN101",
        "name": "matmul-inner-dimension",
        "count": 2,
    }


def test_quiet_and_verbose(cli: Cli) -> None:
    write(a=BAD)
    assert cli("check", "a.py", "-q")[1:] == (LINE, "")
    assert "a.py: one note" in cli("check", "a.py", "-v")[2]


def test_show_settings(cli: Cli) -> None:
    Path("attnlint.toml").write_text('ignore = ["ATN105"]\n')
    code, out, _ = cli("check", "--show-settings", "--select", "ATN1")
    assert code == 0
    assert 'select = ["ATN1"]' in out
    assert 'ignore = ["ATN105"]' in out
    assert str(Path("attnlint.toml").absolute()) in out


def test_show_files(cli: Cli) -> None:
    write(a=BAD, sub__b=GOOD)
    assert cli("check", "--show-files")[1] == "a.py\nsub/b.py\n"


# --- standard input --------------------------------------------------------------------------------------------------


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    class Input:
        buffer = io.BytesIO(BAD.encode())

    monkeypatch.setattr("sys.stdin", Input())


@pytest.mark.usefixtures("standard_input")
def test_standard_input(cli: Cli) -> None:
    code, out, _ = cli("check", "-", "--output-format", "full")
    assert code == 1
    assert "--> -:2:1" in out
    assert "2 | scores = torch.bmm(a, b)" in out


@pytest.mark.usefixtures("standard_input")
def test_standard_input_with_a_name_has_the_settings_of_that_file(cli: Cli) -> None:
    Path("attnlint.toml").write_text('per-file-ignores = { "tests/" = ["ATN103"] }\n')
    assert cli("check", "-", "--stdin-filename", "tests/a.py")[0] == 0


@pytest.mark.usefixtures("standard_input")
def test_standard_input_is_shown_under_its_name(cli: Cli) -> None:
    assert cli("check", "-", "--stdin-filename", "sub/a.py")[1].startswith("sub/a.py:2:1: ATN103")


# --- many files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_processes_change_nothing(cli: Cli, jobs: str) -> None:
    for number in range(12):
        write(**{f"m{number:02}": (GOOD + "#" * 1000 * (number % 5) + "\n" + (BAD if number % 3 else WORSE))})
    write(broken="import torch\n(((", crash="import torch  # crash\n")
    code, out, err = cli("check", "-j", jobs, "--no-cache", ".")
    assert code == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == sorted(
        [f"m{number:02}.py" for number in range(12) for _ in range(1 if number % 3 else 3)]
    )
    assert [line.partition(":")[0] for line in err.splitlines()[:2]] == ["broken.py", "crash.py"]


def test_a_process_that_dies_costs_one_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnlint import parallel

    real = parallel.check_source

    def deadly(text: bytes, path: str, settings: object, project: object) -> object:
        if path == "m1.py":
            os._exit(139)
        return real(text, path, settings, project)  # type: ignore[arg-type]

    monkeypatch.setattr(parallel, "check_source", deadly)
    for number in range(4):
        write(**{f"m{number}": BAD})
    code, out, err = cli("check", "-j", "2", "--no-cache", ".")
    assert code == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == ["m0.py", "m2.py", "m3.py"]
    assert "m1.py:1:1: ATN004 the process that checked it died" in err
