"""Layers that are made of layers: building their children, and calling them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attnlint.ops.call import Call
from attnlint.ops.complaint import BadArguments, CannotTell, Clash, Complaint
from attnlint.ops.dispatch import bind_call, build_layer
from attnlint.ops.registry import find_layer
from attnlint.values import DictValue, Instance, Repeated, TorchName, Value

MEMBERS = "_modules"
"""Where the interpreter keeps the members of a ``ModuleList``."""


def child(call: Call, name: str, *arguments: Value, **keywords: Value) -> Instance:
    """A new ``nn`` module, built as the constructor that is running would."""
    layer = find_layer(f"torch.nn.{name}")
    if layer is None:
        raise CannotTell(f"nn.{name} is not known")
    try:
        attributes = build_layer(layer, arguments, keywords, call.facts, because=call.because)
    except BadArguments as error:
        raise CannotTell(str(error)) from error
    return Instance(TorchName(layer.name), attributes)


def factory(call: Call) -> dict[str, Value]:
    """What a constructor hands on to its children."""
    return {name: call[name] for name in ("device", "dtype") if name in call.arguments}


def run_child(
    call: Call, module: Value, *arguments: Value, rename: Mapping[str, str] | None = None, **keywords: Value
) -> Value:
    """Call a child; CannotTell unless it is a layer of torch. Complaints name the caller's arguments (``rename``)."""
    layer = find_layer(module.cls.name) if isinstance(module, Instance) and isinstance(module.cls, TorchName) else None
    if layer is None or layer.forward is None:
        raise CannotTell("a part of the module is not a layer of torch")
    names = rename or {}
    try:
        child = bind_call(
            layer.forward,
            arguments,
            keywords,
            call.facts,
            layer=module.attributes,
            because=call.because,
            exact_dtypes=call.exact_dtypes,
        )
        result = layer.forward.rule(child)
        _note_masks(call, child, names)
        return result
    except BadArguments as error:
        raise CannotTell(str(error)) from error
    except Complaint as complaint:
        raise renamed(complaint, names) from None


def _note_masks(call: Call, child: Call, names: Mapping[str, str]) -> None:
    """What a child took for granted of a mask holds for the whole: the mask was made by whoever calls that."""
    for left, right, clash in child.lucky:
        if any(each.argument.endswith("mask") for each in clash):
            call.before = call.before or child.before
            sides = tuple(Clash(names.get(each.argument, each.argument), each.axis, each.dim) for each in clash)
            call.lucky.append((left, right, sides))


def renamed(complaint: Complaint, names: Mapping[str, str]) -> Complaint:
    """A complaint in terms of the outer call's arguments."""
    return Complaint(
        complaint.code,
        complaint.summary,
        advice=complaint.advice,
        arguments=tuple(dict.fromkeys(names.get(name, name) for name in complaint.arguments)),
        clash=tuple(Clash(names.get(each.argument, each.argument), each.axis, each.dim) for each in complaint.clash),
        about_rank=complaint.about_rank,
    )


def module_list(modules: Iterable[Instance]) -> Instance:
    """An ``nn.ModuleList`` of known members."""
    members: dict[Value, Value] = {str(index): module for index, module in enumerate(modules)}
    return Instance(TorchName("torch.nn.ModuleList"), {MEMBERS: DictValue(members)})


def repeated_list(module: Instance) -> Instance:
    """An ``nn.ModuleList`` of any number of modules like this one."""
    return Instance(TorchName("torch.nn.ModuleList"), {MEMBERS: Repeated("list", module)})


def copied(module: Instance) -> Instance:
    """``copy.deepcopy`` of a module: its own children, so that changing one copy does not change the other."""
    attributes = {
        name: copied(value) if isinstance(value, Instance) else value for name, value in module.attributes.items()
    }
    return Instance(module.cls, attributes, module.key, module.label, module.origin)


def members(value: Value) -> tuple[Value, ...]:
    """The modules of a list that all have to be run; CannotTell when it is not known."""
    held = value.attributes.get(MEMBERS) if isinstance(value, Instance) else None
    if isinstance(held, DictValue):
        return tuple(held.items.values())
    if isinstance(held, Repeated):
        return (held.element,)
    raise CannotTell("the layers are not known")
