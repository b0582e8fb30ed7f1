"""Signatures that a project declares for operations of other packages: ``"b h t d, b h s d, b h s d -> b h t d"``.

They stand in the configuration, and are checked like the shape rules of this package. Pure text until a call is bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from attnlint.algebra import Dim, Expression, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import Op
from attnlint.ops.results import fresh, unknown_shape
from attnlint.ops.signature import Signature
from attnlint.values import Tensor, Unknown, Value

CODE = "ATN404"
ANY = "_"
FAMILY = "declared"

_TOKEN = re.compile(r"\s*(?:(?P<arrow>->)|(?P<rest>\.\.\.)|(?P<dim>\w+(?:\*\w+)*)|(?P<mark>[,:=]))")


class SignatureError(ValueError):
    """A text that is no signature."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column
        """From 1."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One argument, or one result."""

    name: str
    dims: tuple[str, ...] | None
    """Names, integers, products of these, ``_`` for any size; ``None`` for what is not looked at."""
    rest: int | None = None
    """How many dims stand in front of the ``...``, where there is one."""
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class DeclaredSignature:
    """A parsed signature."""

    text: str
    operands: tuple[Operand, ...]
    results: tuple[Operand, ...]

    @staticmethod
    def parse(text: str) -> DeclaredSignature:
        """Parse it. Raises SignatureError."""
        return _Parser(text).signature()

    def op(self, name: str) -> Op:
        """The operation of that name, with a shape rule that demands what is declared."""
        parameters = [f"{one.name}=None" if one.is_optional else one.name for one in self.operands]
        # What comes after a default must have one for Python's parser; what is left over is not looked at.
        first = next((index for index, one in enumerate(self.operands) if one.is_optional), len(parameters))
        late = [one.name for one in self.operands[first:] if not one.is_optional]
        if late:
            raise SignatureError(f"{late[0]} must not come after an optional argument", 1)
        signature = Signature.parse(f"({', '.join([*parameters, '*more', '**options'])})")
        return Op(name, (signature,), self._rule(), FAMILY)

    def _rule(self) -> Callable[[Call], Value]:
        def rule(call: Call) -> Value:
            return _Check(self, call).result()

        return rule


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        offset = 0
        while text[offset:].strip():
            match = _TOKEN.match(text, offset)
            if match is None:
                place = offset + len(text[offset:]) - len(text[offset:].lstrip())
                raise SignatureError(f"{text[place]!r} cannot stand here", place + 1)
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind], match.start(kind) + 1))
            offset = match.end()

    def signature(self) -> DeclaredSignature:
        arrows = [index for index, (kind, _, _) in enumerate(self._tokens) if kind == "arrow"]
        if len(arrows) != 1:
            where = self._tokens[arrows[1]][2] if arrows else len(self._text) + 1
            raise SignatureError("there is more than one '->'" if arrows else "there is no '->'", where)
        operands = self._operands(self._tokens[: arrows[0]], "argument")
        results = self._operands(self._tokens[arrows[0] + 1 :], "result")
        if any(one.is_optional for one in results):
            raise SignatureError("a result cannot be optional", self._tokens[arrows[0]][2])
        return DeclaredSignature(self._text, operands, results)

    def _operands(self, tokens: Sequence[tuple[str, str, int]], what: str) -> tuple[Operand, ...]:
        groups: list[list[tuple[str, str, int]]] = [[]]
        for token in tokens:
            if token[1] == ",":
                groups.append([])
            else:
                groups[-1].append(token)
        found = tuple(self._operand(group, f"{what}_{number}") for number, group in enumerate(groups, 1))
        names = [one.name for one in found]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SignatureError(f"two arguments have the name {twice!r}", self._text.index(twice) + 1)
        return found

    def _operand(self, tokens: list[tuple[str, str, int]], name: str) -> Operand:
        optional = False
        if len(tokens) > 1 and tokens[1][1] in (":", "="):
            if not tokens[0][1].isidentifier():
                raise SignatureError(f"{tokens[0][1]!r} is no name of an argument", tokens[0][2])
            name, optional = tokens[0][1], tokens[1][1] == "="
            tokens = tokens[2:]
        rest: int | None = None
        dims: list[str] = []
        for kind, text, column in tokens:
            if kind == "mark":
                raise SignatureError(f"{text!r} cannot stand here", column)
            if kind == "rest":
                if rest is not None:
                    raise SignatureError("there is more than one '...' in one shape", column)
                rest = len(dims)
                continue
            for part in text.split("*"):
                if not (part.isidentifier() or part.isdecimal()) or (part == ANY and text != ANY):
                    raise SignatureError(f"{part!r} is neither a name nor a number", column)
            dims.append(text)
        if dims == [ANY] and rest is None:
            return Operand(name, None, None, optional)
        return Operand(name, tuple(dims), rest, optional)


@dataclass(slots=True)
class _Bound:
    """What a name of the signature stands for, and where that was seen first."""

    size: Dim
    argument: str
    axis: int


class _Check:
    """One call."""

    def __init__(self, declared: DeclaredSignature, call: Call) -> None:
        self._declared = declared
        self._call = call
        self._bound: dict[str, _Bound] = {}
        self._rest: tuple[Dim, ...] | None = None
        self._first: Tensor | None = None

    def result(self) -> Value:
        for operand in self._declared.operands:
            self._operand(operand)
        made = tuple(self._made(one) for one in self._declared.results)
        return made[0] if len(made) == 1 else made

    def _operand(self, operand: Operand) -> None:
        if operand.dims is None:
            return
        value = self._call[operand.name]
        if value is None and operand.is_optional:
            return
        try:
            tensor = self._call.as_tensor(value, operand.name)
        except CannotTell:
            return
        count = len(operand.dims)
        if operand.rest is None:
            tensor = self._call.demand_rank(tensor, (count,), lambda: self._rank(operand, tensor))
        elif tensor.shape.rank is not None and tensor.shape.rank < count:
            raise self._rank(operand, tensor)
        self._first = self._first or tensor
        dims = tensor.shape.dims
        front = operand.rest if operand.rest is not None else 0
        known = tensor.shape.rank is not None
        for index, said in enumerate(operand.dims):
            axis = index if index < front else index - count
            if known or (axis < 0 and -axis <= len(dims)):
                self._dim(operand, said, axis % len(dims) if known else axis, dims[axis])
        if operand.rest is not None and known and self._rest is None:
            self._rest = dims[front : len(dims) - (count - front)]

    def _dim(self, operand: Operand, said: str, axis: int, size: Dim) -> None:
        if said == ANY:
            return
        known = self._bound.get(said)
        if known is None and said.isidentifier():
            self._bound[said] = _Bound(size, operand.name, axis)
            return
        wanted = known.size if known is not None else self._size(said)
        if wanted is None:
            return
        mine = Clash(operand.name, axis, size)
        other = Clash(known.argument, known.axis, known.size) if known is not None else None
        clash = (other, mine) if other is not None else (mine,)

        def complain() -> Complaint:
            if known is not None:
                summary = f"{said} is {known.size} in {_spoken(known.argument)} and {size} in {_spoken(operand.name)}"
            else:
                summary = f"axis {axis} of {_spoken(operand.name)} is {size}, not {said}"
                summary += f" = {wanted}" if not said.isdecimal() else ""
            return Complaint(
                CODE,
                f"{summary}: declared as `{self._declared.text}`",
                arguments=(operand.name, *((known.argument,) if known is not None else ())),
                clash=clash,
                advice="pass what the declared signature says, or correct it in the configuration",
            )

        self._call.demand_equal(wanted, size, complain, clash)

    def _size(self, said: str) -> Dim | None:
        """What a number, a name or a product comes to; ``None`` while a name in it is not known."""
        product: Dim = 1
        for part in said.split("*"):
            if part.isdecimal():
                product = product * int(part)
            elif part in self._bound:
                size = self._bound[part].size
                product = size * product if isinstance(size, Expression) else product * size
            else:
                return None
        return product

    def _rank(self, operand: Operand, tensor: Tensor) -> Complaint:
        count = len(operand.dims or ())
        least = "at least " if operand.rest is not None else ""
        return Complaint(
            CODE,
            f"{_spoken(operand.name)} has {len(tensor.shape.dims)} dimensions, not {least}{count}: declared as "
            f"`{self._declared.text}`",
            arguments=(operand.name,),
            clash=(Clash(operand.name, None),),
            advice="pass what the declared signature says, or correct it in the configuration",
            about_rank=True,
        )

    def _made(self, result: Operand) -> Value:
        if result.dims is None:
            return Unknown("the declared signature does not say what this is")
        like = self._first
        dims = tuple(self._made_dim(said) for said in result.dims)
        if result.rest is not None:
            if self._rest is None:
                shape = Shape(dims[result.rest :], unknown_shape().rest)
                return fresh(self._call, shape, like.dtype if like is not None else None, like=like)
            dims = (*dims[: result.rest], *self._rest, *dims[result.rest :])
        return fresh(self._call, dims, like.dtype if like is not None else None, like=like)

    def _made_dim(self, said: str) -> Dim:
        size = self._size(said) if said != ANY else None
        if size is None:
            size = self._call.fresh("n" if said == ANY else said.replace("*", "_"))
            if said.isidentifier() and said != ANY:
                self._bound[said] = _Bound(size, "the result", 0)
        return size


def _spoken(argument: str) -> str:
    """``argument 2``, where it has no name of its own."""
    return argument.replace("_", " ") if re.fullmatch(r"argument_\d+", argument) else argument


def declared_ops(signatures: Mapping[str, str]) -> dict[str, Op]:
    """The operations that a configuration declares, by qualified name. Raises SignatureError."""
    return {name: DeclaredSignature.parse(text).op(name) for name, text in signatures.items()}
