"""``junit``: a test report in which every finding is a failed test."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree

from attnlint.findings import Finding
from attnlint.output.report import Report, Sources
from attnlint.output.style import Style


def render(report: Report, style: Style) -> str:
    """One suite a file. A run without findings is one passed test, as a report without tests counts as broken."""
    findings = report.everything
    root = ElementTree.Element(
        "testsuites", name="attnlint", tests=str(max(len(findings), 1)), failures=str(len(findings))
    )
    for path, group in groupby(findings, key=lambda finding: finding.path):
        members = list(group)
        suite = ElementTree.SubElement(root, "testsuite", _counts(path, len(members), len(members)))
        for finding in members:
            _case(suite, finding, report.sources)
    if not findings:
        suite = ElementTree.SubElement(root, "testsuite", _counts("attnlint", 1, 0))
        ElementTree.SubElement(suite, "testcase", name="no findings", classname="attnlint")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(name: str, tests: int, failures: int) -> dict[str, str]:
    return {"name": _clean(name), "tests": str(tests), "failures": str(failures), "errors": "0", "skipped": "0"}


def _case(suite: ElementTree.Element, finding: Finding, sources: Sources) -> None:
    located = sources.locate(finding.path, finding.range)
    place = located.range
    cell = f"cell {located.cell}:" if located.cell is not None else ""
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=f"{finding.code} at {cell}{place.line}:{place.column}",
        classname=_clean(finding.path.removesuffix(".py")),
        file=_clean(finding.path),
        line=str(located.file_lines[0] if located.file_lines is not None else place.line),
    )
    failure = ElementTree.SubElement(case, "failure", message=_clean(finding.message), type=finding.code)
    rows = [f"{located}: {finding.code} {finding.message}"]
    if finding.advice:
        rows.append(finding.advice)
    if finding.verdict is not None:
        rows.append(f"{finding.verdict.status}: {finding.verdict.message}")
    failure.text = _clean("\n".join(rows))


def _clean(text: str) -> str:
    """XML 1.0 has no control characters, not even escaped."""
    return "".join(
        character if character >= " " or character in "\t\n" else "\N{REPLACEMENT CHARACTER}" for character in text
    )
