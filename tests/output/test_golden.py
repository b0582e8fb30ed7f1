"""Each format writes the same report as the golden file. ``pytest --update-golden`` writes the files anew."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from attnlint.output import Report, Style, render
from attnlint.settings import OUTPUT_FORMATS
from tests.output.sample import REPORT

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("output_format", [*OUTPUT_FORMATS, "full-coloured"])
def test_golden(output_format: str, request: pytest.FixtureRequest) -> None:
    name = output_format.removesuffix("-coloured")
    text = render(REPORT, name, Style(colour=name != output_format))
    path = GOLDEN / f"{output_format}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_an_empty_report_is_well_formed(output_format: str) -> None:
    text = render(Report(checked=3), output_format)
    if output_format in ("json", "gitlab"):
        assert json.loads(text) == []
    elif output_format in ("sarif", "rdjson"):
        assert json.loads(text)
    elif output_format == "junit":
        assert ElementTree.fromstring(text.encode()).attrib["failures"] == "0"
    else:
        assert text == ""


def test_paths_and_control_characters_keep_xml_well_formed() -> None:
    from dataclasses import replace

    odd = replace(REPORT.findings[0], path="a\x1b<&>.py", message="\x00 & <b>")
    ElementTree.fromstring(render(Report((odd,)), "junit").encode())


def test_github_keeps_columns_only_within_a_line() -> None:
    commands = render(REPORT, "github").splitlines()
    assert "col=" not in commands[1]
    assert "col=7,endColumn=52" in commands[3]
    assert "file=src/wide %25name.py" in commands[3]


def test_json_has_what_a_program_needs() -> None:
    inner = json.loads(render(REPORT, "json"))[1]
    assert (inner["path"], inner["line"], inner["column"], inner["end_line"], inner["end_column"]) == (
        "src/model.py",
        8,
        12,
        11,
        6,
    )
    assert (inner["code"], inner["name"], inner["severity"]) == ("ATN101", "matmul-inner-dimension", "error")
    assert inner["operands"][0]["shape"] == "(10, 512)"
    assert inner["operands"][0]["text"] == "query"
    assert inner["verdict"]["status"] == "confirmed"
    assert inner["verdict"]["torch"] == "2.13.0"
    assert inner["fix"]["edits"][0]["replacement"] == "512"
    assert inner["url"].endswith("ATN101.md")


def test_json_lines_are_the_array() -> None:
    lines = render(REPORT, "json-lines").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(render(REPORT, "json"))
