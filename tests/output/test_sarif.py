"""The structure that SARIF 2.1.0 asks for, written down from the standard's sections named below."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from attnlint.findings import Range
from attnlint.output import Report, Sources, render
from tests.output.sample import INNER, MODEL, REPORT
from tests.output.sarif_objects import problems


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    log = json.loads(render(REPORT, "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    return dict(run)


def test_the_tool_and_its_rules(run: dict[str, Any]) -> None:
    """3.18, 3.49: a driver with a name; rules with distinct ids and messages."""
    driver = run["tool"]["driver"]
    assert driver["name"] == "attnlint"
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == sorted(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", rule["name"])
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note", "none")


def test_results_point_at_their_rules(run: dict[str, Any]) -> None:
    """3.27: ruleIndex is the place of ruleId in the driver's rules."""
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning")


def regions(node: Any) -> list[dict[str, int]]:
    if isinstance(node, dict):
        found = [node] if "startLine" in node else []
        return found + [region for value in node.values() for region in regions(value)]
    return [region for item in node for region in regions(item)] if isinstance(node, list) else []


def test_regions(run: dict[str, Any]) -> None:
    """3.30: lines and columns count from 1, the end column is exclusive; in code points, as the run says (3.14.17)."""
    assert run["columnKind"] == "unicodeCodePoints"
    found = regions(run)
    assert len(found) > 6
    for region in found:
        assert min(region.values()) >= 1
        # In a notebook whole lines of the file are meant.
        assert (region["endLine"], region.get("endColumn", 1)) >= (region["startLine"], region.get("startColumn", 1))


def test_paths_are_uri_references(run: dict[str, Any]) -> None:
    """3.4.3: relative references, percent-encoded; a file URI for absolute paths."""
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert "src/wide%20%25name.py" in uris
    absolute = Report((replace(INNER, path="/tmp/a b.py"),))
    [result] = json.loads(render(absolute, "sarif"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///tmp/a%20b.py"


def test_related_locations_fixes_and_verdict(run: dict[str, Any]) -> None:
    """3.27.22, 3.55: ids distinct within a result; a fix has changes, a change has replacements."""
    inner = next(result for result in run["results"] if result["ruleId"] == "ATN101")
    assert [one["id"] for one in inner["relatedLocations"]] == [1, 2, 3]
    assert inner["relatedLocations"][0]["message"]["text"] == "512 comes from here"
    assert len(inner["fixes"]) == 2
    for fix in inner["fixes"]:
        [change] = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == "src/model.py"
        assert all("deletedRegion" in one and "text" in one["insertedContent"] for one in change["replacements"])
    assert inner["properties"]["verdict"]["status"] == "confirmed"
    assert inner["properties"]["verdict"]["torch"] == "2.13.0"


def fingerprint_of(report: Report) -> list[str]:
    results = json.loads(render(report, "sarif"))["runs"][0]["results"]
    return [result["partialFingerprints"]["attnlint/v1"] for result in results]


def shifted(finding_range: Range, by: int) -> Range:
    return replace(finding_range, line=finding_range.line + by, end_line=finding_range.end_line + by)


def test_fingerprints_survive_line_shifts() -> None:
    before = Report((INNER,), sources=Sources({"src/model.py": MODEL}))
    moved = replace(INNER, range=shifted(INNER.range, 2))
    after = Report((moved,), sources=Sources({"src/model.py": "# one\n# two\n" + MODEL}))
    assert fingerprint_of(before) == fingerprint_of(after)


def test_fingerprints_of_equal_statements_differ() -> None:
    twice = Report(
        (INNER, replace(INNER, range=shifted(INNER.range, 11))), sources=Sources({"src/model.py": MODEL * 2})
    )
    assert len(set(fingerprint_of(twice))) == 2


def test_fingerprints_tell_codes_apart() -> None:
    both = Report((INNER, replace(INNER, code="ATN102")), sources=Sources({"src/model.py": MODEL}))
    assert len(set(fingerprint_of(both))) == 2


def test_every_object_is_as_the_standard_defines_it() -> None:
    assert list(problems(json.loads(render(REPORT, "sarif")))) == []
    assert list(problems(json.loads(render(Report(), "sarif")))) == []


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        (("version",), "2.0.0", "none of"),
        (("runs", 0, "tool"), None, "no object"),
        (("runs", 0, "results", 0, "levl"), "error", "the standard knows no levl"),
        (("runs", 0, "results", 0, "level"), "fatal", "none of"),
        (("runs", 0, "results", 0, "message"), {"text": 3}, "is no str"),
        (("runs", 0, "results", 0, "ruleIndex"), "0", "no integer"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"), 0, "at least 1"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"), "a b.py", "no URI"),
        (("runs", 0, "results", 0, "fixes"), [{"artifactChanges": []}], "at least 1 elements"),
        (("runs", 0, "results", 0, "fixes"), [{}], "artifactChanges is missing"),
    ],
)
def test_what_the_standard_forbids_is_noticed(path: tuple[Any, ...], value: Any, wanted: str) -> None:
    log = json.loads(render(REPORT, "sarif"))
    place = log
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    [problem] = problems(log)
    assert wanted in problem
