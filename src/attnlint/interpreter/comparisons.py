"""Comparison, identity and equality."""

from __future__ import annotations

import operator as python_operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression, Shape
from attnlint.interpreter import operations, operators, sequences
from attnlint.interpreter.conditions import condition, negated, truth
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.numbers import as_dim, compare_dims
from attnlint.interpreter.objects import ClassValue, Condition, FunctionValue, ModuleValue, OpenList
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def compare(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    """``left operator right``: a bool, a Condition or a tensor."""
    if operator == "is" or operator == "is not":
        return _maybe_not(identical(run, left, right), operator == "is not")
    if operator == "in" or operator == "not in":
        return _maybe_not(sequences.contains(run, right, left, node), operator == "not in")
    kind, other = type(left), type(right)
    if kind is Choice or other is Choice:
        return _compare_choice(run, operator, left, right, node)
    if kind is Tensor or other is Tensor or operations.known_tensor(run, left) or operations.known_tensor(run, right):
        if isinstance(left, Tensor | Unknown | int | float | Expression) and isinstance(
            right, Tensor | Unknown | int | float | Expression
        ):
            return operators.tensor_binary(run, operator, left, right, node)
        return run.fresh("a comparison with a tensor", kind="bool")
    own = operators.special(run, operator, left, right, node)
    if own is not NotImplemented:
        return own
    if operator == "==" or operator == "!=":
        answer = equal(run, left, right)
        if answer is None:
            found: Value = condition("==", (left, right), _equality_test(run, right))
            decided = truth(run, found)
            found = found if decided is None else decided
        else:
            found = answer
        return _maybe_not(found, operator == "!=")
    if isinstance(left, int | float | str | bytes) and isinstance(right, int | float | str | bytes):
        try:
            return bool(_ORDER[operator](left, right))
        except TypeError as error:
            run.raise_error("TypeError", str(error), node)
    if operator in (">", ">="):
        left, right = right, left
        operator = "<" if operator == ">" else "<="
    a, b = as_dim(run, left), as_dim(run, right)
    if a is not None and b is not None:
        answer3 = compare_dims(run, operator, a, b)
        if answer3 is not Answer.OPEN:
            return answer3 is Answer.YES
    if isinstance(left, NamedTuple):
        left = left.values
    if isinstance(right, NamedTuple):
        right = right.values
    if (
        isinstance(left, tuple)
        and isinstance(right, tuple)
        and all(isinstance(each, int | float | str) for each in (*left, *right))
    ):
        try:
            return bool(_ORDER[operator](left, right))
        except TypeError as error:
            run.raise_error("TypeError", str(error), node)
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        return bool(_ORDER[operator](left.items, right.items))
    found = condition(operator, (left, right))
    decided = truth(run, found)
    return found if decided is None else decided


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": python_operator.lt,
    "<=": python_operator.le,
    ">": python_operator.gt,
    ">=": python_operator.ge,
}


def _maybe_not(value: Value, is_negated: bool) -> Value:
    if not is_negated:
        return value
    return not value if isinstance(value, bool) else negated(value)


def _equality_test(run: Run, right: Value) -> Callable[[Value], bool | None]:
    return lambda each: equal(run, each, right)


def _compare_choice(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    if isinstance(right, Choice) and not isinstance(left, Choice):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
        return _compare_choice(run, flipped, right, left, node)
    if isinstance(right, Choice):
        return run.fresh("a comparison of values that are not decided", kind="bool")

    def test(each: Value) -> bool | None:
        found = compare(run, operator, each, right, node)
        return found if isinstance(found, bool) else truth(run, found)

    if any(isinstance(each, Tensor) for each in left.values) and isinstance(right, Tensor | int | float):
        return for_each_choice(run, (left,), lambda one: compare(run, operator, one[0], right, node))
    answers = {test(each) for each in left.values}
    if len(answers) == 1 and None not in answers:
        return answers.pop()
    found = condition(operator, (left, right), test)
    decided = truth(run, found)
    return found if decided is None else decided


def identical(run: Run, left: Value, right: Value) -> Value:
    """``left is right``"""
    if isinstance(left, Choice):
        test = _identity_test(run, right)
        answers = {test(each) for each in left.values}
        if len(answers) == 1 and None not in answers:
            return answers.pop()
        return condition("is", (left, right), test)
    if isinstance(right, Choice):
        return identical(run, right, left)
    answer = same_object(run, left, right)
    if answer is not None:
        return answer
    if isinstance(right, Unknown) and not isinstance(left, Unknown):
        left, right = right, left
    found = condition("is", (left, right))
    decided = truth(run, found)
    return found if decided is None else decided


def _identity_test(run: Run, right: Value) -> Callable[[Value], bool | None]:
    return lambda each: same_object(run, each, right)


def same_object(run: Run, left: Value, right: Value) -> bool | None:
    """Whether two values are one object; ``None`` when not known."""
    if left is None or right is None:
        other = right if left is None else left
        if other is None:
            return True
        if isinstance(other, Condition):
            return False
        if isinstance(other, Unknown):
            if other.key is not None:
                known = run.store.knowledge.get(("none", other.key))
                if known is False:
                    return False
            # An annotation or a use says what it is; only an object of unknown kind, or an optional one, may be None.
            if other.optional or not other.kind:
                return None
            return None if other.key is None else False
        if isinstance(other, Tensor) and other.assumed:
            return False
        return None if isinstance(other, External) else False
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        if isinstance(left, Unknown) and isinstance(right, Unknown) and left.key is not None and left.key == right.key:
            return True
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, TorchName | PythonName) or isinstance(right, TorchName | PythonName):
        return bool(left == right)
    if isinstance(left, Instance | ClassValue | FunctionValue | ListValue | DictValue | SetValue | ModuleValue):
        return left is right
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return True if left is right else None
    if left is right:
        return True
    return None if type(left) is type(right) else False


def equal(run: Run, left: Value, right: Value) -> bool | None:
    """Whether ``left == right``; ``None`` when not known."""
    if isinstance(left, operators.PLAIN) and isinstance(right, operators.PLAIN):
        return bool(left == right)
    if isinstance(left, Choice) or isinstance(right, Choice):
        lefts = left.values if isinstance(left, Choice) else (left,)
        rights = right.values if isinstance(right, Choice) else (right,)
        answers = {equal(run, a, b) for a in lefts for b in rights}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(left, Expression | int | Unknown) and isinstance(right, Expression | int | Unknown):
        return _equal_ints(run, left, right)
    if left is None or right is None:
        answer = same_object(run, left, right)
        return answer
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
        if isinstance(other, str) and unknown.kind in ("int", "float", "bool", "tensor"):
            return False
        return None
    if isinstance(left, NamedTuple):
        left = left.values
    if isinstance(right, NamedTuple):
        right = right.values
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _equal_items(run, left, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        return _equal_items(run, tuple(left.items), tuple(right.items))
    if isinstance(left, DictValue) and isinstance(right, DictValue):
        if left.items.keys() != right.items.keys():
            return False
        return _equal_items(run, tuple(left.items.values()), tuple(right.items[key] for key in left.items))
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        return left.items == right.items
    if (
        isinstance(left, Shape)
        or isinstance(right, Shape)
        or isinstance(left, Repeated | OpenList)
        or isinstance(right, Repeated | OpenList)
    ):
        return None
    if isinstance(left, External) or isinstance(right, External):
        return True if left == right else None
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return None
    if isinstance(left, TorchName | PythonName) and isinstance(right, TorchName | PythonName):
        return left == right
    if isinstance(left, BoundMethod) and isinstance(right, BoundMethod):
        return left == right
    if isinstance(left, Instance) or isinstance(right, Instance):
        if left is right:
            return True
        return None if type(left) is type(right) or isinstance(left, str) or isinstance(right, str) else False
    if type(left) is type(right) and type(left) in (slice, range, type(...)):
        return bool(left == right)
    return left is right


def _equal_ints(run: Run, left: Value, right: Value) -> bool | None:
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        if left.key is not None and left.key == right.key:
            return True
        if left.kind != "int" or right.kind != "int":
            return None
    for value in (left, right):
        if isinstance(value, Unknown) and value.kind in ("str", "tensor", "list", "tuple", "dict"):
            return None if value.kind == "tensor" else False
    a, b = as_dim(run, left), as_dim(run, right)
    if a is None or b is None:
        return None
    answer = run.facts.equal(a, b)
    return None if answer is Answer.OPEN else answer is Answer.YES


def _equal_items(run: Run, left: tuple[Value, ...], right: tuple[Value, ...]) -> bool | None:
    if len(left) != len(right):
        return False
    answers = [equal(run, a, b) for a, b in zip(left, right, strict=True)]
    if False in answers:
        return False
    return None if None in answers else True
