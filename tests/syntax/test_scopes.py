"""Names of functions, checked against Python's own symbol tables and code objects."""

from __future__ import annotations

import inspect
import re
import symtable
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import CodeType

import pytest

from attnlint.syntax import Source, nodes, parse
from attnlint.syntax.scopes import lambda_scope
from attnlint.syntax.walk import descendants
from tests.syntax import corpus
from tests.syntax.test_lowering import with_libcst

Names = dict[tuple[str, int], set[str]]
Generators = Counter[tuple[str, bool]]

_NO_FUNCTIONS = {"lambda", "listcomp", "setcomp", "dictcomp", "genexpr", "top"}


def functions(source: Source) -> list[nodes.FunctionDef]:
    return [n for s in source.body for n in descendants(s) if isinstance(n, nodes.FunctionDef)]


def plain(name: str) -> str:
    """Functions go by the name as it is written, which for private names of classes is not what Python calls them."""
    return re.sub(r"^_[A-Za-z0-9]+(__\w*[^_\W])$", r"\1", name)


def public(names: Iterable[str]) -> set[str]:
    """Without private names of classes: the lowering leaves them as they are written."""
    return {name for name in names if not re.match(r"_[A-Za-z0-9]*?__?\w*[^_\W]$", name) or "__" not in name}


def names_by_symtable(text: str) -> Names:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = [symtable.symtable(text, "example.py", "exec")]
    names: Names = {}
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        if isinstance(table, symtable.Function) and table.get_name() not in _NO_FUNCTIONS:
            names[table.get_name(), table.get_lineno()] = public(table.get_locals())
    return names


def generators_by_compiling(text: str) -> Generators:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        codes = [compile(text, "example.py", "exec", dont_inherit=True)]
    generators: Generators = Counter()
    while codes:
        code = codes.pop()
        codes.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
        if code.co_flags & inspect.CO_OPTIMIZED and not code.co_name.startswith("<"):
            is_generator = bool(code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))
            generators[code.co_name, is_generator] += 1
    return generators


@pytest.mark.parametrize("path", corpus.files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files(path: Path) -> None:
    text = corpus.text_of(path)
    try:
        expected, generators = names_by_symtable(text), generators_by_compiling(text)
    except (SyntaxError, ValueError):
        pytest.skip("Python does not compile it")
    source = parse(text, str(path))
    found = functions(source)
    names = Counter(plain(f.name) + str(source.range(f.id).line) for f in found)
    locals_ = {plain(f.name) + str(source.range(f.id).line): public(f.local_names) for f in found}
    if with_libcst(text).notes or "def f[" in text or "class A[" in text or "type X" in text:
        pytest.skip("libcst refuses some statements, or Python makes functions of type parameters")
    assert Counter((f.name, f.is_generator) for f in found) == generators
    targets = {
        name.name
        for statement in source.body
        for clause in descendants(statement)
        if isinstance(clause, nodes.Clause)
        for name in descendants(clause.target)
        if isinstance(name, nodes.Name)
    }
    for (name, line), theirs in expected.items():
        key = plain(name) + str(line)
        if names[key] > 1:
            continue  # two on one line
        ours = locals_[key]
        # Since Python 3.12 comprehensions are inlined, and their targets listed with the function's own names.
        extra = targets if sys.version_info >= (3, 12) else set()
        assert ours <= theirs <= ours | extra, name


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("a = b = 1; c, (d, *e) = f", "a b c d e"),
        ("a.b = c[d] = e", ""),
        ("a: int\nb: str = 1", "a b"),
        ("a += 1; b.c += 1", "a"),
        ("for a, b in c:\n    d = 1\nelse:\n    e = 1", "a b d e"),
        ("while a:\n    b = 1", "b"),
        ("with a as b, c as (d, e), f as g[h]: pass", "b d e"),
        ("try:\n    a = 1\nexcept b as c:\n    d = 1\nelse:\n    e = 1\nfinally:\n    f = 1", "a c d e f"),
        ("import a, b.c, d.e as f\nfrom g import h, i as j", "a b f h j"),
        ("def a(b=(c := 1)): d = 1", "a c"),
        ("class a(b, c=(d := 1)): e = 1", "a d"),
        ("[a for b in c]; {d: e for f, g in h}; (i for i in j)", ""),
        ("[(a := b) for b in c if (d := b)]; any((e := f) for f in [g for g in (h := 1,)])", "a d e h"),
        ("lambda a=(b := 1): (c := 2)", "b"),
        ("del a, b.c, (d, e)", "a d e"),
        ("global a, b\na = 1\nc = 1", "c"),
        ("match a:\n    case [b, *c] | {'d': b, **c}: pass\n    case E(f, g=h) as i: pass", "b c f h i"),
        ("if a:\n    pass\nelif (b := c):\n    d = 1", "b d"),
        ("print(f'{(a := 1)!r:>{(b := 2)}}')", "a b"),
        ("x = a if (b := c) else d", "x b"),
        ("type X = int", "X"),
    ],
)
def test_names(body: str, names: str) -> None:
    text = "def f(p, q=1, *r, s, **t):\n" + "\n".join("    " + line for line in body.split("\n"))
    (function,) = parse(text, "example.py").body
    assert isinstance(function, nodes.FunctionDef)
    assert function.local_names == {*"pqrst", *names.split()}


def test_nonlocal_names_are_not_local() -> None:
    (outer,) = parse("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n", "example.py").body
    assert isinstance(outer, nodes.FunctionDef)
    inner = outer.body[1]
    assert isinstance(inner, nodes.FunctionDef)
    assert outer.local_names == {"a", "g"}
    assert inner.local_names == frozenset()
    assert inner.scope.nonlocal_names == {"a"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("yield", True),
        ("x = yield from y", True),
        ("return 1", False),
        ("def g(): yield", False),
        ("g = lambda: (yield)", False),
        ("def g(x=(yield)): pass", True),
        ("for x in (yield): pass", True),
        ("if a:\n    b\nelse:\n    with c:\n        yield d", True),
    ],
)
def test_is_generator(body: str, expected: bool) -> None:
    text = "def f():\n" + "\n".join("    " + line for line in body.split("\n"))
    (function,) = parse(text, "example.py").body
    assert isinstance(function, nodes.FunctionDef)
    assert function.is_generator is expected


def test_lambda() -> None:
    (statement,) = parse("lambda a, *b, c=1: (d := [e for e in a], (f := 1 for g in b))", "example.py").body
    assert isinstance(statement, nodes.ExpressionStatement) and isinstance(statement.value, nodes.Lambda)
    assert lambda_scope(statement.value).local_names == {"a", "b", "c", "d", "f"}
