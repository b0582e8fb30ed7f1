"""``attnlint check``: what it writes down (a baseline, comments), and watching."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frontends.conftest import Cli
from tests.frontends.engine import BAD, WORSE, write

pytestmark = pytest.mark.usefixtures("engine")


def test_baseline(cli: Cli) -> None:
    write(a=WORSE)
    assert cli("check", "--baseline", "known.json", "--update-baseline")[0] == 0
    code, out, err = cli("check", "--baseline", "known.json")
    assert (code, out) == (0, "")
    assert "(3 in the baseline)" in err
    # Lines above come and go; one more finding of the same kind is new.
    Path("a.py").write_text("import torch\n\n\n" + WORSE + "x = a @ b  # finding: ATN101\n")
    code, out, _ = cli("check", "--baseline", "known.json")
    assert (code, out) == (1, "a.py:8:1: ATN101 x = a @ b: does not fit\n")


def test_baseline_in_the_configuration_from_a_folder_below(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    write(sub__a=WORSE)
    Path("attnlint.toml").write_text('baseline = "known.json"\n')
    assert cli("check", "--update-baseline")[0] == 0
    monkeypatch.chdir("sub")
    assert cli("check")[0] == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1, "findings": [3]}', '{"version": 9, "findings": []}'])
def test_a_damaged_baseline(cli: Cli, text: str) -> None:
    write(a=WORSE)
    Path("known.json").write_text(text)
    code, out, err = cli("check", "--baseline", "known.json")
    assert (code, out) == (2, "")
    assert err.startswith("attnlint: error: the baseline ")


def test_a_missing_baseline(cli: Cli) -> None:
    write(a=WORSE)
    assert "cannot be read: No such file" in cli("check", "--baseline", "known.json")[2]


def test_add_noqa(cli: Cli) -> None:
    write(a=WORSE)
    code, _, err = cli("check", "--add-noqa")
    assert (code, err) == (0, "Added 3 noqa comments.\n")
    assert Path("a.py").read_text().splitlines()[1] == "x = a @ b  # finding: ATN101  # noqa: ATN101"
    assert cli("check")[0] == 0


def test_add_noqa_keeps_the_encoding_and_the_line_ends(cli: Cli) -> None:
    Path("a.py").write_bytes("\ufeffimport torch\r\nx = 'é'  # finding: ATN101\r\n".encode())
    cli("check", "--add-noqa")
    expected = "\ufeffimport torch\r\nx = 'é'  # finding: ATN101  # noqa: ATN101\r\n"
    assert Path("a.py").read_bytes() == expected.encode()


def test_watch_checks_again_when_a_file_changes(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnlint.cli import watch
    from attnlint.cli.arguments import parser

    write(a=BAD)
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        Path("a.py").write_text(WORSE)

    monkeypatch.setattr("time.sleep", nap)
    assert watch.run(parser().parse_args(["check", "--watch", "."]), rounds=2) == 0
    assert naps
