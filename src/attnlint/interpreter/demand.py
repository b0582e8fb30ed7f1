"""Imported files are run by name: what a name depends on is run when the name is first read, and nothing else.

So what a name stands for does not depend on who asks first, nor on what else was asked for, and the files checked by
one process can share what was found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue, LazyImport, ModuleValue
from attnlint.interpreter.ownership import open_exposed
from attnlint.interpreter.scopes import Scope
from attnlint.interpreter.torch_names import CERTAIN_ROOTS
from attnlint.ops.registry import find_op
from attnlint.syntax import nodes
from attnlint.syntax.effects import STAR
from attnlint.syntax.walk import descendants
from attnlint.values import Choice, External, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax import Source

DEEPEST = 120
"""How deep reading a name of one file leads to reading a name of another."""


def load(run: Run, lazy: LazyImport, variables: dict[str, Value], name: str, reader: ModuleValue) -> Value:
    """What an imported name stands for, which was found in ``variables`` of the file ``reader``; it is kept there."""
    value: Value
    if _is_pending(reader, name, lazy) and reader is not run.main:
        run_for(run, reader, name)
        value = variables.get(name, UNBOUND)
        if _is_pending(reader, name, value):
            # Bound on no path, or in a circle.
            return UNBOUND
        if type(value) is LazyImport:
            return load(run, value, variables, name, reader)
        return optional_import(run, value, reader) if type(value) is Choice else value
    module = load_module(run, lazy.module)
    if module is None:
        run.uncertain += 1
        value = Unknown(f"{lazy.module} cannot be read", ("module", lazy.module, lazy.name), lazy.name or "")
    else:
        reader.uses.add(lazy.module)
        value = module if lazy.name is None else module_attribute(run, module, lazy.name)
    if reader is run.main or (module is not run.main and not _is_unsettled(module, lazy.name)):
        variables[name] = value
    return value


def optional_import(run: Run, choice: Choice, reader: ModuleValue) -> Value:
    """One of several values that a name was bound to on different paths, the imports among them looked up.

    Where a package that is not known has a stand-in for those who have not installed it, the stand-in is what is known
    of both: they take and return the same.
    """
    values = choice.values
    if any(type(each) is LazyImport for each in values):
        values = tuple(
            load(run, each, {}, each.name or "", reader) if type(each) is LazyImport else each for each in values
        )
    if any(_is_foreign(each) for each in values):
        known = tuple(each for each in values if isinstance(each, FunctionValue | ClassValue | TorchName))
        known = tuple(each for each in known if not _is_foreign(each))
        if known and len(known) + sum(map(_is_foreign, values)) == len(values):
            values = known
    if values is choice.values:
        return choice
    return values[0] if len(values) == 1 else Choice(values)


def _is_foreign(value: Value) -> bool:
    """Whether it is of a package that is not known, or a class that derives from such a one."""
    if isinstance(value, TorchName):
        return value.name.partition(".")[0] not in CERTAIN_ROOTS and find_op(value.name) is None
    return isinstance(value, External) or (
        isinstance(value, ClassValue) and any(isinstance(each, External) for each in value.mro)
    )


def _is_unsettled(module: ModuleValue | None, name: str | None) -> bool:
    """Whether the name will be bound by a statement that is being run right now, in a circle."""
    if module is None or name is None:
        return False
    return _is_pending(module, name, module.scope.variables.get(name, UNBOUND))


def _is_pending(module: ModuleValue, name: str, value: Value) -> bool:
    return type(value) is LazyImport and value.module == module.path and value.name == name


def load_module(run: Run, path: str) -> ModuleValue | None:
    """The module of a file, shared by all who import it; nothing of it has run yet."""
    project = run.project
    if run.main is not None and run.main.path == path:
        return _in_hand(run.main)
    known = project.modules.get(path)
    if known is not None:
        return known
    if not path.endswith(".py"):
        module = ModuleValue(os.path.basename(path), path, None)  # type: ignore[arg-type]
        module.scope = Scope("module", module)
        module.is_package = True
        project.modules[path] = module
        return module
    source = project.source(path)
    if source is None:
        return None
    module = project.modules[path] = new_module(path, source)
    if source.plan is None:
        from attnlint.interpreter.entries import run_imported

        run_imported(run, module, None)
    else:
        # Each name stands for itself until it is read.
        module.scope.variables.update((name, LazyImport(path, name)) for name in source.plan.names)
    return module


def _in_hand(main: ModuleValue) -> ModuleValue:
    """The checked file as an object: whoever has it may look at any name of it."""
    if main.source.reads is not None:
        main.source.reads.is_all = True
    return main


def loaded_module(run: Run, name: str) -> ModuleValue | None:
    """``sys.modules[name]``, where that is a file of the project."""
    main = run.main
    if main is not None and name == main.name:
        return _in_hand(main)
    path = run.project.find(name, run.scope.module.path)
    return None if path is None else load_module(run, path)


def new_module(path: str, source: Source, name: str = "") -> ModuleValue:
    """A module that has not run yet."""
    base = os.path.basename(path)
    if not name:
        name = _dotted_name(path)
    module = ModuleValue(name, path, None, source, base == "__init__.py")  # type: ignore[arg-type]
    module.scope = Scope("module", module)
    return module


def _dotted_name(path: str) -> str:
    """The name that a file has as a module, its packages before it."""
    folder, base = os.path.split(path)
    parts = [] if base == "__init__.py" else [base.removesuffix(".py")]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.append(package)
    return ".".join(reversed(parts)) or os.path.basename(folder)


def run_for(run: Run, module: ModuleValue, name: str) -> None:
    """Run the statements of an imported file that a name depends on, in the order of the file."""
    if module.source is None or module.source.plan is None:
        return
    needed: list[int] = module.source.plan.needed(name, module.done)
    module.due.update(needed)
    running = module.running
    if run.import_depth >= DEEPEST:
        return
    from attnlint.interpreter.entries import run_imported

    while module.due:
        index = min(module.due)
        # Inside of a statement only what stands before it; what comes later runs when it has ended.
        if running is not None and index > running:
            break
        module.due.remove(index)
        module.done.add(index)
        module.running = index
        try:
            run_imported(run, module, index)
        except BaseException:
            # An editor does not want to know any more; it may later.
            module.done.discard(index)
            raise
        finally:
            module.running = running
    if needed and running is None and module.source.plan.exposed:
        open_exposed(module)


def module_attribute(run: Run, module: ModuleValue, name: str) -> Value:
    """``module.name``"""
    variables = module.scope.variables
    value = variables.get(name, UNBOUND)
    if _is_pending(module, name, value):
        if module is not run.main:
            run_for(run, module, name)
            value = variables.get(name, UNBOUND)
        if _is_pending(module, name, value):
            # `from . import x` inside the package's own file, a name that is bound on no path, or a circle.
            value = UNBOUND
    if type(value) is LazyImport:
        return load(run, value, variables, name, module)
    if value is not UNBOUND:
        if type(value) is Choice:
            value = optional_import(run, value, module)
        return run.refine(value) if type(value) is Unknown or type(value) is Choice else value
    path = run.project.submodule(module.path, name)
    if path is not None:
        found = load_module(run, path)
        if found is not None:
            module.uses.add(path)
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


def missing_name(run: Run, module: ModuleValue, name: str) -> Value:
    """A name that nothing binds: it may come from ``from x import *``."""
    from attnlint.interpreter import imports

    variables = module.scope.variables
    run_stars(run, module)
    value = variables.get(name, UNBOUND)
    if type(value) is LazyImport and not _is_pending(module, name, value):
        return load(run, value, variables, name, module)
    found = imports.from_star(run, module, name)
    return _declared(run, module, name) if found is UNBOUND else found


def _declared(run: Run, module: ModuleValue, name: str) -> Value:
    """What a file that makes up its names on demand says they are, in the imports that it has for type checkers."""
    plan = module.source.plan if module.source is not None and module is not run.main else None
    if plan is None or not plan.makes_up_names or not (name in plan.declared or STAR in plan.declared):
        return UNBOUND
    for node in declared_imports(module):
        path = run.project.find_relative(module.path, node.level, node.module) if node.level else None
        if path is None:
            continue
        for imported in node.names:
            lazy = LazyImport(path, name if imported.name == STAR else imported.name)
            if (imported.alias or imported.name) == name or (imported.name == STAR and _offers(run, path, name)):
                return load(run, lazy, module.scope.variables, name, module)
    return UNBOUND


def declared_imports(module: ModuleValue) -> Iterator[nodes.ImportFrom]:
    """The imports of a file that run for type checkers alone, those that name a file by its place."""
    for index in module.source.plan.declaring():
        for node in descendants(module.source.body[index]):
            if isinstance(node, nodes.ImportFrom):
                yield node


def _offers(run: Run, path: str, name: str) -> bool:
    """Whether a star import of a file binds a name."""
    from attnlint.interpreter import imports

    module = load_module(run, path)
    return module is not None and name in imports.public_names(run, module)


def run_stars(run: Run, module: ModuleValue) -> None:
    """Let the star imports of an imported file bind what they bind."""
    if module is not run.main:
        run_for(run, module, STAR)
