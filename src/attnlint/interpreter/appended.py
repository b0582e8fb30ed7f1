"""Lists that a loop of many rounds appends to: one element a round, so how long they are afterwards is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression
from attnlint.interpreter import list_identity
from attnlint.interpreter.objects import OpenList
from attnlint.interpreter.widening import one_of_many
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import ListValue, Repeated, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Appended = dict[str, tuple[Value, Dim]]
"""By name: the list that a loop appends to once a round, and how many elements it had before."""


def lists_of(run: Run, node: nodes.For) -> Appended:
    """The lists that every round of a loop appends one element to, and does nothing else with."""
    found: Appended = {}
    for statement in node.body:
        name = _appended_to(statement)
        value = run.scope.variables.get(name) if name else None
        length = len(value.items) if isinstance(value, ListValue) else None
        if length is not None and _is_spoken_of_once(node, name) and _is_changed_here_alone(run, name):
            found[name] = (value, length)
    return found


MOST_LISTED = 64
"""Up to so many elements of a list are told apart."""


def note_elements(run: Run, lists: Appended, rounds: Dim | None) -> None:
    """Before the last round of a loop, which is for another batch than the others: what it appends is one of them."""
    if not isinstance(rounds, int) or rounds > MOST_LISTED:
        return
    for name, (value, before) in lists.items():
        if run.scope.variables.get(name) is value and isinstance(value, OpenList) and before == 0:
            element = value.items.element
            if isinstance(element, Tensor) and element.shape.rest is None and one_of_many(run, element) is element:
                known = run.store.born(ListValue([element] * rounds))
                list_identity.replace_everywhere(run, value, known)


def note_lengths(run: Run, lists: Appended, rounds: Dim | None) -> None:
    """After a loop of that many rounds, in each of which the body ran to its end."""
    if not isinstance(rounds, int | Expression):
        return
    for name, (value, before) in lists.items():
        if run.scope.variables.get(name) is value and isinstance(value, OpenList):
            known = Repeated("list", value.items.element, before + rounds, first=value.items.first)
            list_identity.replace_everywhere(run, value, known)


def _appended_to(statement: nodes.Node) -> str:
    """The name in ``name.append(x)``."""
    call = statement.value if isinstance(statement, nodes.ExpressionStatement) else None
    if not (isinstance(call, nodes.Call) and isinstance(call.function, nodes.Attribute)):
        return ""
    holder = call.function.value
    is_append = call.function.name == "append" and len(call.arguments) == 1
    return holder.name if is_append and isinstance(holder, nodes.Name) else ""


def _is_spoken_of_once(node: nodes.For, name: str) -> bool:
    spoken = [each for part in (node.target, *node.body) for each in descendants(part) if isinstance(each, nodes.Name)]
    return sum(each.name == name for each in spoken) == 1


def _is_changed_here_alone(run: Run, name: str) -> bool:
    """A list of the file itself may be appended to by the functions that the loop calls."""
    if run.scope.kind != "module":
        return True
    change = rf"\b{re.escape(name)}\s*(?:\.\s*(?:append|extend|insert|pop)\b|\+=)"
    return run.source.holds(re.compile(change)) and not run.source.holds(re.compile(rf"{change}(?s:.*){change}"))
