"""What a shape rule sees: bound arguments, the facts, and the words to demand and to complain with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attnlint.algebra import Answer, Dim, Expression, Facts, Rest, Shape, Symbol
from attnlint.algebra.extrema import single_atom
from attnlint.algebra.opaque import Opaque
from attnlint.ops.axes import axes_of_rest, with_shape
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.float_sizes import float_complaint, is_certain_float, refuses_floats
from attnlint.values import ListValue, Repeated, Tensor, TorchName, Unknown, Value

ARITHMETIC = "arithmetic"
"""The key of the result of an operator on objects of which nothing says what they are begins with this; what it is if
they are ints comes next."""


def unknown_int(key: Hashable, name: str) -> Expression:
    """The stable symbol of an unknown object that is used as an int."""
    if isinstance(key, tuple) and key and key[0] == ARITHMETIC:
        found: Expression = key[1]
        return found
    return Expression.of(Symbol(name, key=("int", key), minimum=None))


def _is_cut_to(size: Dim, wanted: Dim) -> bool:
    """Whether a size is that of a slice of so many, ``x[:, :wanted]``: who wrote it knows that there are as many."""
    atom = single_atom(size)
    return isinstance(atom, Opaque) and atom.operation == "min" and wanted in atom.arguments


@dataclass(slots=True)
class Call:
    """One call of an op, its arguments bound to the declared signature."""

    name: str
    """The qualified name that was called: ``torch.Tensor.view``."""
    arguments: dict[str, Value]
    facts: Facts
    overload: int = 0
    """Which of the op's signatures was bound."""
    layer: Mapping[str, Value] = field(default_factory=dict)
    """For a layer's forward: the attributes of the instance."""
    inplace: bool = False
    lucky: list[tuple[Dim, Dim, tuple[Clash, ...]]] = field(default_factory=list)
    """Open demands that were assumed to hold: the two dims, and which axes they are (the ground of ATN201)."""
    may_broadcast: list[tuple[Dim, Dim, tuple[Clash, ...]]] = field(default_factory=list)
    """Sizes that meet and of which one may be 1: they need not be equal, and nothing was learned."""
    unless_one: Complaint | None = None
    """What is wrong but where a size of the input is 1, of which nobody has said that it is a size like others."""
    exact_dtypes: bool = False
    """Whether floating dtypes are what they seem: no caller can have converted the model (``model.half()``), and no
    ``torch.autocast`` is active. Only then does a mixture of floating dtypes certainly raise."""
    training: bool = False
    """Whether the layer is certainly in training mode."""
    default_device: str | None = None
    """Where tensors are made that nobody puts anywhere; ``None`` when the program may change that."""
    before: Facts | None = None
    """The facts before the first open demand was assumed to hold."""
    because: Any = None
    """Opaque: where this call stands, for ``Facts`` to remember why it knows something."""
    assumed_open: Callable[[str], None] | None = None

    # --- arguments --------------------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Value:
        return self.arguments[name]

    def tensor(self, name: str) -> Tensor:
        """The tensor argument ``name``, its shape resolved under the facts; CannotTell when it is
        not known to be one.
        """
        return self.as_tensor(self.arguments[name], name)

    def as_tensor(self, value: Value, name: str = "") -> Tensor:
        """``value`` as a tensor: an unknown object becomes a tensor of unknown rank that is the
        same wherever it goes.
        """
        if isinstance(value, Tensor):
            shape = self.facts.resolve(value.shape)
            if shape is value.shape:
                return value
            return with_shape(value, shape)
        if isinstance(value, Unknown) and value.key is not None and value.kind in ("", "tensor"):
            label = value.label or name
            rest = Rest(("shape", value.key), label)
            shape = self.facts.resolve(Shape((), rest))
            axes = axes_of_rest(rest, len(shape.dims))
            return Tensor(shape, axes=axes, label=label, assumed=value.kind != "tensor")
        raise CannotTell(value.reason if isinstance(value, Unknown) else f"{name or 'an operand'} is not a tensor")

    def operand(self, argument: str) -> Tensor | None:
        """The tensor that a complaint speaks of: ``input``, or ``operands[1]``."""
        name, _, index = argument.partition("[")
        value = self.arguments.get(name)
        if index and isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple):
            value = value[0]
        if index and isinstance(value, ListValue):
            value = tuple(value.items)
        if index and isinstance(value, tuple):
            number = int(index.rstrip("]")) if index.rstrip("]").isdigit() else len(value)
            value = value[number] if number < len(value) else None
        return value if isinstance(value, Tensor) else None

    def dim(self, name: str) -> Dim:
        """The integer argument ``name`` as a dim; CannotTell when it is not known."""
        return self.as_dim(self.arguments[name], name)

    def as_dim(self, value: Value, name: str = "") -> Dim:
        """``value`` as a dim: an int, a symbolic expression, or the stable symbol of an unknown int."""
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int):
            return value
        if isinstance(value, Expression):
            return self.facts.normal(value)
        if isinstance(value, Tensor) and value.elements is not None and isinstance(value.elements, int | Expression):
            return value.elements
        if isinstance(value, Unknown) and value.key is not None and value.kind in ("", "int") and not value.optional:
            return self.facts.normal(unknown_int(value.key, value.label or name or "n"))
        if is_certain_float(value) and refuses_floats(self.name, self.arguments):
            raise float_complaint(value, name)
        raise CannotTell(value.reason if isinstance(value, Unknown) else f"{name or 'an argument'} is not a known int")

    def integer(self, name: str) -> int:
        """The argument ``name`` where the rule needs a concrete int (an axis); CannotTell otherwise."""
        value = self.arguments[name]
        if isinstance(value, Expression):
            value = self.facts.normal(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise CannotTell(f"{name} is not a known integer")
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean argument; ``None`` when not known."""
        value = self.arguments.get(name)
        return value if isinstance(value, bool) else bool(value) if isinstance(value, int) else None

    def sequence(self, name: str) -> tuple[Value, ...]:
        """A tuple or list argument, or varargs holding one sequence, as a tuple; CannotTell when
        its length is not known.
        """
        return self.as_sequence(self.arguments[name], name)

    def as_sequence(self, value: Value, name: str = "") -> tuple[Value, ...]:
        """``value`` as a tuple of values; ``(sequence,)`` as the sequence (torch's ``*size``)."""
        if isinstance(value, ListValue):
            return tuple(value.items)
        if isinstance(value, tuple):
            if len(value) == 1 and isinstance(value[0], tuple | ListValue | Repeated | Unknown):
                if isinstance(value[0], Unknown) and self._is_int(value[0]):
                    return value
                return self.as_sequence(value[0], name)
            return value
        raise CannotTell(value.reason if isinstance(value, Unknown) else f"{name or 'a sequence'} has no known length")

    def _is_int(self, value: Unknown) -> bool:
        """Whether an unknown object is an int: it says so, or has been the size of something."""
        if value.key is None:
            return False
        known = (
            value.kind == ""
            and not value.optional
            and self.facts.at_least(unknown_int(value.key, value.label), 0) is Answer.YES
        )
        return known or value.kind == "int"

    def dtype(self, name: str) -> str | None:
        """A dtype argument (``torch.float32``) as ``float32``; ``None`` when absent; CannotTell when not known."""
        value = self.arguments.get(name)
        if value is None:
            return None
        if isinstance(value, TorchName):
            return value.name.removeprefix("torch.")
        raise CannotTell(f"{name} is not a known dtype")

    # --- demands ----------------------------------------------------------------------------------------------------

    def demand_equal(
        self, left: Dim, right: Dim, complaint: Callable[[], Complaint], clash: tuple[Clash, ...] = ()
    ) -> Dim:
        """Demand that two sizes are equal: complain when they differ, learn it when that is open. Returns the size."""
        left, right = self.facts.normal(left), self.facts.normal(right)
        answer = self.facts.equal(left, right)
        if answer is Answer.NO:
            if self.facts.may_be_empty(left, right):
                return 0
            raise complaint()
        if answer is Answer.OPEN:
            if not (_is_cut_to(left, right) or _is_cut_to(right, left)):
                self.lucky.append((left, right, clash))
            if self.before is None:
                self.before = self.facts.fork()
            if not self.facts.learn_equal(left, right, because=self.because):
                raise complaint()
        return left if isinstance(left, int) else right

    def demand(self, answer: Answer, complaint: Callable[[], Complaint]) -> None:
        """Demand something that has been decided elsewhere: complain when the answer is NO."""
        if answer is Answer.NO:
            raise complaint()

    def demand_rank(self, tensor: Tensor, ranks: Sequence[int], complaint: Callable[[], Complaint]) -> Tensor:
        """Demand that a tensor has one of the ranks.

        With one rank, a tensor of unknown rank gets it; else CannotTell if unknown.
        """
        shape = tensor.shape
        if shape.rank is not None:
            if shape.rank not in ranks:
                raise complaint()
            return tensor
        if all(rank < len(shape.dims) for rank in ranks):
            raise complaint()
        if len(ranks) == 1:
            return with_shape(tensor, self.facts.require_rank(shape, ranks[0], because=self.because))
        raise CannotTell("an operand has an unknown number of dimensions")

    def known_rank(self, tensor: Tensor) -> tuple[Dim, ...]:
        """All dims of a tensor; CannotTell when its rank is not known."""
        if tensor.shape.rank is None:
            raise CannotTell("an operand has an unknown number of dimensions")
        return tensor.shape.dims

    def axis(self, value: int, rank: int, *, argument: str = "dim", extra: int = 0, code: str = "ATN107") -> int:
        """Normalise an axis argument against ``rank`` (``extra`` 1 for ``unsqueeze``/``stack``);
        complain when out of range.
        """
        size = max(rank + extra, 1)
        if not -size <= value < size:
            raise Complaint(
                code,
                f"axis {value} is out of range for {rank} dimension{'s' * (rank != 1)}",
                arguments=(argument,),
                advice=f"use an axis in [{-size}, {size - 1}]",
                about_rank=True,
            )
        return value % size

    def fresh(self, name: str, *, minimum: int | None = 0) -> Expression:
        """A fresh symbol for a size that depends on data (``nonzero``)."""
        return Expression.of(Symbol(name, minimum=minimum))
