"""``state_dict`` and ``load_state_dict``: the tensors of a module by name, and whether they fit another module.

torch compares the shape of every tensor with that of the parameter or buffer of its name, with ``strict=False`` and
with ``assign=True`` too. Only what is known in full is compared: modules that the program itself makes, in its own run.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Shape
from attnlint.findings import Evidence
from attnlint.interpreter import classes, operations, reports
from attnlint.interpreter.results import Operand
from attnlint.ops.complaint import Complaint
from attnlint.values import Choice, DictValue, Instance, Repeated, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

OPERATION = "torch.nn.Module.load_state_dict"
MOST_NAMES = 300
MOST_SHOWN = 3
COUNTER = "num_batches_tracked"
"""The one buffer that torch lets a state without a version lack."""
CHANGED = "__changed__"
"""The attribute of a module that an unknown function was applied to: it may hold anything now."""
NOT_SAVED = "__not_saved__"
"""The attribute of a module that holds the names of its buffers that are (or may be) ``persistent=False``."""
_OTHER_NAMES = re.compile(
    r"(weight|spectral)_norm\(|parametri[sz]|prune|quantiz|DataParallel|fsdp|\.compile\(|state_dict_\w*hook|_from_state_dict|"
    r"_to_state_dict|extra_state|\bLazy|def (load_)?state_dict|\.data\s*=(?!=)|\.resize_|swap_tensors|\.__class__\s*="
)
"""What gives the tensors of a module other names or shapes than its layers say, or leaves some of them out."""


def names_in(module: Instance, slot: str) -> tuple[str, ...]:
    """The names that an attribute of the interpreter's own lists, such as those of buffers.

    After ``if shift: self.register_buffer("offset", ...)`` there are two lists: a name in either is one.
    """
    listed = module.attributes.get(slot, ())
    lists = listed.values if isinstance(listed, Choice) else (listed,)
    return tuple(dict.fromkeys(name for each in lists if isinstance(each, tuple) for name in each))


def state_of(run: Run, instance: Instance) -> dict[str, Tensor] | None:
    """All parameters and buffers of a module by name, in torch's order; ``None`` where they are not all known."""
    if run.entry != "module" or operations.is_said(run, _OTHER_NAMES):
        return None
    found: dict[str, Tensor] = {}
    return found if _collect(instance, "", found, ()) and 0 < len(found) <= MOST_NAMES else None


def _collect(module: Instance, prefix: str, found: dict[str, Tensor], above: tuple[Instance, ...]) -> bool:
    """Whether all that a module and its children hold is known."""
    if (
        any(each is module for each in above)
        or len(found) > MOST_NAMES
        or classes.opaque_base(module.cls) is not None
        or module.key is not None
        or "__open__" in module.attributes
        or CHANGED in module.attributes
    ):
        return False
    buffers = set(names_in(module, "__buffers__")) - set(names_in(module, NOT_SAVED))
    own = not isinstance(module.cls, TorchName)
    if own and any(
        isinstance(each, TorchName) and each.name != "torch.nn.Module" for each in classes.mro_of(module.cls)[:-1]
    ):
        return False  # which of its tensors are buffers is the layer's own matter
    children: list[tuple[str, Instance]] = []
    for name, value in module.attributes.items():
        if isinstance(value, Unknown | Choice | Repeated):
            return False
        members = name in ("_modules", "_parameters") and isinstance(value, DictValue)
        for key, each in value.items.items() if members else ((name, value),):
            if isinstance(each, Unknown | Choice | Repeated):
                return False
            if isinstance(each, Tensor) and (each.is_parameter or not own or key in buffers):
                found[prefix + str(key)] = each
            elif isinstance(each, Instance) and classes.is_module(each):
                children.append((str(key), each))
    return all(_collect(child, f"{prefix}{key}.", found, (*above, module)) for key, child in children)


def state_dict(run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """``module.state_dict()``: a dict of its own, with the tensors of the module."""
    state = None if arguments or keywords else state_of(run, instance)
    if state is None:
        return run.fresh("the state of a module")
    return run.store.born(DictValue({name: replace(each, is_parameter=False) for name, each in state.items()}))


def load_state_dict(
    run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """``module.load_state_dict(state)``: each tensor must have the shape of its name's."""
    result = run.fresh("the result of load_state_dict")
    state = arguments[0] if arguments else keywords.get("state_dict")
    # An OpenDict is a DictValue no longer: an unknown call may have changed it.
    if type(state) is not DictValue or not state.items:
        return result
    current = state_of(run, instance)
    if current is None:
        return result
    strict = arguments[1] if len(arguments) > 1 else keywords.get("strict", True)
    if strict is True and all(type(name) is str for name in state.items):
        missing = [name for name in current if name not in state.items and not name.endswith(COUNTER)]
        unexpected = [name for name in state.items if name not in current and not name.endswith(COUNTER)]
        if missing or unexpected:
            _report_names(run, missing, unexpected, current, state, node)
            return result
    for name, parameter in current.items():
        saved = state.items.get(name)
        if isinstance(saved, Tensor) and not saved.assumed and _differ(run, saved, parameter):
            _report_shapes(run, name, saved, parameter, state, strict is True, node)
            break
    return result


def _differ(run: Run, saved: Tensor, parameter: Tensor) -> bool:
    """Whether the shapes certainly differ. A parameter without dims takes a vector of one element, too."""
    one, other = saved.shape, parameter.shape
    if one.rest is not None or other.rest is not None or not other.dims:
        return False
    return len(one.dims) != len(other.dims) or any(
        run.facts.equal(left, right) is Answer.NO for left, right in zip(one.dims, other.dims, strict=True)
    )


def _report_names(
    run: Run, missing: list[str], unexpected: list[str], current: dict[str, Tensor], state: DictValue, node: Node
) -> None:
    parts = [
        f"{what}: {', '.join(names[:MOST_SHOWN])}{' ...' if len(names) > MOST_SHOWN else ''}"
        for what, names in (("names that the state dict lacks", missing), ("names that the model lacks", unexpected))
        if names
    ]
    name = (missing or unexpected)[0]
    parameter, saved = (current[name], None) if missing else (None, Tensor(Shape((1,)), label="saved"))
    _report(
        run,
        "; ".join(parts),
        "load the state into a module of the same class, or rename its entries; `strict=False` leaves out what does "
        "not match",
        (name.rpartition(".")[2], _plain(parameter, "current"), saved, True),
        state,
        node,
    )


def _report_shapes(
    run: Run, name: str, saved: Tensor, parameter: Tensor, state: DictValue, strict: bool, node: Node
) -> None:
    _report(
        run,
        f"size mismatch for {name}: the state dict has {saved.shape}, the model has {parameter.shape}",
        "make the model with the sizes that the state was saved with, or leave the entries of another size out "
        "(`state.pop(name)`, then `strict=False`): `strict=False` alone does not allow for other shapes",
        (name.rpartition(".")[2], _plain(parameter, "current"), _plain(saved, "saved"), strict),
        state,
        node,
    )


def _plain(tensor: Tensor | None, label: str) -> Tensor | None:
    """A tensor of that shape: what it holds does not matter, nor does its dtype."""
    return None if tensor is None else Tensor(tensor.shape, label=label)


def _report(run: Run, summary: str, advice: str, arguments: tuple[Value, ...], state: DictValue, node: Node) -> None:
    complaint = Complaint("ATN120", summary, arguments=("state_dict",), advice=advice)
    run.uncertain += 1
    operands = (Operand("state_dict", None, state),)
    reports.add_finding(run, complaint, node, OPERATION, operands, Evidence(OPERATION, arguments))
