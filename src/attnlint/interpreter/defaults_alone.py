"""What fails with the defaults of a class alone, and whether that says anything to those who use it.

A default is the author's word that the plain call works. It is no such word where it only stands for what every caller
must give (``proj_size=-1``), nor where a caller asks for more than the defaults are for: who calls
``forward(x, group=1)`` has made the module with more than one group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.ops.complaint import Complaint
from attnlint.syntax import nodes

if TYPE_CHECKING:
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.run import Run
    from attnlint.ops.registry import Op
    from attnlint.values import Value


def is_placeholder(run: Run, complaint: Complaint, op: Op, node: nodes.Node) -> bool:
    """Whether a refused size is the default of a parameter that stands for what must be given: ``width: int = -1``.

    One that is written in the call itself is the author's own.
    """
    kind = complaint.about_placeholder
    if not kind or run.entry == "module":
        return False
    written = [each for name, each in _arguments(op, node) if name in complaint.arguments]
    if any(isinstance(each, nodes.Constant) or _is_negated(each) for each in written):
        return False
    return kind == "sign" or bool(written) or run.entry.endswith(("(defaults)", "(options)"))


def _is_negated(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Unary) and isinstance(node.operand, nodes.Constant)


def _arguments(op: Op, node: nodes.Node) -> list[tuple[str, nodes.Node]]:
    """The arguments of a call as they are written, by the names of the parameters."""
    if not isinstance(node, nodes.Call):
        return []
    names = [parameter.name for parameter in op.signatures[0].parameters] if op.signatures else []
    found: list[tuple[str, nodes.Node]] = []
    for index, argument in enumerate(node.arguments):
        if argument.star:
            break
        name = argument.keyword if argument.keyword is not None else names[index] if index < len(names) else ""
        found.append((name, argument.value))
    return found


def has_switch(init: FunctionValue | None) -> bool:
    """Whether a constructor has a default that is an option rather than a size: what a class entered with its sizes
    open keeps as it is."""
    defaults = init.defaults.values() if init is not None else ()
    return any(default is None or isinstance(default, bool | str) or _is_small(default) for default in defaults)


def _is_small(default: Value) -> bool:
    return isinstance(default, int) and default <= 1


def is_choice_of_callers(run: Run, complaint: Complaint) -> bool:
    """Whether a class made with its defaults fails only for callers of its methods who choose an option.

    The class is to run with more of them open as well, then: what fails there is a mistake for everybody.
    """
    if not run.holds_defaults or not complaint.code.startswith("ATN1"):
        return False
    if not any(_is_option(condition) for condition, _, _ in run.conditions):
        return False
    function = run.entered or next((frame.function for frame in run.frames if frame.function is not None), None)
    if function is not None:
        run.doubted.add(function.node.id)
    return True


def _is_option(condition: nodes.Node) -> bool:
    """Whether a condition asks for an option, and not for a size: whether something is given, a flag, a string."""
    if isinstance(condition, nodes.Boolean):
        return any(map(_is_option, condition.values))
    if isinstance(condition, nodes.Unary):
        return condition.operator == "not" and _is_option(condition.operand)
    if isinstance(condition, nodes.Compare):
        return condition.operators[0] in ("is", "is not") or any(
            isinstance(each, nodes.Constant) and isinstance(each.value, str)
            for each in (condition.first, *condition.others)
        )
    return isinstance(condition, nodes.Name)
