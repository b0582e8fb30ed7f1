"""``argparse``: the namespace that a parser gives when the program is started without any option.

What has no default because it is required is an unknown that stays itself; options that an explicit argument list
mentions are unknown, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.iterators import elements
from attnlint.interpreter.library.registry import class_, constant, python
from attnlint.values import DictValue, Instance, ListValue, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

PARSER = PythonName("argparse.ArgumentParser")
NAMESPACE = PythonName("argparse.Namespace")
_WITHOUT_VALUE = ("help", "version")
_ALREADY = {"store_true": False, "store_false": True}

class_("argparse.ArgumentParser", "object")
class_("argparse.Namespace", "object")
for _name in ("SUPPRESS", "REMAINDER", "OPTIONAL", "ZERO_OR_MORE", "ONE_OR_MORE"):
    constant(
        f"argparse.{_name}",
        {"SUPPRESS": "==SUPPRESS==", "REMAINDER": "...", "OPTIONAL": "?", "ZERO_OR_MORE": "*"}.get(_name, "+"),
    )
for _name in (
    "ArgumentDefaultsHelpFormatter",
    "RawTextHelpFormatter",
    "RawDescriptionHelpFormatter",
    "HelpFormatter",
    "Action",
):
    class_(f"argparse.{_name}", "object")


@python("argparse.Namespace")
def namespace(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    return Instance(NAMESPACE, dict(keywords))


@python("argparse.Namespace.__contains__")
def namespace_contains(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    return name in receiver.attributes if isinstance(name, str) else run.unknown("whether a name is there", kind="bool")


@python("argparse.Namespace.__eq__")
def namespace_equal(run: Run, node: Node, receiver: Value, other: Value, /) -> Value:
    return True if receiver is other else run.unknown("whether two namespaces are equal", kind="bool")


@python("argparse.ArgumentParser")
def parser(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    made = Instance(PARSER, {"_options": ListValue([]), "_defaults": DictValue({}), "_is_open": False})
    for parent in elements(run, keywords.get("parents", ()), node) or ():
        if isinstance(parent, Instance) and parent.cls == PARSER:
            run.store.set_items(made.attributes["_options"], list(parent.attributes["_options"].items))
    return made


@python("argparse.ArgumentParser.add_argument_group", "argparse.ArgumentParser.add_mutually_exclusive_group")
def group(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return receiver


@python("argparse.ArgumentParser.add_subparsers")
def subparsers(run: Run, node: Node, receiver: Value, /, **keywords: Value) -> Value:
    run.store.set_attribute(receiver, "_is_open", True)
    return Instance(PythonName("argparse.subparsers"))


@python("argparse.subparsers.add_parser")
def add_parser(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return parser(run, node)


@python("argparse.ArgumentParser.add_argument")
def add_argument(run: Run, node: Node, receiver: Value, /, *names: Value, **options: Value) -> Value:
    target = options.get("dest", _destination(names))
    options_list = receiver.attributes["_options"]
    if not isinstance(target, str) or not isinstance(options_list, ListValue):
        run.store.set_attribute(receiver, "_is_open", True)
        return run.unknown("an option whose name is not known")
    run.store.append(options_list, DictValue({**options, "dest": target, "names": names}))
    return Instance(PythonName("argparse.Action"), {"dest": target})


def _destination(names: tuple[Value, ...]) -> str | None:
    """The attribute that an option sets: from the first long name, else the first name."""
    if not names or not all(isinstance(name, str) for name in names):
        return None
    chosen = next((name for name in names if name.startswith("--")), names[0])
    return str(chosen).lstrip("-").replace("-", "_") if chosen.startswith("-") else str(chosen)


@python("argparse.ArgumentParser.set_defaults")
def set_defaults(run: Run, node: Node, receiver: Value, /, **defaults: Value) -> Value:
    for name, value in defaults.items():
        run.store.set_key(receiver.attributes["_defaults"], name, value)
    return None


@python("argparse.ArgumentParser.parse_args")
def parse_args(run: Run, node: Node, receiver: Value, /, args: Value = None, namespace: Value = None) -> Value:
    options, defaults = receiver.attributes["_options"], receiver.attributes["_defaults"]
    given = elements(run, args, node) if args is not None else []
    if not isinstance(options, ListValue) or not isinstance(defaults, DictValue) or namespace is not None:
        return run.fresh("the options of a parser that is not known", "args")
    attributes: dict[str, Value] = {}
    for option in options.items:
        name = option.items["dest"]
        mentioned = given is None or (bool(given) and _is_mentioned(option.items["names"], given))
        value = _unset(run, option.items, defaults.items.get(name), node)
        if option.items.get("action") not in _WITHOUT_VALUE and value != "==SUPPRESS==":
            known = name not in attributes or value is not None
            if known:
                attributes[name] = run.fresh("an option of the command line", name) if mentioned else value
    for name, value in defaults.items.items():
        attributes.setdefault(name, value)
    key = ("namespace", run.next_serial()) if receiver.attributes["_is_open"] is not False else None
    return Instance(NAMESPACE, attributes, key=key, label="args")


def _is_mentioned(names: tuple[Value, ...], given: list[Value]) -> bool:
    positional = not any(isinstance(name, str) and name.startswith("-") for name in names)
    texts = [text for text in given if isinstance(text, str)]
    return positional or len(texts) < len(given) or any(text.partition("=")[0] in names for text in texts)


def _unset(run: Run, option: dict[str, Value], later: Value, node: Node) -> Value:
    """The value of an option that is not given."""
    name, action = option["dest"], option.get("action")
    if action in _ALREADY:
        return later if later is not None else option.get("default", _ALREADY[action])
    positional = not any(isinstance(each, str) and each.startswith("-") for each in option["names"])
    required = option.get("required") is True or (positional and option.get("nargs") not in ("?", "*"))
    if required:
        return run.fresh("a required option of the command line", name, _kind(option.get("type")))
    default = later if later is not None else option.get("default")
    if default is None and positional and option.get("nargs") == "*":
        return ListValue([])
    if isinstance(default, str) and default != "==SUPPRESS==" and option.get("type") is not None:
        # argparse converts a default that is a string, as if it had been typed.
        return run.call(option["type"], (default,), {}, node)
    return default


def _kind(converter: Value) -> str:
    return converter.name if isinstance(converter, PythonName) and converter.name in ("int", "float", "str") else ""


@python("argparse.ArgumentParser.parse_known_args")
def parse_known_args(run: Run, node: Node, receiver: Value, /, args: Value = None, namespace: Value = None) -> Value:
    return parse_args(run, node, receiver, args, namespace), ListValue([])


@python("argparse.ArgumentParser.get_default")
def get_default(run: Run, node: Node, receiver: Value, name: Value, /) -> Value:
    return run.unknown("the default of an option")


@python("argparse.ArgumentParser.error", "argparse.ArgumentParser.exit")
def leave(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return run.raise_error("SystemExit", "2", node)


@python("argparse.ArgumentParser.print_help", "argparse.ArgumentParser.print_usage")
def print_help(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return None
