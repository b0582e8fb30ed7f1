"""Operators on values: arithmetic, comparison, membership, identity."""

from __future__ import annotations

import operator as python_operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression, Shape
from attnlint.interpreter import operations, sequences
from attnlint.interpreter.conditions import condition, negated, truth
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.library import floats, text_methods, typing_models
from attnlint.interpreter.numbers import arithmetic, as_dim, compare_dims
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

REAL: dict[str, Callable[[Any, Any], Any]] = {
    "+": python_operator.add,
    "-": python_operator.sub,
    "*": python_operator.mul,
    "/": python_operator.truediv,
    "//": python_operator.floordiv,
    "%": python_operator.mod,
    "**": python_operator.pow,
    "&": python_operator.and_,
    "|": python_operator.or_,
    "^": python_operator.xor,
    "<<": python_operator.lshift,
    ">>": python_operator.rshift,
}
TENSOR_OPERATORS = {
    "+": "torch.add",
    "-": "torch.sub",
    "*": "torch.mul",
    "/": "torch.div",
    "//": "torch.floor_divide",
    "%": "torch.remainder",
    "**": "torch.pow",
    "@": "torch.matmul",
    "&": "torch.bitwise_and",
    "|": "torch.bitwise_or",
    "^": "torch.bitwise_xor",
    "<<": "torch.bitwise_left_shift",
    ">>": "torch.bitwise_right_shift",
    "==": "torch.eq",
    "!=": "torch.ne",
    "<": "torch.lt",
    "<=": "torch.le",
    ">": "torch.gt",
    ">=": "torch.ge",
}
EVIDENCE = {
    "+": "operator.add",
    "-": "operator.sub",
    "*": "operator.mul",
    "/": "operator.truediv",
    "//": "operator.floordiv",
    "%": "operator.mod",
    "**": "operator.pow",
    "@": "operator.matmul",
    "&": "operator.and_",
    "|": "operator.or_",
    "^": "operator.xor",
    "<<": "operator.lshift",
    ">>": "operator.rshift",
    "==": "operator.eq",
    "!=": "operator.ne",
    "<": "operator.lt",
    "<=": "operator.le",
    ">": "operator.gt",
    ">=": "operator.ge",
}
SPECIAL = {
    "+": ("__add__", "__radd__"),
    "-": ("__sub__", "__rsub__"),
    "*": ("__mul__", "__rmul__"),
    "/": ("__truediv__", "__rtruediv__"),
    "//": ("__floordiv__", "__rfloordiv__"),
    "%": ("__mod__", "__rmod__"),
    "**": ("__pow__", "__rpow__"),
    "@": ("__matmul__", "__rmatmul__"),
    "&": ("__and__", "__rand__"),
    "|": ("__or__", "__ror__"),
    "^": ("__xor__", "__rxor__"),
    "<<": ("__lshift__", "__rlshift__"),
    ">>": ("__rshift__", "__rrshift__"),
    "==": ("__eq__", "__eq__"),
    "!=": ("__ne__", "__ne__"),
    "<": ("__lt__", "__gt__"),
    "<=": ("__le__", "__ge__"),
    ">": ("__gt__", "__lt__"),
    ">=": ("__ge__", "__le__"),
}
_PLAIN = (bool, int, float, complex, str, bytes)
_NUMERIC = (*_PLAIN, Expression, Unknown)
LARGEST = 10_000_000
"""Results of known operands that are computed: bits of ints and lengths of sequences."""


def binary(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    """``left operator right``"""
    kind, other = type(left), type(right)
    if kind is int and other is int:
        return _concrete(run, operator, left, right, node)
    if kind is Choice or other is Choice:
        return for_each_choice(run, (left, right), lambda pair: binary(run, operator, pair[0], pair[1], node))
    if kind is Tensor or other is Tensor:
        return _tensor_binary(run, operator, left, right, node)
    if operator == "%" and isinstance(left, str):
        return text_methods.percent(run, left, right, node)
    if isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
        return _concrete(run, operator, left, right, node)
    if operator == "|" and _is_type(left) and _is_type(right):
        return typing_models.union(run, left, right)
    special = _special(run, operator, left, right, node)
    if special is not NotImplemented:
        return special
    found = sequences.binary(run, operator, left, right, node)
    if found is not NotImplemented:
        return found
    if isinstance(left, _NUMERIC) and isinstance(right, _NUMERIC):
        return _numeric(run, operator, left, right, node)
    return _unknown_result(run, operator, left, right)


def _is_type(value: Value) -> bool:
    """A class in ``int | Tensor``."""
    if value is None or isinstance(value, ClassValue | PythonName | External):
        return True
    return isinstance(value, TorchName) or (
        isinstance(value, Instance) and value.cls in (typing_models.UNION, typing_models.ALIAS)
    )


def _concrete(run: Run, operator: str, left: Any, right: Any, node: Node) -> Value:
    if operator == "@":
        run.raise_error("TypeError", "unsupported operand types for @", node)
    if (
        operator == "**"
        and isinstance(left, int)
        and isinstance(right, int)
        and (abs(right) > 256 or abs(left) > 2**64)
    ):
        return run.fresh("a power that is too large", kind="int")
    if operator == "<<" and isinstance(right, int) and right > 256:
        return run.fresh("a shift that is too large", kind="int")
    if operator == "*" and (isinstance(left, str | bytes) or isinstance(right, str | bytes)):
        count = right if isinstance(left, str | bytes) else left
        if isinstance(count, int) and count > 100_000:
            return run.fresh("a text that is too long", kind="str")
    try:
        result = REAL[operator](left, right)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        run.raise_error(type(error).__name__, str(error), node)
    if type(result) is int and result.bit_length() > LARGEST:
        return run.fresh("an int that is too large", kind="int")
    return result


def _tensor_binary(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    for value in (left, right):
        if isinstance(value, Instance) and _special(run, operator, left, right, node, only=True) is not NotImplemented:
            return _special(run, operator, left, right, node)
        if isinstance(value, External | PythonName | str | None):
            return run.fresh("an operator on a tensor and something else")
    if isinstance(left, ListValue | tuple) or isinstance(right, ListValue | tuple):
        return run.fresh("an operator on a tensor and a sequence")
    name = TENSOR_OPERATORS.get(operator)
    if name is None:
        return run.fresh(f"the operator {operator} on a tensor")
    return operations.call_by_name(
        run, name, (_operand(run, left), _operand(run, right)), {}, node, evidence=EVIDENCE[operator]
    )


def _operand(run: Run, value: Value) -> Value:
    """An operand of unknown type that meets a tensor: as it is; a condition counts as a bool."""
    return value


def _special(run: Run, operator: str, left: Value, right: Value, node: Node, only: bool = False) -> Value:
    from attnlint.interpreter.classes import find_special

    names = SPECIAL.get(operator)
    if names is None:
        return NotImplemented
    for receiver, other, name in ((left, right, names[0]), (right, left, names[1])):
        if isinstance(receiver, Instance):
            method = find_special(run, receiver, name)
            if method is not None:
                if only:
                    return method
                result = run.call(method, (other,), {}, node)
                if result is not NotImplemented:
                    return result
    return NotImplemented


def _numeric(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    """At least one operand is symbolic or unknown."""
    if operator == "@":
        return operations.call_by_name(run, "torch.matmul", (left, right), {}, node, evidence="operator.matmul")
    if isinstance(left, str | bytes) or isinstance(right, str | bytes):
        return run.fresh("a text", kind="str")
    if _is_float(left) or _is_float(right):
        if operations.taken_for_tensor(run, left) or operations.taken_for_tensor(run, right):
            return _tensor_binary(run, operator, left, right, node)
        if floats.is_number(left) and floats.is_number(right) and operator in floats.OPERATORS:
            return run.keyed(floats.binary(operator, left, right))
        return _unknown_result(run, operator, left, right)
    if operations.known_tensor(run, left) or operations.known_tensor(run, right):
        return _tensor_binary(run, operator, left, right, node)
    if not (_int_like(run, left) and _int_like(run, right)):
        return _unknown_result(run, operator, left, right)
    a, b = as_dim(run, left), as_dim(run, right)
    if a is None or b is None:
        return _unknown_result(run, operator, left, right)
    if operator == "/":
        return run.keyed(floats.binary("/", a, b))
    if isinstance(a, int) and isinstance(b, int):
        return _concrete(run, operator, a, b, node)
    result = arithmetic(run, operator, a, b)
    if result is not None:
        return result
    if operator == "**":
        # An int, unless the exponent is negative.
        kind = "int" if run.facts.at_least(b, 0) is Answer.YES or _is_size(right) else ""
        return Unknown("a power that depends on sizes", ("power", a, b), "", kind)
    return run.fresh("an operation on ints that has no formula", kind="int")


def _is_size(right: Value) -> bool:
    """A hyper-parameter as an exponent is a number of bits or levels, not a negative number."""
    return isinstance(right, Unknown) and operations.is_hyper(right)


def _is_float(value: Value) -> bool:
    return isinstance(value, float | complex) or (isinstance(value, Unknown) and value.kind == "float")


def _int_like(run: Run, value: Value) -> bool:
    """Known to be an int, or a hyper-parameter, which is one wherever it meets ints."""
    if isinstance(value, int | Expression):
        return True
    return isinstance(value, Unknown) and (
        value.kind == "int" or operations.is_hyper(value) or operations.role_of(value.key) == "plain"
    )


def _unknown_result(run: Run, operator: str, left: Value, right: Value) -> Value:
    reason = next(
        (value.reason for value in (left, right) if isinstance(value, Unknown)),
        f"the operator {operator} on these values",
    )
    return run.fresh(reason)


# --- unary
# ---------------------------------------------------------------------------------------------------------------


def unary(run: Run, operator: str, value: Value, node: Node) -> Value:
    """``operator value``"""
    if operator == "not":
        decided = truth(run, value, node)
        return negated(value) if decided is None else not decided
    if isinstance(value, Choice):
        return for_each_choice(run, (value,), lambda each: unary(run, operator, each[0], node))
    if isinstance(value, int | float | complex):
        try:
            return -value if operator == "-" else +value if operator == "+" else ~value  # type: ignore[operator]
        except TypeError as error:
            run.raise_error("TypeError", str(error), node)
    if isinstance(value, Expression):
        return -value if operator == "-" else value if operator == "+" else -value - 1
    if isinstance(value, Tensor):
        if operator == "+":
            return value
        name, evidence = ("torch.neg", "operator.neg") if operator == "-" else ("torch.bitwise_not", "operator.invert")
        return operations.call_by_name(run, name, (value,), {}, node, evidence=evidence)
    if isinstance(value, Instance):
        from attnlint.interpreter.classes import find_special

        method = find_special(run, value, {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[operator])
        if method is not None:
            return run.call(method, (), {}, node)
    if isinstance(value, Unknown):
        if value.kind == "float" and operator == "-":
            return run.keyed(floats.binary("*", value, -1))
        if operator == "-" and (value.kind == "int" or operations.is_hyper(value)):
            dim = as_dim(run, value)
            if dim is not None:
                return -dim
        if operations.taken_for_tensor(run, value):
            name, evidence = (
                ("torch.neg", "operator.neg") if operator == "-" else ("torch.bitwise_not", "operator.invert")
            )
            return operations.call_by_name(run, name, (value,), {}, node, evidence=evidence)
        return run.fresh(value.reason, kind=value.kind)
    return run.fresh(f"the operator {operator} on this value")


# --- comparison
# ----------------------------------------------------------------------------------------------------------


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
            return _tensor_binary(run, operator, left, right, node)
        return run.fresh("a comparison with a tensor", kind="bool")
    special = _special(run, operator, left, right, node)
    if special is not NotImplemented:
        return special
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
    if (
        isinstance(left, tuple)
        and isinstance(right, tuple)
        and all(isinstance(each, int | float | str) for each in (*left, *right))
    ):
        return bool(_ORDER[operator](left, right))
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
    if isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
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
