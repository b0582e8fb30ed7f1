"""Devices: which operations want all their tensors on one, and on which one the result is.

Only what is certain counts: a device that the code names, and the default one where nothing in the program changes it.
A tensor without axes on the CPU goes with tensors of any device, and so does one of indices into such a tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.registry import Op
from attnlint.values import Instance, ListValue, NamedTuple, PythonName, Tensor, Value

CODE = "ATN119"
DEVICE = PythonName("torch.device")
"""The class of the objects that ``torch.device(...)`` makes; their attributes are ``type`` and ``index``."""

SAME = frozenset(
    """attention distances einsum joining layers_embedding layers_linear layers_normalization losses
    losses_classification masking matmul matmul_many multihead_attention pointwise_binary pointwise_ternary""".split()
)
"""Modules of rules whose operations want all tensors on one device. ``tests/ops/test_devices.py`` asks torch's
``FakeTensorMode``, which works devices out without having them; what it cannot judge (convolutions) is left out."""

ALSO = frozenset(
    """gather index_add index_copy index_select scatter scatter_add scatter_reduce take max min searchsorted isin
    cross dist cdist""".split()
)
"""Further operations that want it, by the last part of their names."""

NOT = frozenset("ctc_loss gaussian_nll_loss masked_select copy_ masked_scatter inner".split())
"""Operations of those modules that do not, or of which ``FakeTensorMode`` does not tell."""

OWN = frozenset(
    """casting creation creation_data sampling spectrograms windows filling indexing splitting views_expand
    views_reshape""".split()
)
"""Modules of rules that know themselves where the result is: where the call says, or where the first operand is."""


def device_name(value: Value) -> str | None:
    """A device argument as text, ``cuda:1``; ``None`` when it is not known."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return f"cuda:{value}"
    if isinstance(value, Instance) and value.cls == DEVICE:
        kind, index = value.attributes.get("type"), value.attributes.get("index")
        if isinstance(kind, str):
            return kind if index is None else f"{kind}:{index}" if isinstance(index, int) else None
    return None


def differ(one: str | None, other: str | None) -> bool:
    """Whether two devices are certainly not the same. (``cuda`` may be ``cuda:1``; nobody computes with ``meta``.)"""
    if one is None or other is None or "meta" in (one, other):
        return False
    kind, _, index = one.partition(":")
    other_kind, _, other_index = other.partition(":")
    return kind != other_kind or bool(index and other_index and index != other_index)


def settled(op: Op, call: Call, value: Value) -> Value:
    """The result of an operation on the device that it is on. Complains where its operands are on different ones."""
    given = list(_operands(call))
    if not any(tensor.device is not None for _, tensor in given):
        return value
    operands = [(name, _certain(tensor)) for name, tensor in given]
    last = op.name.rpartition(".")[2]
    if op.family in OWN or last in NOT:
        stale = {tensor.device for _, tensor in given if tensor.is_parameter}
        return _placed(value, [None]) if getattr(value, "device", None) in stale else value
    axes = [(name, tensor) for name, tensor in operands if tensor.shape.rank != 0]
    wants = op.family in SAME or last in ALSO
    if wants:
        _demand_one(axes, list(weights(call.layer)) if call.layer else [], value)
    return _placed(value, [tensor.device for _, tensor in axes] or [tensor.device for _, tensor in operands])


def _certain(tensor: Tensor) -> Tensor:
    """The tensor, on an unknown device where it is a parameter: its layer may have moved since it was read."""
    return replace(tensor, device=None) if tensor.is_parameter and tensor.device is not None else tensor


def demand_host_memory(call: Call) -> None:
    """Demand that a tensor is on the CPU: an array shares its memory."""
    tensor = _certain(call.tensor("input"))
    if differ(tensor.device, "cpu") and call.flag("force") is False:
        raise Complaint(
            CODE,
            f"a tensor on {tensor.device} cannot become an array",
            arguments=("input",),
            clash=(Clash("input", None),),
            advice="copy it to the CPU first: `.cpu().numpy()`",
        )


def _operands(call: Call) -> Iterator[tuple[str, Tensor]]:
    for name, value in call.arguments.items():
        if type(value) is Tensor:
            yield name, value
        elif type(value) is tuple or type(value) is ListValue:
            items = _items(value)
            if len(items) == 1 and type(items[0]) in (tuple, ListValue):  # what stands for ``*tensors``
                items = _items(items[0])
            yield from ((name, item) for item in items if type(item) is Tensor)


def _items(value: Value) -> tuple[Value, ...]:
    return value if type(value) is tuple else tuple(value.items)


def weights(attributes: Mapping[str, Value]) -> Iterator[tuple[str, Tensor]]:
    """The parameters of a layer, and of the layers that it is made of."""
    for name, value in attributes.items():
        if type(value) is Tensor and value.is_parameter:
            yield name, value
        elif type(value) is Instance:
            yield from ((f"{name}.{inner}", tensor) for inner, tensor in weights(value.attributes))


def _demand_one(axes: list[tuple[str, Tensor]], parameters: list[tuple[str, Tensor]], recovery: Value) -> None:
    # A tensor of unknown rank may be without axes.
    certain = [(name, tensor) for name, tensor in axes if tensor.shape.rank is not None and tensor.device is not None]
    for index, (name, tensor) in enumerate(certain):
        for other_name, other in certain[:index]:
            if differ(tensor.device, other.device):
                first = other_name if other_name != name else "one of them"
                second = name if other_name != name else "another"
                raise _complaint(first, other, second, tensor, (other_name, name), recovery)
        for other_name, other in parameters:
            if differ(tensor.device, other.device):
                raise _complaint(name, tensor, f"the layer's {other_name}", other, (name,), recovery)


def _complaint(
    name: str, tensor: Tensor, other_name: str, other: Tensor, arguments: tuple[str, ...], recovery: Value
) -> Complaint:
    parameter = other.is_parameter and not other_name.isidentifier()
    advice = f"move the layer, or the input, with `.to({other.device!r})`"
    if not parameter:
        advice = "move one of them with `.to(...)`, or make it there: `device=x.device`"
    return Complaint(
        CODE,
        f"{name} is on {tensor.device}, {other_name} on {other.device}",
        arguments=arguments,
        clash=tuple(Clash(argument, None) for argument in arguments),
        advice=advice,
        recovery=_placed(recovery, [None]),
    )


def _placed(value: Value, devices: list[str | None]) -> Value:
    """A result on the device of the operands that have axes; on one that is not known where one of theirs is not."""
    found = set(devices)
    device = found.pop() if len(found) == 1 else None
    if type(value) is Tensor:
        return value if value.device == device else replace(value, device=device)
    if type(value) is tuple:
        return tuple(_placed(item, devices) for item in value)
    if type(value) is NamedTuple:
        return replace(value, values=tuple(_placed(item, devices) for item in value.values))
    return value
