"""``contextvars.ContextVar``: a variable that is set for a while and then set back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.registry import MISSING, class_, python
from attnlint.values import Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

VARIABLE = PythonName("contextvars.ContextVar")
TOKEN = PythonName("contextvars.Token")

class_(VARIABLE.name, "object")
class_(TOKEN.name, "object")


@python("contextvars.ContextVar")
def context_variable(run: Run, node: Node, name: Value, /, **options: Value) -> Value:
    held = {"name": name, **({"default": options["default"]} if "default" in options else {})}
    return run.store.born(Instance(VARIABLE, held))


@python("contextvars.ContextVar.get")
def get(run: Run, node: Node, receiver: Value, default: Value = MISSING, /) -> Value:
    held = receiver.attributes
    for value in (held.get("value", MISSING), default, held.get("default", MISSING)):
        if value is not MISSING:
            return value
    return run.raise_error("LookupError", "a context variable has no value", node)


@python("contextvars.ContextVar.set")
def set_(run: Run, node: Node, receiver: Value, value: Value, /) -> Value:
    before = receiver.attributes.get("value", MISSING)
    run.store.set_attribute(receiver, "value", value)
    return Instance(TOKEN, {} if before is MISSING else {"old_value": before})


@python("contextvars.ContextVar.reset")
def reset(run: Run, node: Node, receiver: Value, token: Value, /) -> Value:
    before = token.attributes.get("old_value", MISSING) if isinstance(token, Instance) else MISSING
    if before is not MISSING:
        run.store.set_attribute(receiver, "value", before)
    elif isinstance(token, Instance):
        run.store.delete_attribute(receiver, "value")
    else:
        run.store.set_attribute(receiver, "value", run.fresh("what a context variable was before"))
    return None
