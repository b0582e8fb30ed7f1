"""Assigning to targets: names, attributes, subscripts, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Symbol
from attnlint.frozen import replace
from attnlint.interpreter import attribute_writes, exchanged, iteration, subscripts
from attnlint.interpreter.results import Binding
from attnlint.interpreter.scopes import bind_in, bind_name
from attnlint.syntax import nodes
from attnlint.values import Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def assign(run: Run, target: Any, value: Value, source: nodes.Expression | None, *, local: bool = False) -> None:
    """``target = value``; ``source`` is the expression that the value comes from.

    ``target`` is an expression of ``nodes``, told apart by its exact class (which mypy does not follow).
    """
    kind = type(target)
    if kind is nodes.Name:
        value = named(run, value, target.name)
        if local:
            run.store.put(run.scope.variables, target.name, value)
        else:
            bind_name(run, target.name, value)
        if run.options.record_bindings:
            _record(run, target, value)
    elif kind is nodes.Display:
        values = iteration.unpack(run, value, target.elements, target, source)
        if run.trial is not None:
            values = exchanged.unpacked(run, run.trial, target, values)
        for element, each in zip(target.elements, values, strict=False):
            inner = element.value if type(element) is nodes.Starred else element
            if type(inner) is nodes.Name and type(each) is Expression:
                name_size(run, each, inner.name)
            assign(run, inner, run.keyed(each), None, local=local)
    elif kind is nodes.Attribute:
        holder = run.evaluate(target.value)
        if target.name == "data" and isinstance(holder, Tensor):
            _set_data(run, target.value, holder, value)
        else:
            attribute_writes.set_attribute(run, holder, target.name, value, target)
    elif kind is nodes.Subscript and (owner := attribute_writes.owner_of_dict(run, target.value)) is not None:
        key = run.evaluate(target.index)
        if isinstance(key, str):
            attribute_writes.set_attribute(run, owner, key, value, target)
        else:
            attribute_writes.set_unknown_attribute(run, owner, value, target.index)
    elif kind is nodes.Subscript:
        holder = run.evaluate(target.value)
        subscripts.set_item(run, holder, run.evaluate(target.index), value, target)
    elif kind is nodes.Starred:
        assign(run, target.value, value, source, local=local)


def _set_data(run: Run, target: nodes.Expression, holder: Tensor, value: Value) -> None:
    """``holder.data = value``: the tensor stays the object that it is, and gets another shape and memory."""
    if isinstance(value, Tensor):
        value = replace(value, label=holder.label, is_parameter=holder.is_parameter)
    else:
        value = run.unknown("what was assigned to the data of a tensor", kind="tensor")
    if isinstance(target, nodes.Name | nodes.Attribute | nodes.Subscript):
        assign(run, target, value, None)


def _record(run: Run, target: nodes.Name, value: Value) -> None:
    """Keep a binding, where the file is one whose bindings are asked for."""
    module = run.scope.module
    path = "" if module is run.main else module.path
    if not path or path in run.options.recorded_files:
        from attnlint.interpreter.reports import snapshot

        found = snapshot(run, value, as_tensors=True)
        run.analysis.bindings.append(Binding(run.entry, target.id, target.name, found, path))


def named(run: Run, value: Value, name: str) -> Value:
    """A value that gets a name of the author's: it is called that in messages, and so is a size that has none yet."""
    if type(value) is Tensor:
        return value if value.label else replace(value, label=name)
    if type(value) is Expression:
        name_size(run, value, name)
        return value
    if type(value) is Unknown and not value.label and value.key is not None:
        return replace(value, label=name)
    return value


def name_size(run: Run, value: Expression, name: str) -> None:
    """``B, T, C = x.shape`` names the sizes."""
    symbols = value.symbols()
    if len(symbols) != 1 or name.startswith("_"):
        return
    (symbol,) = symbols
    if isinstance(symbol.key, tuple) and symbol.key[:1] == ("int",) and symbol.name.isidentifier():
        # A parameter has its name from where it came in: `for key, value in options.items()` says less.
        return
    if value == Expression.of(symbol) and isinstance(symbol, Symbol):
        run.facts.name(symbol, name)


def delete(run: Run, target: nodes.Expression) -> None:
    """``del target``"""
    if isinstance(target, nodes.Name):
        run.store.remove(run.scope.variables, target.name)
    elif isinstance(target, nodes.Attribute):
        attribute_writes.delete_attribute(run, run.evaluate(target.value), target.name, target)
    elif isinstance(target, nodes.Subscript):
        subscripts.delete_item(run, run.evaluate(target.value), run.evaluate(target.index), target)
    elif isinstance(target, nodes.Display):
        for element in target.elements:
            delete(run, element)


__all__ = ["assign", "bind_in", "delete"]
