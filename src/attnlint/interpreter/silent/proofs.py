"""What is taken for granted about sizes where a finding is proved: not what must be, but what shows the mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Facts
from attnlint.algebra.opaque import Opaque
from attnlint.values import Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


@contextmanager
def sizes_of_a_proof(run: Run, tensor: Tensor | None, sizes: Sequence[Dim] = ()) -> Iterator[None]:
    """An input of unknown rank is (batch, tokens, features), and the sizes are 2 or more: with 1 nothing is seen."""
    facts = run.facts
    run.facts = facts.fork()
    if tensor is not None and tensor.shape.rank is None and len(tensor.shape.dims) <= 3:
        run.facts.require_rank(tensor.shape, 3)
    for size in sizes:
        _take_for_larger(run.facts, size)
    yield
    run.facts = facts


def _take_for_larger(facts: Facts, size: Dim) -> None:
    if isinstance(size, int):
        return
    atoms = size.atoms()
    for atom in atoms:
        if isinstance(atom, Opaque) and atom.operation == "floordiv":
            number, divisor = atom.arguments
            facts.learn_at_least(number, 2 * divisor)
    if len(atoms) == 1:
        facts.learn_at_least(size, 2)
