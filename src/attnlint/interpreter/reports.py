"""From a complaint to a finding: where it stands, what led there, and the evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Dim, Expression, Facts, Rest, Shape
from attnlint.algebra.opaque import Opaque
from attnlint.findings import Evidence, Property
from attnlint.interpreter import history
from attnlint.interpreter.batches import RANK_CODES
from attnlint.interpreter.defaults_alone import is_choice_of_callers, is_placeholder
from attnlint.interpreter.numbers import as_sizes, symbol_of
from attnlint.interpreter.objects import Condition, FunctionValue
from attnlint.interpreter.project import STUBS
from attnlint.interpreter.rank_trials import Failure
from attnlint.interpreter.results import Link, Operand, RawFinding
from attnlint.interpreter.withheld import Withheld
from attnlint.interpreter.witnesses import Sizes
from attnlint.ops.complaint import Complaint
from attnlint.ops.devices import CODE as DEVICES
from attnlint.ops.devices import weights
from attnlint.ops.float_sizes import CODE as FLOATS
from attnlint.syntax import nodes
from attnlint.values import (
    DictValue,
    Instance,
    ListValue,
    Maker,
    NamedTuple,
    Place,
    SetValue,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op

MOST_UNDECIDED = 1
"""With so many undecided conditions of another file on the way, what fails in that file is not reported,
but where it fails on both sides."""
CONSTRUCTOR = "__constructor__"
"""The attribute of a layer instance that holds its constructor's arguments, for the evidence."""


def report(
    run: Run,
    complaint: Complaint,
    op: Op,
    call: Call | None,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    evidence: str = "",
    layer: Instance | None = None,
    *,
    certain: bool = True,
    witness_dims: tuple[Any, Any] | None = None,
    wanted: Property | None = None,
    at: Maker | None = None,
    several: tuple[Dim, ...] = (),
    alone: bool = False,
) -> None:
    """Make a finding of a complaint.

    ``wanted`` is what does not hold, where nothing raises; ``at`` an earlier call that is to blame instead; ``several``
    are sizes that must be at least 2 for that to be seen; ``alone``: see RawFinding.
    """
    if _spreads_nothing(run, node) or is_placeholder(run, complaint, op, node):
        return
    operands: list[Operand] = []
    earlier = _is_in_checked_file(run, at) and at is not None and at.node is not node
    if at is not None and earlier:
        arguments, keywords, evidence, layer = at.arguments, at.keywords, at.operation, at.layer
        operands = list(_operands_of(run, at))
    elif call is not None:
        parameters = [parameter.name for parameter in op.signatures[call.overload].parameters]
        positions = argument_nodes(node, op.name) if _in_checked_file(run) else {}
        for index, name in enumerate(parameters):
            if name in call.arguments:
                operands.append(
                    Operand(
                        name,
                        positions.get(index, positions.get(name)),
                        snapshot(run, call.arguments[name], as_tensors=True),
                    )
                )
    constructor = None
    if layer is not None:
        made = layer.attributes.get(CONSTRUCTOR)
        if isinstance(made, tuple):
            constructor = (
                tuple(snapshot(run, value) for value in made[0]),
                {name: snapshot(run, value) for name, value in made[1]}
                | _converted(layer)
                | (_moved(layer) if complaint.code == DEVICES else {}),
            )
        if (tied := _tied(run, layer, evidence or op.name)) is not None:
            # The constructor makes another weight than the one that the code has put there since.
            constructor, evidence, arguments = None, "torch.nn.functional.linear", (*arguments, *tied)
    if complaint.code == FLOATS:
        arguments = as_sizes(run, op.name, arguments)
    made_evidence = Evidence(
        evidence or op.name,
        tuple(snapshot(run, value, as_tensors=True) for value in arguments),
        {name: snapshot(run, value, as_tensors=True) for name, value in keywords.items()},
        constructor,
    )
    add_finding(
        run,
        complaint,
        node,
        evidence or op.name,
        tuple(operands),
        made_evidence,
        certain=certain,
        broken=witness_dims,
        wanted=wanted,
        at=at,
        several=several,
        alone=alone,
    )


def _spreads_nothing(run: Run, node: nodes.Node) -> bool:
    """``F.interpolate(x, *self.args, **self.kwargs)`` of a class whose constructor nobody has called: what is given on
    is not known, though it may be empty here."""
    if run.entry == "module" or not isinstance(node, nodes.Call):
        return False
    return any(
        argument.star and isinstance(argument.value, nodes.Attribute) and _is_empty(run.evaluate(argument.value))
        for argument in node.arguments
    )


def _is_empty(value: Value) -> bool:
    return value == () or (isinstance(value, ListValue | DictValue) and not value.items)


def _tied(run: Run, layer: Instance, name: str) -> tuple[Value, ...] | None:
    """The weight and bias of an ``nn.Linear`` whose weight was replaced by one of another shape: ``decoder.weight =
    encoder.weight``."""
    weight, bias = layer.attributes.get("weight"), layer.attributes.get("bias")
    if name != "torch.nn.Linear" or not isinstance(weight, Tensor) or len(weight.shape.dims) != 2:
        return None
    declared = (layer.attributes.get("out_features"), layer.attributes.get("in_features"))
    if any(
        isinstance(size, int | Expression) and run.facts.equal(size, dim) is Answer.NO
        for size, dim in zip(declared, weight.shape.dims, strict=True)
    ):
        return (weight,) if bias is None else (weight, bias)
    return None


def _converted(layer: Instance) -> dict[str, Value]:
    """The option that makes a layer as it is now: ``model.half()`` has changed its parameters since."""
    dtypes = {value.dtype for value in layer.attributes.values() if isinstance(value, Tensor) and value.is_parameter}
    return {"dtype": TorchName(f"torch.{dtypes.pop()}")} if len(dtypes) == 1 and dtypes <= _CONVERSIONS else {}


def _moved(layer: Instance) -> dict[str, Value]:
    """The option that makes a layer where it is now: ``model.cuda()`` has moved its parameters since."""
    devices = {tensor.device for _, tensor in weights(layer.attributes)}
    return {"device": devices.pop()} if len(devices) == 1 else {}


_CONVERSIONS = frozenset({"float16", "bfloat16", "float64"})


OPTIONAL_PACKAGES = ("flash_attn.", "xformers.")


def add_finding(
    run: Run,
    complaint: Complaint,
    node: nodes.Node,
    operation: str,
    operands: tuple[Operand, ...],
    evidence: Evidence,
    *,
    certain: bool = True,
    broken: tuple[Any, Any] | None = None,
    wanted: Property | None = None,
    at: Maker | None = None,
    several: tuple[Dim, ...] = (),
    alone: bool = False,
) -> None:
    """Place a finding in the checked file and keep it, once a statement and code."""
    run.failures += 1
    if run.trial is not None:
        run.trial.complain(node.id, complaint.code)
    if (run.quiet and run.refused is None) or (
        run.takes_batches and (complaint.about_rank or complaint.code in RANK_CODES)
    ):
        return
    if run.assumed_ranks and _asks_for_a_rank(run):
        # A branch for another rank than the one that is tried.
        return
    if is_choice_of_callers(run, complaint):
        return
    if operation.startswith(OPTIONAL_PACKAGES) and _caught(run) is not None:
        # A kernel of a package that may not be there, tried before torch's own.
        return
    if run.loops is not None and len(run.conditions) > run.loops:
        # A round stands for many, and so does what a list of unknown length holds: the branch may be that of one
        # element, and the tensor that of another.
        return
    if (complaint.about_rank or complaint.code == "ATN113") and _is_refused_again(run, complaint, operation, operands):
        return
    undecided = undecided_elsewhere(run) if run.scope.module is not run.main else 0
    is_withheld = undecided >= MOST_UNDECIDED
    if is_withheld and not (certain and wanted is None):
        # Code for all callers: this one may never lead there.
        return
    located = _locate(run, node)
    if located is None:
        return
    place, statement, chain = located
    if at is not None and at.place is not None and _is_in_checked_file(run, at) and at.node is not node:
        place, statement = at.place.node, at.place.node
    if run.refused is not None:
        if not is_withheld:
            run.refused.append(_failure(run, statement, complaint, certain=certain))
        return
    if (statement, complaint.code) in run.reported:
        return
    if not is_withheld:
        run.reported.add((statement, complaint.code))
    evidence = history.attach(run, evidence, node, wanted)
    if complaint.code == DEVICES:
        evidence = replace(evidence, steps=())  # where an operand was made says nothing of where it is now
    dims = list(_dims_of(evidence.arguments)) + list(_dims_of(tuple((evidence.keywords or {}).values())))
    if evidence.constructor is not None:
        dims += list(_dims_of(evidence.constructor[0])) + list(_dims_of(tuple(evidence.constructor[1].values())))
    if broken is None and len(complaint.clash) == 2 and all(side.dim is not None for side in complaint.clash):
        broken = (complaint.clash[0].dim, complaint.clash[1].dim)
    dims = [dim for dim in dims if isinstance(dim, Expression)]
    facts = run.facts.fork() if wanted is None else _with_several(run, several)
    whole = [*dims, *history.dims_of(evidence)]
    sizes = Sizes(facts, evidence, dims, whole, broken)
    finding = RawFinding(
        complaint.code,
        place,
        statement,
        complaint,
        operation,
        operands,
        evidence,
        run.entry,
        chain,
        _origins(run, complaint),
        _caught(run),
        tuple(
            Link(Place(module.path, condition.id), "this holds" if holds else "this does not hold")
            for condition, holds, module in run.conditions
            if not isinstance(condition, nodes.Statement)  # that a loop has a round goes without saying
        ),
        certain,
        alone,
        sizes,
    )
    if is_withheld:
        run.withheld.append(Withheld(finding, undecided))
    else:
        run.analysis.findings.append(finding)


def _is_refused_again(run: Run, complaint: Complaint, operation: str, operands: tuple[Operand, ...]) -> bool:
    """Whether the same axis of the same tensor was refused before on this path: the program does not come so far, and
    what is wrong has been said. The same operation once more is another mistake to be mended."""
    tensors = [each for each in operands if isinstance(each.value, Tensor)]
    # Of an axis that is out of range the tensor is what has too few.
    guilty = next(
        (each.value for each in tensors if each.name in complaint.arguments), tensors[0].value if tensors else None
    )
    if not isinstance(guilty, Tensor) or guilty.maker is None:
        return False
    slot = ("rank refused", guilty.maker, complaint.summary)
    first = run.store.knowledge.get(slot)
    if first is not None:
        return bool(first != operation)
    run.store.know(slot, operation)
    return False


def _asks_for_a_rank(run: Run) -> bool:
    from attnlint.interpreter.silent.observation import is_about_rank

    return any(is_about_rank(run, condition) for condition, _, _ in run.conditions)


def is_forked(run: Run) -> bool:
    """Whether other paths than the running one have branched off."""
    return bool(run.conditions) or _has_ended_elsewhere(run)


def _has_ended_elsewhere(run: Run) -> bool:
    return any(frame.returns or frame.raised for frame in run.frames)


def _failure(run: Run, statement: int, complaint: Complaint, *, certain: bool) -> Failure:
    path = frozenset((condition.id, holds) for condition, holds, _ in run.conditions)
    return Failure(
        statement,
        complaint.code,
        certain,
        complaint.about_rank,
        None if _has_ended_elsewhere(run) else path,
        run.steps,
    )


def _is_in_checked_file(run: Run, call: Maker | None) -> bool:
    return call is not None and call.place is not None and call.place.path == run.main.path


def _operands_of(run: Run, call: Maker) -> Iterator[Operand]:
    """The operands of an earlier call, as the author wrote them."""
    positions = argument_nodes(call.node, call.operation)
    for index, value in enumerate(call.arguments):
        yield Operand("input", positions.get(index), snapshot(run, value, as_tensors=True))
    for name, value in call.keywords.items():
        yield Operand(name, positions.get(name), snapshot(run, value, as_tensors=True))


def undecided_elsewhere(run: Run) -> int:
    """How many undecided conditions of other files the path went through, the loops among them left out."""
    return sum(
        module is not run.main and not isinstance(condition, nodes.Statement) for condition, _, module in run.conditions
    )


def _in_checked_file(run: Run) -> bool:
    return run.scope.module is run.main


def _locate(run: Run, node: nodes.Node) -> tuple[int, int, tuple[Link, ...]] | None:
    """The innermost node and statement in the checked file, and the calls from the entry to the operation."""
    from attnlint.interpreter.instances import NOWHERE

    frames = run.frames
    chain: list[Link] = []
    for outer, frame in itertools.pairwise(frames):
        # What is run on its own is called by nobody.
        if frame.call is not None and frame.call is not NOWHERE and frame.function is not None:
            chain.append(Link(Place(outer.scope.module.path, frame.call.id), frame.function.name))
    for index in range(len(frames) - 1, -1, -1):
        frame = frames[index]
        if frame.scope.module is not run.main:
            continue
        place = node if index == len(frames) - 1 else frames[index + 1].call
        if place is None:
            continue
        if index < len(frames) - 1:
            chain.append(Link(Place(run.scope.module.path, node.id), ""))
        # A stub stands for a library: its lines are not the user's to look at.
        chain = [link for link in chain if not link.place.path.startswith(STUBS)]
        statement = frame.statement.id if frame.statement is not None else place.id
        return place.id, statement, tuple(chain)
    return None


def _caught(run: Run) -> Place | None:
    for record in reversed(run.tries):
        if record.handler is not None:
            return Place(record.module.path, record.handler.id)
    return None


def _origins(run: Run, complaint: Complaint) -> tuple[Link, ...]:
    links: list[Link] = []
    for side in complaint.clash:
        if side.dim is None:
            continue
        for reason in run.facts.reasons(side.dim):
            if isinstance(reason, Place):
                links.append(Link(reason, str(side.dim)))
    return tuple(dict.fromkeys(links))


def _with_several(run: Run, several: tuple[Dim, ...]) -> Facts:
    """The facts, and that there is more than one of each of some sizes. A quotient comes out even: heads divide."""
    facts = run.facts.fork()
    for dim in several:
        if isinstance(dim, Expression):
            for monomial in dim.terms:
                for atom in monomial.powers:
                    if isinstance(atom, Opaque) and atom.operation == "floordiv":
                        facts.learn_divides(atom.arguments[1], atom.arguments[0])
            facts.learn_at_least(dim, 2)
    return facts


def _dims_of(values: tuple[Value, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, Tensor):
            yield from value.shape.dims
            if isinstance(value.elements, tuple | Expression):
                yield from _dims_of((value.elements,))
        elif isinstance(value, Expression):
            yield value
        elif isinstance(value, tuple):
            yield from _dims_of(value)
        elif isinstance(value, ListValue):
            yield from _dims_of(tuple(value.items))
        elif isinstance(value, slice):
            yield from _dims_of((value.start, value.stop, value.step))


def snapshot(run: Run, value: Value, *, as_tensors: bool = False, depth: int = 4) -> Value:
    """A value as it is now, shapes resolved under the facts."""
    kind = type(value)
    if kind is Tensor:
        shape = run.facts.resolve(value.shape)
        return value if shape is value.shape else replace(value, shape=shape)
    if kind is Expression:
        return run.facts.normal(value)
    if kind is tuple and depth:
        return tuple(snapshot(run, item, as_tensors=as_tensors, depth=depth - 1) for item in value)
    if kind is ListValue and depth:
        return ListValue([snapshot(run, item, as_tensors=as_tensors, depth=depth - 1) for item in value.items])
    if kind is DictValue and depth:
        return DictValue({key: snapshot(run, item, depth=depth - 1) for key, item in value.items.items()})
    if kind is NamedTuple and depth:
        return NamedTuple(
            value.name, value.fields, tuple(snapshot(run, item, depth=depth - 1) for item in value.values)
        )
    if kind is SetValue:
        return SetValue(set(value.items))
    if kind is Instance and depth:
        # A copy: the object itself goes back to what it was before the analysis.
        attributes = {name: snapshot(run, item, depth=min(depth - 1, 2)) for name, item in value.attributes.items()}
        return Instance(value.cls, attributes, value.key, value.label, value.origin)
    if kind is slice:
        return slice(*(snapshot(run, part) for part in (value.start, value.stop, value.step)))
    if isinstance(value, Unknown) and as_tensors and value.key is not None and not isinstance(value, Condition):
        shape = run.facts.resolve(Shape((), Rest(("shape", value.key), value.label)))
        if value.kind == "tensor" or shape.dims or shape.rest is None:
            return Tensor(shape, label=value.label, assumed=value.kind != "tensor")
        if value.kind == "int":
            return run.facts.normal(symbol_of(value))
    return value


def argument_nodes(node: nodes.Node, operation: str) -> dict[int | str, int]:
    """Which syntax node each argument of an operation is: positions and keywords to node ids."""
    found: dict[int | str, int] = {}
    if isinstance(node, nodes.Call):
        position = 0
        if operation.startswith("torch.Tensor.") and isinstance(node.function, nodes.Attribute):
            found[0] = node.function.value.id
            position = 1
        for argument in node.arguments:
            if argument.star:
                break
            if argument.keyword is not None:
                found[argument.keyword] = argument.value.id
            else:
                found[position] = argument.value.id
                position += 1
    elif isinstance(node, nodes.Binary):
        found = {0: node.left.id, 1: node.right.id}
    elif isinstance(node, nodes.AugmentedAssign):
        found = {0: node.target.id, 1: node.value.id}
    elif isinstance(node, nodes.Subscript):
        found = {0: node.value.id, 1: node.index.id}
    elif isinstance(node, nodes.Compare):
        found = {0: node.first.id, 1: node.others[0].id}
    elif isinstance(node, nodes.Unary):
        found = {0: node.operand.id}
    elif isinstance(node, nodes.Attribute):
        found = {0: node.value.id}
    return found


__all__ = ["CONSTRUCTOR", "FunctionValue", "add_finding", "argument_nodes", "report", "snapshot"]
