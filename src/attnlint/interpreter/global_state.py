"""Global variables that functions of a file set: what the file gave them at first is not what others find there.

``CACHE = None`` and ``def prepare(): global CACHE; ...``; ``STATE = {"mask": ...}`` and ``STATE["mask"] = mask`` in a
function. Where a class or function is run on its own, nobody knows which of them have run before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attnlint.interpreter.forgetting import is_registry
from attnlint.interpreter.objects import LazyImport
from attnlint.syntax.effects import MUTATORS
from attnlint.syntax.parsing import unit_text
from attnlint.values import DictValue, ListValue, SetValue, Tensor, Unknown

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_DEFINITION = re.compile(r"\s*(?:@|def\b|class\b|async\s+def\b)")
_GLOBAL = re.compile(r"^[ \t]+global[ \t]+([\w, \t]+)", re.MULTILINE)
_WRITTEN_INTO = re.compile(
    rf"^[ \t]+(?:del[ \t]+)?(\w+)(?:\[.*\][ \t]*(?:[-+*/%&|^@]|//|\*\*)?=(?!=)|\.(?:{'|'.join(sorted(MUTATORS))})\()",
    re.MULTILINE,
)


def names_set(text: str) -> frozenset[str]:
    """The names that the functions of a top-level unit say are global, and set."""
    if "global" not in text or not _DEFINITION.match(text):
        return frozenset()
    return frozenset(name.strip() for found in _GLOBAL.findall(text) for name in found.split(","))


def names_written_into(text: str) -> frozenset[str]:
    """The names of what the functions of a top-level unit write into."""
    return frozenset(_WRITTEN_INTO.findall(text)) if _DEFINITION.match(text) else frozenset()


_CLASS_ATTRIBUTE = re.compile(
    rf"^[ \t]+(?:(\w+)|type\(\w+\)|\w+\.__class__)\.(\w+)"
    rf"(?:[ \t]*(?:[-+*/%&|^@]|//|\*\*)?=(?!=)|\[.*\][ \t]*=(?!=)|\.(?:{'|'.join(sorted(MUTATORS))})\()",
    re.MULTILINE,
)


def class_attributes_set(text: str) -> frozenset[tuple[str, str]]:
    """Names of classes, ``cls`` for any, and their attributes that the functions of a top-level unit set."""
    if not _DEFINITION.match(text):
        return frozenset()
    return frozenset((holder or "cls", name) for holder, name in _CLASS_ATTRIBUTE.findall(text))


def _forget_class_attributes(run: Run, text: str) -> None:
    for holder, name in class_attributes_set(text):
        for cls in run.classes:
            value = cls.attributes.get(name)
            if holder not in ("cls", cls.name) or name not in cls.attributes:
                continue
            if isinstance(value, ListValue | DictValue | SetValue):
                if not is_registry(value):
                    run.store.forget(value)
            elif value is None or isinstance(value, bool | int | float | str | tuple | Tensor):
                reason = "a function sets this attribute of a class"
                unknown = Unknown(reason, ("class attribute", run.main.path, cls.name, name), name)
                run.store.set_attribute(cls, name, unknown)


def forget(run: Run) -> None:
    """The module has run; what its functions set is open from here on."""
    variables = run.main.scope.variables
    containers = {
        name
        for name, value in variables.items()
        if isinstance(value, ListValue | DictValue | SetValue) and not is_registry(value)
    }
    for unit in run.source.units:
        text = unit_text(unit, run.source.table)
        for name in names_set(text):
            if name in variables and not isinstance(variables[name], LazyImport):
                value = Unknown("a function sets this global variable", ("global", run.main.path, name), name)
                run.store.put(variables, name, value)
        _forget_class_attributes(run, text)
        if containers:
            for name in names_written_into(text) & containers:
                run.store.forget(variables[name])
