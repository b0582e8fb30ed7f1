"""Versions of packages: of torch it is the newest that attnlint knows, as for Python itself; of others it is not known.

Code that asks mostly tells old releases apart from current ones, and what is claimed is what the newest torch does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.foreign_paths import MACHINE, depends_on_machine
from attnlint.interpreter.library.registry import class_, python, register
from attnlint.ops.releases import NEWEST
from attnlint.values import Instance, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

TORCH_VERSION = f"{NEWEST}.0"
VERSION = PythonName("packaging.version.Version")
_PLAIN = re.compile(r"v?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview|dev)[-_.]?\d*)?(\+[a-z0-9.]+)?", re.I)

class_(VERSION.name, "object")


@python("importlib.metadata.version")
def version_of(run: Run, node: Node, name: Value, /) -> Value:
    if name == "torch":
        return TORCH_VERSION
    run.uncertain += 1
    key = (MACHINE, "version", name) if isinstance(name, str) else None
    return Unknown(f"which version of {name} is installed", key=key, label="version", kind="str")


@python("packaging.version.parse", VERSION.name)
def parse(run: Run, node: Node, text: Value, /) -> Value:
    if isinstance(text, Instance) and text.cls == VERSION:
        return text
    match = _PLAIN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        known = isinstance(text, Unknown) and depends_on_machine(text.key)
        return Unknown("a version", key=(MACHINE, "parsed", text.key) if known else None)
    release = tuple(int(number) for number in match[1].split("."))
    named = dict(zip(("major", "minor", "micro"), (*release, 0, 0, 0), strict=False))
    return Instance(
        VERSION,
        {
            **named,
            "release": release,
            "base_version": match[1],
            "is_prerelease": match[2] is not None,
            "is_devrelease": "dev" in (match[2] or "").lower(),
            "local": match[3][1:] if match[3] else None,
            "public": text.partition("+")[0],
            **({} if match[2] else {"pre": None, "dev": None, "post": None, "is_postrelease": False}),
            "_text": text,
        },
    )


def _order(version: Instance) -> tuple[tuple[int, ...], bool]:
    release = version.attributes["release"]
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    return release, not version.attributes["is_prerelease"]


def _declare_comparison(name: str, holds: Callable[[Any, Any], bool]) -> None:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        left, right = arguments
        if isinstance(right, str):
            right = parse(run, node, right)
        if isinstance(right, Unknown) and depends_on_machine(right.key):
            key = (MACHINE, "compared", name, left.attributes["_text"], right.key)
            return Unknown("how two versions compare", key=key, kind="bool")
        if not (isinstance(right, Instance) and right.cls == VERSION):
            return run.unknown("how two versions compare", kind="bool")
        pre = [each.attributes["is_prerelease"] for each in (left, right)]
        if _order(left)[0] == _order(right)[0] and any(pre):
            return run.unknown("which of two pre-releases is older", kind="bool")
        return holds(_order(left), _order(right))

    register(f"{VERSION.name}.__{name}__", model)


for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _declare_comparison(_name, getattr(operator, _name))


@python(f"{VERSION.name}.__str__", f"{VERSION.name}.__repr__")
def text_of(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver.attributes["_text"]
