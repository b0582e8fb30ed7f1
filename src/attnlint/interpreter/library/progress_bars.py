"""``tqdm``: it gives what it is given, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.collections_builtins import len_
from attnlint.interpreter.library.iterators import spread
from attnlint.interpreter.library.registry import class_, harmless, python
from attnlint.values import Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_BAR = PythonName("tqdm.tqdm")
_MODULES = ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook", "tqdm.std")

class_(_BAR.name, "object")
for _name in ("set_description", "set_postfix", "set_description_str", "set_postfix_str", "update", "close", "refresh",
              "write", "clear", "reset", "display"):  # fmt: skip
    harmless(f"{_BAR.name}.{_name}", lambda run, name: None)


@python(*(f"{_module}.tqdm" for _module in _MODULES), "tqdm.tqdm_notebook")
def tqdm(run: Run, node: Node, iterable: Value = None, /, *arguments: Value, **options: Value) -> Value:
    return Instance(_BAR, {"iterable": options.get("iterable", iterable)})


@python(*(f"{_module}.trange" for _module in _MODULES))
def trange(run: Run, node: Node, /, *bounds: Value, **options: Value) -> Value:
    return Instance(_BAR, {"iterable": run.call(PythonName("range"), bounds, {}, node)})


@python(f"{_BAR.name}.__iter__")
def iterate(run: Run, node: Node, receiver: Value, /) -> Value:
    return spread(run, receiver.attributes["iterable"], node)


@python(f"{_BAR.name}.__len__")
def length(run: Run, node: Node, receiver: Value, /) -> Value:
    return len_(run, node, receiver.attributes["iterable"])


@python(f"{_BAR.name}.__enter__")
def enter(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver


@python(f"{_BAR.name}.__exit__")
def leave(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return None
