"""``inspect.signature`` of functions and classes whose parameters are known, and ``importlib.import_module``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from attnlint.interpreter.foreign_paths import MACHINE
from attnlint.interpreter.library.registry import class_, constant, python
from attnlint.interpreter.objects import ClassValue, FunctionValue, ModuleValue
from attnlint.interpreter.torch_names import CERTAIN_ROOTS
from attnlint.ops.registry import find_layer
from attnlint.ops.signature import REQUIRED
from attnlint.values import BoundMethod, DictValue, Instance, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

class_("inspect.Signature", "object")
class_("inspect.Parameter", "object")
EMPTY = PythonName("inspect._empty")
constant("inspect.Parameter.empty", EMPTY)
constant("inspect.Signature.empty", EMPTY)

KINDS = {
    "positional": "POSITIONAL_ONLY",
    "plain": "POSITIONAL_OR_KEYWORD",
    "star": "VAR_POSITIONAL",
    "keyword": "KEYWORD_ONLY",
    "double_star": "VAR_KEYWORD",
}
for _kind in KINDS.values():
    # An enum in Python: here only ever compared with itself.
    constant(f"inspect.Parameter.{_kind}", _kind)


@python("inspect.getfile", "inspect.getsourcefile")
def file_of(run: Run, node: Node, defined: Value, /) -> Value:
    """The file that a class or function was defined in."""
    module = defined if isinstance(defined, ModuleValue) else None
    if isinstance(defined, ClassValue | FunctionValue):
        module = defined.module
    if module is None or not module.path.endswith(".py"):
        return run.unknown("the file of what is not known")
    # Decorators that look at the names of its folders find them, wherever the linter was started.
    return os.path.abspath(module.path)


@python("inspect.signature")
def signature(run: Run, node: Node, function: Value, /, **options: Value) -> Value:
    parameters = _parameters(function)
    if parameters is None:
        return run.unknown("the signature of what is not known")
    made: dict[str, Value] = {
        name: Instance(
            PythonName("inspect.Parameter"),
            {"name": name, "kind": kind, "default": default, "annotation": run.unknown("an annotation")},
        )
        for name, kind, default in parameters
    }
    return Instance(PythonName("inspect.Signature"), {"parameters": DictValue(made)})


def _parameters(function: Value) -> list[tuple[str, str, Value]] | None:
    if isinstance(function, BoundMethod) and isinstance(function.function, FunctionValue):
        found = _parameters(function.function)
        return None if found is None else found[1:]
    if isinstance(function, FunctionValue):
        return [
            (each.name, KINDS[each.kind], function.defaults.get(each.name, EMPTY)) for each in function.node.parameters
        ]
    if isinstance(function, ClassValue):
        from attnlint.interpreter.classes import find_in_class

        init, _ = find_in_class(function, "__init__")
        found = _parameters(init) if isinstance(init, FunctionValue) else None
        return None if found is None else found[1:]
    layer = find_layer(function.name) if isinstance(function, TorchName) else None
    if layer is not None and len(layer.constructor) == 1:
        return [
            (each.name, KINDS["plain"], EMPTY if each.default is REQUIRED else each.default)
            for each in layer.constructor[0].parameters
        ]
    return None


@python("importlib.import_module")
def import_module(run: Run, node: Node, name: Value, package: Value = None, /) -> Value:
    if not isinstance(name, str) or not name or name.startswith("."):
        return run.unknown("the result of importlib.import_module")
    from attnlint.interpreter import imports

    return imports.import_module(run, name)


@python("importlib.util.find_spec")
def find_spec(run: Run, node: Node, name: Value, package: Value = None, /) -> Value:
    """Whether a package is installed is the same all through one run of the program."""
    if not isinstance(name, str) or name.startswith("."):
        return run.unknown("the result of importlib.util.find_spec")
    if name.partition(".")[0] in CERTAIN_ROOTS or run.project.find(name, run.scope.module.path) is not None:
        return Instance(PythonName("importlib.machinery.ModuleSpec"), {"name": name})
    return Unknown(f"whether {name} is installed", key=(MACHINE, "spec", name), label=name)


class_("importlib.machinery.ModuleSpec", "object")
