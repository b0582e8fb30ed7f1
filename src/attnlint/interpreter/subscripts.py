"""Subscripts: ``value[index]``, reading, writing and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Expression, Shape, symbols_of
from attnlint.findings import Evidence
from attnlint.interpreter import classes, containers, demand, iteration, library, list_identity, operations, reports
from attnlint.interpreter.conditions import identity
from attnlint.interpreter.contents import current
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.joins import common_element, join_all
from attnlint.interpreter.library import numpy_arrays, typing_models
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.objects import UNBOUND, ClassValue, Condition, FunctionValue, OpenDict, OpenList
from attnlint.interpreter.results import Operand
from attnlint.ops.complaint import Clash, Complaint
from attnlint.syntax import nodes
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_JOINED = 16
MOST_COMPARED = 256
"""Of up to so many items one is made that stands for all."""
LOADED_MODULES = ("machine", "sys.modules")
"""The key of what stands for ``sys.modules``."""


def get_item(run: Run, value: Value, index: Value, node: nodes.Node) -> Value:
    """``value[index]``"""
    if type(index) is Expression:
        index = run.facts.normal(index)
    if type(value) is Choice or type(index) is Choice:
        return for_each_choice(run, (value, index), lambda pair: get_item(run, pair[0], pair[1], node))
    if isinstance(value, Tensor):
        index = numpy_arrays.plain(run, index)
        return operations.call_by_name(run, "torch.Tensor.__getitem__", (value, index), {}, node, evidence="getitem")
    if isinstance(value, NamedTuple):
        value = value.values
    if isinstance(value, tuple | ListValue | str | bytes | range):
        return _sequence_item(run, value, index, node)
    if isinstance(value, DictValue | OpenDict):
        return _dict_item(run, value, index, node)
    if isinstance(value, Shape):
        return shape_item(run, value, index, node)
    if isinstance(value, Repeated | OpenList):
        return _repeated_item(run, value, index)
    if isinstance(value, Instance):
        return _instance_item(run, value, index, node)
    if isinstance(value, Unknown):
        return _unknown_item(run, value, index, node)
    if isinstance(value, ClassValue | PythonName | TorchName | External):
        return _class_item(run, value, index, node)
    if value is None or isinstance(value, int | float | FunctionValue):
        run.raise_error("TypeError", "object is not subscriptable", node)
    return run.fresh("an item of an object that is not known")


def plain_slice(run: Run, index: slice) -> slice | None:
    """A slice whose parts are all known; ``None`` otherwise."""
    parts = [
        run.facts.normal(part) if isinstance(part, Expression) else part
        for part in (index.start, index.stop, index.step)
    ]
    if all(part is None or isinstance(part, int) for part in parts):
        return slice(*parts)
    return None


def _sequence_item(run: Run, value: Any, index: Value, node: nodes.Node) -> Value:
    items = value.items if isinstance(value, ListValue) else value
    if isinstance(index, bool | int):
        try:
            return items[index]
        except IndexError:
            run.raise_error("IndexError", "index out of range", node)
    if isinstance(index, slice):
        known = plain_slice(run, index)
        if known is not None:
            try:
                part = items[known]
            except ValueError as error:
                run.raise_error("ValueError", str(error), node)
            return ListValue(list(part)) if isinstance(value, ListValue) else part
        kind = "list" if isinstance(value, ListValue) else "tuple"
        if isinstance(value, str | bytes):
            return run.fresh("a part of a text", kind="str")
        return Repeated(
            kind,
            join_all(run, items)
            if 0 < len(items) <= MOST_JOINED
            else run.unknown("an item of a slice that is not known"),
        )
    if isinstance(index, Tensor) and isinstance(current(run, index).elements, int):
        return _sequence_item(run, value, index.elements, node)
    if isinstance(value, str | bytes):
        return run.fresh("a character", kind="str")
    if isinstance(index, Instance):
        method = classes.find_special(run, index, "__index__")
        if method is not None:
            return _sequence_item(run, value, run.call(method, (), {}, node), node)
    run.uncertain += 1
    if isinstance(value, range):
        return run.fresh("an item of a range", kind="int")
    if 0 < len(items) <= MOST_JOINED:
        return join_all(run, items)
    if 0 < len(items) <= MOST_COMPARED and type(items[0]) in (Tensor, tuple, ListValue, DictValue):
        return common_element(run, list(items))
    return run.fresh("an item of a sequence, which one is not known")


def _dict_item(run: Run, value: Any, index: Value, node: nodes.Node) -> Value:
    index = _key(index)
    if is_certain_key(index):
        found = value.items.get(index, UNBOUND)
        if found is not UNBOUND:
            return run.refine(found) if type(found) in (Unknown, Choice) else found
        if isinstance(value, DictValue):
            if value.default_factory is not None:
                made = run.keyed(run.call(value.default_factory, (), {}, node))
                run.store.set_key(value, index, made)
                return made
            if all(is_certain_key(key) for key in value.items):
                run.raise_error("KeyError", str(index), node)
        return _any_value(run, value)
    run.uncertain += 1
    values = [each for each in value.items.values() if each is not UNBOUND]
    if isinstance(value, DictValue) and 0 < len(values) <= MOST_JOINED:
        return join_all(run, values)
    return _any_value(run, value)


def _any_value(run: Run, value: DictValue | OpenDict) -> Value:
    """The value of a key that is not known: like the others, and another one each time."""
    reason = "an item of a dict that is not known"
    like = value.default_factory if isinstance(value, OpenDict) and not value.items else None
    alternatives = like.values if isinstance(like, Choice) else (like,)
    if all(isinstance(each, Expression | int) and not isinstance(each, bool) for each in alternatives):
        return run.fresh(reason, kind="int")
    if isinstance(like, Unknown) and like.kind in ("int", "float", "str"):
        return run.fresh(reason, kind=like.kind)
    if isinstance(like, Tensor):
        return iteration.take(run, like)
    return run.fresh(reason)


def _key(index: Value) -> Value:
    return tuple(index.items) if isinstance(index, ListValue) else index


def shape_item(run: Run, shape: Shape, index: Value, node: nodes.Node) -> Value:
    """``x.shape[index]`` where the rank of ``x`` is not known."""
    facts = run.facts
    shape = facts.resolve(shape)
    if shape.rest is None:
        return _sequence_item(run, shape.dims, index, node)
    if isinstance(index, int) and not isinstance(index, bool):
        if index >= 0:
            return facts.leading(shape, index)
        if -index <= len(shape.dims):
            return shape.dims[index]
        longer = facts.require_trailing(shape, -index)
        return longer.dims[index]
    if isinstance(index, slice):
        known = plain_slice(run, index)
        if known is not None and known.step is None:
            start, stop = known.start or 0, known.stop
            if start < 0 and (stop is None or stop < 0):
                longer = facts.require_trailing(shape, -start)
                return longer.dims[start:stop]
            if start == 0 and stop is not None and stop < 0:
                longer = facts.require_trailing(shape, -stop)
                return Shape(longer.dims[:stop], longer.rest)
            if start == 0 and stop is None:
                return shape
            if start >= 0 and stop is not None and stop >= start:
                return tuple(facts.leading(shape, position) for position in range(start, stop))
        return Repeated("tuple", run.unknown("a size", kind="int"))
    return run.fresh("a size", kind="int")


def _repeated_item(run: Run, value: Repeated | OpenList, index: Value) -> Value:
    element = value.element if isinstance(value, Repeated) else value.items.element
    if isinstance(index, slice):
        return Repeated("list" if isinstance(value, OpenList) else value.kind, element)
    run.uncertain += 1
    return iteration.take(run, element)


def _instance_item(run: Run, value: Instance, index: Value, node: nodes.Node) -> Value:
    if containers.container_class(value):
        _found, holder = classes.find_in_class(value.cls, "__getitem__")
        if not isinstance(holder, ClassValue):
            return containers.get_item(run, value, index, node)
    method = classes.find_special(run, value, "__getitem__")
    if method is not None:
        return run.call(method, (index,), {}, node)
    run.uncertain += 1
    return run.fresh("an item of an object that is not known")


def _unknown_item(run: Run, value: Unknown, index: Value, node: nodes.Node) -> Value:
    refined = run.refine(value)
    if refined is not value and not isinstance(refined, Unknown):
        return get_item(run, refined, index, node)
    if value.key == LOADED_MODULES and isinstance(index, str):
        module = demand.loaded_module(run, index)
        if module is not None:
            return module
    run.uncertain += 1
    if operations.known_tensor(run, value) or _tensor_index(index):
        tensor = operations.tensor_of(run, value)
        if tensor is not None:
            return get_item(run, tensor, index, node)
    if (
        value.key is not None
        and not isinstance(value, Condition)
        and is_certain_key(index)
        and not isinstance(index, tuple)
    ):
        key = ("item", value.key, identity(index))
        assigned = run.store.knowledge.get(key)
        if assigned is not None:
            return assigned
        return Unknown(value.reason, key, f"{value.label}[{index!r}]" if value.label else "")
    return run.fresh(value.reason)


def _tensor_index(index: Value) -> bool:
    """An index that only an array takes: ``x[:, None]``, ``x[..., 0]``."""
    if isinstance(index, tuple):
        return any(part is None or part is ... or isinstance(part, slice) for part in index)
    return index is ...


def _class_item(run: Run, value: Value, index: Value, node: nodes.Node) -> Value:
    """``list[int]``, ``Optional[Tensor]``, ``Color["RED"]``"""
    if isinstance(value, ClassValue):
        for base in value.mro:
            if isinstance(base, PythonName):
                model = library.find_python(base.name + ".__class_getitem__")
                if model is not None:
                    return model(run, (value, index), {}, node)
        method, _ = classes.find_in_class(value, "__class_getitem__")
        if method is not UNBOUND:
            return value
    return typing_models.subscripted(run, value, index)


def out_of_range(run: Run, tensor: Tensor, rank: int, index: int, node: nodes.Node, holder: nodes.Node) -> None:
    """``x.shape[index]`` for a tensor that has no such axis."""
    complaint = Complaint(
        "ATN113",
        f"axis {index} is out of range for {rank} dimension{'s' * (rank != 1)}",
        arguments=("input",),
        clash=(Clash("input", None, rank),),
    )
    run.uncertain += 1
    if not tensor.assumed:
        operand = Operand("input", holder.id, tensor)
        reports.add_finding(
            run, complaint, node, "torch.Tensor.size", (operand,), Evidence("torch.Tensor.size", (tensor, index))
        )


# --- writing
# --------------------------------------------------------------------------------------------------------------


def set_item(run: Run, target: Value, index: Value, value: Value, node: nodes.Node) -> None:
    """``target[index] = value``"""
    value = run.keyed(value)
    if type(index) is Expression:
        index = run.facts.normal(index)
    if isinstance(target, Repeated) and target.kind == "list":
        target = list_identity.as_object(run, target)
    if isinstance(target, ListValue):
        if isinstance(index, int) and -len(target.items) <= index < len(target.items):
            run.store.set_item(target, index, value)
        elif isinstance(index, int):
            run.raise_error("IndexError", "list assignment index out of range", node)
        elif isinstance(index, slice) and (known := plain_slice(run, index)) is not None:
            new = run.iterate(value, node)
            if new is None:
                run.store.open(target, join_all(run, [*target.items, run.unknown("an item of a slice")]))
            else:
                items = list(target.items)
                items[known] = new
                run.store.set_items(target, items)
        else:
            run.store.set_items(target, [join_all(run, (item, value)) for item in target.items])
    elif isinstance(target, DictValue | OpenDict):
        key = _key(index)
        if is_certain_key(key):
            run.store.set_key(target, key, value)
        else:
            # Whatever is read from it later is one of the values that were written.
            others = (target.default_factory,) if isinstance(target, OpenDict) else ()
            held = [each for each in (*target.items.values(), *others) if each is not UNBOUND]
            run.store.open(target, join_all(run, [*held, value]))
    elif isinstance(target, OpenList):
        if _is_of_one(value):
            run.store.forget(target)
        else:
            run.store.open(target, join_all(run, (target.items.element, value)))
    elif isinstance(target, Tensor) or (isinstance(target, Unknown) and operations.known_tensor(run, target)):
        index, value = numpy_arrays.plain(run, index), numpy_arrays.plain(run, value)
        operations.call_by_name(run, "torch.Tensor.__setitem__", (target, index, value), {}, node, evidence="setitem")
    elif isinstance(target, Instance):
        if containers.container_class(target) and not isinstance(
            classes.find_in_class(target.cls, "__setitem__")[1], ClassValue
        ):
            containers.set_item(run, target, index, value, node)
            return
        method = classes.find_special(run, target, "__setitem__")
        if method is not None:
            run.call(method, (index, value), {}, node)
    elif (
        isinstance(target, Unknown)
        and target.key is not None
        and is_certain_key(index)
        and not isinstance(index, tuple)
    ):
        run.store.know(("item", target.key, identity(index)), value)
    elif isinstance(target, Choice):
        for each in target.values:
            if isinstance(each, ListValue | DictValue):
                run.store.forget(each)


def _is_of_one(value: Value) -> bool:
    """Whether a tensor has sizes of its own, which the other elements of a list of unknown length need not have: all
    that are neither numbers nor hyper-parameters."""
    return isinstance(value, Tensor) and any(
        not (isinstance(symbol.key, tuple) and symbol.key[:1] == ("int",)) for symbol in symbols_of(*value.shape.dims)
    )


def delete_item(run: Run, target: Value, index: Value, node: nodes.Node) -> None:
    """``del target[index]``"""
    if isinstance(target, Repeated) and target.kind == "list":
        target = list_identity.as_object(run, target)
    if isinstance(target, DictValue) and is_certain_key(index):
        run.store.delete_key(target, index)
    elif isinstance(target, ListValue) and isinstance(index, int | slice):
        known = plain_slice(run, index) if isinstance(index, slice) else index
        items = list(target.items)
        if known is None:
            run.store.forget(target)
            return
        try:
            del items[known]
        except IndexError:
            run.raise_error("IndexError", "list assignment index out of range", node)
        run.store.set_items(target, items)
    elif isinstance(target, Instance):
        if containers.container_class(target):
            run.call(
                BoundMethod(target, TorchName(f"{containers.container_class(target)}.__delitem__")), (index,), {}, node
            )
            return
        method = classes.find_special(run, target, "__delitem__")
        if method is not None:
            run.call(method, (index,), {}, node)
    elif isinstance(target, ListValue | DictValue | OpenList):
        run.store.forget(target)


def is_in_range(run: Run, index: Value, length: int) -> bool:
    """Whether an index is known to be in range."""
    if isinstance(index, int):
        return -length <= index < length
    return isinstance(index, Expression) and run.facts.at_least(length - 1, index) is Answer.YES
