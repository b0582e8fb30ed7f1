"""The shapes of what a file assigns: what ``attnlint shapes`` and an editor's hints show."""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.findings import Range
from attnlint.interpreter import AnalysisOptions, Project, analyse
from attnlint.syntax import Source, parse
from attnlint.values import Tensor


@dataclass(frozen=True, slots=True)
class InferredShape:
    """One tensor that was bound to a name."""

    entry: str
    """How the interpreter came there: the run of the module, or a class or function on its own."""
    range: Range
    """The name."""
    name: str
    shape: str
    dtype: str | None

    @property
    def text(self) -> str:
        """``(B, 8, T, 64) float32``"""
        return f"{self.shape} {self.dtype}" if self.dtype else self.shape


def infer_shapes(text: str, path: str) -> tuple[Source, list[InferredShape]]:
    """The parsed text, and every different shape that each assigned name had, in source order. Raises SourceError."""
    source = parse(text, path)
    analysis = analyse(source, Project.around(path), AnalysisOptions(record_bindings=True))
    tensors = [binding for binding in analysis.bindings if isinstance(binding.value, Tensor)]
    ranges = source.ranges({binding.node for binding in tensors})
    found: dict[InferredShape, None] = {}
    for binding in tensors:
        value = binding.value
        shape = InferredShape(binding.entry, ranges[binding.node], binding.name, str(value.shape), value.dtype)
        found[shape] = None
    return source, sorted(found, key=lambda one: one.range)
