"""The lowering says the same as Python's own ``ast``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from attnlint.syntax import Source, loading, nodes, parse
from attnlint.syntax.walk import descendants
from tests.syntax import corpus
from tests.syntax.from_ast import Converter, difference, pairs


def with_libcst(text: str) -> Source:
    """The text as libcst lowers it: every chunk is loaded when this returns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "parse_with_python", lambda chunk: None)
        source = parse(text, "example.py")
        for statement in source.body:
            list(descendants(statement))
    return source


def assert_same(text: str) -> None:
    source = parse(text, "example.py")
    expected = Converter().all(corpus.parse_with_ast(text).body)
    assert difference(source.body, expected) is None
    assert source.notes == []
    assert_same_with_libcst(source)


def assert_same_with_libcst(source: Source) -> None:
    """Numbers and all: places are looked up by number in a tree of libcst's."""
    other = with_libcst(source.text)
    if other.notes:
        return
    assert difference(other.body, tuple(source.body)) is None
    for ours, theirs in pairs(other.body, tuple(source.body)):
        assert ours.id == theirs.id, f"{ours} and {theirs}"


EXPRESSIONS = [
    "None, True, False, ..., 0, 0x1F, 0b11, 0o17, 1_000, 1.5, 1e-3, .5, 5., 1_0.0_1e1_0, 2j, 1.5J",
    "'a', \"b\", '''c''', r'\\d', b'x', rb'\\d', u'u', 'a\\n\\x41\\u0042\\N{EM DASH}', '\\d', b'\\xff'",
    "'a' 'b' \"c\"",
    "b'a' rb'\\b'",
    "'''one\ntwo\\\nthree'''",
    "f''",
    "f'{a}'",
    "f'a{b}c{d!r}e{f:>10}g{h:{i}.{j}}k{{l}}'",
    "f'{x!s:^{width}}' 'plain' f'{y}' f''",
    "'only' f'' 'text'",
    "f'{a[\"b\"]}' f\"{d['e']}\"",
    "f'''{\na\n}'''",
    "rf'\\d{a}\\n'",
    "f'\\n{a}\\'{b}\\\\'",
    "f'''\"{a}\"'''",
    "f'{a + b = }' f'{c=!s}' f'{d=:>4}'",
    "f'{lambda_:{{}}}' if 0 else 1",
    "f'\\N{EM DASH}{a}'",
    "a.b.c.d",
    "a[0], a[-1], a[:], a[1:], a[:2], a[::3], a[1:2:3], a[...], a[None]",
    "a[1, 2], a[1,], a[(1, 2)], a[:, None, ..., 1:2], a[b[c]]",
    "f(), f(a), f(a, *b, c=1, **d), f(*a, b, *c), f(a, b=1, *c, d=2, **e, f=3)",
    "f(x for x in y), f((x for x in y), 1)",
    "f(a)(b)(c).d[e](f)",
    "-a, +a, ~a, not a, - - a, not not a, -a ** -b",
    "a + b - c * d / e // f % g ** h @ i",
    "a & b | c ^ d << e >> f",
    "(a + b) * c, a - (b - c), a ** b ** c",
    "a < b <= c > d >= e == f != g is h is not i in j not in k",
    "a and b and c, a or b or c, a and b or c and d, (a and b) and c, a and (b and c), a or (b or c) or d",
    "a if b else c if d else e, (a if b else c) if d else e",
    "(), (a,), (a, b), [a], [], {a}, {a, *b}, [*a, *b], (*a, b), ((a, b), c)",
    "{}, {a: b}, {a: b, **c, 'd': e}, {**a}",
    "[a for b in c], {a for b in c}, {a: b for c, d in e}, (a for b in c)",
    "[a for b in c if d if e for f in g for h in i if j]",
    "[[a for b in c] for d in e]",
    "lambda: 0, lambda a: a, lambda a, /, b, *c, d, e=1, **f: a, lambda *, a: a, lambda *a, b=(1): b",
    "[y := f(x), y ** 2]",
    "(yield), (yield a), (yield a, b), (yield from a)",
    "await_ , print",
]

STATEMENTS = [
    "",
    "# only a comment",
    "\n\n   \n# comment\n",
    "pass",
    "a = b = c = d",
    "a, b = c; d, = e; (f, g) = h; [i, j] = k; *l, m = n",
    "a.b = a[0] = a[1:2] = c",
    "a: int",
    "a: int = 1; b: str; d.e: f = g; h[0]: i",
    "a: list[int] = *b, c",
    "\n".join(f"a {op}= b" for op in "+ - * / // % @ & | ^ >> << **".split()),
    "del a; del a, b; del (a), b; del (a, b); del a.b, c[0]; del [a, b]",
    "assert a; assert a, b",
    "raise\nraise a\nraise a from b",
    "import a; import a.b.c; import a as b, c.d as e",
    "from a import b; from a.b import c as d, e; from . import f; from ...g.h import (i, j as k,); from a import *",
    "if a: pass",
    "if a:\n    b\nelif c:\n    d\nelif e:\n    f\nelse:\n    g",
    "if a:\n    pass\nelse:\n    if b:\n        pass",
    "while a:\n    break\nelse:\n    continue",
    "for a in b: pass",
    "for a, *b in c, *d:\n    e\nelse:\n    f",
    "for (a, b) in [c]: d; e",
    "try:\n    a\nexcept:\n    b",
    "try:\n    a\nexcept b:\n    c\nexcept (d, e) as f:\n    g\nelse:\n    h\nfinally:\n    i",
    "try: a\nfinally: b",
    "with a: pass",
    "with a as b, c as (d, e), f() as g.h: pass",
    "with (a as b, c as d,):\n    pass",
    "with (a, b): pass",
    "with (yield_): pass",
    "def f(): pass",
    "def f(a, b=1, /, c: int = 2, *d: e, f, g=3, **h: i) -> j:\n    'doc'\n    return k",
    "def f(*, a): return",
    "async def f():\n    async for a in b:\n        await c\n    async with d as e: return [f async for f in g]",
    "@a\n@b.c(d)\n@(e := f)\ndef g(): yield",
    "@a\nclass B(C, metaclass=D, **E):\n    x: int = 1\n    @property\n    def f(self): return self\n    class G: pass",
    "class A: pass",
    "class A():\n    'doc'",
    "class A(*b, c=d): e = 1; f = 2",
    "def f():\n    global a, b\n    def g():\n        nonlocal_ = 1\n        nonlocal c\n    c = 1",
    "match a:\n    case 1 | -2 | 'x' | None | True | 1+2j: pass",
    "match a, b:\n    case [c, *_] | (d, *e): pass\n    case f, *g: pass\n    case (h): pass",
    "match a:\n    case []: pass\n    case (): pass\n    case [b]: pass\n    case (c,): pass",
    "match a:\n    case {'b': c, d.e: f, **g}: pass\n    case {}: pass\n    case {**h}: pass",
    "match a:\n    case B(): pass\n    case c.D(1, e, f=g, h=_): pass\n    case B(1) as i if j: pass\n    case _: pass",
    "match = case = type = 1\nmatch[case] = type(match)",
    "if a: b = 1; c = 2;",
    "x = 1;\ny = 2",
    "def f(): \\\n    pass",
    "def f():  # comment\n    # comment\n\n    pass\n    # comment\n# comment\npass",
    "def f(\n    a,  # comment\n    b,\n):\n  return (\n    a\n  )",
    "class A:\n\n    a = 1\n\n    # comment\n    def f(self):\n        pass\n\n    b = 2\n    c = 3",
    "class A:\n    a = 1\n    def g(self): pass\n    d = 4; e = 5\n    f = 6",
    "class A:\n    @dec\n    def f(self):\n        pass",
    "def f():\n    @dec\n    def g():\n        pass\n    return g",
    "def f():\n\tif a:\n\t\treturn b",
    "if a:\n  def f():\n    pass\n  class B:\n    def g(self):\n      pass",
    "a = '''x\ny\n''' ; b = 1\ndef f():\n    '''doc\n  less indented\n    '''\n    return a",
    "a = b \\\n    + c\n",
    "x = (  # comment\n    a\n    # comment\n    + b)\n",
    "é = 'ü'; 变量 = é\ndef ñ(ä): return ä",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    assert_same(f"x = ({text})" if not text.startswith("(yield)") else f"def f():\n    {text}")


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements(text: str) -> None:
    assert_same(text)
    assert_same(text + "\n")


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize("text", STATEMENTS + EXPRESSIONS)
def test_other_line_ends(text: str, line_end: str) -> None:
    assert_same(text.replace("\n", line_end))


@pytest.mark.parametrize("text", STATEMENTS)
def test_in_a_function_and_in_a_class(text: str) -> None:
    if ("\n" in text and "'''" in text) or "import *" in text:
        return
    lines = [f"    {line}" for line in text.split("\n")]
    assert_same("\n".join(["def outer():", *lines, "    pass"]))
    assert_same("\n".join(["class Outer:", *lines, "    pass", "after = 1"]))


NEW_IN_3_11 = [
    "try:\n    a\nexcept* b as c:\n    d\nexcept* (e, f):\n    g\nelse:\n    h",
    "a[*b], a[*b, 1], a[1, *b, *c]",
    "def f(*args: *Ts): pass",
]


@pytest.mark.parametrize("text", NEW_IN_3_11)
def test_new_in_python_3_11(text: str) -> None:
    if sys.version_info >= (3, 11):
        assert_same(text)
    else:
        assert len(parse(text, "example.py").body) == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
@pytest.mark.parametrize(
    "text",
    [
        "type X[T: int, *Ts, **P] = list[T]",
        "def f[T](x: T) -> T: return x\nclass A[T](B):\n    x: T",
        "x = f'{a['b']}{f'{c!r:>{d}}'}'",
        "x = f'{a  # comment\n}'",
        "x = f'{\n'a' 'b'\n}'; y = f'{'\\n'.join(z)}'",
        "x = f'''{\nf\"\"\"{a}\"\"\"}'''",
    ],
)
def test_new_in_python_3_12(text: str) -> None:
    assert_same(text)


@pytest.mark.parametrize("path", corpus.files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files(path: Path) -> None:
    text = corpus.text_of(path)
    source = parse(text, str(path))
    expected = Converter().all(corpus.parse_with_ast(text).body)
    found = difference(source.body, expected)
    assert found is None
    assert_same_with_libcst(source)


REFUSED = "a = 1\n(b): str = c\nd = 2\nclass A(e=f, *g):\n    h = 1\n"


def test_what_only_libcst_refuses_is_placed_by_its_statement() -> None:
    source = parse(REFUSED, "example.py")
    kinds = [type(statement).__name__ for statement in source.body]
    assert kinds == ["Assign", "Assign", "Assign", "ClassDef"]
    second, class_ = source.body[1], source.body[3]
    assert isinstance(second, nodes.Assign) and isinstance(second.value, nodes.Name)
    assert source.text_of(second.value.id) == "(b): str = c"
    assert source.range(class_.id).line == 4
    assert source.notes == []


def test_what_nobody_can_parse_costs_its_own_statement() -> None:
    source = with_libcst(REFUSED)
    kinds = [type(statement).__name__ for statement in source.body]
    assert kinds == ["Assign", "Assign", "Assign", "Assign"]
    second, class_ = source.body[1], source.body[3]
    assert isinstance(second, nodes.Assign) and isinstance(second.value, nodes.Opaque)
    assert isinstance(class_, nodes.Assign) and isinstance(class_.value, nodes.Opaque)
    assert [target.name for target in (*second.targets, *class_.targets)] == ["b", "A"]  # type: ignore[union-attr]
    assert len(source.notes) == 2
    assert source.range(second.id).line == 2


def test_the_oracle_can_tell() -> None:
    pairs = [("x = 1", "x = 2"), ("f(*a)", "f(a)"), ("def f(): x", "def f(): y"), ("a < b", "a <= b"), ("1", "1.0")]
    for one, other in pairs:
        ours = parse(one, "example.py").body
        assert difference(ours, Converter().all(corpus.parse_with_ast(other).body)) is not None


@pytest.mark.parametrize("path", corpus.files()[::6], ids=lambda path: path.name)
def test_ids_are_unique_and_in_source_order(path: Path) -> None:
    source = parse(corpus.text_of(path), str(path))
    found = [node for statement in source.body for node in descendants(statement)]
    by_id = {node.id: node for node in found}
    assert len(by_id) == len(found)
    places = source.ranges(by_id)
    # A definition comes before its decorators, though its place begins after them.
    ordered = [places[i] for i in sorted(by_id) if not getattr(by_id[i], "decorators", None)]
    assert [(place.line, place.column) for place in ordered] == sorted((place.line, place.column) for place in ordered)


def test_ids_do_not_depend_on_what_was_looked_at_first() -> None:
    text = "def f(a=1):\n    return a\n\nclass B:\n    x = 1\n    def g(self):\n        return f(2)\n"
    forward = parse(text, "example.py")
    first = [node.id for statement in forward.body for node in descendants(statement)]
    backward = parse(text, "example.py")
    definition = backward.body[1]
    assert isinstance(definition, nodes.ClassDef)
    list(definition.body[1].body)  # type: ignore[union-attr]
    assert first == [node.id for statement in backward.body for node in descendants(statement)]


class TestNewSyntax:
    """Syntax newer than the Python that runs the tests is left to libcst."""

    def test_type_alias_binds_its_name(self) -> None:
        (statement,) = parse("type X[T] = list[T]", "example.py").body
        assert isinstance(statement, nodes.Assign)
        (target,) = statement.targets
        assert isinstance(target, nodes.Name) and target.name == "X"
        assert isinstance(statement.value, nodes.Opaque)

    def test_type_parameters_are_dropped(self) -> None:
        function, class_ = parse("def f[T](x: T) -> T: return x\nclass A[T](B): pass", "example.py").body
        assert isinstance(function, nodes.FunctionDef) and [p.name for p in function.parameters] == ["x"]
        assert isinstance(class_, nodes.ClassDef) and len(class_.arguments) == 1

    def test_nested_quotes_in_f_strings(self) -> None:
        (statement,) = parse('x = f"{a["b"]}"', "example.py").body
        assert isinstance(statement, nodes.Assign)
        assert isinstance(statement.value, nodes.FormattedString)

    def test_template_strings_are_opaque(self) -> None:
        pytest.importorskip("libcst", minversion="1.8.4")
        (statement,) = parse("x = t'{a}'", "example.py").body
        assert isinstance(statement, nodes.Assign)
        assert isinstance(statement.value, nodes.Opaque)
