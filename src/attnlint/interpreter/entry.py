"""One entry: code that is run under a budget of its own, and leaves nothing behind but what was found."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra.effort import EFFORT
from attnlint.interpreter.coverage import forget_coverage
from attnlint.interpreter.errors import BudgetSpent, Raised
from attnlint.interpreter.makers_given import note_unseen
from attnlint.interpreter.run import Run
from attnlint.syntax import nodes


def enter(
    run: Run, label: str, body: Callable[[], None], *, keep: bool = False, node: nodes.Node | None = None
) -> None:
    """Run an entry under its budget; whatever goes wrong ends only this entry. ``node`` is what it enters."""
    if run.total <= 0:
        note = "the budget of the file is spent: some classes or functions were not run"
        if note not in run.analysis.notes:
            run.analysis.notes.append(note)
        return
    if node is not None and run.project.memory is not None:
        run.project.memory.entry(run, label, node.id, lambda: _run_entry(run, label, body, keep, node))
    else:
        _run_entry(run, label, body, keep, node)


def _run_entry(run: Run, label: str, body: Callable[[], None], keep: bool, node: nodes.Node | None) -> None:
    run.entry = label
    run.steps = run.allowed = allowed = run.options.steps if keep else min(run.options.entry_steps, run.total)
    run.effort = EFFORT.spent
    if run.main is not None:
        run.analysis.entries.append(label)
    facts = run.facts
    mark = run.store.depth if keep else run.store.push()
    covered = None if keep else (set(run.covered), set(run.covered_functions))
    heard = run.heard
    run.heard = heard.copy()
    run.said.clear()
    run.configs_taken.clear()
    run.entry_configs.clear()
    run.made_configs.clear()
    if not keep:
        run.facts = facts.fork()
    try:
        body()
    except Raised:
        pass
    except BudgetSpent:
        run.analysis.notes.append(f"{label}: the budget is spent")
        if covered is not None and node is not None:
            forget_coverage(run, covered, node)
            note_unseen(run, node)
    except RecursionError:
        run.analysis.notes.append(f"{label}: nested too deep")
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.notes.append(f"{label}: {type(error).__name__}: {error}")
    finally:
        used = allowed - max(run.steps, 0)
        run.holds_defaults = False
        run.total -= 0 if keep else used
        run.spent += used
        if keep:
            run.store.commit_to(mark - 1)
        else:
            run.store.undo_to(mark)
            run.facts = facts
            run.heard = heard
        run.reset()
