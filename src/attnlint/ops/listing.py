"""What attnlint knows of torch and its neighbours: for ``attnlint ops`` and the figure in the README."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from attnlint.ops.registry import all_aliases, all_layers, all_ops


@dataclass(frozen=True, slots=True)
class KnownOp:
    """One name that has a shape rule."""

    name: str
    kind: str
    """``function``, ``method``, ``in-place method``, ``layer``, ``alias``."""
    family: str
    """The module of ``attnlint.ops`` that holds the rule; for an alias, what it stands for."""
    signatures: tuple[str, ...]


def known_ops() -> list[KnownOp]:
    """Every known name, sorted."""
    found = [
        KnownOp(op.name, _kind(op.name, op.inplace), op.family, tuple(s.text for s in op.signatures))
        for op in all_ops()
    ]
    found += [
        KnownOp(layer.name, "layer", layer.family, tuple(s.text for s in layer.constructor)) for layer in all_layers()
    ]
    found += [KnownOp(name, "alias", target, ()) for name, target in all_aliases().items()]
    return sorted(found, key=lambda known: (known.name, known.kind))


def _kind(name: str, inplace: bool) -> str:
    if name.startswith("torch.Tensor."):
        return "in-place method" if inplace else "method"
    return "function"


def counts() -> dict[str, int]:
    """How many names there are of each kind; ``families`` counts the modules that hold the rules."""
    ops = known_ops()
    found = dict(Counter(known.kind for known in ops))
    found["families"] = len({known.family for known in ops if known.kind != "alias"})
    return found


def list_ops(pattern: str = "") -> str:
    """The known names that contain ``pattern``, one a line with its signatures, and how many there are."""
    chosen = [known for known in known_ops() if pattern in known.name]
    lines = []
    for known in chosen:
        if known.kind == "alias":
            lines.append(f"{known.name} = {known.family}")
        else:
            lines.append(f"{known.name}{' | '.join(known.signatures)}")
    kinds = Counter(known.kind for known in chosen)
    parts = ", ".join(_counted(count, kind) for kind, count in sorted(kinds.items()))
    return "\n".join([*lines, f"{_counted(len(chosen), 'name')}: {parts}" if chosen else "no such name"])


def _counted(count: int, noun: str) -> str:
    """``1 alias``, ``2 aliases``."""
    plural = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{plural}"
