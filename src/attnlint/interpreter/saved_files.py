"""``torch.save`` and ``torch.load`` of one file in one program: what is loaded is what was saved last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.copying import deepcopy
from attnlint.values import DictValue, ListValue, Tensor, TorchName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def save(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """``torch.save(object, path)``"""
    saved = arguments[0] if arguments else keywords.get("obj")
    path = arguments[1] if len(arguments) > 1 else keywords.get("f")
    if not isinstance(path, str):
        # It may be any of the files, unless it is one in memory.
        run.saved.clear()
    elif run.entry != "module" or run.conditions or run.quiet or not _is_plain(saved):
        run.saved.pop(path, None)
    else:
        run.saved[path] = deepcopy(run, node, saved)
    return None


def load(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """``torch.load(path)``"""
    path = arguments[0] if arguments else keywords.get("f")
    if isinstance(path, str) and path in run.saved and run.entry == "module":
        return deepcopy(run, node, run.saved[path])
    from attnlint.interpreter.calls import unknown_call

    return unknown_call(run, TorchName("torch.load"), arguments, keywords, node)


def _is_plain(value: Value) -> bool:
    """What ``torch.load`` gives back under its default, ``weights_only=True``: tensors, numbers, and dicts of them."""
    if type(value) is DictValue:
        return all(map(_is_plain, value.items.values()))
    if type(value) is ListValue or type(value) is tuple:
        return all(map(_is_plain, value.items if isinstance(value, ListValue) else value))
    return value is None or isinstance(value, Tensor | str | int | float)
