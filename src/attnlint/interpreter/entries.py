"""How a file is run: the module, then each class and function that was not reached, on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.algebra.effort import EFFORT
from attnlint.interpreter import global_state
from attnlint.interpreter.class_entries import enter_class_with_options, enter_classes
from attnlint.interpreter.demand import new_module
from attnlint.interpreter.entry import enter
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.function_entries import enter_function
from attnlint.interpreter.objects import (
    UNBOUND,
    ModuleValue,
)
from attnlint.interpreter.ownership import settle
from attnlint.interpreter.results import Analysis, AnalysisOptions, RawFinding, without_refused
from attnlint.interpreter.run import Run
from attnlint.interpreter.scopes import Frame
from attnlint.interpreter.statements import run_block
from attnlint.syntax import nodes
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.project import Project
    from attnlint.syntax import Source


def analyse(source: Source, project: Project, options: AnalysisOptions | None = None) -> Analysis:
    """Run a file in every way that it can be entered; what was found."""
    import sys

    options = options or AnalysisOptions()
    analysis = Analysis()
    run = Run(project, source, analysis, options)
    run.main = new_module(source.path, source, "__main__")
    if options.record_expressions:
        from attnlint.interpreter.recording import recording

        setattr(run, "evaluate", recording(run, run.evaluate))  # noqa: B010
    run.total = max(options.least_steps, options.steps_per_line * len(source.lines))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    if project.memory is not None:
        project.memory.start(run)
    try:
        enter(run, "module", lambda: _run_module(run, run.main), keep=True)
        if project.memory is not None:
            project.memory.begin(run)
        if not options.module_only:
            global_state.forget(run)
            enter_classes(run)
            # All options open is much work for little: every class has had its turn before.
            for cls in reversed(run.classes) if not options.record_bindings else list(run.classes):
                enter_class_with_options(run, cls)
            for function in list(run.functions):
                enter_function(run, function)
        if project.memory is not None:
            project.memory.end()
    finally:
        sys.setrecursionlimit(limit)
        run.store.undo_to(0)
    analysis.findings = [_with_witness(run, finding) for finding in without_refused(analysis.findings)]
    analysis.dependencies = project.used_by(run.main)
    analysis.figures = {"steps": run.spent}
    return analysis


def _with_witness(run: Run, finding: RawFinding) -> RawFinding:
    try:
        return finding.with_witness()
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.debug.append(f"no witness: {type(error).__name__}: {error}")
        return finding


def run_imported(run: Run, module: ModuleValue, index: int | None) -> None:
    """Run a top-level statement of another file, or all of them, with a state of its own."""
    _apart(run, module, lambda inner: _run_module(inner, module, index))


def run_apart(run: Run, module: ModuleValue, body: Callable[[Run], Value]) -> Value:
    """What ``body`` comes to among the global names of another file, with a state of its own; UNBOUND if it raises."""
    found: list[Value] = []

    def within(inner: Run) -> None:
        inner.frames.append(Frame(module.scope, None, None, inner.store.depth))
        inner.scope, inner.frame = module.scope, inner.frames[-1]
        found.append(body(inner))

    _apart(run, module, within)
    return found[0] if found else UNBOUND


def _apart(run: Run, module: ModuleValue, body: Callable[[Run], None]) -> None:
    inner = Run(run.project, module.source, Analysis(), run.options)
    inner.options = AnalysisOptions(strict=run.options.strict, steps=run.options.import_steps, depth=run.options.depth)
    inner.import_depth = run.import_depth + 1
    inner.total = inner.options.steps
    begun = EFFORT.spent
    run.project.importing += 1
    try:
        enter(inner, "import", lambda: body(inner), keep=True)
    finally:
        run.project.importing -= 1
    settle(inner, module)
    # Another file may have had it imported before: its algebra is not this file's.
    run.effort += EFFORT.spent - begun
    run.analysis.debug += inner.analysis.debug
    run.analysis.notes += [f"{module.path}: {note}" for note in inner.analysis.notes]


def _run_module(run: Run, module: ModuleValue, index: int | None = None) -> None:
    frame = Frame(module.scope, None, None, run.store.depth)
    run.frames.append(frame)
    run.scope, run.frame = module.scope, frame
    memory = run.project.memory if module is run.main else None
    body = module.source.body
    for statement in body if index is None else (body[index],):
        # What raises at the top level ends the program; what follows is still worth a look.
        try:
            signal = (
                run_block(run, (statement,))
                if memory is None
                else memory.statement(run, statement.id, lambda one=statement: run_block(run, (one,)))  # type: ignore[misc]
            )
            if signal is not None:
                break
        except Raised:
            run.stopped = run.stopped or statement.id
            if not isinstance(
                statement, nodes.FunctionDef | nodes.ClassDef | nodes.Import | nodes.ImportFrom | nodes.Assign
            ):
                continue
