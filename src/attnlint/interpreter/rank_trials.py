"""What fails whatever the number of axes of an input is.

Where the rank of an input is open, `x.transpose(1, 2)` or `torch.cat((a, b), 1)` leave nothing that is known of their
result: which axis is which depends on the rank. A function that has lost axes so, and in which nothing was found, is
tried with every rank that the input may have. If it fails with each of them it fails whoever calls it, and what is
reported is how it fails with the rank that torch has nothing against as such and that comes farthest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Rest, Shape
from attnlint.algebra.ranks import origin
from attnlint.interpreter.batches import RANK_CODES
from attnlint.interpreter.exchanged import FAILURES
from attnlint.ops.call import Call
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

INDEXING = "torch.Tensor.__getitem__"
MOST_AXES = 5
MOST_INPUTS = 2
"""Of so many inputs that axes were lost of, each is tried on its own."""
MOST_STEPS = 1_500
"""A function that takes more is not run again and again."""
ENOUGH = MOST_AXES + 1
"""What must be left of the budget, in runs of the function."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation that fails, or works by luck alone."""

    statement: int
    code: str
    certain: bool
    about_rank: bool
    """Whether torch refuses a number of axes."""
    path: frozenset[tuple[int, bool]] | None
    """The conditions on the way there; ``None`` where a path has ended before."""
    steps: int
    """What was left of the budget."""


def has_lost_axes(value: Value) -> bool:
    """Whether nothing is known of what the shape of a call's result begins with."""
    if isinstance(value, tuple | ListValue):
        items = list(value) if isinstance(value, tuple) else value.items
        value = items[0] if items else None
    return type(value) is Tensor and value.shape.rest is not None and type(value.shape.rest.key) is object


def note_lost_axes(run: Run, call: Call) -> None:
    """Note the inputs of open rank of which a call has lost axes."""
    for argument in call.arguments.values():
        items = argument.items if type(argument) is ListValue else argument if type(argument) is tuple else (argument,)
        items = (argument.element,) if type(argument) is Repeated else items
        for each in items:
            is_plain = call.name == INDEXING and type(call.arguments.get("index")) is not tuple
            if is_plain and not _is_certainly_tensor(each):
                # What is indexed along one axis may be a list of tensors.
                continue
            shape = _open_shape(run, each)
            if shape is None or shape.rest is None:
                continue
            for root in sorted(_roots(shape.rest.key), key=repr):
                run.lost_axes.setdefault(root, shape.rest.name)


def _roots(key: object, depth: int = 4) -> Iterator[tuple[Any, ...]]:
    """The parameters that a shape got its axes of unknown number from; of several where they were broadcast."""
    root, _ = origin(Rest(key))
    if not isinstance(root, tuple) or not depth:
        return
    if len(root) == 2 and root[0] == "shape" and _is_parameter(root[1]):
        yield root
    elif root[0] == "broadcast" and len(root) == 2 and isinstance(root[1], frozenset):
        for part, _ in root[1]:
            if part is not None:
                yield from _roots(part, depth - 1)


def _is_certainly_tensor(value: Value) -> bool:
    return value.kind == "tensor" if type(value) is Unknown else type(value) is Tensor and not value.assumed


def _open_shape(run: Run, value: Value) -> Shape | None:
    """The shape of a tensor, or of what is taken for one."""
    if type(value) is Tensor:
        return run.facts.resolve(value.shape)
    if type(value) is Unknown and value.kind in ("", "tensor") and _is_parameter(value.key):
        return run.facts.resolve(Shape((), Rest(("shape", value.key), value.label)))
    return None


def _is_parameter(key: object) -> bool:
    return isinstance(key, tuple) and bool(key) and key[0] == "parameter"


def assume(run: Run) -> None:
    """Give the inputs on trial the rank that is being tried."""
    for (root, name), rank in run.assumed_ranks.items():
        shape = Shape((), Rest(root, name))
        if run.facts.least_rank(shape) <= rank:
            run.facts.require_rank(shape, rank)


def run_with_ranks(run: Run, body: Callable[[], object], used: int) -> None:
    """Try a function that has lost axes of its inputs with every rank that these may have.

    ``used`` is what one run of it takes.
    """
    if run.quiet or run.options.record_bindings or not 0 <= used <= MOST_STEPS:
        return
    for root, name in list(run.lost_axes.items())[:MOST_INPUTS]:
        if run.steps < used * ENOUGH:
            return
        if _fails_with_every_rank(run, body, (root, name)):
            return


def _fails_with_every_rank(run: Run, body: Callable[[], object], root: tuple[Any, str]) -> bool:
    """Whether a function fails with every rank of an input; that is reported then."""
    told = farthest = 0
    failures: list[list[Failure]] = []
    for rank in range(1, MOST_AXES + 1):
        start = run.steps
        failures.append(_tried(run, body, root, rank))
        if not failures[-1]:
            return False
        first = failures[-1][0]
        come = start - first.steps
        is_elsewhere = not told or first.statement != failures[told - 1][0].statement
        if any(each.about_rank or each.code in RANK_CODES for each in failures[-1]):
            continue
        if is_elsewhere and come > farthest:
            told, farthest = rank, come
    if not told:
        return False
    found, reported = len(run.analysis.findings), set(run.reported)
    watcher, run.watcher = run.watcher, None  # what is declared has another rank, perhaps
    try:
        with_rank(run, body, root, told)
    finally:
        run.watcher = watcher
    findings = run.analysis.findings[found:]
    del run.analysis.findings[found:]
    run.reported = reported
    for finding in findings:
        if not finding.code.startswith(FAILURES):
            continue
        path = {(link.place.node, not link.text) for link in finding.conditions}
        same = [[each for each in of_rank if _is_met(each, finding.statement, path)] for of_rank in failures]
        if all(same):
            certain = finding.certain and all(any(each.certain for each in of_rank) for of_rank in same)
            run.analysis.findings.append(replace(finding, certain=certain))
            run.reported.add((finding.statement, finding.code))
    return True


def _is_met(failure: Failure, statement: int, path: set[tuple[int, bool]]) -> bool:
    """Whether whoever comes to a statement on a path meets a failure on the way, or there."""
    return failure.statement == statement or (failure.path is not None and failure.path <= path)


def with_rank(run: Run, body: Callable[[], object], root: tuple[Any, str], rank: int) -> None:
    """Run a function with an input of a certain rank."""
    outer, run.assumed_ranks = run.assumed_ranks, {root: rank}
    try:
        body()
    finally:
        run.assumed_ranks = outer


def _tried(run: Run, body: Callable[[], object], root: tuple[Any, str], rank: int) -> list[Failure]:
    """How a function fails with an input of a certain rank."""
    trial, watcher, refused = run.trial, run.watcher, run.refused
    found: list[Failure] = []
    run.trial, run.watcher, run.refused = None, None, found
    run.quiet += 1
    try:
        with_rank(run, body, root, rank)
    finally:
        run.trial, run.watcher, run.refused = trial, watcher, refused
        run.quiet -= 1
    return [failure for failure in found if failure.code.startswith(FAILURES)]
