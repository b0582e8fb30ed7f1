"""The types that the upper rooms hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from attnlint.algebra import Dim
    from attnlint.values import Value


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A range of source text. Lines count from 1, columns from 1 in characters (code points); the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Related:
    """A place that explains a finding: the origin of an operand or of a dim, or a link of the call chain."""

    path: str
    range: Range
    message: str
    kind: Literal["operand", "dim", "call", "note"] = "note"


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of the failing operation, as the author wrote it and as it was inferred."""

    text: str
    shape: str
    """``(B, 8, T, 64)``, or ``?`` when not known."""
    dtype: str | None = None
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Stands in the arguments of a step for what an earlier step made, or for one item of it."""

    step: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the way to a failure. Tensors that a step made stand in the arguments as ``Made``; others are
    inputs."""

    operation: str
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] | None = None
    constructor: tuple[tuple[Value, ...], Mapping[str, Value]] | None = None
    layer: tuple[str, int] = ("", 0)
    """For a layer: its name in the code, and a number that is the same for the same layer."""
    names: tuple[str, ...] = ("",)
    """The author's names for the result, one an item when it is a tuple; empty where there is none."""
    result: tuple[Value, ...] = ()
    """The tensor that it makes, as inferred; one an item (``None`` where an item is not used)."""


@dataclass(frozen=True, slots=True)
class Property:
    """What an attention must do, though torch raises nothing where it does not: a function of ``verify/properties.py``.

    ``arguments`` are those of the function. A tensor among them stands for what the steps of the evidence make, or for
    an input that the function changes. The steps lead from ``inputs`` (or from wherever nothing more is known) to the
    tensors of the arguments. An input of unknown rank may come as a pair: itself, and the tensor to take for it.
    """

    name: str
    arguments: Mapping[str, Value]
    inputs: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The operation and its arguments as values: enough to run the real kernel without the user's code.

    ``operation`` is a dotted name that the worker can resolve (``torch.bmm``, ``torch.Tensor.view``,
    ``operator.matmul``,
    ``torch.nn.Linear``, ``einops.rearrange``), or one of the Python operations on shapes: ``unpack`` (``arguments`` =
    value and
    the number of names), ``getitem``, ``setitem``. For a layer, ``constructor`` holds its constructor's arguments and
    ``arguments`` those of the call. Values are those of :mod:`attnlint.values`; symbols in them are replaced by
    ``witness``.
    """

    operation: str
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] | None = None
    constructor: tuple[tuple[Value, ...], Mapping[str, Value]] | None = None
    witness: Mapping[str, int] | None = None
    """Symbol name to integer, respecting all facts; ``None`` when there is no symbol, or no witness was found."""
    dims: Mapping[str, Dim] | None = None
    steps: tuple[Step, ...] = ()
    """The operations that led to the failing one, which is the last; empty where that is all there is."""
    property: Property | None = None
    """For ATN3xx: what does not hold of the steps. No step fails."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier saw."""

    status: Literal["confirmed", "refuted", "unverified"]
    message: str = ""
    """torch's own error message, or the reason why there is none."""
    error: str = ""
    """The exception's type: ``RuntimeError``."""
    torch_version: str = ""
    witness: str = ""
    """``B=2, T=7``, where symbols were replaced."""
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of ``range`` by ``replacement``."""

    range: Range
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair that was proved by checking the edited source again."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken demand, placed in the source."""

    code: str
    path: str
    range: Range
    message: str
    """One line, at most 100 characters where possible, complete by itself: op, operands with shapes, the dims that
    clash."""
    advice: str = ""
    """What to do about it."""
    severity: Literal["error", "warning"] = "error"
    operands: tuple[Operand, ...] = ()
    related: tuple[Related, ...] = ()
    notes: tuple[str, ...] = ()
    """Further sentences: ``caught by the except at line 12``; the path's conditions."""
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    extra: Mapping[str, Any] | None = None

    @property
    def sort_key(self) -> tuple[str, Range, str, str]:
        """Order of findings in every front end."""
        return (self.path, self.range, self.code, self.message)
