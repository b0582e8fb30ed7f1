"""The shapes of what a file assigns: what ``attnlint shapes`` and an editor's hints show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attnlint.environment import followed_packages
from attnlint.findings import Range
from attnlint.interpreter import AnalysisOptions, Binding, Project, analyse
from attnlint.ops.declared_signature import declared_ops
from attnlint.settings import Settings
from attnlint.syntax import Source, parse
from attnlint.values import Tensor, Value


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


@dataclass(frozen=True, slots=True)
class Inferred:
    """What is known of a file."""

    assigned: tuple[InferredShape, ...] = ()
    """Tensors bound to names, in source order."""
    expressions: tuple[InferredShape, ...] = ()
    """Tensors, sizes and tuples of them that expressions came to, in source order."""


def infer_shapes(text: str, path: str, settings: Settings) -> tuple[Source, list[InferredShape]]:
    """The parsed text, and every different shape that each assigned name had, in source order. Raises SourceError."""
    source = parse(text, path)
    project = Project.around(path)
    project.follow(followed_packages(settings))
    analysis = analyse(
        source,
        project,
        AnalysisOptions(record_bindings=True, signatures=declared_ops(settings.signatures)),
    )
    return source, _placed(source, (one for one in analysis.bindings if isinstance(one.value, Tensor)))


def infer_expressions(text: str, path: str, project: Project, settings: Settings) -> Inferred:
    """The shapes of assigned names and of the expressions. Raises SourceError."""
    source = project.parse_checked(text, path)
    project.follow(followed_packages(settings))
    options = AnalysisOptions(
        record_bindings=True, record_expressions=True, signatures=declared_ops(settings.signatures)
    )
    analysis = analyse(source, project, options)
    assigned = (one for one in analysis.bindings if isinstance(one.value, Tensor))
    return Inferred(tuple(_placed(source, assigned)), tuple(_placed(source, analysis.expressions)))


def _placed(source: Source, bindings: Iterable[Binding]) -> list[InferredShape]:
    """Each different one once."""
    bindings = list(bindings)
    ranges = source.ranges({binding.node for binding in bindings})
    found: dict[InferredShape, None] = {}
    for binding in bindings:
        value = binding.value
        shape, dtype = (str(value.shape), value.dtype) if isinstance(value, Tensor) else (_written(value), None)
        found[InferredShape(binding.entry, ranges[binding.node], binding.name, shape, dtype)] = None
    return sorted(found, key=lambda one: one.range)


def _written(value: Value) -> str:
    """A size, or a tuple of sizes and tensors."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))}{',' * (len(value) == 1)})"
    return str(value.shape) if isinstance(value, Tensor) else str(value)
