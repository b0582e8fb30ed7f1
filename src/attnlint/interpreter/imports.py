"""Import statements: what they bind. The file that a name comes from is run when the name is read (``demand``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter import demand, library, torch_names
from attnlint.interpreter.library.registry import MISSING as ABSENT
from attnlint.interpreter.library.registry import find_constant
from attnlint.interpreter.objects import UNBOUND, LazyImport, ModuleValue
from attnlint.interpreter.scopes import bind_name
from attnlint.syntax import nodes
from attnlint.values import Choice, External, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


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
    path = run.project.stub(dotted)
    if path is not None:
        return LazyImport(path, None)
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
        stub = stub_of(run, base)
        return torch_names.attribute(base, name) if stub is None else LazyImport(stub, name)
    if isinstance(base, PythonName):
        constant = find_constant(f"{base.name}.{name}")
        return PythonName(f"{base.name}.{name}") if constant is ABSENT else constant
    run.uncertain += 1
    return External(f"{base.name}.{name}")


def stub_of(run: Run, name: TorchName) -> str | None:
    """The file of the part of torch that is written in Python for the interpreter to run: ``torch.distributions``."""
    return run.project.stub("torch_distributions") if name.name.startswith("torch.distributions") else None


def _star(run: Run, base: Value) -> None:
    importer = run.scope.module
    variables = importer.scope.variables
    if isinstance(base, LazyImport):
        module = demand.load_module(run, base.module)
        if module is not None:
            importer.uses.add(base.module)
            for name in public_names(run, module):
                if not _is_bound_later(run, importer, name):
                    bind_name(run, name, LazyImport(base.module, name))
            base = module
    inherited = _stars(base.scope.variables) if isinstance(base, ModuleValue) else (base,)
    if inherited:
        run.store.put(variables, "*", (*_stars(variables), *inherited))


def _stars(variables: dict[str, Value]) -> tuple[Value, ...]:
    """What a file took all names of, and is not in the project; on any path, where paths have met."""
    found = variables.get("*", ())
    if type(found) is not Choice:
        return found if type(found) is tuple else ()
    each = (base for bases in found.values if type(bases) is tuple for base in bases)
    return tuple(dict.fromkeys(each))


def public_names(run: Run, module: ModuleValue) -> list[str]:
    """The names that a star import takes from a module of the project."""
    demand.run_stars(run, module)
    if "__all__" in module.scope.variables:
        listed = run.iterate(demand.module_attribute(run, module, "__all__"), nodes.Node(0))
        if listed is not None:
            return [name for name in listed if isinstance(name, str)]
    return [name for name in module.scope.variables if not name.startswith("_") and name != "*"]


def _is_bound_later(run: Run, module: ModuleValue, name: str) -> bool:
    """Whether the importing file, which is run by name, binds a name itself after the star import that is running."""
    if module is run.main or module.source is None or module.source.plan is None or module.running is None:
        return False
    later: bool = module.source.plan.is_star_overridden(name, module.running)
    return later


def from_star(run: Run, module: ModuleValue, name: str) -> Value:
    """What a name stands for that may come from ``from x import *`` of what is not in the project."""
    for base in _stars(module.scope.variables):
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
