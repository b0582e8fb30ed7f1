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
class Evidence:
    """The operation and its arguments as values: enough to run the real kernel without the user's code.

    ``operation`` is a dotted name that the worker can resolve (``torch.bmm``, ``torch.Tensor.view``, ``operator.matmul``,
    ``torch.nn.Linear``, ``einops.rearrange``), or one of the Python operations on shapes: ``unpack`` (``arguments`` = value and
    the number of names), ``getitem``, ``setitem``. For a layer, ``constructor`` holds its constructor's arguments and
    ``arguments`` those of the call. Values are those of :mod:`attnlint.values`; symbols in them are replaced by ``witness``.
    """

    operation: str
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] | None = None
    constructor: tuple[tuple[Value, ...], Mapping[str, Value]] | None = None
    witness: Mapping[str, int] | None = None
    """Symbol name to integer, respecting all facts; ``None`` when there is no symbol, or no witness was found."""
    dims: Mapping[str, Dim] | None = None


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
    """One line, at most 100 characters where possible, complete by itself: op, operands with shapes, the dims that clash."""
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
