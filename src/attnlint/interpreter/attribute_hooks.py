"""Hooks that only look a name up: ``__getattribute__`` and ``__setattr__`` that end in those of ``object``.

A configuration class whose every attribute goes through such a hook is read hundreds of times in one constructor. Most
hooks translate a name by a table, or look whether an attribute is there, and pass on to ``super()``: that is worked out
here from the body alone, without a frame or a path. Whatever is not of that kind is left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attnlint.interpreter import classes
from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue
from attnlint.syntax import nodes
from attnlint.values import DictValue, Instance, ListValue, PythonName, SetValue, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Hook = tuple[FunctionValue, ClassValue]
"""The function, and the class that holds it."""
GET, SET = "__getattribute__", "__setattr__"
DEEPEST = 8
"""So many hooks may stand one behind the other."""


class _Other(Exception):
    """The hook does something else."""


def hook_of(cls: ClassValue, name: str) -> Hook | None:
    """The user's ``__getattribute__`` or ``__setattr__`` that an object of a class has."""
    for each in cls.mro:
        if type(each) is ClassValue and name in each.attributes:
            found = each.attributes[name]
            return (found, each) if type(found) is FunctionValue else None
    return None


def name_read(run: Run, instance: Instance, hook: Hook, name: str) -> str | None:
    """The name that a ``__getattribute__`` asks ``object.__getattribute__`` for; ``None`` where it does more than
    that."""
    return _passed_on(run, instance, hook, GET, name)


def name_written(run: Run, instance: Instance, hook: Hook, name: str) -> str | None:
    """The name under which a ``__setattr__`` has ``object.__setattr__`` store; ``None`` where it does more than
    that."""
    return _passed_on(run, instance, hook, SET, name)


def _passed_on(run: Run, instance: Instance, hook: Hook, method: str, name: str) -> str | None:
    if hook[0].module is run.main:
        # What the checked file says is run: its statements count as covered.
        return None
    try:
        return _Reading(run, instance, method, 0).through(hook, name)
    except _Other:
        return None


class _Reading:
    """What one hook does with one name."""

    def __init__(self, run: Run, instance: Instance, method: str, depth: int) -> None:
        self.run = run
        self.instance = instance
        self.method = method
        self.depth = depth
        self.cls: ClassValue | None = None
        self.variables: dict[str, Value] = {}
        self.ended: str | None = None
        """The name that was passed on, at the end."""
        self.value = ""
        """The parameter that holds what is to be stored."""

    def through(self, hook: Hook, name: str) -> str:
        function, self.cls = hook
        node = function.node
        parameters = node.parameters
        if (
            not isinstance(node, nodes.FunctionDef)
            or node.decorators
            or len(parameters) != (2 if self.method == GET else 3)
            or any(each.kind in ("star", "double_star", "keyword") for each in parameters)
            or self.depth > DEEPEST
        ):
            raise _Other
        self.variables = {parameters[0].name: self.instance, parameters[1].name: name}
        self.value = parameters[2].name if self.method == SET else ""
        self.run.step(1)
        self.run.heard[function.module.path] = function.module.source
        self._block(node.body)
        if self.ended is None:
            raise _Other
        return self.ended

    def _block(self, body: Sequence[nodes.Statement]) -> None:
        for statement in body:
            if self.ended is not None:
                # What follows the storing could do anything.
                raise _Other
            kind = type(statement)
            if kind is nodes.If:
                assert isinstance(statement, nodes.If)
                self._block(statement.body if self._truth(statement.test) else statement.orelse)
                if self.ended is not None and self.method == GET:
                    return
            elif kind is nodes.Return:
                assert isinstance(statement, nodes.Return)
                self.ended = self._target(statement.value, GET)
                return
            elif kind is nodes.Assign:
                assert isinstance(statement, nodes.Assign)
                target = statement.targets[0]
                if len(statement.targets) != 1 or type(target) is not nodes.Name or statement.value is None:
                    raise _Other
                if target.name == self.value or self.variables.get(target.name) is self.instance:
                    raise _Other
                self.variables[target.name] = self._read(statement.value)
            elif kind is nodes.ExpressionStatement:
                assert isinstance(statement, nodes.ExpressionStatement)
                if type(statement.value) is nodes.Constant:
                    continue
                self.ended = self._target(statement.value, SET)
            else:
                raise _Other

    def _target(self, node: nodes.Expression | None, method: str) -> str:
        """The name that ``super().method(name)`` asks ``object`` for in the end."""
        if self.method != method or not isinstance(node, nodes.Call) or not self._is_super(node.function, method):
            raise _Other
        arguments = node.arguments
        if any(each.keyword or each.star for each in arguments) or len(arguments) != (1 if method == GET else 2):
            raise _Other
        if method == SET:
            value = arguments[1].value
            if not isinstance(value, nodes.Name) or value.name != self.value:
                raise _Other
        name = self._read(arguments[0].value)
        if type(name) is not str:
            raise _Other
        return self._beyond(name, method)

    def _beyond(self, name: str, method: str) -> str:
        """Through the hooks of the classes behind this one."""
        found, holder = classes.find_in_class(self.instance.cls, method, self.cls)
        if found is UNBOUND or (type(found) is PythonName and found.name == f"object.{method}"):
            if classes.opaque_base(self.instance.cls) is not None:
                raise _Other
            return name
        if type(found) is not FunctionValue or type(holder) is not ClassValue:
            raise _Other
        return _Reading(self.run, self.instance, method, self.depth + 1).through((found, holder), name)

    def _is_super(self, node: nodes.Expression, method: str) -> bool:
        """Whether an expression is ``super().method``."""
        return (
            isinstance(node, nodes.Attribute)
            and node.name == method
            and isinstance(node.value, nodes.Call)
            and not node.value.arguments
            and isinstance(node.value.function, nodes.Name)
            and node.value.function.name == "super"
        )

    def _truth(self, node: nodes.Expression) -> bool:
        if isinstance(node, nodes.Boolean):
            is_and = node.operator == "and"
            for each in node.values:
                if self._truth(each) is not is_and:
                    return not is_and
            return is_and
        if isinstance(node, nodes.Unary) and node.operator == "not":
            return not self._truth(node.operand)
        if isinstance(node, nodes.Compare):
            left = self._read(node.first)
            for operator, other in zip(node.operators, node.others, strict=True):
                right = self._read(other)
                if not _compared(operator, left, right):
                    return False
                left = right
            return True
        value = self._read(node)
        if value is None or type(value) in (bool, str, int):
            return bool(value)
        raise _Other

    def _read(self, node: nodes.Expression) -> Value:
        if isinstance(node, nodes.Constant):
            return node.value
        if isinstance(node, nodes.Name):
            if node.name not in self.variables or node.name == self.value:
                raise _Other
            return self.variables[node.name]
        if isinstance(node, nodes.Display) and node.kind != "set":
            elements = tuple(self._read(each) for each in node.elements)
            return elements
        if isinstance(node, nodes.Subscript):
            table, key = self._read(node.value), self._read(node.index)
            if type(table) is DictValue and type(key) is str and key in table.items:
                return table.items[key]
            raise _Other
        if isinstance(node, nodes.Call) and not any(each.keyword or each.star for each in node.arguments):
            if self._is_super(node.function, GET) and len(node.arguments) == 1:
                return self._attribute(self._read(node.arguments[0].value))
            if isinstance(node.function, nodes.Attribute) and node.function.name == "get" and len(node.arguments) == 1:
                table, key = self._read(node.function.value), self._read(node.arguments[0].value)
                if type(table) is DictValue and type(key) is str:
                    return table.items.get(key)
        raise _Other

    def _attribute(self, name: Value) -> Value:
        """``super().__getattribute__(name)`` where that is a plain value."""
        if type(name) is not str:
            raise _Other
        name = self._beyond(name, GET)
        own = self.instance.attributes
        if name == "__dict__":
            return DictValue({key: held for key, held in own.items() if not key.startswith("__")})
        value = own.get(name, UNBOUND)
        held, _ = classes.find_in_class(self.instance.cls, name)
        if value is UNBOUND:
            value = held
        elif type(held) not in _PLAIN and held is not UNBOUND:
            raise _Other
        if type(value) not in _PLAIN:
            raise _Other
        return value


_PLAIN = frozenset([type(None), bool, int, float, str, tuple, DictValue, ListValue, SetValue])


def _compared(operator: str, left: Value, right: Value) -> bool:
    if operator in ("is", "is not") and (left is None or right is None):
        if type(left) not in _PLAIN or type(right) not in _PLAIN:
            raise _Other
        return (left is right) is (operator == "is")
    if operator in ("==", "!=") and type(left) is str and type(right) is str:
        return (left == right) is (operator == "==")
    if operator in ("in", "not in") and type(left) is str:
        kind = type(right)
        if kind is DictValue:
            return (left in right.items) is (operator == "in")
        items = right if kind is tuple else right.items if kind is ListValue else None
        if items is not None and all(type(each) is str for each in items):
            return (left in items) is (operator == "in")
    raise _Other
