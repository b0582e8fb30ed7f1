"""``torch.utils._pytree``: nested lists, tuples and dicts taken apart into their leaves, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.objects import ClassValue
from attnlint.syntax import nodes
from attnlint.values import (
    Choice,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Arguments = tuple[Value, ...]
Keywords = dict[str, Value]

SPEC = PythonName("torch.utils._pytree.TreeSpec")
MOST_LEAVES = 1000


class NotATree(Exception):
    """What an object is made of is not known."""


def leaves_of(tree: Value) -> list[Value]:
    """The leaves, in torch's order (dicts in that of their keys' insertion). Raises :class:`NotATree`."""
    found: list[Value] = []
    _rebuilt(tree, found.append)
    if len(found) > MOST_LEAVES:
        raise NotATree
    return found


def mapped(tree: Value, function: Callable[[Value], Value]) -> Value:
    """The tree with every leaf replaced. Raises :class:`NotATree`."""
    return _rebuilt(tree, function)


def _rebuilt(tree: Value, function: Callable[[Value], Value]) -> Value:
    kind = type(tree)
    if kind is tuple:
        return tuple(_rebuilt(item, function) for item in tree)
    if kind is ListValue:
        return ListValue([_rebuilt(item, function) for item in tree.items])
    if kind is DictValue:
        return DictValue({key: _rebuilt(item, function) for key, item in tree.items.items()}, tree.default_factory)
    if kind is NamedTuple:
        return NamedTuple(tree.name, tree.fields, tuple(_rebuilt(item, function) for item in tree.values))
    if tree is None or isinstance(tree, Tensor | bool | int | float | str):
        return function(tree)
    if isinstance(tree, Instance) and not isinstance(tree.cls, PythonName) and not _may_be_registered(tree.cls):
        return function(tree)
    raise NotATree


def _may_be_registered(cls: Value) -> bool:
    """A class of the user's that is a container may have been made known to torch."""
    return isinstance(cls, ClassValue) and any(
        isinstance(base, PythonName) and base.name != "object" for base in cls.bases
    )


def _tree_flatten(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    tree = arguments[0] if arguments else keywords.get("tree")
    leaves = leaves_of(tree)
    return (ListValue(leaves), Instance(SPEC, {"tree": tree, "num_leaves": len(leaves)}))


def _tree_leaves(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return ListValue(leaves_of(arguments[0] if arguments else keywords.get("tree")))


def _tree_unflatten(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    leaves = arguments[0] if arguments else keywords.get("leaves")
    spec = arguments[1] if len(arguments) > 1 else keywords.get("treespec")
    items = run.iterate(leaves, node)
    if (
        items is None
        or not isinstance(spec, Instance)
        or spec.cls != SPEC
        or len(items) != spec.attributes["num_leaves"]
    ):
        raise NotATree
    left = iter(items)
    return mapped(spec.attributes["tree"], lambda _: next(left))


def _tree_map(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    function, tree, *others = arguments
    rest = [iter(leaves_of(other)) for other in others]
    return mapped(tree, lambda leaf: run.keyed(run.call(function, (leaf, *map(next, rest)), {}, node)))


def _tree_map_only(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    cls, function, tree = arguments

    def change(leaf: Value) -> Value:
        is_one = run.is_instance(leaf, cls)
        if is_one is None:
            raise NotATree
        return run.keyed(run.call(function, (leaf,), {}, node)) if is_one else leaf

    return mapped(tree, change)


def _of_trees(
    function: Callable[[Run, Arguments, Keywords, nodes.Node], Value],
) -> Callable[[Run, Arguments, Keywords, nodes.Node], Value]:
    def call(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
        if any(type(value) is Choice for value in arguments):
            return for_each_choice(run, arguments, lambda one: call(run, one, keywords, node))
        try:
            return function(run, arguments, keywords, node)
        except (NotATree, ValueError, StopIteration):
            run.uncertain += 1
            return Unknown("a nesting of what is not known", ("fresh", run.next_serial()))

    return call


FUNCTIONS = {
    f"torch.utils._pytree.{name}": _of_trees(function)
    for name, function in {
        "tree_flatten": _tree_flatten,
        "tree_leaves": _tree_leaves,
        "tree_unflatten": _tree_unflatten,
        "tree_map": _tree_map,
        "tree_map_only": _tree_map_only,
    }.items()
}
"""The functions, by name, as ``torch_calls`` calls them."""
