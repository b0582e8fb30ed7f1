"""Whatever is fed in: a lowered file, or one clear error; never a crash, never minutes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attnlint.syntax import SourceError, nodes, parse
from attnlint.syntax.guard import LIMIT
from attnlint.syntax.walk import descendants


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("def f(:\n    pass\n", "invalid syntax", (1, 7)),
        ("a = 1\nb = (\n", "'(' was never closed", (2, 5)),
        ("if a:\nb\n", "expected an indented block", (2, 1)),
        ("a = 1\n  b = 2\n", "unexpected indent", (2, 1)),
        ("print 'a'\n", "print", (1, 1)),
        ("%matplotlib inline\n", "invalid syntax", (1, 1)),
        ("a = 1\nb = \0\n", "source contains a NUL character", (2, 5)),
        ("a = '\ud800'\n", "surrogate", (1, 1)),
        ("a = " + "1" * 5000 + "\n", "digit", (1, 1)),
        ("<<<<<<< HEAD\na = 1\n", "invalid syntax", (1, 1)),
        ('x = f"{a b}"\n', "", (1, 0)),
    ],
)
def test_errors_name_their_place(text: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text, "example.py")
    assert message in caught.value.message
    assert caught.value.line == place[0]
    if place[1] > 1:
        assert caught.value.column == place[1]
    assert caught.value.column >= 1


@pytest.mark.parametrize("text", ["", "\n", "# comment", "\f\n", "   ", "\r\r\n\n", "\ufeff"])
def test_empty_files(text: str) -> None:
    source = parse(text, "example.py")
    assert list(source.body) == []
    assert source.comments() in ({}, {1: "# comment"})


DEEP = {
    "sum": lambda n: "+".join(["1"] * n),
    "strings summed": lambda n: " + \\\n".join(["'abc'"] * n),
    "sum, a term a line": lambda n: "(" + "+\n".join(["1"] * n) + ")",
    "strings side by side": lambda n: "(" + "'a'\n" * (n * 5) + ")",
    "conjunction": lambda n: " and ".join(["a"] * (n * 3)),
    "comparison": lambda n: " < ".join(["a"] * (n * 6)),
    "attributes": lambda n: "a" + ".b" * n,
    "methods": lambda n: "a" + ".b(c)" * n,
    "subscripts": lambda n: "a" + "[0]" * n,
    "powers": lambda n: "**".join(["a"] * n),
    "negations": lambda n: "not " * n + "a",
    "signs": lambda n: "-" * n + "a",
    "lambdas": lambda n: "lambda: " * n + "a",
    "conditionals": lambda n: "a if b else " * n + "c",
    "parentheses": lambda n: "(" * n + "a" + ")" * n,
    "lists": lambda n: "[" * n + "a" + "]" * n,
    "dicts": lambda n: "{a:" * n + "a" + "}" * n,
    "calls": lambda n: "f(" * n + "a" + ")" * n,
    "keyword calls": lambda n: "f(a=" * n + "a" + ")" * n,
    "subscripts nested": lambda n: "a[" * n + "a" + "]" * n,
    "in an f-string": lambda n: "f'{" + "+".join(["1"] * n) + "}'",
}
PLACES = {
    "assigned": "x = {}\n",
    "returned": "def f():\n    y = 1\n    return {}\n",
    "an argument": "class A:\n    def f(self):\n        g(1, {}, z=2)\n        h = 1\n",
    "a default": "def f(a, b={}, c=1):\n    return b\n",
    "a condition": "if {}:\n    x = 1\nelif b:\n    y = 2\n",
    "an iterable": "for i in {}:\n    pass\n",
    "a decorator": "@d({})\ndef f(): pass\n",
    "a base": "class A(B, k={}):\n    x = 1\n",
}


@pytest.mark.parametrize("size", [LIMIT * 2, 3000])
@pytest.mark.parametrize("expression", DEEP.values(), ids=DEEP)
def test_too_deep_expressions_cost_only_themselves(expression: object, size: int) -> None:
    text = f"before = 1\nx = {expression(size)}\nafter = 2\n"  # type: ignore[operator]
    source = parse(text, "example.py")
    before, x, after = source.body
    assert isinstance(x, nodes.Assign) and isinstance(after, nodes.Assign)
    assert isinstance(x.value, nodes.Opaque)
    assert len(source.notes) == 1
    assert source.range(before.id).line == 1
    assert source.text_of(after.id) == "after = 2"
    assert source.text_in(source.range(x.id)) == text.split("\n", 1)[1].rsplit("\nafter", 1)[0]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("size", [400, 10_000])
def test_wherever_they_stand(place: str, size: int) -> None:
    text = "before = 1\n" + place.format(DEEP["sum"](size)) + "after = 2\n"
    source = parse(text, "example.py")
    found = [node for statement in source.body for node in descendants(statement)]
    assert sum(isinstance(node, nodes.Opaque) for node in found) == 1
    assert len(source.notes) == 1
    assert source.text_of(source.body[-1].id) == "after = 2"
    places = source.ranges([node.id for node in found])
    assert all(place.line <= len(source.lines) for place in places.values())


@pytest.mark.parametrize("expression", DEEP.values(), ids=DEEP)
def test_what_people_write_is_never_too_deep(expression: object) -> None:
    text = f"x = {expression(40)}\n"  # type: ignore[operator]
    source = parse(text, "example.py")
    assert not any(isinstance(node, nodes.Opaque) for node in descendants(source.body[0]))
    source.ranges([node.id for node in descendants(source.body[0])])


def test_long_flat_data_is_lowered() -> None:
    text = "x = [\n" + "    (1.0, 'a', [2, 3], {'k': -4}),\n" * 700 + "]\n"
    source = parse(text, "example.py")
    assert source.notes == []
    (statement,) = source.body
    assert isinstance(statement, nodes.Assign) and isinstance(statement.value, nodes.Display)
    assert len(statement.value.elements) == 700
    assert source.range(statement.value.elements[-1].id).line == 701


def test_a_long_elif_chain() -> None:
    text = "if a == 0: pass\n" + "".join(f"elif a == {i}: b = {i}\n" for i in range(400))
    source = parse(text, "example.py")
    found = [node for statement in source.body for node in descendants(statement)]
    assert sum(isinstance(node, nodes.If) for node in found) == 401
    assert source.range(max(node.id for node in found)).line == 401


@pytest.mark.parametrize("count", [99, 150])
def test_nested_blocks(count: int) -> None:
    text = "".join(" " * i + "if a:\n" for i in range(count)) + " " * count + "b = 1\n"
    try:
        source = parse(text, "example.py")
    except SourceError as error:
        assert "indentation" in error.message
    else:
        assert any(isinstance(node, (nodes.Jump, nodes.Assign)) for s in source.body for node in descendants(s))


def test_a_file_of_a_hundred_thousand_lines() -> None:
    text = "import torch\n" + "def f(a):\n    return a + 1\n\n\n" * 24_999 + "x = 1\n" * 3
    source = parse(text, "example.py")
    assert len(source.lines) >= 99_999
    last = source.body[-1]
    assert source.range(last.id).line == len(source.lines)
    function = source.body[20_000]
    assert isinstance(function, nodes.FunctionDef)
    assert source.text_of(function.body[0].id) == "return a + 1"


def test_a_caller_deep_in_the_stack() -> None:
    source = parse("def f():\n    return " + DEEP["sum"](150) + "\n", "example.py")

    def deeper(levels: int) -> int:
        if levels:
            return deeper(levels - 1)
        return sum(1 for statement in source.body for _ in descendants(statement))

    room = sys.getrecursionlimit() - 250
    depth = len([None for _ in _frames()])
    assert deeper(room - depth) > 300
    assert sys.getrecursionlimit() == room + 250


def _frames() -> list[object]:
    frames: list[object] = []
    frame = sys._getframe()
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


def test_the_process_survives_on_a_small_stack() -> None:
    """The native parser would kill it: nothing may reach it that takes more than half a megabyte of stack."""
    resource = pytest.importorskip("resource")
    program = (
        "import sys\n"
        "from attnlint.syntax import parse\n"
        "from attnlint.syntax.walk import descendants\n"
        "for text in sys.stdin.read().split('\\0'):\n"
        "    print(sum(1 for s in parse(text, 'x').body for n in descendants(s)))\n"
    )
    texts = [f"x = {make(size)}" for make in DEEP.values() for size in (60, 95, 190, 5000)]

    def shrink() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (1024 * 1024, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\0".join(texts),
        text=True,
        capture_output=True,
        preexec_fn=shrink,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert len(done.stdout.split()) == len(texts)
