"""ATN317: an equation that adds up an axis of each operand by itself.

    out = torch.einsum("bhqk,bhvd->bhqd", weights, values)     # k and v should be one letter

``k`` is in the weights only and ``v`` in the values only: the weights are added up, the values are added up, and the
two sums are multiplied. Nothing is weighted. And "bij,cjd->bid" adds up all samples of its second operand.
"""

from __future__ import annotations

from attnlint.algebra import Answer
from attnlint.findings import Property
from attnlint.interpreter.silent.flow import maker_of, operands
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.products import sides_of
from attnlint.ops.complaint import Complaint
from attnlint.ops.einsum import ELLIPSIS
from attnlint.values import Tensor


def equation(observation: Observation) -> None:
    """A product of two operands by letters."""
    call, result = maker_of(observation.result), observation.result
    if call is None or call.node is not observation.node or not isinstance(result, Tensor):
        return
    tensors, sides = list(operands(observation.run, call)), sides_of(call)
    if sides is None or len(sides) != 3 or len(tensors) != 2 or any(ELLIPSIS in side for side in sides):
        return
    left, right, output = sides
    if any(len(set(side)) != len(side) for side in sides):
        return
    if any(tensor.shape.rank != len(side) for tensor, side in zip(tensors, (left, right), strict=True)):
        return
    lone = [
        [letter for letter in side if letter not in other and letter not in output]
        for side, other in ((left, right), (right, left))
    ]
    if len(lone[0]) == 1 and len(lone[1]) == 1:
        _added_up(observation, tensors, sides, lone[0][0], lone[1][0])
    elif sorted(map(len, lone)) == [0, 1]:
        side = 0 if lone[0] else 1
        _all_samples(observation, tensors, sides, side, lone[side][0])


def _added_up(observation: Observation, tensors: list[Tensor], sides: list[list[str]], first: str, second: str) -> None:
    facts = observation.run.facts
    places = sides[0].index(first), sides[1].index(second)
    sizes = [tensor.shape.dims[place] for tensor, place in zip(tensors, places, strict=True)]
    if facts.equal(*sizes) is Answer.NO or any(facts.is_one(size) is Answer.YES for size in sizes):
        return
    if not set(sides[0]) & set(sides[1]) and not any(tensor.is_parameter for tensor in tensors):
        return  # an outer product of two sums
    side = 0 if tensors[1].is_parameter else 1
    if tensors[side].is_parameter:
        return
    complaint = Complaint(
        "ATN317",
        f"{first} and {second} are each in one operand only: both are added up by themselves",
        advice=f"one letter for both axes sums over their product: `{second}` in place of `{first}`",
        arguments=("operands",),
    )
    arguments = {"source": tensors[side], "axis": places[side], "result": observation.result}
    wanted = Property("depends_on_order", arguments, (tensors[0], tensors[1]))
    observation.report(complaint, wanted, several=tuple(sizes))


def _all_samples(
    observation: Observation, tensors: list[Tensor], sides: list[list[str]], side: int, letter: str
) -> None:
    """The first axis of an operand is added up, and that of the other one is kept."""
    own, other = sides[side], sides[1 - side]
    facts, output = observation.run.facts, sides[2]
    if own[0] != letter or not output or other[0] != output[0] or other[0] in own or len(other) < 2:
        return
    if any(tensor.is_parameter for tensor in tensors) or not set(own) & set(other) - set(output):
        return
    sizes = tensors[side].shape.dims[0], tensors[1 - side].shape.dims[0]
    if facts.equal(*sizes) is not Answer.YES or facts.is_one(sizes[0]) is Answer.YES:
        return
    if not all(isinstance(size, int) for size in sizes) and tensors[0].axes is None:
        return
    complaint = Complaint(
        "ATN317",
        f"{letter} is in one operand only: all of its samples are added up, for every {other[0]}",
        advice=f"one letter for the samples of both: `{other[0]}` in place of `{letter}`",
        arguments=("operands",),
    )
    where = {"source_axis": 0, "result": observation.result, "result_axis": 0, "word": "sample"}
    wanted = Property("made_of_its_own", {"source": tensors[side], **where}, (tensors[side], tensors[1 - side]))
    observation.report(complaint, wanted, several=sizes)


WATCHERS: dict[str, Watcher] = {"einsum": equation}
