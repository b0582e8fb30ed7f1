"""Run a small program twice: in Python, and in the interpreter; what it binds to ``result`` is compared."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from attnlint.interpreter import analyse
from attnlint.interpreter.library.iterators import ITERATOR
from attnlint.interpreter.project import Project
from attnlint.interpreter.results import AnalysisOptions
from attnlint.syntax import parse
from attnlint.values import DictValue, Instance, ListValue, NamedTuple, SetValue, Value

PRELUDE = """
import abc, argparse, collections, contextlib, copy, dataclasses, enum, functools, itertools, json, math, numbers
import operator, os, random, re, string, sys, textwrap, types, typing
import collections.abc
"""


def in_python(program: str) -> Any:
    """What Python binds to ``result``, in plain form; the name of the exception where it raises."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(PRELUDE + textwrap.dedent(program), "program.py", "exec", dont_inherit=True), scope)
    except Exception as error:
        return type(error).__name__
    return plain(scope["result"])


def in_model(program: str) -> Any:
    """What the interpreter binds to ``result``, in plain form."""
    body = textwrap.indent(textwrap.dedent(program).strip("\n"), "    ")
    text = f"{PRELUDE}try:\n{body}\nexcept Exception as error:\n    result = type(error).__name__\n"
    return plain(evaluate(text))


def evaluate(text: str, name: str = "result") -> Value:
    """The last value bound to ``name`` in the module's own run."""
    options = AnalysisOptions(record_bindings=True, strict=True, module_only=True)
    analysis = analyse(parse(text, "program.py"), Project(Path("/nonexistent")), options)
    values = [binding.value for binding in analysis.bindings if binding.name == name]
    assert values, f"{name} was not bound: {analysis.notes} {analysis.debug}"
    return values[-1]


def plain(value: Any) -> Any:
    """Lists, tuples, dicts, sets and constants; both worlds' objects become these."""
    if isinstance(value, ListValue):
        return [plain(item) for item in value.items]
    if isinstance(value, NamedTuple):
        return tuple(plain(item) for item in value.values)
    if isinstance(value, DictValue):
        return {key: plain(item) for key, item in value.items.items()}
    if isinstance(value, SetValue | set | frozenset):
        return set(value.items if isinstance(value, SetValue) else value)
    if isinstance(value, Instance) and value.cls == ITERATOR:
        return [plain(item) for item in value.attributes["items"][value.attributes["position"] :]]
    if isinstance(value, str | bytes | range) or value is None:
        return value
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list) or (hasattr(value, "__next__") and hasattr(value, "__iter__")):
        return [plain(item) for item in value]
    return value
