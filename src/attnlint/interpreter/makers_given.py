"""What callers give in place of a class or function that a constructor has by default, or of a number that is no size.

``Block(conv=partial(Conv, padding=0))`` everywhere in a file, where ``conv`` is ``Conv`` by default: that default fits
nothing, and nobody has it. A class that is run on its own gets what it has been given. The same is true of
``Block(stride=rate)`` where ``stride`` is 1 by default: which numbers callers give is not worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Choice, Instance, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_PARTIAL = PythonName("functools.partial")
_UNSEEN = 0
"""Stands for the constructor of a class of which only the name is known."""


def note_makers(run: Run, init: FunctionValue, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> None:
    """Remember what a constructor of the checked file is given in place of a default."""
    if init.module is not run.main or not init.defaults:
        return
    given = {parameter.name: value for parameter, value in zip(init.node.parameters[1:], arguments, strict=False)}
    given.update(keywords)
    for name, default in init.defaults.items():
        key = (init.node.id, name)
        if _is_switch(default):
            if name not in given or given[name] == default:
                run.makers[key] = UNBOUND  # somebody leaves it as it is
            else:
                run.makers.setdefault(key, _for_callers(key, name))
            continue
        if default is not None and not _is_maker(default):
            continue
        value = given.get(name, default)
        if type(value) in (Unknown, Choice) and name in given:
            # Something is given, and it is not known what.
            run.makers.setdefault(key, _for_callers(key, name))
        elif not _is_maker(value) or value == default:
            run.makers[key] = UNBOUND  # somebody leaves it as it is
        else:
            run.makers.setdefault(key, value)


def note_unseen(run: Run, node: nodes.Node) -> None:
    """Remember the classes that an entry may have been about to make when its budget was spent, or that one may be
    about to make which comes later."""
    classes = {cls.name for cls in run.classes}
    for each in descendants(node):
        if isinstance(each, nodes.Name) and each.name in classes:
            run.makers[_UNSEEN, each.name] = UNBOUND


def maker_given(run: Run, cls: ClassValue, init: FunctionValue, parameter: nodes.Parameter) -> Value:
    """What every caller gives in place of a default; ``UNBOUND`` where one leaves it, or where there are no callers."""
    name = parameter.name
    key = (init.node.id, name)
    if key in run.makers or (_UNSEEN, cls.name) not in run.makers or name not in init.defaults:
        return run.makers.get(key, UNBOUND)
    default = init.defaults[name]
    if not (_is_maker(default) or _is_switch(default) or (default is None and _wants_maker(parameter))):
        return UNBOUND
    return _for_callers(key, name)


def _for_callers(key: tuple[int, str], name: str) -> Unknown:
    return Unknown("what makes the layers is for callers to say", ("parameter", "hyper", *key), name)


def _is_switch(default: Value) -> bool:
    """Whether a default is a number that a class run with its sizes open keeps."""
    return type(default) is int and 0 <= default <= 1


def _wants_maker(parameter: nodes.Parameter) -> bool:
    """``conv: Optional[Type[nn.Module]] = None``"""
    said = descendants(parameter.annotation) if parameter.annotation is not None else ()
    return any(isinstance(each, nodes.Name) and each.name in ("Type", "type", "Callable") for each in said)


def _is_maker(value: Value) -> bool:
    return isinstance(value, ClassValue | FunctionValue | TorchName) or (
        isinstance(value, Instance) and value.cls == _PARTIAL
    )
