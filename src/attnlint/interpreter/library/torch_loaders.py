"""``torch.utils.data.DataLoader``: how many batches, and what is in them.

The batches of a loader are all of ``batch_size`` samples, save for the last. Up to :data:`FEW` are given one by one;
more of them are a ``Repeated`` that knows its edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library import numpy_arrays
from attnlint.interpreter.library.iterators import common, element_of, elements, fresh_int, make_iterator
from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.library.torch_datasets import is_iterable, sample, samples, size_of, some_index
from attnlint.ops.complaint import Complaint
from attnlint.values import (
    DictValue,
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
    from attnlint.syntax.nodes import Node

LOADER = PythonName("torch.utils.data.DataLoader")
FEW = 3
MOST_COLLATED = 64
"""Up to so many samples are handed to a ``collate_fn`` one by one."""

class_(LOADER.name, "object")


@python(LOADER.name)
def data_loader(
    run: Run,
    node: Node,
    dataset: Value,
    batch_size: Value = 1,
    shuffle: Value = None,
    sampler: Value = None,
    batch_sampler: Value = None,
    num_workers: Value = 0,
    collate_fn: Value = None,
    pin_memory: Value = False,
    drop_last: Value = False,
    timeout: Value = 0,
    worker_init_fn: Value = None,
    multiprocessing_context: Value = None,
    generator: Value = None,
    **options: Value,
) -> Value:
    return run.store.born(
        Instance(
            LOADER,
            {
                "dataset": dataset,
                "batch_size": batch_size if batch_sampler is None else None,
                "shuffle": shuffle,
                "sampler": sampler,
                "batch_sampler": batch_sampler,
                "collate_fn": collate_fn,
                "drop_last": drop_last,
            },
        )
    )


@python(f"{LOADER.name}.__len__")
def number_of_batches(run: Run, node: Node, receiver: Value, /) -> Value:
    count = _count(receiver, _total(run, receiver, node))
    return fresh_int("batches", 0) if count is None else count


def _total(run: Run, loader: Instance, node: Node) -> Dim | None:
    """The number of samples that the loader goes through."""
    sampler = loader.attributes["sampler"]
    return size_of(run, loader.attributes["dataset"] if sampler is None else sampler, node)


def _count(loader: Instance, total: Dim | None) -> Dim | None:
    size, drops = loader.attributes["batch_size"], loader.attributes["drop_last"]
    if total is None or not isinstance(size, int | Expression) or not isinstance(drops, bool):
        return None
    if loader.attributes["batch_sampler"] is not None or size == 0:
        return None
    return total // size if drops else -(-total // size)


@python(f"{LOADER.name}.__iter__")
def batches(run: Run, node: Node, receiver: Value, /) -> Value:
    attributes = receiver.attributes
    size, drops = attributes["batch_size"], attributes["drop_last"]
    if attributes["batch_sampler"] is not None:
        size = run.unknown("a batch size")
    total = _total(run, receiver, node)
    known = samples(run, attributes["dataset"], node) if attributes["sampler"] is None else None
    if size is None:
        return (
            make_iterator(run, known)
            if known is not None
            else Repeated("iterator", _sample(run, receiver, node), total)
        )
    count = _count(receiver, total)
    if known is not None and isinstance(size, int) and isinstance(count, int):
        return make_iterator(run, _few_samples(run, receiver, known, size, count, node))
    template = _sample(run, receiver, node)

    def batch(length: Dim) -> Value:
        return _collated(run, receiver, template, length, node)

    if not isinstance(size, int) or not isinstance(total, int) or not isinstance(count, int):
        whole = isinstance(size, int | Expression) and drops is True
        return Repeated("iterator", batch(size if whole else fresh_int("batch", 1)), count)
    rest = 0 if drops is True else total % size
    if count <= FEW:
        return make_iterator(run, [batch(rest if rest and index == count - 1 else size) for index in range(count)])
    if not rest:
        return Repeated("iterator", batch(size), count)
    return Repeated("iterator", batch(fresh_int("batch", 1)), count, (batch(size), batch(rest)))


def _sample(run: Run, loader: Instance, node: Node) -> Value:
    """What stands for any sample."""
    dataset = loader.attributes["dataset"]
    try:
        if is_iterable(run, dataset):
            known = elements(run, dataset, node)
            return common(run, known) if known else element_of(run, dataset, node)
        return sample(run, dataset, some_index(run, size_of(run, dataset, node)), node)
    except Raised:
        run.uncertain += 1
        return run.unknown("a sample whose making may fail")


def _few_samples(run: Run, loader: Instance, known: list[Value], size: int, count: int, node: Node) -> list[Value]:
    """The batches of a dataset whose samples are all known. Shuffled, any sample may be in any batch."""
    if loader.attributes["shuffle"] is False or loader.attributes["shuffle"] is None or count <= 1:
        return [_join(run, loader, known[index * size : (index + 1) * size], node) for index in range(count)]
    general = common(run, known)
    return [_collated(run, loader, general, min(size, len(known) - index * size), node) for index in range(count)]


def _join(run: Run, loader: Instance, parts: list[Value], node: Node) -> Value:
    function = loader.attributes["collate_fn"]
    if function is not None:
        return run.call(function, (ListValue(list(parts)),), {}, node)
    return collate(run, parts, len(parts), node)


def _collated(run: Run, loader: Instance, template: Value, length: Dim, node: Node) -> Value:
    function = loader.attributes["collate_fn"]
    if function is None:
        return collate(run, [template], length, node)
    if isinstance(length, int) and length <= MOST_COLLATED:
        return run.call(function, (ListValue([template] * length),), {}, node)
    return run.call(function, (Repeated("list", template, length),), {}, node)


@python("torch.utils.data.default_collate")
def default_collate(run: Run, node: Node, batch: Value, /) -> Value:
    parts = elements(run, batch, node)
    return collate(run, parts, len(parts), node) if parts else run.unknown("a batch")


def collate(run: Run, parts: list[Value], length: Dim, node: Node) -> Value:
    """What ``default_collate`` makes of ``length`` samples: ``parts`` are all of them, or one that stands for all."""
    first = parts[0]
    parts = [numpy_arrays.as_tensor(run, part) if numpy_arrays.is_array(part) else part for part in parts]
    if all(isinstance(part, Tensor) for part in parts):
        return _stacked(run, parts, length, node)
    if all(_is_number(part, "float", float) for part in parts):
        return Tensor(Shape((length,)), "float64")
    if all(_is_number(part, "int", int, Expression) for part in parts):
        return Tensor(Shape((length,)), "bool" if all(isinstance(part, bool) for part in parts) else "int64")
    if all(isinstance(part, str) for part in parts):
        return ListValue(list(parts)) if len(parts) == length else Repeated("list", run.unknown("a text", kind="str"))
    if all(isinstance(part, DictValue) for part in parts):
        if all(part.items.keys() == first.items.keys() for part in parts):
            return DictValue(
                {key: collate(run, [part.items[key] for part in parts], length, node) for key in first.items}
            )
    if all(isinstance(part, NamedTuple) for part in parts):
        columns = zip(*(part.values for part in parts), strict=True)
        return NamedTuple(
            first.name, first.fields, tuple(collate(run, list(column), length, node) for column in columns)
        )
    if all(isinstance(part, tuple | ListValue) for part in parts):
        rows = [part.items if isinstance(part, ListValue) else part for part in parts]
        if len({len(row) for row in rows}) == 1:
            return ListValue([collate(run, list(column), length, node) for column in zip(*rows, strict=True)])
    return run.unknown("a batch of samples that are not known")


def _is_number(value: Value, kind: str, *types: type) -> bool:
    if isinstance(value, Unknown):
        return value.kind == kind
    return isinstance(value, types) and not (kind == "float" and isinstance(value, int))


def _stacked(run: Run, tensors: list[Tensor], length: Dim, node: Node) -> Value:
    shape = run.facts.resolve(tensors[0].shape)
    for index, other in enumerate(tensors[1:], 1):
        if not _may_be_equal(run, shape, run.facts.resolve(other.shape)):
            _report_shapes(run, tensors, index, node)
            return run.unknown("a batch of samples of several shapes")
        if other.shape != shape:
            made = run.call(TorchName("torch.stack"), (ListValue(list(tensors)),), {}, node)
            return made if isinstance(made, Tensor) else run.unknown("a batch of samples of several shapes")
    if shape.rest is None:
        return Tensor(Shape((length, *shape.dims)), tensors[0].dtype)
    return Tensor(Shape(shape.dims, Rest(("fresh", run.next_serial()), "batch")), tensors[0].dtype)


def _may_be_equal(run: Run, left: Shape, right: Shape) -> bool:
    if left.rest is not None or right.rest is not None:
        return True
    return len(left.dims) == len(right.dims) and all(
        run.facts.equal(a, b) is not Answer.NO for a, b in zip(left.dims, right.dims, strict=True)
    )


def _report_shapes(run: Run, tensors: list[Tensor], index: int, node: Node) -> None:
    """Two samples of one batch do not stack."""
    from attnlint.findings import Evidence
    from attnlint.interpreter import reports
    from attnlint.interpreter.results import Operand

    complaint = Complaint(
        "ATN108",
        f"samples 0 and {index} of a batch have the shapes {tensors[0].shape} and {tensors[index].shape}",
        arguments=("tensors",),
        advice="DataLoader stacks the samples of a batch: cut or pad them to one size in `__getitem__`, or pass a "
        "`collate_fn` that does (`torch.nn.utils.rnn.pad_sequence`)",
    )
    value = ListValue([Tensor(tensor.shape, tensor.dtype) for tensor in tensors])
    operand = Operand("tensors", None, value)
    reports.add_finding(run, complaint, node, "torch.stack", (operand,), Evidence("torch.stack", (value,)))
