"""Suppression comments. For ``# noqa`` flake8 itself is the judge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from attnlint.findings import Finding, Range
from attnlint.suppression import Suppressions, add_noqa

# Every line that names "bad" has a finding (flake8: an undefined name, F821).
PROGRAMS = {
    "bare": "bad  # noqa\nbad\n",
    "code": "bad  # noqa: F821\nbad  # noqa: E501\n",
    "codes": "bad  # noqa: E501, F821\nbad  # noqa:E501,F821\nbad  # noqa: E501 F821\n",
    "prefix": "bad  # noqa: F8\nbad  # noqa: F9\nbad  # noqa: F\n",
    "case": "bad  # NOQA\nbad  # NoQA: F821\nbad  # noqa: f821\n",
    "spacing": "bad  #noqa\nbad  # noqa : F821\nbad  #  noqa\nbad  # noqa:  F821\n",
    "with words": "bad  # see noqa\nbad  # noqa because\nbad  # noqa: F821 because\nbad  # first # noqa: F821\n",
    "brackets": "x = (\n    bad,\n    bad,  # noqa\n)\n",
    "end of brackets": "x = (\n    bad,\n)  # noqa\n",
    "long string": 'x = f"""\n{bad}\n{bad}\n"""  # noqa\n',
    "backslash": "x = 1 + \\\n    bad + \\\n    bad  # noqa\n",
    "in a string": "x = '# noqa', bad\n",
    "two": "bad  # noqa: E501 # noqa: F821\n",
    "file": "# flake8: noqa\nbad\n",
    "file with codes": "# flake8: noqa: F821\nbad\n",
    "file behind code": "x = 1  # flake8: noqa\nbad\n",
    "file, other case": "  # FLAKE8= NOQA\nbad\n",
    "form feed": "\fbad  # noqa\nbad\n",
    "carriage returns": "bad  # noqa\r\nbad\r\n",
    "decorator": "@bad  # noqa\ndef f(): pass\n",
    "after colon": "if bad:  # noqa\n    bad\n",
}


def finding(line: int, code: str = "F821") -> Finding:
    return Finding(code=code, path="a.py", range=Range(line, 1, line, 2), message="bad")


def kept_by_us(text: str) -> list[int]:
    suppressions = Suppressions(text)
    lines = text.replace("\r\n", "\n").split("\n")
    found = [number for number, line in enumerate(lines, 1) if "bad" in line]
    return [line for line in found if not suppressions.suppresses(finding(line))]


@pytest.fixture(scope="module")
def kept_by_flake8(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    folder = tmp_path_factory.mktemp("noqa")
    for number, text in enumerate(PROGRAMS.values()):
        (folder / f"p{number}.py").write_bytes(text.encode())
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "F821", "-j1", "--format", "%(path)s:%(row)d"]
    output = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True, check=False).stdout
    found: dict[str, list[int]] = {name: [] for name in PROGRAMS}
    names = list(PROGRAMS)
    for row in output.splitlines():
        path, _, line = row.rpartition(":")
        lines = found[names[int(Path(path).stem.removeprefix("p"))]]
        if int(line) not in lines:
            lines.append(int(line))
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_noqa_is_read_as_flake8_reads_it(kept_by_flake8: dict[str, list[int]], name: str) -> None:
    assert kept_by_us(PROGRAMS[name]) == kept_by_flake8[name]


def test_the_judge_is_awake(kept_by_flake8: dict[str, list[int]]) -> None:
    assert kept_by_flake8["bare"] == [2]


@pytest.mark.parametrize(
    ("text", "code", "suppressed"),
    [
        ("x  # attnlint: ignore\n", "ATN101", True),
        ("x  # attnlint: ignore[ATN101]\n", "ATN101", True),
        ("x  # attnlint: ignore[ATN102, ATN101]\n", "ATN101", True),
        ("x  # attnlint: ignore[ATN1]\n", "ATN101", True),
        ("x  # attnlint: ignore[ATN102]\n", "ATN101", False),
        ("x  # type: ignore[ATN101]\n", "ATN101", False),
        ("x\n# attnlint: off\n", "ATN101", True),
        ("x  # attnlint: off\n", "ATN101", False),
        ("x  # attnlint: ignore[ATN102] # attnlint: ignore[ATN101]\n", "ATN101", True),
    ],
)
def test_our_own_comments(text: str, code: str, suppressed: bool) -> None:
    assert Suppressions(text).suppresses(finding(1, code)) is suppressed


def unused(text: str, *findings: Finding) -> list[tuple[int, int, tuple[str, ...]]]:
    suppressions = Suppressions(text)
    for one in findings:
        suppressions.suppresses(one)
    return [(place.line, place.column, codes) for place, codes in suppressions.unused()]


def test_unused_suppressions() -> None:
    text = "x = 1  # noqa: ATN101, ATN102, E501\ny = 2  # attnlint: ignore[ATN105]\nz = 3  # noqa\n"
    assert unused(text) == [(1, 8, ("ATN101", "ATN102")), (2, 8, ("ATN105",))]
    assert unused(text, finding(1, "ATN102"), finding(2, "ATN105")) == [(1, 8, ("ATN101",))]


def test_a_text_that_has_no_tokens() -> None:
    assert Suppressions("x = (  # noqa\n").suppresses(finding(1))


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("x = 1\n", [1], "x = 1  # noqa: ATN101\n"),
        ("x = 1", [1], "x = 1  # noqa: ATN101"),
        ("x = 1\r\ny = 2\r\n", [2], "x = 1\r\ny = 2  # noqa: ATN101\r\n"),
        ("x = 1  # why\n", [1], "x = 1  # why  # noqa: ATN101\n"),
        ("x = 1  # noqa: E501\n", [1], "x = 1  # noqa: E501, ATN101\n"),
        ("x = 1  # noqa: E501 too long\n", [1], "x = 1  # noqa: E501, ATN101 too long\n"),
        ("x = 1  # noqa\n", [1], "x = 1  # noqa\n"),
        ('x = """\na\n"""\n', [1], 'x = """\na\n"""  # noqa: ATN101\n'),
        ("x = 1 + \\\n  2\n", [1], "x = 1 + \\\n  2  # noqa: ATN101\n"),
        ("x = (\n  1,\n)\n", [2], "x = (\n  1,  # noqa: ATN101\n)\n"),
    ],
)
def test_noqa_is_added_where_it_counts(text: str, lines: list[int], expected: str) -> None:
    findings = [finding(line, "ATN101") for line in lines]
    changed, _ = add_noqa(text, findings)
    assert changed == expected
    assert all(Suppressions(changed).suppresses(one) for one in findings)
