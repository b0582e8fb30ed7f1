"""Calls: evaluating arguments, and what each kind of callable does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.interpreter import (
    abstract_classes,
    assignment,
    attribute_writes,
    autograd_functions,
    binding,
    classes,
    comprehensions,
    generators,
    library,
    modules,
    operations,
    operators,
    python_calls,
    remembering,
    tensor_attributes,
    torch_calls,
    torch_names,
)
from attnlint.interpreter.binding import REST_KEYWORDS, StarArguments
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forgetting import forget_arguments
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.library.iterators import make_iterator
from attnlint.interpreter.objects import (
    UNBOUND,
    ClassValue,
    Condition,
    FunctionValue,
    GeneratorValue,
    PropertyValue,
    StaticMethod,
)
from attnlint.interpreter.star_arguments import add_mapping, add_sequence, columns
from attnlint.syntax import nodes
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    PythonName,
    Repeated,
    SetValue,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Arguments = tuple[Value, ...]
Keywords = dict[str, Value]

HARMLESS_CALLS = frozenset(
    {"print", "len", "isinstance", "issubclass", "hasattr", "id", "repr", "str", "type", "callable"}
)


def evaluate_call(run: Run, node: nodes.Call) -> Value:
    """The value of a call expression."""
    function_node = node.function
    if type(function_node) is nodes.Name and function_node.name == "super" and "super" not in run.scope.variables:
        return classes.make_super(run, tuple(run.evaluate(argument.value) for argument in node.arguments), node)
    if type(function_node) is nodes.Attribute and function_node.name in ("update", "setdefault", "clear", "pop"):
        holder = attribute_writes.owner_of_dict(run, function_node.value)
        if holder is not None:
            return attribute_writes.change_dict(run, holder, function_node.name, node)
    function = run.evaluate(function_node)
    receiver: Value = None
    if type(function_node) is nodes.Attribute and torch_calls.is_in_place(function_node.name):
        if type(function_node.value) in (nodes.Name, nodes.Attribute, nodes.Subscript):
            # What the names hold, which for one of several tensors is the choice and not the method's own receiver.
            receiver = run.evaluate(function_node.value)
            if not isinstance(receiver, Tensor | Choice | Unknown):
                receiver = None  # `init.copy_(weight, other)` of a module
    arguments: list[Value] = []
    keywords: Keywords = {}
    options: Choice | None = None
    is_loose = False
    """Whether it is not known what is passed."""
    for argument in node.arguments:
        value = comprehensions.argument_of(run, function, argument.value)
        if argument.star == 0:
            if argument.keyword is None:
                arguments.append(value)
            else:
                keywords[argument.keyword] = value
                if type(value) is Choice and UNBOUND in value.values:
                    is_loose = True
        elif argument.star == 1:
            add_sequence(run, arguments, value, argument)
            is_loose = True
        elif options is None and type(value) is Choice and all(map(_is_plain_options, value.values)):
            options = value
        else:
            add_mapping(run, keywords, value)
            is_loose = True
    if options is not None:
        return for_each_choice(
            run, (options,), lambda one: run.keyed(_called(run, function, arguments, keywords | one[0].items, node))
        )
    if is_loose:
        result = _called(run, function, arguments, keywords, node)
    else:
        result = call(run, function, tuple(arguments), keywords, node)
    if receiver is not None:
        torch_calls.after_method(run, receiver, result)
        if type(function_node) is nodes.Attribute and torch_calls.has_other_shape(run, receiver, result):
            # `cache.keys.resize_as_(longer)`: what holds it may be an object that nothing is known of.
            assignment.assign(run, function_node.value, result, None)
    return run.keyed(result)


def _called(run: Run, function: Value, arguments: list[Value], keywords: Keywords, node: nodes.Call) -> Value:
    if _is_loose(arguments, keywords) and not _takes_loose(function):
        return _loose_call(run, function, arguments, keywords, node)
    return call(run, function, tuple(arguments), keywords, node)


def _is_plain_options(value: Value) -> bool:
    return isinstance(value, DictValue) and all(isinstance(key, str) for key in value.items)


def _is_loose(arguments: list[Value], keywords: Keywords) -> bool:
    return (
        any(type(value) is StarArguments for value in arguments)
        or REST_KEYWORDS in keywords
        or any(type(value) is Choice and UNBOUND in value.values for value in keywords.values())
    )


def _takes_loose(function: Value) -> bool:
    if isinstance(function, BoundMethod):
        function = function.function
    if isinstance(function, FunctionValue | ClassValue):
        return True
    return isinstance(function, Instance) and isinstance(function.cls, ClassValue)


def _loose_call(run: Run, function: Value, arguments: list[Value], keywords: Keywords, node: nodes.Call) -> Value:
    """A call with ``*`` or ``**`` of unknown contents: maybe-present keywords are tried both ways."""
    if not any(type(value) is StarArguments for value in arguments) and REST_KEYWORDS not in keywords:
        certain = {
            name: value for name, value in keywords.items() if not (type(value) is Choice and UNBOUND in value.values)
        }
        full = {
            name: run.refine(value) if type(value) is Choice and UNBOUND in value.values else value
            for name, value in keywords.items()
        }
        from attnlint.interpreter.forks import fork_values

        # Of several that may be there, which ones come together is not known: one of two, mostly.
        several = len(keywords) - len(certain) > 1
        run.quiet += several
        try:
            return fork_values(
                run,
                [
                    (None, lambda: call(run, function, tuple(arguments), full, node)),
                    (None, lambda: call(run, function, tuple(arguments), certain, node)),
                ],
            )
        finally:
            run.quiet -= several
    if function == TorchName("torch.nn.Sequential") and not keywords:
        members = tuple(Repeated("list", each.element) if type(each) is StarArguments else each for each in arguments)
        return call(run, function, members, keywords, node)
    if function == PythonName("zip") and len(arguments) == 1 and not keywords:
        found = columns(run, arguments[0], node)
        if found is not None:
            return make_iterator(run, found)
    forget_arguments(run, (*arguments, *keywords.values()))
    run.uncertain += 1
    if isinstance(function, TorchName | BoundMethod) and keywords.keys() == {REST_KEYWORDS}:
        # Options that are not known: dtype and device, mostly. The shape is what the other arguments say.
        return (
            call(run, function, tuple(each for each in arguments if type(each) is not StarArguments), {}, node)
            if (
                isinstance(function, TorchName)
                and len(arguments) > 0
                and not any(type(each) is StarArguments for each in arguments)
                and torch_calls.takes_options(function.name)
            )
            else run.fresh("a call with ** of unknown contents")
        )
    return run.fresh("a call with * or ** of unknown contents")


def call(run: Run, function: Value, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """Call anything."""
    caller = _CALLERS.get(type(function))
    if caller is not None:
        return caller(run, function, arguments, keywords, node)
    if function is None or isinstance(function, bool | int | float | str | tuple | ListValue | DictValue):
        run.raise_error("TypeError", f"{type(function).__name__!r} object is not callable", node)
    return unknown_call(run, function, arguments, keywords, node)


def _call_function(
    run: Run, function: FunctionValue, arguments: Arguments, keywords: Keywords, node: nodes.Node
) -> Value:
    if function.remembers:
        return remembering.call(run, function, arguments, keywords, node)
    result = binding.call_function(run, function, arguments, keywords, node)
    if function.manages_context and isinstance(result, GeneratorValue):
        return Instance(PythonName("contextlib.generator"), {"generator": result})
    return result


def _call_method(run: Run, method: BoundMethod, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    function, receiver = method.function, method.receiver
    if type(function) is FunctionValue:
        if abstract_classes.is_abstract(function):
            # What it is called on is of a class that has a method of its own in its place.
            forget_arguments(run, arguments)
            run.uncertain += 1
            return run.fresh("the result of an abstract method")
        return _call_function(run, function, (receiver, *arguments), keywords, node)
    if isinstance(function, str):
        function = TorchName(function)
    if type(function) is PythonName:
        return _python_method(run, function, receiver, arguments, keywords, node)
    if type(function) is TorchName:
        if function.name.startswith("torch.Tensor."):
            return torch_calls.tensor_method(run, function.name, receiver, arguments, keywords, node)
        if function.name == autograd_functions.APPLY and isinstance(receiver, ClassValue):
            return autograd_functions.apply(run, receiver, arguments, keywords, node)
        if function.name == "torch.Size.numel":
            from attnlint.algebra import Expression, Shape, product

            shape = run.facts.resolve(receiver) if isinstance(receiver, Shape) else None
            sizes = shape.dims if shape is not None and shape.rest is None else receiver
            if isinstance(sizes, tuple) and all(isinstance(size, int | Expression) for size in sizes):
                return product(sizes)
            return run.fresh("a number of elements", kind="int")
        return modules.call_method(run, receiver, function, arguments, keywords, node)
    if isinstance(function, Unknown):
        run.uncertain += 1
        forget_arguments(run, (*arguments, *keywords.values()))
        if function.label == "__init__" and isinstance(receiver, Instance):
            return None
        return run.fresh(function.reason)
    return call(run, function, (receiver, *arguments), keywords, node)


def _python_method(
    run: Run, function: PythonName, receiver: Value, arguments: Arguments, keywords: Keywords, node: nodes.Node
) -> Value:
    head, _, name = function.name.rpartition(".")
    if head == "property":
        if isinstance(receiver, PropertyValue) and arguments:
            return PropertyValue(
                receiver.getter, arguments[0] if name == "setter" else receiver.setter, receiver.cached
            )
        if isinstance(receiver, Instance) and name not in ("setter", "getter", "deleter"):
            found = library.find_python(function.name)
            return receiver if found is None else found(run, (receiver, *arguments), keywords, node)
        return receiver
    if head == "generator" and isinstance(receiver, GeneratorValue):
        if name in ("__next__", "send"):
            return generators.advance(run, receiver, node)
        return receiver if name == "__iter__" else None
    if name in ("__init__", "__init_subclass__", "__setattr__") and head == "object":
        if name == "__setattr__" and len(arguments) == 2 and isinstance(receiver, Instance):
            attribute_writes.set_plain_attribute(run, receiver, arguments[0], run.keyed(arguments[1]), node)
        return None
    model = library.find_python(function.name)
    if model is None:
        return unknown_call(run, function, (receiver, *arguments), keywords, node)
    return run_model(run, function.name, model, (receiver, *arguments), keywords, node)


DEEPEST_MODELS = 60
"""How deep models nest that call each other: through callbacks of the user's, which nest less deep."""
_MUTABLE = (ListValue, DictValue, SetValue, Instance)
_MAKERS = frozenset({"list", "dict", "set", "sorted"})
"""Models that give a new object each time."""


def run_model(run: Run, name: str, model: Any, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    run.step()
    if run.models > DEEPEST_MODELS:
        return run.fresh("models of library functions nest too deep")
    run.models += 1
    try:
        return _model_called(run, name, model, arguments, keywords, node)
    finally:
        run.models -= 1


def _model_called(run: Run, name: str, model: Any, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    values = (*arguments, *keywords.values())
    if any(type(value) is Choice for value in values) and name not in (
        "isinstance",
        "print",
        "hasattr",
        "getattr",
        "callable",
        "type",
        "list.append",
    ):
        count, names = len(arguments), tuple(keywords)

        def attempt(combination: Arguments) -> Value:
            return model(run, combination[:count], dict(zip(names, combination[count:], strict=True)), node)

        return for_each_choice(run, values, attempt)
    try:
        value = model(run, arguments, keywords, node)
        if type(value) in _MUTABLE and (
            name in _MAKERS or name.startswith(("collections.", "copy.")) or name.endswith(".copy")
        ):
            run.store.born(value)
        return value
    except Raised:
        run.uncertain += 1
        raise
    except RecursionError:
        raise
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.debug.append(f"bug in the model of {name}: {type(error).__name__}: {error}")
        return run.fresh(f"the model of {name} failed")


def _call_python(run: Run, function: PythonName, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    name = function.name
    if name in python_calls.OWN:
        return python_calls.OWN[name](run, arguments, keywords, node)
    model = library.find_python(name)
    if model is not None:
        return run_model(run, name, model, arguments, keywords, node)
    import builtins

    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return Instance(PythonName(name), {"args": arguments})
    if name.rpartition(".")[2] in ("contextmanager",):
        return arguments[0] if arguments else None
    return unknown_call(run, function, arguments, keywords, node)


def _call_class(run: Run, cls: ClassValue, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return classes.construct(run, cls, arguments, keywords, node)


def _call_instance(run: Run, instance: Instance, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    cls = instance.cls
    if isinstance(cls, PythonName):
        qualified = library.find_method(instance, "__call__")
        if qualified is not None:
            return _python_method(run, PythonName(qualified), instance, arguments, keywords, node)
        if cls.name == "types.GenericAlias":
            return call(run, instance.attributes.get("__origin__"), arguments, keywords, node)
        return unknown_call(run, instance, arguments, keywords, node)
    found, holder = classes.find_in_class(cls, "__call__")
    if found is not UNBOUND and isinstance(holder, ClassValue):
        return run.call(classes.bind(run, found, instance, cls), arguments, keywords, node)
    if classes.is_module(instance):
        return modules.call_module(run, instance, arguments, keywords, node)
    if found is not UNBOUND:
        return run.call(classes.bind(run, found, instance, cls), arguments, keywords, node)
    method, holder = classes.find_in_class(cls, "forward")
    if isinstance(holder, ClassValue) and isinstance(method, FunctionValue):
        # Its base class is not known, and what has a forward of its own and is called is a module:
        # `class Model(pl.LightningModule)`.
        run.uncertain += 1
        return run.call(classes.bind(run, method, instance, cls), arguments, keywords, node)
    return unknown_call(run, instance, arguments, keywords, node)


def _call_torch(run: Run, function: TorchName, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return torch_calls.call_name(run, function.name, arguments, keywords, node)


def _call_choice(run: Run, choice: Choice, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    callables = tuple(each for each in choice.values if each is not None and each is not UNBOUND)
    if not callables:
        run.raise_error("TypeError", "'NoneType' object is not callable", node)
    if len(callables) == 1:
        run.uncertain += len(choice.values) - 1
        return call(run, callables[0], arguments, keywords, node)
    return for_each_choice(run, (choice.only(callables),), lambda one: call(run, one[0], arguments, keywords, node))


def _call_unknown(run: Run, function: Unknown, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    refined = run.refine(function)
    if refined is not function and not isinstance(refined, Unknown):
        return call(run, refined, arguments, keywords, node)
    method = tensor_attributes.called(function)
    if method is not UNBOUND:
        return call(run, method, arguments, keywords, node)
    return unknown_call(run, function, arguments, keywords, node)


def unknown_call(run: Run, function: Value, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """A call of something that is not known: it may change what it is given."""
    name = _name_of(function)
    if run.options.signatures and isinstance(function, External):
        declared = run.options.signatures.get(name) or run.options.signatures.get(name.removesuffix("()") + ".forward")
        if declared is not None and (name.endswith("()") or name in run.options.signatures):
            return operations.call_op(run, declared, arguments, keywords, node)
        if f"{name}.forward" in run.options.signatures:
            # An object of a class of which it is declared what its objects take.
            return External(f"{name}()")
    operations.note_unknown(run, name)
    if name not in HARMLESS_CALLS:
        forget_arguments(run, (*arguments, *keywords.values()))
    if isinstance(function, External | PythonName | TorchName):
        run.foreign += 1
        reason = f"attnlint does not know {name}"
    elif isinstance(function, Unknown):
        reason = function.reason
        _may_change(run, function)
    else:
        reason = f"a call of {name or 'an unknown object'}"
    return run.fresh(reason)


_PURE = ("get", "to", "is", "has", "items", "keys", "values", "copy", "state_dict", "__")


def _may_change(run: Run, function: Unknown) -> None:
    """A method of an unknown object may change its attributes, unless its name says that it only reads."""
    key = function.key
    if isinstance(key, tuple) and len(key) >= 3 and key[0] == "attribute" and not str(key[2]).startswith(_PURE):
        owner = ("version", key[1])
        if any(
            isinstance(known, tuple) and known[0] in ("attribute", "written") and known[1:2] == key[1:2]
            for known in run.store.knowledge
        ):
            run.store.know(owner, run.next_serial())


def _name_of(function: Value) -> str:
    if isinstance(function, TorchName | PythonName | External | FunctionValue | ClassValue):
        return function.name
    if isinstance(function, Unknown):
        return function.label
    if isinstance(function, BoundMethod):
        return _name_of(function.function)
    return ""


_CALLERS: dict[type[Any], Callable[[Run, Any, Arguments, Keywords, nodes.Node], Value]] = {
    FunctionValue: _call_function,
    BoundMethod: _call_method,
    PythonName: _call_python,
    TorchName: _call_torch,
    ClassValue: _call_class,
    Instance: _call_instance,
    Choice: _call_choice,
    Unknown: _call_unknown,
    Condition: _call_unknown,
    StaticMethod: lambda run, method, arguments, keywords, node: call(run, method.function, arguments, keywords, node),
}

__all__ = ["Tensor", "call", "evaluate_call", "operators", "torch_names"]
