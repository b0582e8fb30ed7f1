"""The rules are found by their files, and what they say of themselves is well-formed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import attnlint.rules
from attnlint.rules import Rule, all_rules, codes, find_rule, rule

EACH = pytest.mark.parametrize("one", [pytest.param(one, id=one.code) for one in all_rules()])


def test_all_codes_of_the_first_version_are_there() -> None:
    expected = {"ATN001", "ATN002", "ATN201", *(f"ATN{number}" for number in range(101, 119))}
    assert expected <= set(codes())


@EACH
def test_a_rule_lives_in_the_file_of_its_code_and_name(one: Rule) -> None:
    folder = Path(attnlint.rules.__file__).parent
    assert (folder / f"{one.code.lower()}_{one.name.replace('-', '_')}.py").is_file()


@EACH
def test_the_texts_of_a_rule(one: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name)
    assert len(one.summary) <= 80
    assert not one.summary.endswith(".")
    assert one.explanation.strip()
    assert one.how_to_fix.strip()
    assert bool(one.failing) == bool(one.passing)
    assert one.url.endswith(f"{one.code}.md")


def test_names_are_distinct() -> None:
    names = [one.name for one in all_rules()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["ATN101", "atn101", " matmul-inner-dimension ", "matmul_inner_dimension"])
def test_a_rule_is_found_by_code_or_name(text: str) -> None:
    assert find_rule(text) is rule("ATN101")


def test_an_unknown_rule_is_not_found() -> None:
    assert find_rule("ATN999") is None
