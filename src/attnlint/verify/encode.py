"""Evidence to the JSON request that the worker understands; symbols are replaced by the witness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attnlint.algebra import Expression, Shape, Symbol, evaluate
from attnlint.findings import Evidence
from attnlint.ops.devices import differ
from attnlint.values import DictValue, Instance, ListValue, SetValue, Tensor, TorchName, Unknown, Value

REST = (2,)
"""What stands for leading dims of which nothing is known: the claim holds for all of them, so for one batch axis."""

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)

BYTES = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "float16": 2,
    "bfloat16": 2,
    "int16": 2,
    "float64": 8,
    "int64": 8,
    "complex64": 8,
}


class Encoder:
    """Encodes the values of one piece of evidence, and keeps the assignment of its symbols."""

    def __init__(self, witness: Mapping[Any, int] | None) -> None:
        self._witness = dict(witness or {})
        self.assignment: dict[Symbol, int] = {}
        self.bytes = 0
        self.devices = False
        """Whether it matters on which device each tensor is."""
        self._counts: dict[int, int] = {}
        self._objects: dict[int, int] = {}

    def count(self, values: Iterable[Value]) -> None:
        """Notice which tensors are passed more than once: they are one object for the operation, too."""
        for value in values:
            if isinstance(value, Tensor):
                self._counts[id(value)] = self._counts.get(id(value), 0) + 1

    def dim(self, value: int | Expression) -> int:
        """A dim as an integer."""
        if isinstance(value, int):
            return value
        for symbol in sorted(value.symbols(), key=lambda symbol: symbol.name):
            if symbol not in self.assignment:
                self.assignment[symbol] = self._choose(symbol)
        number: int = evaluate(value, self.assignment)
        return number

    def _choose(self, symbol: Symbol) -> int:
        for key in (symbol, symbol.name):
            if key in self._witness:
                return int(self._witness[key])
        taken = set(self.assignment.values()) | set(self._witness.values())
        return next((prime for prime in PRIMES if prime not in taken), 2)

    def shape(self, shape: Shape) -> list[int]:
        """A shape as integers."""
        return [*(REST if shape.rest is not None else ()), *(self.dim(dim) for dim in shape.dims)]

    def value(self, value: Value) -> Any:
        """A value in the worker's JSON form."""
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, Expression):
            return self.dim(value)
        if isinstance(value, Shape):
            return {"tuple": self.shape(value)}
        if isinstance(value, Tensor):
            data = self._tensor(value)
            if self._counts.get(id(value), 0) > 1:
                data["object"] = self._objects.setdefault(id(value), len(self._objects))
            return {"tensor": data}
        if isinstance(value, tuple):
            return {"tuple": [self.value(item) for item in value]}
        if isinstance(value, ListValue):
            return [self.value(item) for item in value.items]
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, SetValue):
            return {"set": [self.value(item) for item in value.items]}
        if isinstance(value, DictValue | dict):
            items = value.items if isinstance(value, DictValue) else value
            return {"dict": [[self.value(key), self.value(item)] for key, item in items.items()]}
        if isinstance(value, slice):
            return {"slice": [self.value(part) for part in (value.start, value.stop, value.step)]}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, TorchName):
            return {"name": value.name}
        if isinstance(value, Instance) and isinstance(value.cls, TorchName):
            made = value.attributes.get("__constructor__")
            if isinstance(made, tuple):
                keywords = {name: self.value(item) for name, item in made[1]}
                return {
                    "module": {
                        "class": value.cls.name,
                        "arguments": [self.value(item) for item in made[0]],
                        "keywords": keywords,
                    }
                }
            return {"unknown": f"an object of {value.cls.name}"}
        return {"unknown": value.reason if isinstance(value, Unknown) else type(value).__name__}

    def _tensor(self, tensor: Tensor) -> dict[str, Any]:
        shape = self.shape(tensor.shape)
        self.bytes += math.prod(shape) * BYTES.get(tensor.dtype or "", 4)
        data: dict[str, Any] = {"shape": shape, "dtype": tensor.dtype}
        if self.devices and tensor.device not in (None, "cpu"):
            data["device"] = tensor.device
        if tensor.strides is not None and tensor.shape.rest is None:
            strides = [self.dim(stride) for stride in tensor.strides]
            if strides != _contiguous(shape):
                data["strides"] = strides
        if tensor.elements is not None:
            elements = self.value(tensor.elements)
            if "unknown" not in repr(elements):
                data["elements"] = _plain(elements)
        return data


def about_devices(evidence: Evidence) -> bool:
    """Whether what is claimed of an operation is about the devices of its operands."""
    if evidence.operation == "torch.Tensor.numpy":
        return True
    found = set(_devices((*evidence.arguments, *(evidence.keywords or {}).values())))
    if evidence.constructor is not None and isinstance(device := evidence.constructor[1].get("device"), str):
        found.add(device)
    return any(differ(one, other) for one in found for other in found)


def _devices(values: Iterable[Value]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Tensor) and value.device is not None:
            yield value.device
        elif isinstance(value, tuple):
            yield from _devices(value)
        elif isinstance(value, ListValue):
            yield from _devices(value.items)


def encode(evidence: Evidence, *, memory_limit: int, device: str = "cpu") -> tuple[dict[str, Any], str, str]:
    """The request for the worker, the witness as text (``B=2, T=7``), and the device that the operands fit on."""
    encoder = Encoder(evidence.witness)
    encoder.devices = about_devices(evidence)
    encoder.count((*evidence.arguments, *(evidence.keywords or {}).values()))
    request: dict[str, Any] = {
        "operation": evidence.operation,
        "arguments": [encoder.value(item) for item in evidence.arguments],
        "keywords": {key: encoder.value(item) for key, item in (evidence.keywords or {}).items()},
        "constructor": None,
    }
    if evidence.constructor is not None:
        positional, named = evidence.constructor
        request["constructor"] = [
            [encoder.value(item) for item in positional],
            {key: encoder.value(item) for key, item in named.items() if key not in ("device",)},
        ]
        if encoder.devices:
            request["layer_device"] = named.get("device", "cpu")
    if encoder.devices:
        request["devices"] = True
    if encoder.bytes * 3 > memory_limit:
        device = "meta"
    request["device"] = device
    witness = ", ".join(f"{symbol.name}={number}" for symbol, number in encoder.assignment.items())
    return request, witness, device


def _contiguous(shape: list[int]) -> list[int]:
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return strides[::-1]


def _plain(data: Any) -> Any:
    """Elements as nested lists (a tuple of numbers needs no tag)."""
    if isinstance(data, dict) and "tuple" in data:
        return [_plain(item) for item in data["tuple"]]
    return data
