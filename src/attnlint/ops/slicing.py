"""Slices of an axis, as Python and torch cut them: negative bounds count from the end, and bounds past the end are cut
short.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, floor_divide, maximum, minimum
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.values import Value


def is_full(item: Value) -> bool:
    """Whether an index item is ``:``."""
    return isinstance(item, slice) and item.start is None and item.stop is None and item.step in (None, 1)


def step_of(call: Call, item: slice) -> Dim:
    """The step of a slice; torch refuses those below 1. CannotTell when it is not known."""
    if item.step is None:
        return 1
    step = call.as_dim(item.step)
    if call.facts.at_least(step, 1) is Answer.NO:
        raise Complaint(
            "ATN116",
            f"slice step {step}",
            arguments=("index",),
            advice="use `.flip(...)`: torch has no negative steps",
            about_rank=True,
            arrays_do=True,  # what is only taken for a tensor may be an array
        )
    return step


def slice_length(call: Call, size: Dim, item: slice) -> Dim:
    """The number of elements that a slice of an axis has."""
    step = step_of(call, item)
    try:
        start = _bound(call, size, item.start, 0)
        stop = _bound(call, size, item.stop, size)
    except CannotTell:
        return _window(call, item, step)
    length = call.facts.normal(stop - start)
    nonnegative = call.facts.at_least(length, 0)
    if nonnegative is Answer.NO:
        return 0
    if nonnegative is Answer.OPEN:
        length = maximum(length, 0)
    if isinstance(step, int) and step == 1:
        return length
    if call.facts.divides(step, length) is Answer.YES:
        return call.facts.normal(floor_divide(length, step))
    return floor_divide(length + step - 1, step)


def _window(call: Call, item: slice, step: Dim) -> Dim:
    """``data[i : i + block]`` where ``i`` is drawn at random or read from data: the author takes it to lie inside, and
    what is joined with others of its kind does."""
    if item.start is not None and item.stop is not None and step == 1:
        try:
            length = call.facts.normal(call.as_dim(item.stop) - call.as_dim(item.start))
        except CannotTell:
            return call.fresh("n")
        if isinstance(length, int) and length >= 0:
            return length
    return call.fresh("n")


def _bound(call: Call, size: Dim, value: Value, default: Dim) -> Dim:
    """A bound as a place from 0 to ``size``."""
    if value is None:
        return default
    facts = call.facts
    bound = call.as_dim(value)
    if isinstance(bound, int) and isinstance(size, int):
        return max(bound + size, 0) if bound < 0 else min(bound, size)
    negative = facts.at_least(-1, bound)
    if negative is Answer.OPEN and facts.at_least(bound, 0) is not Answer.YES:
        raise CannotTell("whether a bound counts from the end is not known")
    if negative is Answer.YES:
        place = facts.normal(size + bound)
        above = facts.at_least(place, 0)
        return place if above is Answer.YES else 0 if above is Answer.NO else maximum(place, 0)
    inside = facts.at_least(size, bound)
    return bound if inside is Answer.YES else size if inside is Answer.NO else minimum(bound, size)
