"""After an edit, what it cannot concern is not run again; the findings are those of a run from nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from attnlint.check import FileReport, check_source
from attnlint.config import Settings
from attnlint.interpreter import Project
from attnlint.interpreter.memory import Memory
from tests.benchmarks.editor_latency import edits
from tests.harness.random_edits import random_edits

PROGRAMS = sorted((Path(__file__).parents[2] / "fixtures" / "programs").glob("*.py"))

MODEL = """\
import torch
from torch import nn

WIDTH = 64
NAMES = {}


def wide(x):
    return torch.cat([x, x], dim=-1)


class Inner(nn.Module):
    def __init__(self, width=WIDTH):
        super().__init__()
        self.layer = nn.Linear(width, width)

    def forward(self, x):
        return self.layer(x)


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner(32)

    def forward(self, x):
        return self.inner(wide(x)) @ torch.randn(32, 4)


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        return self.layer(x) @ torch.randn(9, 4)  # wrong


def alone(x):
    return x @ torch.randn(3, 4) @ torch.randn(5, 6)  # wrong
"""


def said(report: FileReport) -> list[Any]:
    return [(one.code, one.range, one.message, one.related, one.notes, one.operands) for one in report.findings] + [
        report.notes
    ]


class Edited:
    """A text that is edited, and checked with a memory and without."""

    def __init__(self, text: str, path: str = "model.py") -> None:
        self.path = path
        self.project = Project.around(path)
        self.project.memory = self.memory = Memory()
        self.findings = self.check(text)

    def check(self, text: str) -> list[str]:
        report = check_source(text, self.path, Settings(), self.project)
        self.entered = {label.partition(" (")[0] for label in self.memory.entered}
        assert said(report) == said(check_source(text, self.path, Settings()))
        return [one.code for one in report.findings]


def entered(edited: Edited) -> int:
    """How many entries were run."""
    assert edited.memory.total is not None
    return edited.memory.total - edited.memory.kept


def test_nothing_runs_again_without_an_edit() -> None:
    edited = Edited(MODEL)
    assert edited.findings == ["ATN101", "ATN101"]
    assert entered(edited) > 2
    edited.check(MODEL)
    assert entered(edited) == 0


def test_what_looks_at_an_edited_class_runs_again_and_the_rest_does_not() -> None:
    edited = Edited(MODEL)
    everything = entered(edited)
    assert edited.check(MODEL.replace("self.layer(x) @ torch.randn(9", "self.layer(x) @ torch.randn(8")) == ["ATN101"]
    assert 0 < entered(edited) < everything
    # The lines below have moved, and what is said of them with them.
    assert edited.check(MODEL.replace("class Other", "\n\n# a comment\n\nclass Other")) == ["ATN101", "ATN101"]


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("return torch.cat([x, x], dim=-1)", "return torch.randn(5, 7)", 3),
        ("self.layer = nn.Linear(width, width)", "self.layer = nn.Linear(width, 7)", 3),
        ("    return torch.cat", "    assert x.shape[-1] == 9\n    return torch.cat", 3),
        ("class Other(nn.Module)", "class Another(nn.Module):\n    pass\n\n\nclass Other(nn.Module)", 2),
        ("@ torch.randn(5, 6)  # wrong", "@ torch.randn(4, 6)", 1),
    ],
)
def test_findings_come_and_go_where_the_edit_reaches(old: str, new: str, count: int) -> None:
    edited = Edited(MODEL)
    assert old in MODEL
    assert len(edited.check(MODEL.replace(old, new))) == count
    assert len(edited.check(MODEL)) == 2


REGISTRY = """\
import torch

MODELS = {}
SIZE = [4]


def register(name):
    def keep(function):
        MODELS[name] = function
        SIZE.append(5)
        return function
    return keep


@register("first")
def first(x):
    return torch.randn(2, 3)


def create(name):
    return MODELS[name](1)


def use():
    return create("first") @ torch.randn(3, 4)


def sized():
    return torch.randn(2, len(SIZE)) @ torch.randn(2, 3)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # An object that was there before is changed by what was edited.
        ("    return torch.randn(2, 3)\n", "    return torch.randn(2, 4)\n"),
        ("SIZE.append(5)", "SIZE.append(5)\n        SIZE.append(6)"),
        ("SIZE = [4]", "SIZE = [4, 4]"),
        ("MODELS[name](1)", 'globals()["first"](1)'),
        ("def use", "MODELS['first'] = lambda x: torch.randn(9, 9)\n\n\ndef use"),
    ],
)
def test_what_is_reached_through_objects_counts(old: str, new: str) -> None:
    edited = Edited(REGISTRY)
    assert old in REGISTRY
    edited.check(REGISTRY.replace(old, new))
    edited.check(REGISTRY)


def test_names_that_are_only_found_by_reflection_count() -> None:
    text = "import torch\n\n\ndef part(x):\n    return torch.randn(2, 3)\n\n\ndef use():\n"
    text += "    return globals()['pa' + 'rt'](1) @ torch.randn(3, 4)\n"
    edited = Edited(text)
    edited.check(text.replace("torch.randn(2, 3)", "torch.randn(2, 4)"))


def test_facts_of_the_module_count() -> None:
    text = "import torch\nwidth = int(input())\nassert width == 4\n\n\ndef use():\n    return torch.randn(2, width) @ "
    text += "torch.randn(3, 4)\n"
    edited = Edited(text)
    edited.check(text.replace("assert width == 4", "assert width == 3"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_edits_of_whole_programs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not re.search(r"^def |^class ", text, re.MULTILINE):
        pytest.skip("nothing is defined there")
    edited = Edited(text, str(path))
    rows = text.splitlines(keepends=True)
    for edit in edits(text, 3, seed=7):
        edited.check("".join([*rows[: edit.line], edit.texts[-1] + "\n", *rows[edit.line + 1 :]]))


METHODS = """\
import torch
from torch import nn

SIZE = 3


def helper(x):
    return x + SIZE


class Tool(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def used(self, x):
        return helper(self.layer(x))

    def unused(self, x):
        return x @ torch.randn(4, 4)


class User(nn.Module):
    def __init__(self):
        super().__init__()
        self.tool = Tool()

    def forward(self, x):
        return self.tool.used(x)


def other(x):
    return x.reshape(2, 3)
"""


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        # Another body of a method concerns those who have looked at it: the class itself.
        ("x @ torch.randn(4, 4)", "x @ torch.randn(4, 5)", {"Tool"}),
        # One that somebody else has run concerns them, too.
        ("helper(self.layer(x))", "helper(self.layer(x)) + 1", {"Tool", "User"}),
        ("return x + SIZE", "return SIZE + x", {"User"}),
        # A name concerns those who have read it; all that one run of statements binds is taken together.
        ("SIZE = 3", "SIZE = 4", {"Tool", "User"}),
        # Comments and spaces concern nobody.
        ("x + SIZE", "x  +  SIZE  # more", set()),
        ("    def unused", "    # more\n\n    def unused", set()),
        ("return x.reshape(2, 3)", "return x.reshape(2, 4)", {"function other"}),
    ],
)
def test_only_those_run_again_that_have_looked_at_what_changed(old: str, new: str, again: set[str]) -> None:
    edited = Edited(METHODS)
    assert old in METHODS
    edited.check(METHODS.replace(old, new))
    assert edited.entered == again


def test_words_in_the_text_count() -> None:
    # Where something compiles the program, nobody knows whether it is being compiled.
    text = "import torch\n\n\ndef use(x):\n    y = torch.randn(2, 3)\n    if torch.compiler.is_compiling():\n"
    text += "        return x\n    return y @ torch.randn(2, 3)\n\n\ndef last(x):\n    return x\n"
    edited = Edited(text.replace("compiler.is_compiling", "jit.is_tracing"))
    edited.check(text.replace("compiler.is_compiling", "jit.is_tracing") + "# torch.compile(use)\n")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("text", [MODEL, REGISTRY, METHODS], ids=["model", "registry", "methods"])
def test_random_edits(text: str, seed: int) -> None:
    edited = Edited(text)
    for one in random_edits(text, 12, seed):
        edited.check(one)
