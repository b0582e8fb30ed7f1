"""``contextlib``: context managers of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.instance_checks import is_instance_of_any
from attnlint.interpreter.library.registry import class_, harmless, python
from attnlint.interpreter.objects import FunctionValue
from attnlint.values import Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

for _name in (
    "nullcontext",
    "suppress",
    "closing",
    "ExitStack",
    "AbstractContextManager",
    "ContextDecorator",
    "redirect_stdout",
):
    class_(f"contextlib.{_name}", "object")


@python("contextlib.contextmanager")
def contextmanager(run: Run, node: Node, function: Value, /) -> Value:
    if not isinstance(function, FunctionValue):
        return run.unknown("a context manager")
    function.manages_context = True
    return function


@python("contextlib.nullcontext")
def nullcontext(run: Run, node: Node, enter_result: Value = None) -> Value:
    return Instance(PythonName("contextlib.nullcontext"), {"enter_result": enter_result})


@python("contextlib.nullcontext.__enter__")
def nullcontext_enter(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver.attributes["enter_result"]


@python("contextlib.suppress")
def suppress(run: Run, node: Node, /, *exceptions: Value) -> Value:
    return Instance(PythonName("contextlib.suppress"), {"_exceptions": exceptions})


@python("contextlib.suppress.__exit__")
def suppress_exit(
    run: Run, node: Node, receiver: Value, kind: Value = None, error: Value = None, trace: Value = None, /
) -> Value:
    if kind is None and error is None:
        return False
    answer = is_instance_of_any(run, error, receiver.attributes["_exceptions"])
    return run.unknown("whether an exception is suppressed", kind="bool") if answer is None else answer


@python("contextlib.closing")
def closing(run: Run, node: Node, thing: Value, /) -> Value:
    return nullcontext(run, node, thing)


@python("contextlib.redirect_stdout", "contextlib.redirect_stderr", "contextlib.chdir")
def redirect(run: Run, node: Node, target: Value, /) -> Value:
    return nullcontext(run, node, target)


@python("contextlib.ExitStack")
def exit_stack(run: Run, node: Node, /) -> Value:
    return Instance(PythonName("contextlib.ExitStack"))


@python("contextlib.suppress.__enter__", "contextlib.ExitStack.__enter__")
def enter_self(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver


@python("contextlib.nullcontext.__exit__")
def keep_raising(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return False


@python("contextlib.ExitStack.__exit__")
def exit_stack_exit(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return run.unknown("whether an exception is suppressed", kind="bool")


@python("contextlib.ExitStack.enter_context")
def enter_context(run: Run, node: Node, receiver: Value, manager: Value, /) -> Value:
    return run.call(run.attribute(manager, "__enter__", node), (), {}, node)


@python("contextlib.ExitStack.callback", "contextlib.ExitStack.push", "contextlib.ExitStack.close")
def exit_stack_push(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return arguments[0] if arguments else None


harmless("contextlib", lambda run, name: run.unknown(f"the result of {name}"))
