"""Values and operations as source text: what a reproduction is written in."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from attnlint.algebra import Expression, Shape, Symbol
from attnlint.values import DictValue, Instance, ListValue, NamedTuple, SetValue, Tensor, TorchName, Unknown, Value
from attnlint.verify.encode import REST, Encoder
from attnlint.verify.numbers import float_text

CONSTRUCTOR = "__constructor__"

INFIX = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and_": "&", "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
PREFIX = {"neg": "-", "pos": "+", "invert": "~"}
IN_PLACE = {
    "iadd": "+=", "isub": "-=", "imul": "*=", "itruediv": "/=", "ifloordiv": "//=", "imod": "%=", "ipow": "**=",
    "imatmul": "@=", "iand": "&=", "ior": "|=", "ixor": "^=", "ilshift": "<<=", "irshift": ">>=",
}  # fmt: skip
ATTRIBUTES = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})
"""What is written without parentheses after a tensor."""


class CannotWrite(Exception):
    """A value has no form as source text."""


class Writer:
    """Writes values down, with names for the sizes, and keeps which imports and names that needs."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.sizes: dict[str, int] = {}
        """The names of sizes that are used, with their values."""
        self.imports: set[str] = set()
        self._names: dict[Symbol, str] = {}
        self.reference: Callable[[Value], str | None] = lambda value: None
        """The text of a value that has a name (a tensor, what a step made); ``None`` for all others."""

    def value(self, value: Value) -> str:
        """A value as an expression. Raises CannotWrite."""
        known = self.reference(value)
        if known is not None:
            return known
        if value is Ellipsis:
            return "..."
        if isinstance(value, Expression):
            return self.size(value)
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if value is None or isinstance(value, bool | int | float | complex):
            return repr(value)
        if isinstance(value, Unknown) and value.kind == "float":
            text = float_text(value, self.size)
            if "math." in text:
                self.imports.add("import math")
            return text
        if isinstance(value, str):
            return '"' + repr(value)[1:-1].replace('"', '\\"') + '"' if "'" not in value else repr(value)
        if isinstance(value, NamedTuple):
            value = value.values
        if isinstance(value, tuple):
            items = [self.value(item) for item in value]
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if isinstance(value, Shape):
            return self.value((*REST, *value.dims) if value.rest is not None else value.dims)
        if isinstance(value, ListValue):
            return f"[{', '.join(self.value(item) for item in value.items)}]"
        if isinstance(value, DictValue):
            return "{" + ", ".join(f"{self.value(key)}: {self.value(item)}" for key, item in value.items.items()) + "}"
        if isinstance(value, SetValue) and value.items:
            return "{" + ", ".join(self.value(item) for item in value.items) + "}"
        if isinstance(value, slice):
            return f"slice({', '.join(self.value(part) for part in (value.start, value.stop, value.step))})"
        if isinstance(value, range):
            return repr(value)
        if isinstance(value, TorchName):
            return self.name(value.name)
        if isinstance(value, Instance) and isinstance(value.cls, TorchName):
            made = value.attributes.get(CONSTRUCTOR)
            if isinstance(made, tuple):
                return self.call(self.name(value.cls.name), made[0], dict(made[1]))
        raise CannotWrite(type(value).__name__)

    def size(self, value: Expression) -> str:
        """A symbolic size by its author's names; the number itself where they do not make an expression."""
        number = self._encoder.dim(value)
        renamed = value.substitute(
            {symbol: Expression.of(Symbol(self._name(symbol), symbol.key)) for symbol in value.symbols()}
        )
        text = str(renamed)
        names = {self._name(symbol): self._encoder.dim(Expression.of(symbol)) for symbol in value.symbols()}
        try:
            same = eval(text, {"__builtins__": {}, "max": max, "min": min}, dict(names)) == number
        except Exception:
            same = False
        if not same:
            return str(number)
        self.sizes.update(names)
        return text

    def _name(self, symbol: Symbol) -> str:
        known = self._names.get(symbol)
        if known is None:
            known = self._names[symbol] = unique(identifier(symbol.name) or "n", self._names.values())
        return known

    def name(self, dotted: str) -> str:
        """A dotted name as the script writes it; remembers the import that it needs."""
        if dotted.startswith("torch.nn.functional."):
            self.imports.add("import torch.nn.functional as F")
            return "F." + dotted.removeprefix("torch.nn.functional.")
        if dotted.startswith("torch.nn.") and dotted.count(".") == 2:
            self.imports.add("from torch import nn")
            return dotted.removeprefix("torch.")
        if dotted.startswith("torch."):
            self.imports.add("import torch")
            return dotted
        module, _, last = dotted.rpartition(".")
        self.imports.add(f"from {module} import {last}" if module else f"import {last}")
        return last

    def call(self, function: str, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> str:
        """``function(arguments, keywords)``"""
        texts = [self.value(value) for value in arguments]
        texts += [f"{name}={self.value(value)}" for name, value in keywords.items()]
        return f"{function}({', '.join(texts)})"

    def index(self, value: Value) -> str:
        """What stands between the brackets of a subscript."""
        if isinstance(value, tuple) and value:
            return ", ".join(self._index_part(part) for part in value) + ("," if len(value) == 1 else "")
        return self._index_part(value)

    def _index_part(self, value: Value) -> str:
        if not isinstance(value, slice):
            return self.value(value)
        start, stop = ("" if part is None else self.value(part) for part in (value.start, value.stop))
        return f"{start}:{stop}" + ("" if value.step is None else f":{self.value(value.step)}")

    def operation(self, name: str, arguments: tuple[Value, ...], keywords: Mapping[str, Value]) -> str:
        """An operation as an expression (``query @ key``) or, for those that assign, a statement.

        Raises CannotWrite.
        """
        last = name.rpartition(".")[2]
        if name.startswith("operator.") and len(arguments) == 2 and last in INFIX:
            return f"{self.operand(arguments[0])} {INFIX[last]} {self.operand(arguments[1])}"
        if name.startswith("operator.") and len(arguments) == 1 and last in PREFIX:
            return f"{PREFIX[last]}{self.operand(arguments[0])}"
        if name.startswith("operator.") and len(arguments) == 2 and last in IN_PLACE:
            return f"{self.value(arguments[0])} {IN_PLACE[last]} {self.value(arguments[1])}"
        if name == "operator.truth":
            return f"bool({self.value(arguments[0])})"
        if name == "getitem":
            return f"{self.operand(arguments[0])}[{self.index(arguments[1])}]"
        if name == "setitem":
            return f"{self.operand(arguments[0])}[{self.index(arguments[1])}] = {self.value(arguments[2])}"
        if name == "torch.nn.Module.load_state_dict":
            key, *values = map(self.value, arguments[:3])
            current, saved = ("{}" if value == "None" else f"{{{key}: {value}}}" for value in values)
            suffix = "" if arguments[3] else ", strict=False"
            return f"{self.name('torch.nn.ParameterDict')}({current}).load_state_dict({saved}{suffix})"
        if name.startswith("torch.Tensor.") and arguments:
            receiver = self.operand(arguments[0])
            if last in ATTRIBUTES and len(arguments) == 1:
                return f"{receiver}.{last}"
            return self.call(f"{receiver}.{last}", arguments[1:], keywords)
        return self.call(self.name(name), arguments, keywords)

    def operand(self, value: Value) -> str:
        """A value where it binds tightly: in parentheses unless it is a name, a call or a literal."""
        text = self.value(value)
        return text if is_primary(text) else f"({text})"


def is_primary(text: str) -> bool:
    """Whether a text needs no parentheses as an operand: no operator outside of brackets."""
    depth = 0
    for character in text:
        depth += character in "([{"
        depth -= character in ")]}"
        if depth == 0 and character in " +-*/@%~<>=!&|^":
            return False
    return not text[:1].isdigit()


def input_text(writer: Writer, encoder: Encoder, tensor: Tensor, *, ones: bool = False) -> str:
    """The making of an input: a tensor of that shape, dtype and strides, with contents that are valid for any use."""
    shape: tuple[Value, ...] = tensor.shape.dims
    if tensor.shape.rest is not None:
        shape = (*REST, *shape)
    dtype = tensor.dtype or "float32"
    device: dict[str, Value] = {}
    suffix: dict[str, Value] = {} if dtype == "float32" else {"dtype": TorchName(f"torch.{dtype}")}
    if encoder.devices and tensor.device not in (None, "cpu"):
        device = {"device": tensor.device}
    suffix |= device
    if tensor.elements is not None:
        try:
            return writer.call("torch.tensor", (tensor.elements,), {"dtype": TorchName(f"torch.{dtype}"), **device})
        except CannotWrite:
            pass
    data: dict[str, Any] = encoder.value(tensor)["tensor"]
    if dtype.startswith(("float", "bfloat", "complex")) and not dtype.startswith(("float8", "float4")):
        made, filled = "torch.randn", "normal_"
    elif ones or dtype == "bool":
        made, filled = "torch.ones", "fill_"
    else:
        # Zero is a valid index for every axis, a valid class, a valid position.
        made, filled = "torch.zeros", "zero_"
    strides = data.get("strides")
    if strides is None:
        return writer.call(made, shape or ((),), suffix)
    expanded = tuple(1 if stride == 0 else size for size, stride in zip(data["shape"], strides, strict=True))
    contiguous = [math.prod(expanded[axis + 1 :]) for axis in range(len(expanded))]
    if all(stride in (0, step) or size == 1 for size, stride, step in zip(expanded, strides, contiguous, strict=True)):
        return f"{writer.call(made, expanded, suffix)}.expand{writer.value(shape)}"
    filling = f".{filled}({1 if filled == 'fill_' else ''})"
    text = writer.call("torch.empty_strided", (expanded, tuple(strides)), suffix) + filling
    return text if 0 not in strides else f"{text}.expand{writer.value(shape)}"


def identifier(text: str) -> str:
    """A name of the author's as an identifier: ``config.hidden_size`` is ``hidden_size``; empty when nothing is
    left."""
    tail = text.rpartition(".")[2] if "[" not in text else text
    name = re.sub(r"\W+", "_", tail, flags=re.ASCII).strip("_")
    if not name or name[0].isdigit() or keyword.iskeyword(name):
        name = f"n_{name}" if name and name[0].isdigit() else ""
    return name


RESERVED = frozenset(
    {"torch", "nn", "F", "einops", "max", "min", "slice", "range", "float", "SDPBackend", "sdpa_kernel"}
)


def unique(name: str, taken: Any) -> str:
    """``name``, or ``name_2`` and so on when it is taken."""
    used = set(taken) | RESERVED
    if name not in used:
        return name
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"
