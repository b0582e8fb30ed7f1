"""Source ranges, checked against those of Python's own ``ast`` where the two mean the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from attnlint.findings import Range
from attnlint.syntax import Source, nodes, parse
from attnlint.syntax.lines import LineTable
from attnlint.syntax.walk import descendants
from tests.syntax import corpus
from tests.syntax.from_ast import Converter, pairs


def differences(text: str) -> list[tuple[str, Range, Range, str]]:
    """Where our range of a node is not that of ``ast``."""
    source = parse(text, "example.py")
    converter = Converter()
    theirs = converter.all(corpus.parse_with_ast(text).body)
    everything = [node for statement in source.body for node in descendants(statement)]
    if source.notes:
        return []
    assert everything or not theirs
    both = pairs(tuple(source.body), theirs)
    table = LineTable(text)
    left_out = _not_comparable(converter.origins)
    ranges = source.ranges([ours.id for ours, _ in both])
    found = []
    for ours, their in both:
        origin = converter.origins.get(id(their))
        if not hasattr(origin, "lineno") or id(origin) in left_out:
            continue
        expected = Range(
            origin.lineno,
            table.column(origin.lineno, origin.col_offset),
            origin.end_lineno,
            table.column(origin.end_lineno, origin.end_col_offset),
        )
        if ranges[ours.id] != expected:
            found.append((type(origin).__name__, expected, ranges[ours.id], source.text_in(ranges[ours.id])))
    return found


def _not_comparable(origins: dict[int, ast.AST]) -> set[int]:
    left_out: set[int] = set()
    for node in origins.values():
        if isinstance(node, ast.JoinedStr):
            # Before Python 3.12 the places inside of f-strings are wrong.
            left_out.update(id(part) for part in ast.walk(node) if part is not node)
        elif isinstance(node, ast.Call):
            # ``f(x for x in y)``: to ast the brackets are the generator's, to us the call's.
            left_out.update(id(argument) for argument in node.args if isinstance(argument, ast.GeneratorExp))
        elif isinstance(node, ast.ClassDef):
            left_out.update(id(base) for base in node.bases if isinstance(base, ast.GeneratorExp))
    return left_out


@pytest.mark.parametrize("path", corpus.plain_files()[::3], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files(path: Path) -> None:
    assert differences(corpus.text_of(path)) == []


@pytest.mark.parametrize("path", corpus.plain_files()[1::8], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files_with_windows_line_ends(path: Path) -> None:
    assert differences(corpus.text_of(path).replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "((a)) + (b)",
        "x = (\n    a\n    +   b  # comment\n)\n",
        "é = f('ü', ñ)(变量)[ä:ö]",
        "def ñ(ä=('ü')):\n\treturn ä . ö\n",
        "if a:\n\tif b:\n\t\tc(d,\n  e)\n",
        "a[ b , c : d , ... ]; a[b :]; a[b : : c]; a[b,]; a[: , 1 : ,\n  2]",
        "(a, b), [c], {d: e}, (f for g in h), ((i, j))",
        "f( * a , b = c , ** d )",
        "a if b else c; lambda x : y; not  a; - a; a  not  in  b",
        "@a\n@b(c)\ndef f(): pass\n\n@d\nclass E: pass\n",
        "a; b ; c",
        "with (a as b, c): pass",
        "try:\n    a\nexcept b as c:\n    d\nfinally:\n    e",
        "match a:\n    case [b, *c] if d: e\n    case {'x': f} | G(h=1): pass",
        "x = '''a\n  b''' 'c' \\\n  'd'",
        "import a . b as c, d\nfrom . e import (f as g,\n  h)\n",
        "if a: pass\nelif b:\n    c\nelse:\n    d",
        "\x0cdef f(a):\n    return a\n\x0c\ndef g(b):\n    return b\n",
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_layout(text: str, line_end: str) -> None:
    assert differences(text.replace("\n", line_end)) == []


def _only(source: Source, kind: type[nodes.Node]) -> nodes.Node:
    (found,) = [node for statement in source.body for node in descendants(statement) if isinstance(node, kind)]
    return found


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("f(k = b)", nodes.Argument, "k = b"),
        ("def f(b: int = 1): pass", nodes.Parameter, "b"),
        ("[a for b in c if d]", nodes.Clause, "for b in c if d"),
        ("f'{a!r:>3} b'", nodes.Formatted, "{a!r:>3}"),
        ("from a import b as c", nodes.ImportedName, "b as c"),
        ("from a import *", nodes.ImportedName, "*"),
        ("try: a\nexcept B as c: d", nodes.Handler, "except B as c: d"),
        ("with a as b: pass", nodes.WithItem, "a as b"),
        ("match a:\n  case 1: pass", nodes.Case, "case 1: pass"),
        ("match a:\n  case b: pass", nodes.Pattern, "b"),
        ("f(  *  a )", nodes.Argument, "* a"),
        ("a[(b), (c)]", nodes.Display, "(b), (c)"),
        ("(f(a)\n  .b)", nodes.Attribute, "f(a) .b"),
    ],
)
def test_what_ast_has_no_range_for(text: str, kind: type[nodes.Node], expected: str) -> None:
    source = parse(text, "example.py")
    assert source.text_of(_only(source, kind).id) == expected


def test_text_of_is_one_short_line() -> None:
    source = parse("x = f(\n    'a',\n    b,\n)\ny = " + "a_name + " * 30 + "b\n", "example.py")
    first, second = source.body
    assert source.text_of(first.id) == "x = f( 'a', b, )"
    assert len(source.text_of(second.id)) <= 60 and source.text_of(second.id).endswith("...")
    assert source.text_of(second.id, 20) == "y = a_name + a_na..."


def test_ranges_only_parse_what_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def f(a):\n    return a\n\ndef g(b):\n    return b\n"
    source = parse(text, "example.py")
    function = source.body[1]
    assert isinstance(function, nodes.FunctionDef)
    returned = function.body[0]
    parsed: list[str] = []
    from attnlint.syntax import loading

    original = loading.parse_chunk
    monkeypatch.setattr(loading, "parse_chunk", lambda chunk: parsed.append(chunk) or original(chunk))
    assert source.range(returned.id) == Range(5, 5, 5, 13)
    assert parsed == ["if 1:\n    return b\n"]


def test_statement_of() -> None:
    text = (
        "@dec(0)\n"
        "class A(B):\n"
        "    x = [lambda: 1 for y in z]\n"
        "    def f(self, a=b):\n"
        "        if a:\n"
        "            return f(c)\n"
        "        elif d:\n"
        "            pass\n"
        "        try:\n"
        "            pass\n"
        "        except e:\n"
        "            pass\n"
        "        while g: pass\n"
        "h; i\n"
    )
    source = parse(text, "example.py")
    found = {}
    for statement in source.body:
        for node in descendants(statement):
            if isinstance(node, (nodes.Name, nodes.Constant)):
                place = source.range(source.statement_of(node.id))
                found[str(getattr(node, "name", getattr(node, "value", "")))] = source.text_in(place).split("\n")[0]
    assert found == {
        "dec": "class A(B):",
        "0": "class A(B):",
        "B": "class A(B):",
        "x": "x = [lambda: 1 for y in z]",
        "1": "x = [lambda: 1 for y in z]",
        "y": "x = [lambda: 1 for y in z]",
        "z": "x = [lambda: 1 for y in z]",
        "b": "def f(self, a=b):",
        "a": "if a:",
        "f": "return f(c)",
        "c": "return f(c)",
        "d": "elif d:",
        "e": "try:",
        "g": "while g: pass",
        "h": "h",
        "i": "i",
    }
    assert source.statement_of(source.body[1].id) == source.body[1].id


@pytest.mark.parametrize("path", corpus.plain_files()[::15], ids=lambda path: path.name)
def test_statement_of_agrees_with_the_tree(path: Path) -> None:
    source = parse(corpus.text_of(path), str(path))
    expected: dict[int, int] = {}
    stack: list[tuple[nodes.Node, int]] = [(statement, statement.id) for statement in source.body]
    from attnlint.syntax.walk import children

    while stack:
        node, statement = stack.pop()
        if isinstance(node, nodes.Statement):
            statement = node.id
        expected[node.id] = statement
        stack.extend((child, statement) for child in children(node))
    for node_id in sorted(expected)[::11]:
        assert source.statement_of(node_id) == expected[node_id]
