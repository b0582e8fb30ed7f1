"""Abstract classes: no object is of one, and what their attributes hold is for those who derive from them to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter import classes
from attnlint.interpreter.objects import ClassValue, FunctionValue
from attnlint.syntax import nodes
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})
_PLAIN = (int, float, str, type(None))


def open_attributes(run: Run, cls: ClassValue) -> None:
    """Forget the plain attributes of an abstract class: ``box_dim: int = 0`` is no size of any box."""
    bases = [base for base in classes.mro_of(cls) if isinstance(base, ClassValue)]
    if not any(is_abstract(classes.find_in_class(cls, name)[0]) for base in bases for name in base.attributes):
        return
    for base in bases:
        for name, value in list(base.attributes.items()):
            if isinstance(value, _PLAIN) and not name.startswith("__"):
                run.store.put(base.attributes, name, run.fresh("what a class that derives from this one sets", name))


def is_abstract(function: Value) -> bool:
    """Whether a method is there for others to be put in its place."""
    return (
        isinstance(function, FunctionValue)
        and isinstance(function.node, nodes.FunctionDef)
        and any(_last_name(decorator) in ABSTRACT for decorator in function.node.decorators)
    )


def _last_name(node: nodes.Expression) -> str:
    return node.name if isinstance(node, nodes.Name | nodes.Attribute) else ""
