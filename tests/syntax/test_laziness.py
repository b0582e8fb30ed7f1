"""A chunk is parsed when it is first looked at, and not before."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from attnlint.syntax import loading, nodes, parse

TEXT = '''import torch

@decorated
def f(a, b=1):
    """doc"""
    return a

class A(B):
    x = 1

    def g(self):
        return 2

    y = 2

    async def h(self, c):
        def inner():
            return 3
        return inner

z = f(1)
'''


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    chunks: list[str] = []
    original = loading.parse_with_python
    monkeypatch.setattr(loading, "parse_with_python", lambda text: (chunks.append(text), original(text))[1])
    return chunks


def test_nothing_is_parsed_by_parse_itself(parsed: list[str]) -> None:
    source = parse(TEXT, "example.py")
    assert len(source.body) == 4
    assert parsed == []


def test_only_what_is_looked_at_is_parsed(parsed: list[str]) -> None:
    source = parse(TEXT, "example.py")
    _, function, class_, _ = source.body
    assert isinstance(function, nodes.FunctionDef) and isinstance(class_, nodes.ClassDef)
    assert function.name == "f" and [p.name for p in function.parameters] == ["a", "b"]
    assert len(function.body) == 2 and len(class_.body) == 4
    assert not any("return" in chunk or "x = 1" in chunk for chunk in parsed)
    parsed.clear()
    method = class_.body[1]
    assert isinstance(method, nodes.FunctionDef) and method.name == "g"
    assert parsed == ["if 1:\n    def g(self):\n        pass\n"]
    assert isinstance(method.body[0], nodes.Return)
    assert parsed[1:] == ["if 1:\n        return 2\n"]


def test_each_chunk_is_parsed_once(parsed: list[str]) -> None:
    source = parse(TEXT, "example.py")
    for _ in range(2):
        for statement in source.body:
            if isinstance(statement, nodes.FunctionDef):
                assert statement.local_names == {"a", "b"}
            if isinstance(statement, nodes.ClassDef):
                assert len([list(part.body) for part in statement.body if isinstance(part, nodes.FunctionDef)]) == 2
    assert len(parsed) == len(set(parsed))


def test_the_nodes_stay_the_same() -> None:
    source = parse(TEXT, "example.py")
    function = source.body[1]
    assert isinstance(function, nodes.FunctionDef)
    assert source.body[1] is function
    assert function.body[0] is function.body[0]


def test_a_body_is_a_sequence() -> None:
    body = parse(TEXT, "example.py").body
    assert len(body) == 4
    assert body[-1] is body[3] is list(body)[3]
    assert body[1:3] == (body[1], body[2])
    assert body[0] in body
    with pytest.raises(IndexError):
        body[4]


def test_parsing_in_a_thread_with_a_small_stack() -> None:
    text = "x = " + "[" * 60 + "1" + "]" * 60 + "\n"
    seen: list[object] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: seen.extend(parse(text, "example.py").body))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert len(seen) == 1 and isinstance(seen[0], nodes.Assign)


def test_libcst_is_imported_for_places_alone() -> None:
    program = (
        "import sys\n"
        "from attnlint.syntax import parse\n"
        "from attnlint.syntax.walk import descendants\n"
        f"source = parse({TEXT!r}, 'example.py')\n"
        "assert len([n for s in source.body for n in descendants(s)]) > 20\n"
        "assert 'libcst' not in sys.modules\n"
        "source.range(source.body[0].id)\n"
        "assert 'libcst' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
