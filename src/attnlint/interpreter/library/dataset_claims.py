"""What the datasets of ``torch.utils.data`` refuse: tensors of unequal length, parts that do not make the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim
from attnlint.findings import Evidence
from attnlint.interpreter import reports
from attnlint.interpreter.results import Operand
from attnlint.ops.complaint import Complaint
from attnlint.values import ListValue, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

PLACE = "torch.utils.data."


def one_length(run: Run, node: Node, tensors: tuple[Value, ...]) -> None:
    """``TensorDataset(*tensors)`` asserts that all have as many samples as the first."""
    known: list[tuple[int, Tensor, Dim]] = []
    for place, tensor in enumerate(tensors):
        shape = run.facts.resolve(tensor.shape) if isinstance(tensor, Tensor) and not tensor.assumed else None
        if isinstance(tensor, Tensor) and shape is not None and shape.rest is None and shape.dims:
            known.append((place, tensor, shape.dims[0]))
    for place, tensor, size in known[1:]:
        first_place, first, wanted = known[0]
        if run.facts.equal(size, wanted) is Answer.NO:
            complaint = Complaint(
                "ATN108",
                f"tensor {place} has {size} samples, tensor {first_place} has {wanted}",
                arguments=("tensors",),
                advice="give tensors that belong together, one row for each sample",
            )
            operands = (
                Operand(f"tensors[{first_place}]", None, first),
                Operand(f"tensors[{place}]", None, tensor),
            )
            name = f"{PLACE}TensorDataset"
            reports.add_finding(run, complaint, node, name, operands, Evidence(name, (first, tensor)))
            return


def whole_split(run: Run, node: Node, total: Dim | None, parts: list[Value]) -> None:
    """``random_split(dataset, lengths)`` wants lengths that add up to the length of the dataset."""
    if not isinstance(total, int) or not all(type(part) is int for part in parts):
        return
    lengths = [part for part in parts if isinstance(part, int)]
    if not lengths or sum(lengths) == total:
        return
    complaint = Complaint(
        "ATN118",
        f"the parts have {sum(lengths)} samples together, the dataset has {total}",
        arguments=("lengths",),
        advice="let the last part be what is left: `len(dataset) - sum(others)`",
    )
    name = f"{PLACE}random_split"
    evidence = Evidence(name, (range(total), ListValue(list(parts))))
    reports.add_finding(run, complaint, node, name, (Operand("lengths", None, ListValue(list(parts))),), evidence)
