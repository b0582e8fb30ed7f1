"""``try`` and ``with``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attnlint.interpreter import assignment, classes, library
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.foreign_paths import MACHINE
from attnlint.interpreter.forks import ENDED, RETURN, Signal, capture, enter, fork_blocks, joined, record_raise
from attnlint.interpreter.objects import UNBOUND, ModuleValue
from attnlint.interpreter.scopes import Outcome, bind_name
from attnlint.ops.devices import DEVICE
from attnlint.syntax import nodes
from attnlint.values import BoundMethod, Choice, External, Instance, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


@dataclass(slots=True)
class Attempt:
    """A ``try`` whose body is running."""

    mark: int
    module: ModuleValue
    handler: nodes.Handler | None
    """The clause that would catch what torch raises."""
    raises: list[Outcome] = field(default_factory=list)
    """Paths that ended in an exception; the value is the exception."""


TORCH_ERRORS = (
    "RuntimeError",
    "Exception",
    "BaseException",
    "ValueError",
    "IndexError",
    "AssertionError",
    "TypeError",
    "StandardError",
)


def run_try(run: Run, node: nodes.Try) -> Signal:
    """``try``"""
    signal = _try_and_handlers(run, node) if node.handlers else _protected(run, node)
    return signal


def _protected(run: Run, node: nodes.Try) -> Signal:
    """``try: ... finally: ...``"""
    from attnlint.interpreter.statements import run_block

    try:
        signal = run_block(run, node.body)
    except Raised:
        run_block(run, node.finalbody)
        raise
    return _finally(run, node, signal)


def _finally(run: Run, node: nodes.Try, signal: Signal) -> Signal:
    from attnlint.interpreter.statements import run_block

    if not node.finalbody or signal == ENDED:
        return signal
    value = run.frame.value
    last = run_block(run, node.finalbody)
    if last is not None:
        return last
    if signal == RETURN:
        run.frame.value = value
    return signal


def _try_and_handlers(run: Run, node: nodes.Try) -> Signal:
    from attnlint.interpreter.statements import run_block

    catching = next((each for each in node.handlers if _catches_torch(run, each)), None)
    attempt = Attempt(run.store.push(), run.scope.module, catching)
    base = run.facts
    run.facts = base.fork()
    uncertain = run.uncertain
    run.tries.append(attempt)
    signal: Signal = None
    raised: Raised | None = None
    try:
        try:
            signal = run_block(run, node.body)
        except Raised as error:
            raised = error
            raised.leave_frames()
        finally:
            run.tries.pop()
        if raised is not None:
            attempt.raises.append(capture(run, attempt.mark, raised.value))
        through = None if raised is not None else capture(run, attempt.mark)
    except BaseException:
        run.store.commit_to(attempt.mark - 1)
        raise
    may_raise = run.uncertain != uncertain
    if through is not None and not may_raise and not attempt.raises:
        run.store.commit_to(attempt.mark - 1)
        if signal is None and node.orelse:
            signal = run_block(run, node.orelse)
        return _finally(run, node, signal)
    if signal is not None and signal != ENDED:
        _record(run, signal)
    written = run.store.changes(attempt.mark)
    run.store.undo_to(attempt.mark)
    run.facts = base
    branches = []
    if through is not None and signal is None:
        branches.append((through, lambda: _else_and_finally(run, node)))
    starts = list(attempt.raises)
    if may_raise and through is not None:
        # Somewhere in the body: each location as before, or as after it.
        start = joined(run, [Outcome({}, base.fork()), Outcome(written, base.fork())])
        starts.append(Outcome(start.delta, base.fork(), Unknown("what was raised in a try", None, "error")))
        if not attempt.raises and _only_imports(run, node):
            # One way or the other, for the whole run of the program.
            slot = ("truth", (MACHINE, "imports", run.scope.module.path, node.id))
            for state, comes_through in ((through, True), (starts[-1], False)):
                knowledge = run.store.knowledge
                state.delta[id(knowledge), slot] = (knowledge, slot, comes_through)
    for start in starts:
        branches += _handler_branches(run, node, start)
    if not branches:
        if raised is not None and through is None:
            run.store.apply(attempt.raises[-1].delta)
            _finally(run, node, None)
            raise raised
        return ENDED
    try:
        return fork_blocks(run, branches)
    except Raised:
        if signal is not None:
            return ENDED
        raise


def _only_imports(run: Run, node: nodes.Try) -> bool:
    """Whether the body of a module's ``try`` can raise only for what is not installed."""
    if run.scope.kind != "module":
        return False
    plain = (nodes.Import, nodes.ImportFrom, nodes.Assign, nodes.ClassDef, nodes.FunctionDef)
    return isinstance(node.body[0], nodes.Import | nodes.ImportFrom) and all(
        isinstance(each, plain) for each in node.body
    )


def _record(run: Run, signal: Signal) -> None:
    from attnlint.interpreter.forks import _record_end

    _record_end(run, signal)


def _else_and_finally(run: Run, node: nodes.Try) -> Signal:
    from attnlint.interpreter.statements import run_block

    return _finally(run, node, run_block(run, node.orelse) if node.orelse else None)


def _handler_branches(run: Run, node: nodes.Try, start: Outcome) -> list[tuple[Outcome, Callable[[], Signal]]]:
    branches: list[tuple[Outcome, Callable[[], Signal]]] = []
    for handler in node.handlers:
        match: bool | None = True
        if handler.exception is not None:
            cls = run.evaluate(handler.exception)
            match = (
                classes.exception_matches(run, Raised(start.value), cls)
                if not isinstance(cls, Unknown | External)
                else None
            )
        if match is False:
            continue
        state = Outcome(dict(start.delta), start.facts.fork(), start.value)
        branches.append((state, _handler_body(run, node, handler, start.value)))
        if match is True:
            break
    return branches


def _handler_body(run: Run, node: nodes.Try, handler: nodes.Handler, value: Value) -> Callable[[], Signal]:
    from attnlint.interpreter.statements import run_block

    def body() -> Signal:
        if handler.name:
            bind_name(run, handler.name, run.keyed(value))
        run.conditions.append((handler, True, run.scope.module))
        try:
            signal = run_block(run, handler.body)
        except Raised:
            if node.finalbody:
                run_block(run, node.finalbody)
            raise
        finally:
            run.conditions.pop()
        return _finally(run, node, signal)

    return body


def _catches_torch(run: Run, handler: nodes.Handler) -> bool:
    """Whether an ``except`` clause catches what torch raises."""
    if handler.exception is None:
        return True
    return any(name in TORCH_ERRORS for name in _names(handler.exception))


def _names(node: nodes.Expression) -> list[str]:
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Attribute):
        return [node.name]
    if isinstance(node, nodes.Display):
        return [name for each in node.elements for name in _names(each)]
    return []


# --- with
# -----------------------------------------------------------------------------------------------------------------

RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "suppress", "assertRaisesRegexp", "warns_or_raises"})


def run_with(run: Run, node: nodes.With) -> Signal:
    """``with``"""
    return _with_items(run, node, 0)


def _with_items(run: Run, node: nodes.With, index: int) -> Signal:
    from attnlint.interpreter.statements import run_block

    if index == len(node.items):
        return run_block(run, node.body)
    item = node.items[index]
    expects = _expects_error(item.context)
    context = run.evaluate(item.context)
    value = _entered(run, context, node)
    if item.target is not None:
        assignment.assign(run, item.target, run.keyed(value), item.context)
    if not expects:
        opens = _may_choose_device(context)
        run.contexts_open += opens
        try:
            signal = _with_items(run, node, index + 1)
        finally:
            run.contexts_open -= opens
        _leave(run, context, node)
        return signal
    run.quiet += 1
    attempt = Attempt(run.store.push(), run.scope.module, None)
    base = run.facts
    run.facts = base.fork()
    run.tries.append(attempt)
    signal = None
    uncertain = run.uncertain
    try:
        signal = _with_items(run, node, index + 1)
    except Raised as error:
        if run.uncertain == uncertain and not attempt.raises:
            # Nothing else could have raised: this is where the body stops.
            run.store.commit_to(attempt.mark - 1)
            return None
        record_raise(run, error)
    finally:
        run.quiet -= 1
        run.tries.pop()
    written = run.store.changes(attempt.mark)
    if signal == RETURN:
        run.frame.returns.append(capture(run, run.frame.mark, run.frame.value))
    run.store.undo_to(attempt.mark)
    run.facts = base
    # Wherever the body stopped: each location as before, or as after it.
    enter(run, joined(run, [Outcome({}, base.fork()), Outcome(written, base.fork())]))
    return None


def _may_choose_device(context: Value) -> bool:
    """Whether tensors that are made inside a context may be made elsewhere than on the CPU."""
    if isinstance(context, Instance):
        return context.cls == DEVICE or classes.opaque_base(context.cls) is not None
    return not isinstance(context, TorchName)


def _expects_error(node: nodes.Expression) -> bool:
    if not isinstance(node, nodes.Call):
        return False
    function = node.function
    name = function.name if isinstance(function, nodes.Attribute | nodes.Name) else ""
    return name in RAISES


def _entered(run: Run, context: Value, node: nodes.With) -> Value:
    """What ``as`` binds."""
    if isinstance(context, Instance):
        if isinstance(context.cls, PythonName) and context.cls.name == "contextlib.generator":
            from attnlint.interpreter.generators import advance

            return advance(run, context.attributes["generator"], node, (run.fresh("what a context yields"),))
        method = classes.find_special(run, context, "__enter__")
        if method is not None:
            return run.call(method, (), {}, node)
        return context
    if isinstance(context, Choice):
        bound = [each for each in context.values if each is not UNBOUND]
        return run.fresh("what a context gives") if len(bound) != 1 else bound[0]
    if isinstance(context, TorchName | BoundMethod):
        return context
    return run.fresh("what a context gives")


def _leave(run: Run, context: Value, node: nodes.With) -> None:
    if isinstance(context, Instance) and not (
        isinstance(context.cls, PythonName) and context.cls.name == "contextlib.generator"
    ):
        method = classes.find_special(run, context, "__exit__")
        if method is not None:
            run.call(method, (None, None, None), {}, node)


__all__ = ["Attempt", "library", "run_try", "run_with"]
