"""The datasets of ``torch.utils.data``: what one sample is, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Shape, Symbol
from attnlint.interpreter.library import dataset_claims
from attnlint.interpreter.library.collections_builtins import len_
from attnlint.interpreter.library.iterators import common, elements, fresh_int
from attnlint.interpreter.library.registry import class_, python
from attnlint.values import Instance, ListValue, PythonName, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_PLACE = "torch.utils.data."
MOST_SAMPLES = 16
"""Up to so many samples of a dataset are looked at one by one."""

class_(f"{_PLACE}Dataset", "object")
class_(f"{_PLACE}IterableDataset", f"{_PLACE}Dataset")
for _name in ("TensorDataset", "Subset", "ConcatDataset"):
    class_(_PLACE + _name, f"{_PLACE}Dataset")


def made(name: str, **attributes: Value) -> Instance:
    """An object of one of the classes."""
    return Instance(PythonName(_PLACE + name), attributes)


@python(f"{_PLACE}Dataset", f"{_PLACE}IterableDataset")
def dataset(run: Run, node: Node, /) -> Value:
    return made("Dataset")


@python(f"{_PLACE}TensorDataset")
def tensor_dataset(run: Run, node: Node, /, *tensors: Value) -> Value:
    dataset_claims.one_length(run, node, tensors)
    return run.store.born(made("TensorDataset", tensors=tensors))


@python(f"{_PLACE}Subset")
def subset(run: Run, node: Node, dataset: Value, indices: Value) -> Value:
    return run.store.born(made("Subset", dataset=dataset, indices=indices))


@python(f"{_PLACE}ConcatDataset")
def concat_dataset(run: Run, node: Node, datasets: Value) -> Value:
    return run.store.born(made("ConcatDataset", datasets=datasets))


@python(f"{_PLACE}Dataset.__add__")
def add(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
    return run.store.born(made("ConcatDataset", datasets=(receiver, other)))


@python(f"{_PLACE}TensorDataset.__len__", f"{_PLACE}Subset.__len__", f"{_PLACE}ConcatDataset.__len__")
def length_of(run: Run, node: Node, receiver: Value, /) -> Value:
    length = size_of(run, receiver, node)
    return fresh_int("n", 0) if length is None else length


@python(f"{_PLACE}TensorDataset.__getitem__", f"{_PLACE}Subset.__getitem__", f"{_PLACE}ConcatDataset.__getitem__")
def item_of(run: Run, node: Node, receiver: Value, index: Value, /) -> Value:
    return sample(run, receiver, index, node)


@python(f"{_PLACE}random_split")
def random_split(run: Run, node: Node, dataset: Value, lengths: Value, generator: Value = None) -> Value:
    parts = elements(run, lengths, node)
    if parts is None:
        return run.unknown("the parts of a dataset")
    if any(isinstance(part, float) for part in parts):
        parts = _shares(parts, size_of(run, dataset, node))
    else:
        dataset_claims.whole_split(run, node, size_of(run, dataset, node), parts)
    return run.store.born(ListValue([made("Subset", dataset=dataset, indices=None, _length=part) for part in parts]))


def _shares(fractions: list[Value], total: Dim | None) -> list[Value]:
    """How torch turns fractions into lengths: rounded down, and what is left goes to the first ones in turns."""
    if not isinstance(total, int) or not all(isinstance(part, int | float) for part in fractions):
        return [fresh_int("n", 0) for _ in fractions]
    lengths: list[Value] = [int(total * part) for part in fractions]
    for extra in range(max(0, total - sum(lengths))):
        lengths[extra % len(lengths)] += 1
    return lengths


def size_of(run: Run, dataset: Value, node: Node) -> Dim | None:
    """The number of samples; ``None`` when nothing is known of it."""
    if isinstance(dataset, Instance) and isinstance(dataset.cls, PythonName):
        attributes = dataset.attributes
        if dataset.cls.name == f"{_PLACE}TensorDataset":
            tensors = attributes["tensors"]
            return _as_size(len_(run, node, tensors[0])) if tensors else None
        if dataset.cls.name == f"{_PLACE}Subset":
            length = attributes.get("_length")
            return _as_size(len_(run, node, attributes["indices"]) if length is None else length)
        if dataset.cls.name == f"{_PLACE}ConcatDataset":
            parts = elements(run, attributes["datasets"], node)
            sizes = [size_of(run, part, node) for part in parts] if parts else [None]
            return None if any(size is None for size in sizes) else sum(size for size in sizes if size is not None)
    if isinstance(dataset, Instance):
        from attnlint.interpreter.classes import find_special

        method = find_special(run, dataset, "__len__")
        return _as_size(run.call(method, (), {}, node)) if method is not None else None
    if isinstance(dataset, ListValue | tuple | range | Tensor):
        return _as_size(len_(run, node, dataset))
    return None


def _as_size(value: Value) -> Dim | None:
    return value if isinstance(value, int | Expression) and not isinstance(value, bool) else None


def sample(run: Run, dataset: Value, index: Value, node: Node) -> Value:
    """``dataset[index]``, where the index may be any one of them."""
    if isinstance(dataset, Instance) and isinstance(dataset.cls, PythonName):
        attributes = dataset.attributes
        if dataset.cls.name == f"{_PLACE}TensorDataset":
            return tuple(first_axis_gone(run, tensor, node) for tensor in attributes["tensors"])
        if dataset.cls.name == f"{_PLACE}Subset":
            return sample(run, attributes["dataset"], some_index(run, size_of(run, attributes["dataset"], node)), node)
        if dataset.cls.name == f"{_PLACE}ConcatDataset":
            parts = elements(run, attributes["datasets"], node)
            index = some_index(run)
            return common(run, [sample(run, part, index, node) for part in parts]) if parts else run.unknown("a sample")
    if isinstance(dataset, Tensor):
        return first_axis_gone(run, dataset, node)
    if isinstance(dataset, Instance | ListValue | tuple):
        return run.item(dataset, index, node)
    return run.unknown("a sample of a dataset that is not known")


def is_iterable(run: Run, dataset: Value) -> bool:
    """Whether it is a dataset that is iterated instead of indexed."""
    return isinstance(dataset, Instance) and PythonName(f"{_PLACE}IterableDataset") in run.mro(dataset.cls)


def samples(run: Run, dataset: Value, node: Node) -> list[Value] | None:
    """All samples in order, where they are few; ``None`` otherwise."""
    if is_iterable(run, dataset):
        return None
    size = size_of(run, dataset, node)
    if (
        not isinstance(size, int)
        or size > MOST_SAMPLES
        or (isinstance(dataset, Instance) and isinstance(dataset.cls, PythonName))
    ):
        return None
    return [sample(run, dataset, index, node) for index in range(size)]


def first_axis_gone(run: Run, value: Value, node: Node) -> Value:
    """Any one row of a tensor: what it looks like."""
    if not isinstance(value, Tensor):
        return run.unknown("a row of what may be no tensor") if isinstance(value, Unknown) else run.item(value, 0, node)
    shape = run.facts.resolve(value.shape)
    if shape.rest is not None or not shape.dims:
        return run.item(value, some_index(run), node)
    return Tensor(Shape(shape.dims[1:]), value.dtype, value.device)


def some_index(run: Run, size: Dim | None = None) -> Value:
    """An index of a dataset: any one."""
    index = Expression.of(Symbol("index", ("fresh", run.next_serial()), 0))
    if size is not None:
        run.facts.learn_at_least(size - 1, index)
    return index
