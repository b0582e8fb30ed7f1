"""Devices, by torch's fake tensors: where a rule complains torch does, on every operation that wants one device."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from attnlint.algebra import Facts, Shape
from attnlint.ops.complaint import Complaint
from attnlint.ops.devices import ALSO, NOT, SAME, differ, settled
from attnlint.ops.dispatch import bind_call
from attnlint.ops.registry import find_op
from attnlint.values import ListValue, Tensor, Value
from tests.ops.bridge import NotConverted, to_value
from tests.ops.opinfo_cases import entries, entry_name, family_of
from tests.ops.torch_calls import name_of

DEVICES = ("cpu", "cuda")
SAMPLES = 2


def on(thing: Any, devices: Iterator[str], tensor: Callable[[Any, str], Any]) -> Any:
    """Arguments with each tensor, in order, put on the next device."""
    if isinstance(thing, torch.Tensor | Tensor):
        return tensor(thing, next(devices))
    if type(thing) in (tuple, list):
        return type(thing)(on(item, devices, tensor) for item in thing)
    if isinstance(thing, ListValue):
        return ListValue([on(item, devices, tensor) for item in thing.items])
    return thing


def fake(tensor: torch.Tensor, device: str) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=device)


def placed(tensor: Tensor, device: str) -> Tensor:
    return replace(tensor, device=device, elements=None)


def count(thing: Any) -> int:
    if isinstance(thing, torch.Tensor):
        return 1
    return sum(map(count, thing)) if type(thing) in (tuple, list) else 0


def torch_says(function: Callable[..., Any], args: Any, kwargs: dict[str, Any], devices: list[str]) -> str:
    """torch's message about devices; empty where it has none. No device is there, so nothing else counts."""
    given = iter(devices)
    try:
        with FakeTensorMode(), torch.no_grad():
            function(*on(args, given, fake), **{key: on(value, given, fake) for key, value in kwargs.items()})
    except Exception as error:
        text = str(error)
        return text if "same device" in text or "device type" in text or "DeviceType" in text else ""
    return ""


def attnlint_says(name: str, args: Any, kwargs: dict[str, Any], devices: list[str]) -> str:
    op = find_op(name)
    assert op is not None
    given = iter(devices)
    arguments = tuple(on(to_value(value), given, placed) for value in args)
    keywords = {key: on(to_value(value), given, placed) for key, value in kwargs.items()}
    call = bind_call(op, arguments, keywords, Facts())
    result = op.rule(call)
    try:
        settled(op, call, result)
    except Complaint as complaint:
        assert complaint.code == "ATN119"
        return complaint.summary
    return ""


def is_about(entry: Any) -> bool:
    last = entry.name.rpartition(".")[2]
    return (family_of(entry) in SAME or last in ALSO) and last not in NOT and torch.float32 in entry.dtypes


@pytest.mark.parametrize("entry", [entry for entry in entries() if is_about(entry)], ids=entry_name)
def test_a_complaint_is_torchs(entry: Any) -> None:
    name = name_of(entry.op)
    if name is None or find_op(name) is None:
        pytest.skip("no function of its own")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in islice(entry.sample_inputs("cpu", torch.float32), SAMPLES):
            args, kwargs = (sample.input, *sample.args), dict(sample.kwargs)
            tensors = count(args) + sum(map(count, kwargs.values()))
            for moved in range(tensors if tensors > 1 else 0):
                for here, there in (DEVICES, DEVICES[::-1]):
                    devices = [there if index == moved else here for index in range(tensors)]
                    try:
                        found = attnlint_says(name, args, kwargs, devices)
                    except NotConverted:
                        continue
                    said = torch_says(entry.op, args, kwargs, devices)
                    assert not found or said, f"{name} on {devices}: {found}, but torch accepts it"


CPU, CUDA = (Tensor(Shape((2, 3)), "float32", device) for device in DEVICES)
SCALAR = Tensor(Shape(()), "float32", "cpu")
SOMEWHERE = Tensor(Shape((2, 3)), "float32")
INDICES = Tensor(Shape((2,)), "int64", "cpu")


def run(name: str, *arguments: Value) -> Value:
    op = find_op(name)
    assert op is not None
    call = bind_call(op, arguments, {}, Facts())
    return settled(op, call, op.rule(call))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("torch.add", (CUDA, SCALAR)),
        ("torch.mul", (SCALAR, CUDA)),
        ("torch.add", (CUDA, SOMEWHERE)),
        ("torch.Tensor.copy_", (CUDA, CPU)),
        ("torch.Tensor.view_as", (CUDA, CPU)),
        ("torch.Tensor.expand_as", (CUDA, CPU)),
        ("torch.Tensor.to", (CUDA, CPU)),
        ("torch.Tensor.type_as", (CPU, CUDA)),
        ("torch.Tensor.__getitem__", (CUDA, INDICES)),
    ],
)
def test_what_torch_allows_is_silent(name: str, arguments: tuple[Value, ...]) -> None:
    run(name, *arguments)


def test_the_result_is_where_the_operands_with_axes_are() -> None:
    assert run("torch.mul", SCALAR, CUDA).device == "cuda"
    assert run("torch.mul", CUDA, SCALAR).device == "cuda"
    assert run("torch.mul", SCALAR, SCALAR).device == "cpu"
    assert run("torch.add", CUDA, SOMEWHERE).device is None
    assert run("torch.mul", SCALAR, SOMEWHERE).device is None
    assert run("torch.Tensor.to", CPU, "cuda").device == "cuda"
    assert run("torch.Tensor.type_as", CPU, CUDA).device == "cuda"
    assert run("torch.Tensor.__getitem__", CUDA, INDICES).device == "cuda"


def test_which_devices_certainly_differ() -> None:
    assert differ("cpu", "cuda") and differ("cuda:0", "cuda:1") and differ("mps", "cpu")
    assert not differ("cuda", "cuda:1")
    assert not differ("cpu", None) and not differ("meta", "cpu")


def test_a_parameter_may_have_moved_since_it_was_read() -> None:
    weight = replace(CPU, is_parameter=True)
    assert run("torch.mul", CUDA, weight).device is None
    assert run("torch.mul", SOMEWHERE, weight).device is None
    assert run("torch.mul", weight, weight).device is None
    assert run("torch.Tensor.view", weight, 6).device is None
    assert run("torch.Tensor.to", weight, "cuda").device == "cuda"
