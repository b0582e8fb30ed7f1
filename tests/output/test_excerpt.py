"""Pieces of source on a terminal."""

from __future__ import annotations

from attnlint.findings import Range
from attnlint.output import PLAIN
from attnlint.output.excerpt import Label, excerpt


def show(text: str, *labels: Label) -> str:
    lines = text.split("\n")
    return "\n".join(excerpt(lines, labels, 2, PLAIN))


def on(line: int, start: int, end: int, text: str = "", mark: str = "^") -> Label:
    return Label(Range(line, start, line, end), text, mark)


def test_one_label() -> None:
    assert show("a @ b", on(1, 1, 2, "(2, 3)")) == "   |\n 1 | a @ b\n   | ^ (2, 3)"


def test_two_labels_hang_below_each_other() -> None:
    assert show("a @ b", on(1, 1, 2, "(2, 3)"), on(1, 5, 6, "(4, 5)"), on(1, 1, 6, "", "~")) == (
        "   |\n"
        " 1 | a @ b\n"
        "   | ^~~~^ (4, 5)\n"
        "   | |\n"
        "   | (2, 3)"
    )  # fmt: skip


def test_three_labels() -> None:
    assert show("f(aa, bb, cc)", on(1, 3, 5, "one"), on(1, 7, 9, "two"), on(1, 11, 13, "three")) == (
        "   |\n"
        " 1 | f(aa, bb, cc)\n"
        "   |   ^^  ^^  ^^ three\n"
        "   |   |   |\n"
        "   |   |   two\n"
        "   |   one"
    )  # fmt: skip


def test_lines_in_between() -> None:
    assert show("a\nb\nc\nd\ne\nf", on(1, 1, 2), on(3, 1, 2), on(6, 1, 2)) == (
        "   |\n"
        " 1 | a\n"
        "   | ^\n"
        " 2 | b\n"
        " 3 | c\n"
        "   | ^\n"
        "...\n"
        " 6 | f\n"
        "   | ^"
    )  # fmt: skip


def test_a_long_statement_loses_its_middle() -> None:
    text = "\n".join(["f(", *"abcdefgh", ")"])
    shown = show(text, Label(Range(1, 1, 10, 2), mark="~"), on(5, 1, 2, "here"))
    assert [row for row in shown.splitlines() if row[:3].strip().isdigit()] == [" 1 | f(", " 5 | d", "10 | )"]


def test_tabs_and_wide_characters_keep_the_underline_in_place() -> None:
    assert show("\t数据 = x", on(1, 7, 8)) == "   |\n 1 |     数据 = x\n   |            ^"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in show("x = '\x1b[31m'", on(1, 1, 2))


def test_a_line_without_end_is_cut_around_the_place() -> None:
    text = "x" * 1000 + "BAD" + "y" * 1000
    source, marks = show(text, on(1, 1001, 1004)).splitlines()[1:]
    assert len(source) < 200
    assert source[marks.index("^")] == "B"


def test_a_file_that_has_changed_since_is_no_crash() -> None:
    assert show("a", on(7, 1, 2, "gone")) == "   |"
    assert show("ab", on(1, 90, 95, "far")).splitlines()[1] == " 1 | ab"
