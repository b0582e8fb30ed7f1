"""An operation on other arguments."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra.dim import Dim, opaque_dim
from attnlint.algebra.division import floor_divide, modulo
from attnlint.algebra.extrema import maximum, minimum
from attnlint.algebra.opaque import Opaque


def rebuilt(atom: Opaque, arguments: Sequence[Dim]) -> Dim:
    """The operation of ``atom`` on ``arguments``, simplified."""
    if atom.operation in ("floordiv", "mod") and isinstance(arguments[1], int) and arguments[1] == 0:
        return opaque_dim(atom.operation, tuple(arguments))  # no value; whoever evaluates it will be told
    match atom.operation:
        case "floordiv":
            return floor_divide(arguments[0], arguments[1])
        case "mod":
            return modulo(arguments[0], arguments[1])
        case "max":
            return maximum(*arguments)
        case _:
            return minimum(*arguments)
