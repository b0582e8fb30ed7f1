"""ATN314: a rotary embedding whose pairs do not fit its angles.

    x * cos + rotate_half(x) * sin

turns the features in pairs. ``rotate_half`` says which two make a pair, and both must have the same angle: halves go
with ``cat((freqs, freqs))``, neighbours with ``repeat_interleave(2)``. One of the two has a minus. Otherwise nothing is
turned: lengths change, and the product of query and key does not depend on their distance alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.flow import CASTS, VIEWS, is_same, maker_of, operands, short_name, ways
from attnlint.interpreter.silent.last_axis import LastAxis, Row
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_TABLES = (
    CASTS | VIEWS | {"cat", "concat", "concatenate", "stack", "repeat_interleave", "index_select", "embedding", "mul"}
)
"""What may be done to a table of cosines before it is used: multiplied with a number, too."""

_BASE = frozenset({"outer", "einsum", "matmul", "mul", "ger", "div", "pow", "exp", "float", "to"})
"""What makes the angles: positions times frequencies."""

_ARRANGED = frozenset("cat concat concatenate stack repeat_interleave repeat tile gather index_select getitem".split())

_MOST_FOLLOWED = 40


def added(observation: Observation) -> None:
    """``x * cos + rotate_half(x) * sin``"""
    run, result = observation.run, observation.result
    both = [value for value in observation.arguments if isinstance(value, Tensor)]
    if len(both) != 2 or not isinstance(result, Tensor):
        return
    factors = [_factors(run, each) for each in both]
    for straight, turned in (factors, factors[::-1]):
        cosine, sine = _table(run, straight, "cos"), _table(run, turned, "sin")
        if cosine is None or sine is None:
            continue
        source, other = straight[1 - cosine], turned[1 - sine]
        dims = run.facts.resolve(source.shape).dims
        if not dims or not other.shape.dims:
            return
        axis = LastAxis(run, dims[-1])
        if axis.is_small and axis.size(run.facts.resolve(other.shape).dims[-1]) == axis.count:
            _judge(observation, axis, source, other, (straight[cosine], turned[sine]))
        return


def _judge(
    observation: Observation, axis: LastAxis, source: Tensor, other: Tensor, tables: tuple[Tensor, Tensor]
) -> None:
    whole = tuple((1, place) for place in range(axis.count))

    def is_source(tensor: Tensor, count: int) -> Row | None:
        return whole if is_same(tensor, source) and count == axis.count else None

    turned = axis.row(other, is_source)
    if turned is None or turned == whole or sorted(place for _, place in turned) != list(range(axis.count)):
        return
    run = observation.run
    angles = [axis.row(table, lambda tensor, count: _is_base(run, tensor, count, axis.count)) for table in tables]
    fault = _signs(turned) or next((fault for each in angles if (fault := _angles(turned, each))), "")
    if not fault or (angles[0] is None and angles[1] is None):
        return
    complaint = Complaint(
        "ATN314",
        f"{fault}: nothing is turned",
        advice="halves go with `cat((freqs, freqs), dim=-1)`, neighbours with `freqs.repeat_interleave(2, dim=-1)`",
        arguments=("input", "other"),
    )
    result = observation.result
    observation.report(complaint, Property("keeps_lengths", {"source": source, "result": result}, (source,)))


def _signs(turned: Row) -> str:
    """What is wrong with the signs of the pairs, or with what is paired with what."""
    if any(turned[place][1] != at for at, (_, place) in enumerate(turned)):
        at = next(at for at, (_, place) in enumerate(turned) if turned[place][1] != at)
        partner = turned[at][1]
        return f"feature {at} is turned with feature {partner}, and that one with feature {turned[partner][1]}"
    if any(sign == turned[place][0] for sign, place in turned):
        at = next(at for at, (sign, place) in enumerate(turned) if sign == turned[place][0])
        return f"features {at} and {turned[at][1]} are a pair, and none of them is negated"
    return ""


def _angles(turned: Row, angles: Row | None) -> str:
    if angles is None or len(angles) != len(turned):
        return ""
    for at, (_, place) in enumerate(turned):
        if angles[at] != angles[place]:
            return f"features {at} and {place} are a pair, and have the angles {angles[at][1]} and {angles[place][1]}"
    return ""


def _factors(run: Run, tensor: Tensor) -> list[Tensor]:
    call = maker_of(tensor)
    if call is None or short_name(call.operation) != "mul":
        return []
    return list(operands(run, call))


def _table(run: Run, factors: list[Tensor], name: str) -> int | None:
    """Which of two factors is a table of cosines (or sines)."""
    if len(factors) != 2:
        return None
    for place, factor in enumerate(factors):
        if next(ways(run, factor, _TABLES, lambda call: short_name(call.operation) == name, most=12), None):
            return place
    return None


def _is_base(run: Run, tensor: Tensor, count: int, whole: int) -> Row | None:
    """Angles of which no two are equal: one a pair, positions times frequencies, before they are arranged."""
    call = maker_of(tensor)
    if call is None or 2 * count != whole or short_name(call.operation) not in _BASE or _is_arranged(run, call):
        return None
    return tuple((1, place) for place in range(count))


def _is_arranged(run: Run, call: Maker) -> bool:
    """Whether some of the elements may be equal on purpose: what they are made of was joined or repeated."""
    front, seen = [call], set[int]()
    while front and len(seen) < _MOST_FOLLOWED:
        current = front.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        name = short_name(current.operation)
        if name in _ARRANGED and not (name == "getitem" and _adds_axes(current)):
            return True
        front += [maker for tensor in operands(run, current) if (maker := maker_of(tensor)) is not None]
    return bool(front)


def _adds_axes(call: Maker) -> bool:
    """``freqs[None, :]``, ``positions[:, None]``, ``torch.arange(0, d, 2)[: d // 2]``"""
    index = call.arguments[1] if len(call.arguments) > 1 else None
    entries = index if isinstance(index, tuple) else (index,)
    return all(entry is None or entry is Ellipsis or isinstance(entry, slice) for entry in entries)


WATCHERS: dict[str, Watcher] = {"add": added}
