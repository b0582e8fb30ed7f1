"""Expressions: one function a kind of node, found by the node's class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Shape
from attnlint.interpreter import (
    assignment,
    attributes,
    calls,
    comparisons,
    comprehensions,
    generators,
    operations,
    operators,
    subscripts,
)
from attnlint.interpreter.conditions import Split, asked, assume, condition, negated, split, truth
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import capture, fork_values, meet, record_raise
from attnlint.interpreter.library import text_methods
from attnlint.interpreter.objects import UNBOUND, Condition, FunctionValue, OpenDict, OpenList
from attnlint.interpreter.scopes import read_name
from attnlint.syntax import nodes
from attnlint.values import (
    Choice,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    Repeated,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def _constant(run: Run, node: nodes.Constant) -> Value:
    return node.value


def _name(run: Run, node: nodes.Name) -> Value:
    scope = run.scope
    value = scope.variables.get(node.name, UNBOUND)
    if type(value) in _PLAIN and scope.parent is not None and not scope.global_names:
        return value
    return read_name(run, node.name)


_PLAIN = frozenset({Tensor, int, str, bool, float, type(None), tuple, Instance, ListValue, DictValue, Expression})
"""What a variable of the running function holds mostly, and a path knows no more of than it shows."""


def _attribute(run: Run, node: nodes.Attribute) -> Value:
    return attributes.get_attribute(run, run.evaluate(node.value), node.name, node)


def _subscript(run: Run, node: nodes.Subscript) -> Value:
    value = run.evaluate(node.value)
    index = run.evaluate(node.index)
    if type(value) is tuple and type(index) is int and not -len(value) <= index < len(value):
        from attnlint.interpreter.iteration import shape_source

        tensor = shape_source(run, node.value)
        if tensor is not None and tensor.shape.rank == len(value):
            holder = node.value.value if isinstance(node.value, nodes.Attribute) else node.value
            subscripts.out_of_range(run, tensor, len(value), index, node, holder)
            return run.fresh("the size of an axis that is not there", kind="int")
    return subscripts.get_item(run, value, index, node)


def _slice(run: Run, node: nodes.Slice) -> Value:
    parts = [None if part is None else run.evaluate(part) for part in (node.lower, node.upper, node.step)]
    return slice(*(run.facts.normal(part) if type(part) is Expression else part for part in parts))


def _binary(run: Run, node: nodes.Binary) -> Value:
    # A long sum is deep on its left: go down that spine without recursion.
    spine: list[nodes.Binary] = [node]
    left: nodes.Expression = node.left
    while type(left) is nodes.Binary:
        spine.append(left)
        left = left.left
    value = run.evaluate(left)
    for each in reversed(spine):
        value = operators.binary(run, each.operator, value, run.evaluate(each.right), each)
    return value


def _unary(run: Run, node: nodes.Unary) -> Value:
    return operators.unary(run, node.operator, run.evaluate(node.operand), node)


def _compare(run: Run, node: nodes.Compare) -> Value:
    left = run.evaluate(node.first)
    parts: list[Value] = []
    for operator, other in zip(node.operators, node.others, strict=True):
        right = run.evaluate(other)
        value = comparisons.compare(run, operator, left, right, node)
        if len(node.operators) == 1:
            return value
        decided = truth(run, value, node)
        if decided is False:
            return False
        if decided is None:
            parts.append(value)
        left = right
    if not parts:
        return True
    return parts[0] if len(parts) == 1 else condition("and", tuple(parts))


def _boolean(run: Run, node: nodes.Boolean) -> Value:
    return _chain(run, node, 0)


def _chain(run: Run, node: nodes.Boolean, start: int) -> Value:
    is_or = node.operator == "or"
    last = len(node.values) - 1
    for index in range(start, len(node.values)):
        operand = node.values[index]
        value = run.evaluate(operand)
        if index == last:
            return value
        decided = asked(run, value, operand)
        if decided is not None:
            if decided is is_or:
                return value
            continue
        return _undecided_chain(run, node, index, value, is_or)
    return None


def _undecided_chain(run: Run, node: nodes.Boolean, index: int, value: Value, is_or: bool) -> Value:
    base = run.facts
    outcomes = []
    error: Raised | None = None
    results: list[Value] = []
    for stops in (True, False):
        mark = run.store.push()
        run.facts = base.fork()
        try:
            if not assume(run, value, is_or if stops else not is_or):
                continue
            try:
                result = _stopped(run, value, is_or) if stops else _chain(run, node, index + 1)
            except Raised as raised:
                error = raised
                record_raise(run, raised)
                continue
            results.append(result)
            outcomes.append(capture(run, mark, result))
        finally:
            run.store.undo_to(mark)
            run.facts = base
    if not outcomes:
        if error is None:
            return run.fresh("a condition that contradicts itself", kind="bool")
        raise error
    joined = meet(run, outcomes)
    if len(results) == 2 and _is_bool(value) and _is_bool(results[1]):
        # What it asks is kept, so that a branch on it learns as much as one on the operands would.
        if results[1] is is_or:
            return is_or
        if isinstance(results[1], bool):
            return value
        return condition("or" if is_or else "and", (value, results[1]))
    return joined


def _is_bool(value: Value) -> bool:
    return isinstance(value, bool) or (isinstance(value, Unknown) and value.kind == "bool")


def _stopped(run: Run, value: Value, holds: bool) -> Value:
    """The value of an operand at which a chain stopped: it is true (or not)."""
    if isinstance(value, Condition):
        return holds
    if isinstance(value, Choice):
        rest = tuple(each for each in value.values if truth(run, each) in (holds, None))
        return rest[0] if len(rest) == 1 else value.only(rest) if rest else value
    if isinstance(value, Unknown):
        if value.kind == "bool":
            return holds
        refined = run.refine(value)
        return replace(refined, optional=False) if holds and type(refined) is Unknown and refined.optional else refined
    return value


def _conditional(run: Run, node: nodes.Conditional) -> Value:
    found = split(run, node.test)
    if type(found) is Split:
        return fork_values(
            run, [(found.yes, lambda: run.evaluate(node.body)), (found.no, lambda: run.evaluate(node.orelse))]
        )
    return run.evaluate(node.body if found else node.orelse)


def _display(run: Run, node: nodes.Display) -> Value:
    items: list[Value] = []
    for element in node.elements:
        if type(element) is nodes.Starred:
            value = run.evaluate(element.value)
            more = run.iterate(value, element)
            if more is None:
                return _open_display(run, node, items, value)
            items += more
        else:
            items.append(run.evaluate(element))
    if node.kind == "tuple":
        return tuple(items)
    if node.kind == "list":
        return run.store.born(ListValue([run.keyed(item) for item in items]))
    return _set_of(run, items)


def _set_of(run: Run, items: list[Value]) -> Value:
    from attnlint.interpreter.library.keys import is_certain_key

    if all(is_certain_key(item) for item in items):
        return run.store.born(SetValue(set(items)))
    return run.fresh("a set whose elements are not known", kind="set")


def _open_display(run: Run, node: nodes.Display, items: list[Value], value: Value) -> Value:
    """``(*shape, 3)`` of a shape of unknown rank, or a sequence of unknown length."""
    from attnlint.interpreter.joins import common_element

    position = len(items) + 1
    after: list[Value] = []
    loose = False
    for element in node.elements[position:]:
        if type(element) is nodes.Starred:
            more = run.iterate(run.evaluate(element.value), element)
            loose = loose or more is None
            after += more or []
        else:
            after.append(run.evaluate(element))
    if isinstance(value, Shape) and not items and not loose and all(_is_size(each) for each in after):
        return Shape((*value.dims, *after), value.rest)
    from attnlint.interpreter.iteration import element_like

    element_value = common_element(run, [*items, element_like(run, value, node), *after])
    return Repeated("list" if node.kind == "list" else "tuple", element_value)


def _is_size(value: Value) -> bool:
    return isinstance(value, int | Expression) and not isinstance(value, bool)


def _dict_display(run: Run, node: nodes.DictDisplay) -> Value:
    from attnlint.interpreter.library.keys import is_certain_key

    result = run.store.born(DictValue({}))
    open_value: Value = None
    is_open = False
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = run.evaluate(value_node)
        if key_node is None:
            if isinstance(value, DictValue):
                result.items.update(value.items)
            elif isinstance(value, OpenDict):
                result.items.update(value.items)
                is_open, open_value = True, value.default_factory
            elif isinstance(value, Instance) and isinstance(value.attributes.get("items"), DictValue):
                result.items.update(value.attributes["items"].items)
            else:
                is_open, open_value = True, run.unknown("an item of a dict that is not known")
            continue
        key = run.evaluate(key_node)
        if is_certain_key(key):
            result.items[key] = run.keyed(value)
        else:
            is_open, open_value = True, run.unknown("an item of a dict whose keys are not known")
    if is_open:
        return OpenDict(result.items, open_value)
    return result


def _formatted_string(run: Run, node: nodes.FormattedString) -> Value:
    parts: list[str] = []
    known = True
    for part in node.parts:
        if type(part) is nodes.Constant:
            parts.append(str(part.value))
            continue
        assert isinstance(part, nodes.Formatted)
        value = run.evaluate(part.value)
        text = _formatted(run, part, value)
        known = known and text is not None
        parts.append(text or "")
    if known:
        return "".join(parts)
    return run.fresh("a text that depends on what is not known", kind="str")


def _formatted(run: Run, part: nodes.Formatted, value: Value) -> str | None:
    specification = "" if part.format is None else _formatted_string(run, part.format)
    if not isinstance(specification, str) or isinstance(value, Choice):
        return None
    text = text_methods.formatted(run, value, part.conversion, specification, part)
    return text if isinstance(text, str) else None


def _starred(run: Run, node: nodes.Starred) -> Value:
    return run.evaluate(node.value)


def _walrus(run: Run, node: nodes.Walrus) -> Value:
    value = run.keyed(run.evaluate(node.value))
    assignment.assign(run, node.target, value, node.value)
    return value


def _yield(run: Run, node: nodes.Yield) -> Value:
    value = None if node.value is None else run.evaluate(node.value)
    frame = run.frame
    if frame.yields is None:
        return None
    if node.is_from:
        items = run.iterate(value, node)
        if items is None:
            frame.yields_known = False
        else:
            frame.yields += items
        return None
    if run.forked(frame):
        frame.yields_known = False
    frame.yields.append(run.keyed(value))
    if len(frame.yields) > generators.MOST_ITEMS:
        frame.yields_known = False
    return None


def _await(run: Run, node: nodes.Await) -> Value:
    return run.evaluate(node.value)


def _lambda(run: Run, node: nodes.Lambda) -> Value:
    function = FunctionValue(node, run.scope, run.scope.module, "<lambda>", defaults_of(run, node.parameters))
    run.scope.keep()
    return run.store.born(function)


def defaults_of(run: Run, parameters: tuple[nodes.Parameter, ...]) -> dict[str, Value]:
    """The defaults of a function's parameters, evaluated now."""
    return {
        parameter.name: run.keyed(run.evaluate(parameter.default))
        for parameter in parameters
        if parameter.default is not None
    }


def _opaque(run: Run, node: nodes.Opaque) -> Value:
    run.uncertain += 1
    return run.fresh(node.reason)


EXPRESSIONS: dict[type[Any], Callable[[Run, Any], Value]] = {
    nodes.Constant: _constant,
    nodes.Name: _name,
    nodes.Attribute: _attribute,
    nodes.Subscript: _subscript,
    nodes.Slice: _slice,
    nodes.Call: calls.evaluate_call,
    nodes.Binary: _binary,
    nodes.Unary: _unary,
    nodes.Compare: _compare,
    nodes.Boolean: _boolean,
    nodes.Conditional: _conditional,
    nodes.Display: _display,
    nodes.DictDisplay: _dict_display,
    nodes.Comprehension: comprehensions.comprehension,
    nodes.FormattedString: _formatted_string,
    nodes.Starred: _starred,
    nodes.Walrus: _walrus,
    nodes.Yield: _yield,
    nodes.Await: _await,
    nodes.Lambda: _lambda,
    nodes.Opaque: _opaque,
}

__all__ = ["EXPRESSIONS", "NamedTuple", "OpenList", "Tensor", "negated", "operations"]
