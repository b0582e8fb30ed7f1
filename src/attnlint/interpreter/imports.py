"""Imports: what a name stands for, and running the modules of the project that it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from attnlint.interpreter import library, torch_names
from attnlint.interpreter.library.registry import MISSING as ABSENT
from attnlint.interpreter.library.registry import find_constant
from attnlint.interpreter.objects import UNBOUND, LazyImport, ModuleValue
from attnlint.interpreter.scopes import Scope, bind_name
from attnlint.syntax import nodes
from attnlint.values import External, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

DEEPEST = 40
"""How many imports of the project nest."""


def run_import(run: Run, node: nodes.Import) -> None:
    """``import a.b as c``"""
    for imported in node.names:
        if imported.alias is not None:
            bind_name(run, imported.alias, import_module(run, imported.name))
        else:
            head = imported.name.partition(".")[0]
            bind_name(run, head, import_module(run, head))
            if head not in torch_names.ROOTS and not library.is_modelled(head):
                _note(run, imported.name)


def _note(run: Run, name: str) -> None:
    """An import that may fail: an enclosing ``try`` may see an ImportError."""
    if run.project.find(name, run.scope.module.path) is None:
        run.uncertain += 1


def import_module(run: Run, dotted: str) -> Value:
    """The module of an absolute import."""
    head = dotted.partition(".")[0]
    if head in torch_names.ROOTS:
        if head not in torch_names.CERTAIN_ROOTS:
            run.uncertain += 1
        return TorchName(torch_names.canonical(dotted))
    path = run.project.find(dotted, run.scope.module.path)
    if path is not None:
        return LazyImport(path, None)
    if library.is_modelled(dotted):
        return PythonName(dotted)
    run.uncertain += 1
    return External(dotted)


def run_import_from(run: Run, node: nodes.ImportFrom) -> None:
    """``from ..a import b as c``"""
    if node.level:
        path = run.project.find_relative(run.scope.module.path, node.level, node.module)
        base: Value = LazyImport(path, None) if path is not None else None
        if base is None:
            run.uncertain += 1
            base = External("." * node.level + node.module)
    else:
        base = import_module(run, node.module)
    for imported in node.names:
        if imported.name == "*":
            _star(run, base)
        else:
            bind_name(run, imported.alias or imported.name, _member(run, base, imported.name))


def _member(run: Run, base: Value, name: str) -> Value:
    if isinstance(base, LazyImport):
        return LazyImport(base.module, name)
    if isinstance(base, TorchName):
        return torch_names.attribute(base, name)
    if isinstance(base, PythonName):
        constant = find_constant(f"{base.name}.{name}")
        return PythonName(f"{base.name}.{name}") if constant is ABSENT else constant
    run.uncertain += 1
    return External(f"{base.name}.{name}")


def _star(run: Run, base: Value) -> None:
    variables = run.scope.module.scope.variables
    stars = variables.get("*", ())
    if isinstance(base, LazyImport):
        module = load_module(run, base.module)
        if module is not None:
            public = module.scope.variables.get("__all__")
            listed = run.iterate(public, nodes.Node(0)) if public is not None else None
            names = (
                [name for name in listed if isinstance(name, str)]
                if listed is not None
                else [name for name in module.scope.variables if not name.startswith("_") and name != "*"]
            )
            for name in names:
                bind_name(run, name, LazyImport(base.module, name))
            inherited = module.scope.variables.get("*", ())
            if inherited:
                run.store.put(variables, "*", (*stars, *inherited))
            return
    run.store.put(variables, "*", (*stars, base))


def missing_name(run: Run, module: ModuleValue, name: str) -> Value:
    """A name that nothing binds: it may come from ``from x import *`` of what is not in the project."""
    for base in module.scope.variables.get("*", ()):
        if isinstance(base, TorchName):
            found = torch_names.attribute(base, name)
            from attnlint.ops.registry import find_layer, find_op

            if (
                not isinstance(found, TorchName)
                or find_layer(found.name)
                or find_op(found.name)
                or torch_names.is_known_class(found)
            ):
                return found
        elif isinstance(base, PythonName):
            full = f"{base.name}.{name}"
            constant = find_constant(full)
            if constant is not ABSENT:
                return constant
            if library.find_python(full) is not None:
                return PythonName(full)
        else:
            run.uncertain += 1
            return Unknown(f"{name} may come from a star import", ("global", module.path, name), name)
    return UNBOUND


# --- running modules
# ------------------------------------------------------------------------------------------------------


def load(run: Run, lazy: LazyImport) -> Value:
    """What an imported name stands for."""
    module = load_module(run, lazy.module)
    if module is None:
        run.uncertain += 1
        return Unknown(f"{lazy.module} cannot be read", ("module", lazy.module, lazy.name), lazy.name or "")
    return module if lazy.name is None else module_attribute(run, module, lazy.name)


def load_module(run: Run, path: str) -> ModuleValue | None:
    """The module of a file, run once for all files that import it."""
    project = run.project
    known = project.modules.get(path)
    if known is not None:
        return known
    if run.main is not None and run.main.path == path:
        return run.main
    if not path.endswith(".py"):
        module = ModuleValue(os.path.basename(path), path, None)  # type: ignore[arg-type]
        module.scope = Scope("module", module)
        module.is_package, module.state = True, "done"
        project.modules[path] = module
        return module
    source = project.source(path)
    if source is None:
        return None
    module = new_module(path, source)
    project.modules[path] = module
    if path not in run.analysis.dependencies:
        run.analysis.dependencies.append(path)
    if run.import_depth >= DEEPEST:
        module.state = "done"
        return module
    from attnlint.interpreter.entries import run_imported

    run_imported(run, module)
    return module


def new_module(path: str, source: object, name: str = "") -> ModuleValue:
    """A module that has not run yet."""
    base = os.path.basename(path)
    if not name:
        name = os.path.basename(os.path.dirname(path)) if base == "__init__.py" else base.removesuffix(".py")
    module = ModuleValue(name, path, None, source, base == "__init__.py")  # type: ignore[arg-type]
    module.scope = Scope("module", module)
    return module


def module_attribute(run: Run, module: ModuleValue, name: str) -> Value:
    """``module.name``"""
    variables = module.scope.variables
    value = variables.get(name, UNBOUND)
    if isinstance(value, LazyImport):
        if value.module == module.path and value.name == name:
            # `from . import x` inside the package's own file.
            value = UNBOUND
        else:
            value = load(run, value)
            variables[name] = value
            return value
    if value is not UNBOUND:
        return (
            run.refine(value)
            if type(value) is Unknown or (hasattr(value, "values") and type(value).__name__ == "Choice")
            else value
        )
    path = run.project.submodule(module.path, name)
    if path is not None:
        found = load_module(run, path)
        if found is not None:
            return found
    found_name = missing_name(run, module, name)
    if found_name is not UNBOUND:
        return found_name
    if name == "__name__":
        return module.name
    if name == "__file__":
        return module.path
    run.uncertain += 1
    return Unknown(f"{module.name} has no {name} that attnlint sees", ("global", module.path, name), name)
