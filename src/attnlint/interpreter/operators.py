"""Operators on values: arithmetic, comparison, membership, identity."""

from __future__ import annotations

import operator as python_operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression, Shape
from attnlint.frozen import replace
from attnlint.interpreter import operations, sequences
from attnlint.interpreter.conditions import asked, negated
from attnlint.interpreter.contents import current
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.library import floats, text_methods, typing_models
from attnlint.interpreter.numbers import arithmetic, as_dim, may_be_anything, symbol_of
from attnlint.interpreter.objects import ClassValue
from attnlint.ops.call import ARITHMETIC
from attnlint.values import (
    Choice,
    External,
    Instance,
    ListValue,
    PythonName,
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
PLAIN = (bool, int, float, complex, str, bytes)
NUMERIC = (*PLAIN, Expression, Unknown)
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
        return tensor_binary(run, operator, left, right, node)
    if operator == "%" and isinstance(left, str):
        return text_methods.percent(run, left, right, node)
    if isinstance(left, PLAIN) and isinstance(right, PLAIN):
        return _concrete(run, operator, left, right, node)
    if operator == "|" and _is_type(left) and _is_type(right):
        return typing_models.union(run, left, right)
    own = special(run, operator, left, right, node)
    if own is not NotImplemented:
        return own
    found = sequences.binary(run, operator, left, right, node)
    if found is not NotImplemented:
        return found
    if isinstance(left, NUMERIC) and isinstance(right, NUMERIC):
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


def tensor_binary(run: Run, operator: str, left: Value, right: Value, node: Node) -> Value:
    for value in (left, right):
        if isinstance(value, Instance) and special(run, operator, left, right, node, only=True) is not NotImplemented:
            return special(run, operator, left, right, node)
        if isinstance(value, External | PythonName | str | None):
            return run.fresh("an operator on a tensor and something else")
    if isinstance(left, ListValue | tuple) or isinstance(right, ListValue | tuple):
        return run.fresh("an operator on a tensor and a sequence")
    name = TENSOR_OPERATORS.get(operator)
    if name is None:
        return run.fresh(f"the operator {operator} on a tensor")
    result = operations.call_by_name(
        run, name, (_operand(run, left), _operand(run, right)), {}, node, evidence=EVIDENCE[operator]
    )
    if operator in ("+", "-") and isinstance(result, Tensor) and result.shape == Shape(()):
        a, b = (current(run, each).elements if isinstance(each, Tensor) else each for each in (left, right))
        if isinstance(a, Expression | int) and isinstance(b, Expression | int) and result.dtype == "int64":
            return replace(result, elements=a + b if operator == "+" else a - b)
    return result


def _operand(run: Run, value: Value) -> Value:
    """An operand that meets a tensor: as it is, but for a hyper-parameter that was reckoned with as an int."""
    if type(value) is Unknown and value.key is not None and (operations.NUMBER, value.key) in run.store.knowledge:
        return symbol_of(value)
    return value


def special(run: Run, operator: str, left: Value, right: Value, node: Node, only: bool = False) -> Value:
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
            return tensor_binary(run, operator, left, right, node)
        first, second = (_as_number(run, value) for value in (left, right))
        if floats.is_number(first) and floats.is_number(second) and operator in floats.OPERATORS:
            return run.keyed(floats.binary(operator, first, second))
        return _unknown_result(run, operator, left, right)
    if operations.known_tensor(run, left) or operations.known_tensor(run, right):
        return tensor_binary(run, operator, left, right, node)
    if not (_int_like(run, left) and _int_like(run, right)):
        return _unknown_result(run, operator, left, right)
    a, b = as_dim(run, left), as_dim(run, right)
    if a is None or b is None:
        return _unknown_result(run, operator, left, right)
    for value, other in ((left, right), (right, left)):
        if type(other) is int and type(value) is Unknown and operations.role_of(value.key) == "hyper":
            run.store.know((operations.NUMBER, value.key), True)
    if operator == "/":
        return run.keyed(floats.binary("/", a, b))
    if isinstance(a, int) and isinstance(b, int):
        return _concrete(run, operator, a, b, node)
    result = arithmetic(run, operator, a, b)
    if isinstance(result, Expression) and (may_be_anything(left) or may_be_anything(right)):
        return Unknown("an operator on objects that are not known", (ARITHMETIC, result), str(result))
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
        value.kind == "int"
        or operations.is_hyper(value)
        or operations.role_of(value.key) == "plain"
        or (isinstance(value.key, tuple) and value.key[0] == ARITHMETIC)
    )


def _as_number(run: Run, value: Value) -> Value:
    """A hyper-parameter that meets a float is a number: ``dim ** -0.5``."""
    if isinstance(value, Unknown) and _int_like(run, value):
        dim = as_dim(run, value)
        return value if dim is None else dim
    return value


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
        decided = asked(run, value, node)
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
