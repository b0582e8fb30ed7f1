"""Drivers for classes and functions that nobody calls: what to construct, and what to hand in, with the witness sizes.

Sizes come from the witness, tensors from the shapes inferred for the parameters. What the finding does not depend on
is made up, several ways where need be; where a required input cannot be made, there is no driver, and a reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attnlint.findings import Evidence, Finding
from attnlint.values import DictValue, ListValue, Tensor, Value
from attnlint.verify.encode import Encoder

LEADING: tuple[tuple[int, ...], ...] = ((2,), (), (2, 3))
"""What may stand for leading dims of which nothing is known; a layer may want to have a certain number of them."""

MADE_UP: tuple[int | float, ...] = (1, 0.0)
"""What may stand for a number that the finding does not depend on: one is a size, a count and a rate of dropout."""

ANNOTATED = {"int": 1, "float": 0.0, "bool": False}

INDICES = frozenset({"Embedding", "EmbeddingBag", "embedding", "one_hot"})
"""Operations whose first tensor holds indices."""


class NoDriver(Exception):
    """Why no driver can be made, in a line."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to call what nobody calls, in the worker's JSON form."""

    constructor: Mapping[str, Any] | None
    """``None`` for a function."""
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Driver:
    """What is called, and the ways to call it, the likeliest first."""

    name: str
    method: str
    """``forward``; empty for a function, and where the constructor is what fails."""
    attempts: tuple[Attempt, ...]

    def text(self, number: int = 0) -> str:
        """One attempt as Python would be read: ``Feed(dim=2)(x=(2, 2))``, a tensor by its shape."""
        attempt = self.attempts[number]
        arguments = _listed(attempt.arguments)
        if attempt.constructor is None:
            return f"{self.name}({arguments})"
        made = f"{self.name}({_listed(attempt.constructor)})"
        if not self.method:
            return made
        return f"{made}({arguments})" if self.method == "forward" else f"{made}.{self.method}({arguments})"

    @property
    def request(self) -> dict[str, Any]:
        """The driver in the worker's JSON form."""
        attempts = [{"constructor": one.constructor, "arguments": one.arguments} for one in self.attempts]
        return {"name": self.name, "method": self.method, "attempts": attempts}


def driver_for(finding: Finding, text: str) -> Driver:
    """The driver for a finding in a text. Raises NoDriver."""
    evidence = finding.evidence
    entry = str((finding.extra or {}).get("entry", ""))
    if evidence is None or not entry:
        raise NoDriver("no operation is known")
    if evidence.property is not None:
        raise NoDriver("nothing raises here")
    tree = ast.parse(text)
    named = re.fullmatch(r"(function )?(\w+)( \(\w+\))?", entry)
    if named is None:
        raise NoDriver(f"{entry} is not called by itself")
    name, how = named[2], (named[3] or "").strip(" ()")
    node = next((one for one in tree.body if getattr(one, "name", "") == name), None)
    if named[1] and isinstance(node, ast.FunctionDef):
        attempts = [Attempt(None, arguments) for arguments in _ways(node, evidence, how, tensors=True, methods=(node,))]
        return Driver(name, "", tuple(_distinct(attempts)))
    if not isinstance(node, ast.ClassDef):
        raise NoDriver(f"{name} is not defined at the top of this file")
    methods = _methods(node, tree)
    init = methods.get("__init__")
    method = _method(methods, finding)
    own = tuple(methods.values())
    made = list(_ways(init, evidence, how, tensors=False, methods=own)) if init is not None else [{}]
    inputs: list[Mapping[str, Any]] = [{}]
    if method is not None:
        inputs = list(_ways(method, evidence, how, tensors=True, methods=own))
    attempts = [Attempt(constructor, arguments) for arguments in inputs for constructor in made]
    return Driver(name, method.name if method is not None else "", tuple(_distinct(attempts)))


def _method(methods: Mapping[str, ast.FunctionDef], finding: Finding) -> ast.FunctionDef | None:
    """The method to call: none when the constructor is what fails."""
    inside = next(
        (one for one in methods.values() if one.lineno <= finding.range.line <= (one.end_lineno or one.lineno)), None
    )
    if inside is not None and inside.name == "__init__":
        return None
    method = methods.get("forward") or inside
    if method is None:
        raise NoDriver("there is no forward to call")
    return method


def _methods(node: ast.ClassDef, tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The methods of a class by name, those of its bases in the same file included."""
    classes = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    found: dict[str, ast.FunctionDef] = {}
    queue, seen = [node], {node.name}
    while queue:
        cls = queue.pop(0)
        for one in cls.body:
            if isinstance(one, ast.FunctionDef):
                found.setdefault(one.name, one)
        for base in cls.bases:
            if isinstance(base, ast.Name) and base.id in classes and base.id not in seen:
                seen.add(base.id)
                queue.append(classes[base.id])
    return found


def _ways(
    function: ast.FunctionDef,
    evidence: Evidence,
    how: str,
    *,
    tensors: bool,
    methods: tuple[ast.FunctionDef, ...],
) -> Iterator[Mapping[str, Any]]:
    """The arguments to call a function with, one way after the other."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip(reversed([one.arg for one in positional]), reversed(arguments.defaults), strict=False))
    defaults.update(
        {one.arg: value for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value}
    )
    if positional and positional[0].arg == "self":
        positional = positional[1:]
    witness = dict(evidence.witness or {})
    known = _tensors(evidence) if tensors else {}
    for leading in LEADING:
        for made_up in MADE_UP:
            given: dict[str, Any] = {}
            for parameter in (*positional, *arguments.kwonlyargs):
                name = parameter.arg
                if name in witness and (name not in defaults or how != "defaults"):
                    given[name] = witness[name]
                elif name in known and _is_free(name, defaults):
                    given[name] = _tensor(known[name], evidence, leading)
                elif name not in defaults:
                    given[name] = _made_up(parameter, function, methods, witness, made_up, tensors)
            yield given


def _is_free(name: str, defaults: Mapping[str, ast.expr]) -> bool:
    default = defaults.get(name)
    return default is None or (isinstance(default, ast.Constant) and default.value is None)


def _made_up(
    parameter: ast.arg,
    function: ast.FunctionDef,
    methods: tuple[ast.FunctionDef, ...],
    witness: Mapping[str, int],
    number: int | float,
    tensors: bool,
) -> Any:
    """What stands for a parameter that is no size and no tensor of the evidence."""
    name = parameter.arg
    annotation = parameter.annotation.id if isinstance(parameter.annotation, ast.Name) else ""
    sizes = _unpacked(name, function, witness)
    if tensors and sizes:
        return {"tensor": sizes, "dtype": None}
    attributes = _attributes(name, (function, *methods))
    prefix = f"{name}."
    if not tensors and (attributes or any(key.startswith(prefix) for key in witness)):
        values: dict[str, Any] = dict.fromkeys(sorted(attributes), number)
        values.update(
            {key[len(prefix) :]: size for key, size in witness.items() if re.fullmatch(re.escape(prefix) + r"\w+", key)}
        )
        return {"object": values}
    places = _subscripts(name, (function, *methods))
    if not tensors and places:
        return [witness.get(f"{name}[{place}]", number) for place in range(max(places) + 1)]
    if annotation in ANNOTATED:
        return ANNOTATED[annotation]
    if tensors or parameter.annotation is not None:
        raise NoDriver(f"nothing is known of {name}, which {function.name} needs")
    return number


def _attributes(name: str, functions: tuple[ast.FunctionDef, ...]) -> set[str]:
    """What is read from a parameter: ``hidden_size`` of ``config.hidden_size`` and ``self.config.hidden_size``."""
    found = set()
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                owner = node.value
                if (isinstance(owner, ast.Name) and owner.id == name) or (
                    isinstance(owner, ast.Attribute)
                    and owner.attr == name
                    and isinstance(owner.value, ast.Name)
                    and owner.value.id == "self"
                ):
                    found.add(node.attr)
    return found


def _subscripts(name: str, functions: tuple[ast.FunctionDef, ...]) -> set[int]:
    """The places of a parameter that are read: 0 of ``input_shape[0]``."""
    return {
        node.slice.value
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and type(node.slice.value) is int
        and node.slice.value >= 0
    }


def _unpacked(name: str, function: ast.FunctionDef, witness: Mapping[str, int]) -> list[int]:
    """The sizes of a parameter whose shape the function unpacks: ``B, T, C = x.shape``."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            continue
        value: ast.expr = node.value
        if isinstance(value, ast.Call) and not value.args:
            value = value.func
        names = node.targets[0].elts
        if (
            isinstance(value, ast.Attribute)
            and value.attr in ("shape", "size")
            and isinstance(value.value, ast.Name)
            and value.value.id == name
            and all(isinstance(one, ast.Name) for one in names)
        ):
            keys = [(getattr(one, "id", ""), f"{name}.shape[{axis}]") for axis, one in enumerate(names)]
            return [next((witness[key] for key in pair if key in witness), 2) for pair in keys]
    return []


def _tensors(evidence: Evidence) -> dict[str, tuple[Tensor, bool]]:
    """The inputs of the evidence by name, and whether they hold indices."""
    found: dict[str, tuple[Tensor, bool]] = {}
    values: list[tuple[Value, str]] = [(one, step.operation) for step in evidence.steps for one in step.arguments]
    values += [(one, evidence.operation) for one in evidence.arguments]
    while values:
        value, operation = values.pop(0)
        if isinstance(value, ListValue):
            values += [(one, operation) for one in value.items]
        elif isinstance(value, tuple):
            values += [(one, operation) for one in value]
        elif isinstance(value, DictValue):
            values += [(one, operation) for one in value.items.values()]
        elif isinstance(value, Tensor) and value.label and (value.assumed or value.maker is None):
            found.setdefault(value.label, (value, operation.rpartition(".")[2] in INDICES))
    return found


def _tensor(known: tuple[Tensor, bool], evidence: Evidence, leading: tuple[int, ...]) -> dict[str, Any]:
    tensor, indices = known
    encoder = Encoder(evidence.witness)
    try:
        sizes = [encoder.dim(size) for size in tensor.shape.dims]
    except (ArithmeticError, LookupError, ValueError) as error:
        raise NoDriver(f"no size is known for {tensor.label}") from error
    front = leading if tensor.shape.rest is not None else ()
    return {"tensor": [*front, *sizes], "dtype": tensor.dtype or ("int64" if indices else None)}


def _distinct(attempts: list[Attempt]) -> Iterator[Attempt]:
    seen: list[Attempt] = []
    for attempt in attempts:
        if attempt not in seen:
            seen.append(attempt)
            yield attempt


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_written(value)}" for name, value in values.items())


def _written(value: Any) -> str:
    if isinstance(value, dict) and "tensor" in value:
        return f"tensor of {tuple(value['tensor'])}"
    if isinstance(value, dict):
        return f"object({_listed(value['object'])})"
    return repr(value)
