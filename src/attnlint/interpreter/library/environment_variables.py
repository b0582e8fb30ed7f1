"""``os.environ`` and ``os.getenv``: what a program falls back on where a variable is not set.

A fallback that is a word names a way to go (``os.getenv("ATTENTION_BACKEND", "native")``): the program is followed as
it runs where nobody has set the variable. Numbers are not known: who starts several processes sets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.foreign_paths import MACHINE
from attnlint.interpreter.library.registry import constant, harmless, python
from attnlint.values import Instance, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

ENVIRONMENT = PythonName("os._Environ")
_FLAGS = frozenset("true false yes no on off none y n t f".split())

constant("os.environ", Instance(ENVIRONMENT))
harmless(ENVIRONMENT.name, lambda run, name: run.unknown("variables of the environment"))


def _variable(run: Run, name: Value, default: Value, kind: str) -> Value:
    if not isinstance(name, str):
        return run.unknown("a variable of the environment", kind=kind)
    key = (MACHINE, "variable", name)
    known = run.store.knowledge.get(key)
    if known is not None:
        return known
    if isinstance(default, str) and default.isidentifier() and default.lower() not in _FLAGS:
        return default
    return Unknown(f"the environment variable {name}", key=key if not kind else (*key, default), label=name, kind=kind)


@python("os.getenv")
def getenv(run: Run, node: Node, name: Value, default: Value = None, /) -> Value:
    return _variable(run, name, default, "str" if isinstance(default, str) else "")


@python(f"{ENVIRONMENT.name}.get")
def get(run: Run, node: Node, receiver: Value, name: Value, default: Value = None, /) -> Value:
    return getenv(run, node, name, default)


@python(f"{ENVIRONMENT.name}.__getitem__")
def get_item(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    run.uncertain += 1
    return _variable(run, name, None, "")


@python(f"{ENVIRONMENT.name}.__setitem__")
def set_item(run: Run, node: Node, receiver: Value, name: Value, value: Value, /) -> Value:
    if isinstance(name, str):
        run.store.know((MACHINE, "variable", name), value)
    return None


@python(f"{ENVIRONMENT.name}.__contains__")
def contains(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    key = (MACHINE, "variable", name) if isinstance(name, str) else None
    if run.store.knowledge.get(key) is not None:
        return True
    return Unknown(
        "whether a variable of the environment is set", key=None if key is None else (*key, "set"), kind="bool"
    )
