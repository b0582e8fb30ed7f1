"""Shape agreement: what ``attnlint`` infers for a program's own run against what real torch does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from attnlint.interpreter import AnalysisOptions, Binding, Project, analyse
from attnlint.syntax import Source, parse
from attnlint.values import Tensor
from tests.harness.tracer import Recording

Shape = tuple[int, ...]


@dataclass(slots=True)
class Agreement:
    """The comparison for one program."""

    recorded: int = 0
    """(line, name, shape) triples that torch produced."""
    inferred: int = 0
    """Of those, how many were inferred exactly."""
    disagreements: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What torch produced and was not inferred."""


def inferred_shapes(
    text: str, filename: str, project: Project | None = None
) -> dict[tuple[int, str], set[Shape | None]]:
    """(line, name) to the shapes inferred in the module's own run; ``None`` stands for one that is not known
    exactly."""
    source = parse(text, filename)
    options = AnalysisOptions(record_bindings=True, module_only=True)
    analysis = analyse(source, project or Project.around(filename), options)
    return shapes_of(analysis.bindings, source)


def shapes_of(bindings: Iterable[Binding], source: Source) -> dict[tuple[int, str], set[Shape | None]]:
    """The same, of bindings in one file."""
    bindings = list(bindings)
    ranges = source.ranges({binding.node for binding in bindings})
    found: dict[tuple[int, str], set[Shape | None]] = {}
    for binding in bindings:
        place = ranges[binding.node]
        shapes = found.setdefault((place.line, binding.name), set())
        value = binding.value
        if (
            isinstance(value, Tensor)
            and value.shape.rank is not None
            and all(type(dim) is int for dim in value.shape.dims)
        ):
            shapes.add(tuple(value.shape.dims))
        else:
            shapes.add(None)
    return found


def compare(recording: Recording, inferred: dict[tuple[int, str], set[Shape | None]]) -> Agreement:
    """Compare a run with an inference of the same program."""
    result = Agreement()
    for key, shapes in sorted(recording.shapes.items()):
        real = set(shapes)
        known = inferred.get(key, set())
        result.recorded += len(real)
        result.inferred += len(real & known)
        line, name = key
        for shape in sorted(real - known):
            result.unknown.append(f"line {line}: {name} {shape}, inferred {sorted(map(str, known)) or 'nothing'}")
        for shape in known - real:
            if shape is not None:
                result.disagreements.append(f"line {line}: {name} inferred {shape}, torch has {sorted(real)}")
    return result
