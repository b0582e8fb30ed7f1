"""``re`` on known texts. A pattern that could take long (nested repetition, back references) is not run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.library.concrete import NotConcrete, abstract, concrete, is_concrete
from attnlint.interpreter.library.registry import class_, constant, python, register
from attnlint.values import Instance, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

LONGEST_PATTERN, LONGEST_SUBJECT, MOST_REPEATS = 300, 500, 4
LONGEST_LIST = 5000
"""A pattern without repetition, a list of texts mostly, may be longer."""
_NESTED = re.compile(r"\)\s*[*+{]|\\\d|\(\?P=")
_FUNCTIONS = ("match", "search", "fullmatch", "findall", "split", "sub", "subn")

class_("re.Pattern", "object")
class_("re.Match", "object")
for _name in ("I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "X", "VERBOSE", "A", "ASCII"):
    constant(f"re.{_name}", int(getattr(re, _name)))


def is_cheap(pattern: Value, subjects: tuple[Value, ...]) -> bool:
    """Whether matching is certain to end soon."""
    if not isinstance(pattern, str) or _NESTED.search(pattern):
        return False
    repeats = sum(map(pattern.count, "*+{"))
    if len(pattern) > (LONGEST_PATTERN if repeats or "?" in pattern else LONGEST_LIST):
        return False
    return repeats <= MOST_REPEATS and all(len(text) <= LONGEST_SUBJECT for text in subjects if isinstance(text, str))


def _apply(
    run: Run, name: str, pattern: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    if not is_cheap(pattern, arguments) or not all(is_concrete(each) for each in (*arguments, *keywords.values())):
        return run.unknown("the result of a search in a text")
    try:
        result = getattr(re, name)(pattern, *map(concrete, arguments), **{k: concrete(v) for k, v in keywords.items()})
    except re.error as error:
        return run.raise_error("ValueError", str(error), node)
    except Exception as error:
        return run.raise_error(type(error).__name__, str(error), node)
    return _value(run, result)


def _value(run: Run, result: Any) -> Value:
    if isinstance(result, re.Match):
        groups = tuple(result.groups())
        everything = {
            "_whole": result.group(),
            "_groups": groups,
            "_names": tuple(result.re.groupindex.items()),
            "_spans": tuple(result.span(i) for i in range(len(groups) + 1)),
        }
        return Instance(PythonName("re.Match"), everything)
    try:
        return abstract(result)
    except NotConcrete:
        return run.unknown("the result of a search in a text")


def _module_function(name: str) -> None:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if not arguments:
            return run.unknown("the result of a search in a text")
        pattern = arguments[0]
        if isinstance(pattern, Instance) and pattern.cls == PythonName("re.Pattern"):
            pattern = pattern.attributes["pattern"]
        return _apply(run, name, pattern, arguments[1:], keywords, node)

    def method(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        pattern = arguments[0].attributes
        if pattern["flags"] != 0:
            return run.unknown("the result of a search in a text")
        return _apply(run, name, pattern["pattern"], arguments[1:], keywords, node)

    register(f"re.{name}", model)
    register(f"re.Pattern.{name}", method)


for _name in _FUNCTIONS:
    _module_function(_name)


@python("re.compile")
def compile_(run: Run, node: Node, pattern: Value, flags: Value = 0) -> Value:
    return Instance(PythonName("re.Pattern"), {"pattern": pattern, "flags": flags})


@python("re.escape")
def escape(run: Run, node: Node, pattern: Value) -> Value:
    return re.escape(pattern) if isinstance(pattern, str) else run.unknown("a text that is not known", kind="str")


def _group(match: Value, which: Value) -> Value:
    attributes = match.attributes
    names = dict(attributes["_names"])
    number = names.get(which) if isinstance(which, str) else which
    if not isinstance(number, int) or not 0 <= number <= len(attributes["_groups"]):
        raise IndexError
    return attributes["_groups"][number - 1] if number else attributes["_whole"]


@python("re.Match.group", "re.Match.__getitem__")
def group(run: Run, node: Node, receiver: Value, /, *which: Value) -> Value:
    try:
        found = tuple(_group(receiver, each) for each in which or (0,))
    except IndexError:
        return run.raise_error("IndexError", "no such group", node)
    return found if len(found) > 1 else found[0]


@python("re.Match.groups")
def groups(run: Run, node: Node, receiver: Value, default: Value = None, /) -> Value:
    return tuple(default if each is None else each for each in receiver.attributes["_groups"])


@python("re.Match.groupdict")
def groupdict(run: Run, node: Node, receiver: Value, /) -> Value:
    return abstract(
        {name: receiver.attributes["_groups"][number - 1] for name, number in receiver.attributes["_names"]}
    )


def _bound(of: Callable[[tuple[int, int]], Value]) -> Callable[..., Value]:
    def model(run: Run, node: Node, receiver: Value, which: Value = 0, /) -> Value:
        spans = receiver.attributes["_spans"]
        return (
            of(spans[which]) if isinstance(which, int) and which < len(spans) else run.unknown("a position", kind="int")
        )

    return model


python("re.Match.start")(_bound(lambda span: span[0]))
python("re.Match.end")(_bound(lambda span: span[1]))
python("re.Match.span")(_bound(lambda span: span))


@python("re.Match.__bool__")
def is_true(run: Run, node: Node, receiver: Value, /) -> Value:
    return True
