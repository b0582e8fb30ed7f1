"""Statements: one function a kind of node, found by the node's class. Each returns how it ended (see ``forks``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression
from attnlint.interpreter import (
    assignment,
    classes,
    definitions,
    handlers,
    imports,
    iteration,
    loops,
    operations,
    operators,
    patterns,
    withheld,
)
from attnlint.interpreter.conditions import Split, split
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import BREAK, CONTINUE, RETURN, Signal, enter, fork_blocks
from attnlint.interpreter.library import numpy_arrays, numpy_contents
from attnlint.interpreter.scopes import Outcome
from attnlint.syntax import nodes
from attnlint.values import Instance, ListValue, PythonName, SetValue, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def run_block(run: Run, body: Sequence[nodes.Statement]) -> Signal:
    """Run statements one after the other."""
    frame = run.frame
    in_main = run.scope.module is run.main
    for statement in body:
        run.steps -= 1
        if run.steps < 0:
            run.step(0)
        frame.statement = statement
        if in_main:
            run.covered.add(statement.id)
        signal = STATEMENTS[type(statement)](run, statement)
        if signal is not None:
            return signal
    return None


def _expression(run: Run, node: nodes.ExpressionStatement) -> Signal:
    run.evaluate(node.value)
    return None


def _assign(run: Run, node: nodes.Assign) -> Signal:
    if node.value is None:
        return None
    if type(node.value) is nodes.Display:
        for target in node.targets:
            iteration.learn_rank_beside(run, target, node.value)
    value = run.keyed(run.evaluate(node.value))
    if run.watcher is not None and run.scope.module is run.main:
        run.watcher.assigned(run, node, value)
    for target in node.targets:
        assignment.assign(run, target, value, node.value)
    return None


IN_PLACE = {
    "+": "torch.Tensor.add_",
    "-": "torch.Tensor.sub_",
    "*": "torch.Tensor.mul_",
    "/": "torch.Tensor.div_",
    "//": "torch.Tensor.floor_divide_",
    "%": "torch.Tensor.remainder_",
    "**": "torch.Tensor.pow_",
    "&": "torch.Tensor.bitwise_and_",
    "|": "torch.Tensor.bitwise_or_",
    "^": "torch.Tensor.bitwise_xor_",
}
IN_PLACE_EVIDENCE = {
    "+": "operator.iadd",
    "-": "operator.isub",
    "*": "operator.imul",
    "/": "operator.itruediv",
    "//": "operator.ifloordiv",
    "%": "operator.imod",
    "**": "operator.ipow",
    "&": "operator.iand",
    "|": "operator.ior",
    "^": "operator.ixor",
}


def _augmented_assign(run: Run, node: nodes.AugmentedAssign) -> Signal:
    # The parts of the target are evaluated twice, which matters only for calls in it.
    old = run.evaluate(node.target)
    right = run.evaluate(node.value)
    value = augmented(run, node.operator, old, right, node)
    if run.watcher is not None and run.scope.module is run.main:
        run.watcher.assigned(run, node, value)
    if value is not old:
        assignment.assign(run, node.target, run.keyed(value), node.value)
    return None


def augmented(run: Run, operator: str, old: Value, right: Value, node: nodes.Node) -> Value:
    """``old operator= right``"""
    if isinstance(old, Tensor) and operator in IN_PLACE:
        if isinstance(right, Tensor | int | float | bool | Expression | Unknown) and not (
            isinstance(right, Unknown) and right.kind == "numpy"
        ):
            return operations.call_by_name(
                run, IN_PLACE[operator], (old, right), {}, node, evidence=IN_PLACE_EVIDENCE[operator]
            )
    if isinstance(old, ListValue) and operator == "+":
        items = run.iterate(right, node)
        if items is None:
            from attnlint.interpreter.iteration import element_like
            from attnlint.interpreter.joins import common_element

            run.store.open(old, common_element(run, [*old.items, element_like(run, right, node)]))
        else:
            run.store.set_items(old, [*old.items, *(run.keyed(item) for item in items)])
        return old
    if isinstance(old, SetValue) and operator == "|" and isinstance(right, SetValue):
        run.store.set_elements(old, old.items | right.items)
        return old
    if isinstance(old, Instance):
        name = {"+": "__iadd__", "-": "__isub__", "*": "__imul__", "@": "__imatmul__"}.get(operator)
        method = classes.find_special(run, old, name) if name else None
        if method is not None:
            return run.call(method, (right,), {}, node)
        if numpy_arrays.is_array(old):
            value = operators.binary(run, operator, old, right, node)
            numpy_contents.forget(run, old)  # under its other names it is written into
            return value
    return operators.binary(run, operator, old, right, node)


def _return(run: Run, node: nodes.Return) -> Signal:
    run.frame.value = value = None if node.value is None else run.keyed(run.evaluate(node.value))
    if run.watcher is not None and run.scope.module is run.main:
        run.watcher.returned(run, node, value)
    return RETURN


def _raise(run: Run, node: nodes.Raise) -> Signal:
    if node.exception is None:
        raise Raised(run.fresh("the exception that is handled"), node)
    value = run.evaluate(node.exception)
    if isinstance(value, PythonName):
        value = Instance(value, {"args": ()})
    elif not isinstance(value, Instance):
        value = run.call(value, (), {}, node) if callable_class(value) else value
    raise Raised(value, node)


def callable_class(value: Value) -> bool:
    """A class that ``raise`` makes an exception of."""
    from attnlint.interpreter.objects import ClassValue

    return isinstance(value, ClassValue)


def _assert(run: Run, node: nodes.Assert) -> Signal:
    found = split(run, node.test)
    if type(found) is Split:
        run.uncertain += 1
        from attnlint.interpreter.forks import record_raise

        record_raise(run, Raised(Instance(PythonName("AssertionError"), {"args": ()}), node))
        enter(run, found.yes)
        return None
    if not found:
        raise Raised(Instance(PythonName("AssertionError"), {"args": ()}), node)
    return None


def _delete(run: Run, node: nodes.Delete) -> Signal:
    for target in node.targets:
        assignment.delete(run, target)
    return None


def _jump(run: Run, node: nodes.Jump) -> Signal:
    if node.kind == "pass" or not run.frame.loops:
        return None
    return BREAK if node.kind == "break" else CONTINUE


def _scope_declaration(run: Run, node: nodes.ScopeDeclaration) -> Signal:
    names = run.scope.global_names if node.kind == "global" else run.scope.nonlocal_names
    names.update(node.names)
    return None


def _if(run: Run, node: nodes.If) -> Signal:
    guessed = run.ranks_guessed
    found = split(run, node.test)
    if type(found) is Split:
        if run.ranks_guessed > guessed:
            run.about_rank.add(id(node.test))
        both = [(found.yes, lambda: _branch(run, node, True)), (found.no, lambda: _branch(run, node, False))]
        if run.scope.module is run.main:
            return fork_blocks(run, both)
        return withheld.on_either_side(run, both)
    return run_block(run, node.body if found else node.orelse)


def _branch(run: Run, node: nodes.If, holds: bool) -> Signal:
    run.conditions.append((node.test, holds, run.scope.module))
    try:
        return run_block(run, node.body if holds else node.orelse)
    finally:
        run.conditions.pop()


def _function(run: Run, node: nodes.FunctionDef) -> Signal:
    definitions.define_function(run, node)
    return None


def _class(run: Run, node: nodes.ClassDef) -> Signal:
    definitions.bind_class(run, node)
    return None


def _import(run: Run, node: nodes.Import) -> Signal:
    imports.run_import(run, node)
    return None


def _import_from(run: Run, node: nodes.ImportFrom) -> Signal:
    imports.run_import_from(run, node)
    return None


STATEMENTS: dict[type[Any], Callable[[Run, Any], Signal]] = {
    nodes.ExpressionStatement: _expression,
    nodes.Assign: _assign,
    nodes.AugmentedAssign: _augmented_assign,
    nodes.Return: _return,
    nodes.Raise: _raise,
    nodes.Assert: _assert,
    nodes.Delete: _delete,
    nodes.Jump: _jump,
    nodes.ScopeDeclaration: _scope_declaration,
    nodes.If: _if,
    nodes.While: loops.run_while,
    nodes.For: loops.run_for,
    nodes.Try: handlers.run_try,
    nodes.With: handlers.run_with,
    nodes.FunctionDef: _function,
    nodes.ClassDef: _class,
    nodes.Import: _import,
    nodes.ImportFrom: _import_from,
    nodes.Match: patterns.run_match,
}

__all__ = ["STATEMENTS", "Outcome", "TorchName", "run_block"]
