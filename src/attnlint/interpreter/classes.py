"""Classes: method resolution, construction, ``super()``, ``isinstance``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from attnlint.interpreter import library, torch_names
from attnlint.interpreter.configs_given import note_configs
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library.registry import MISSING as ABSENT
from attnlint.interpreter.library.registry import ancestry, find_constant, find_python, is_class
from attnlint.interpreter.makers_given import note_makers
from attnlint.interpreter.objects import (
    UNBOUND,
    ClassMethod,
    ClassValue,
    Condition,
    FunctionValue,
    ModuleValue,
    StaticMethod,
    SuperValue,
)
from attnlint.interpreter.scopes import Frame, Scope
from attnlint.syntax import nodes
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    Place,
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

MODULE = TorchName("torch.nn.Module")


# --- making classes
# ------------------------------------------------------------------------------------------------------


def define_class(run: Run, node: nodes.ClassDef) -> Value:
    """Run a ``class`` statement; the class, before it is bound to its name."""
    bases: list[Value] = []
    keywords: dict[str, Value] = {}
    for argument in node.arguments:
        value = run.evaluate(argument.value)
        if argument.star:
            bases.append(run.fresh("base classes that are not known"))
        elif argument.keyword is not None:
            keywords[argument.keyword] = value
        elif isinstance(value, Choice):
            # An optional import: the class that is known stands for all.
            known = [each for each in value.values if isinstance(each, ClassValue | TorchName | PythonName)]
            bases.append(known[0] if known else value.values[0])
        else:
            bases.append(generic_base(value))
    scope = Scope("class", run.scope.module, run.scope)
    run.store.born(scope.variables)
    run.scope.keep()
    cls = ClassValue(node.name, tuple(bases), (), scope.variables, run.scope.module, node, [], keywords)
    outer_scope, outer_frame = run.scope, run.frame
    frame = Frame(scope, None, node, run.store.depth, statement=run.frame.statement)
    run.frames.append(frame)
    run.scope, run.frame = scope, frame
    scope.variables["__module__"] = run.scope.module.name
    scope.variables["__qualname__"] = node.name
    try:
        from attnlint.interpreter.statements import run_block

        run_block(run, node.body)
    finally:
        run.frames.pop()
        run.scope, run.frame = outer_scope, outer_frame
    scope.variables["__name__"] = node.name
    scope.cls = cls
    for statement in node.body:
        if isinstance(statement, nodes.Assign) and statement.annotation is not None:
            target = statement.targets[0]
            if isinstance(target, nodes.Name):
                cls.annotations.append((target.name, annotation_text(statement.annotation)))
    finish_class(run, cls, node)
    return cls


def generic_base(value: Value) -> Value:
    """``Generic[T]`` and ``Base[int]`` count as their class."""
    if isinstance(value, Instance) and value.cls == PythonName("types.GenericAlias"):
        return value.attributes.get("__origin__", value)
    return value


def make_class(run: Run, name: str, bases: tuple[Value, ...], attributes: dict[str, Value]) -> ClassValue:
    """A class made by a library function (``namedtuple``, ``make_dataclass``)."""
    cls = ClassValue(name, bases, (), dict(attributes), run.scope.module)
    run.store.born(cls.attributes)
    cls.attributes.setdefault("__name__", name)
    cls.mro = linearise(cls)
    return cls


def finish_class(run: Run, cls: ClassValue, node: nodes.Node) -> None:
    """Work out the method resolution order and run the hooks of base classes."""
    cls.mro = linearise(cls)
    for base in cls.mro[1:]:
        if isinstance(base, PythonName):
            hook = find_python(base.name + ".__init_subclass__")
            if hook is not None:
                hook(run, (cls,), dict(cls.keywords), node)
        elif isinstance(base, ClassValue) and "__init_subclass__" in base.attributes:
            method = base.attributes["__init_subclass__"]
            function = method.function if isinstance(method, ClassMethod) else method
            run.call(BoundMethod(cls, function), (), {k: v for k, v in cls.keywords.items() if k != "metaclass"}, node)
            break


def annotation_text(node: nodes.Expression) -> str:
    """An annotation as a short text."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Attribute):
        return f"{annotation_text(node.value)}.{node.name}"
    if isinstance(node, nodes.Subscript):
        return f"{annotation_text(node.value)}[{annotation_text(node.index)}]"
    if isinstance(node, nodes.Constant):
        return str(node.value)
    if isinstance(node, nodes.Display):
        return ", ".join(annotation_text(each) for each in node.elements)
    if isinstance(node, nodes.Binary):
        return f"{annotation_text(node.left)} {node.operator} {annotation_text(node.right)}"
    if isinstance(node, nodes.Call):
        return f"{annotation_text(node.function)}(...)"
    return "..."


def linearise(cls: ClassValue) -> tuple[Value, ...]:
    """The method resolution order (C3; where it fails, depth first)."""
    sequences = [list(mro_of(base)) for base in cls.bases] + [list(cls.bases)]
    merged: list[Value] = [cls]
    guard = 0
    while any(sequences) and guard < 1000:
        guard += 1
        for sequence in sequences:
            if sequence and not any(_held(sequence[0], other[1:]) for other in sequences):
                head = sequence[0]
                break
        else:
            head = next(sequence[0] for sequence in sequences if sequence)
        if not _held(head, merged):
            merged.append(head)
        for sequence in sequences:
            if sequence and _same_class(sequence[0], head):
                del sequence[0]
    return tuple(merged)


def _held(value: Value, others: list[Value]) -> bool:
    return any(_same_class(value, other) for other in others)


def _same_class(left: Value, right: Value) -> bool:
    return left is right or (isinstance(left, TorchName | PythonName | External) and left == right)


def mro_of(cls: Value) -> tuple[Value, ...]:
    """The method resolution order of any class."""
    kind = type(cls)
    if kind is ClassValue:
        return cls.mro or (cls,)
    if kind is PythonName:
        return _library_order(cls.name)
    if kind is TorchName:
        return torch_names.ancestry(cls.name)
    return (cls,)


@cache
def _library_order(name: str) -> tuple[Value, ...]:
    return tuple(PythonName(each) for each in ancestry(name))


def class_of(value: Instance) -> Value:
    """The class of an instance."""
    return value.cls


# --- looking things up
# ----------------------------------------------------------------------------------------------------


def find_in_class(cls: Value, name: str, after: Value = None) -> tuple[Value, Value]:
    """The attribute of a class, and the class that holds it; UNBOUND when no class has it. ``after``: for
    ``super()``."""
    mro = mro_of(cls)
    if after is not None:
        position = _position(mro, after)
        mro = mro[position + 1 :]
    for each in mro:
        kind = type(each)
        if kind is ClassValue:
            value = each.attributes.get(name, UNBOUND)
        elif kind is PythonName:
            value = _in_library(each.name, name)
        elif kind is TorchName:
            value = _in_torch(each.name, name)
        else:
            continue
        if value is not UNBOUND:
            return value, each
    return UNBOUND, None


def _position(classes: tuple[Value, ...], cls: Value) -> int:
    for index, each in enumerate(classes):
        if each is cls:
            return index
    return next((index for index, each in enumerate(classes) if _same_class(each, cls)), -1)


@cache
def _in_library(cls: str, name: str) -> Value:
    """An attribute that a class of Python's library has of its own."""
    qualified = f"{cls}.{name}"
    constant = find_constant(qualified)
    if constant is not ABSENT:
        return constant
    return PythonName(qualified) if find_python(qualified) is not None else UNBOUND


@cache
def _in_torch(cls: str, name: str) -> Value:
    """An attribute that a class of torch's has of its own."""
    return TorchName(f"{cls}.{name}") if torch_names.class_has(TorchName(cls), name) else UNBOUND


def opaque_base(cls: Value) -> Value:
    """A base class of which nothing is known; ``None`` when all are known."""
    known: set[str] = set()
    for each in mro_of(cls):
        kind = type(each)
        if kind is ClassValue or kind is PythonName:
            continue
        if kind is TorchName:
            if not torch_names.is_known_class(each) and each.name not in known:
                return each
            # All that is known of a layer holds what its bases give it: `_ConvNd`, `_BatchNorm`.
            known.update(torch_names.bases_of(each))
        else:
            return each
    return None


def find_special(run: Run, value: Instance, name: str) -> Value | None:
    """A special method of an object, bound; ``None`` when its class has none."""
    cls = value.cls
    if isinstance(cls, PythonName):
        qualified = library.find_method(value, name)
        return None if qualified is None else BoundMethod(value, PythonName(qualified))
    found, holder = find_in_class(cls, name)
    if found is UNBOUND:
        return None
    if isinstance(holder, PythonName) and holder.name == "object":
        return None
    return bind(run, found, value, cls)


def bind(run: Run, found: Value, receiver: Value, cls: Value) -> Value:
    """What looking up ``found`` on an instance gives: functions become methods."""
    if isinstance(found, FunctionValue):
        return BoundMethod(receiver, found)
    if isinstance(found, StaticMethod):
        return found.function
    if isinstance(found, ClassMethod):
        return BoundMethod(cls, found.function)
    if isinstance(found, PythonName):
        return found if is_class(found.name) else BoundMethod(receiver, found)
    if isinstance(found, TorchName) and torch_names.is_method(found):
        return BoundMethod(receiver, found)
    if type(found) is Choice and any(type(each) is FunctionValue for each in found.values):
        # A decorator that may or may not have wrapped the method.
        return Choice(tuple(bind(run, each, receiver, cls) for each in found.values), found.guards)
    return found


# --- construction
# ---------------------------------------------------------------------------------------------------------


def construct(
    run: Run, cls: ClassValue, arguments: tuple[Value, ...], keywords: dict[str, Value], node: nodes.Node
) -> Value:
    """``cls(*arguments, **keywords)``"""
    run.step()
    metaclass = cls.keywords.get("metaclass")
    if isinstance(metaclass, ClassValue) and find_in_class(metaclass, "__call__")[0] is not UNBOUND:
        return run.fresh(f"{cls.name} has a metaclass")
    new, holder = find_in_class(cls, "__new__")
    if isinstance(new, PythonName) and not (isinstance(holder, PythonName) and holder.name == "object"):
        model = find_python(new.name)
        if model is not None:
            return model(run, (cls, *arguments), keywords, node)
    instance: Value = run.store.born(Instance(cls, {}, origin=Place(run.scope.module.path, node.id)))
    if isinstance(new, StaticMethod | FunctionValue):
        function = new.function if isinstance(new, StaticMethod) else new
        instance = run.call(function, (cls, *arguments), keywords, node)
        if not isinstance(instance, Instance):
            return instance
    initialise(run, instance, cls, arguments, keywords, node)
    return instance


def initialise(
    run: Run, instance: Instance, cls: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], node: nodes.Node
) -> None:
    """Run ``__init__``."""
    init, holder = find_in_class(cls, "__init__")
    if isinstance(init, FunctionValue):
        if node.id:
            note_makers(run, init, arguments, keywords)
            note_configs(run, init, arguments, keywords)
        run.call(BoundMethod(instance, init), arguments, keywords, node)
    elif isinstance(init, PythonName):
        model = find_python(init.name)
        if model is not None:
            model(run, (instance, *arguments), keywords, node)
    elif isinstance(init, TorchName):
        from attnlint.interpreter import modules

        modules.initialise_base(run, instance, holder, arguments, keywords, node)


def super_init(
    run: Run, receiver: Value, after: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], node: nodes.Node
) -> Value:
    """``super().__init__(...)`` where the next class is not the user's."""
    from attnlint.interpreter import modules

    if isinstance(receiver, Instance):
        modules.initialise_base(run, receiver, after, arguments, keywords, node)
    return None


# --- isinstance
# -----------------------------------------------------------------------------------------------------------


_OTHER_TENSORS = ("torch.distributed.", "torch._subclasses.", "torch.masked.", "torch.fx.")


def is_instance(run: Run, value: Value, cls: Value) -> bool | None:
    """Whether ``value`` is an object of the class ``cls``; ``None`` when not known."""
    if isinstance(cls, tuple):
        answers = [is_instance(run, value, each) for each in cls]
        return True if True in answers else None if None in answers else False
    if isinstance(value, Choice):
        found = {is_instance(run, each, cls) for each in value.values if each is not UNBOUND}
        return found.pop() if len(found) == 1 else None
    if isinstance(cls, PythonName):
        from attnlint.interpreter.library.instance_checks import is_python_instance

        if not isinstance(value, Instance) or isinstance(value.cls, PythonName):
            answer = is_python_instance(run, value, cls.name)
            return None if answer is NotImplemented or answer is None else bool(answer)
    if isinstance(value, Condition):
        return cls in (PythonName("bool"), PythonName("int"))
    if isinstance(value, Unknown):
        if value.kind == "tensor" and cls == TorchName("torch.Tensor") and not value.optional:
            return True
        if value.kind in ("int", "float", "bool", "str") and isinstance(cls, TorchName | ClassValue):
            return None if value.optional else False
        return None
    if isinstance(value, Tensor):
        if isinstance(cls, TorchName):
            if cls.name == "torch.Tensor":
                return None if value.assumed else True
            if cls.name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
                return None if value.assumed else value.is_parameter
            if value.assumed:
                return None
            # What a program makes of numbers and layers is none of the tensors that stand for others.
            return False if torch_names.is_known_class(cls) or cls.name.startswith(_OTHER_TENSORS) else None
        return None if value.assumed or isinstance(cls, External | Unknown) else False
    if isinstance(value, Instance):
        if isinstance(cls, ClassValue | TorchName | PythonName):
            if _held(cls, list(mro_of(value.cls))) or cls == PythonName("object"):
                return True
            return None if opaque_base(value.cls) is not None or value.key is not None else False
        return False if isinstance(cls, External) and opaque_base(value.cls) is None else None
    if isinstance(cls, TorchName):
        if cls.name == "torch.Size":
            return None if isinstance(value, tuple) else False
        if cls.name == "torch.dtype":
            return isinstance(value, TorchName) and torch_names.is_dtype(value.name)
        if cls.name == "torch.device":
            return False
        return False if _is_plain(value) or torch_names.is_known_class(cls) else None
    if isinstance(cls, ClassValue):
        if isinstance(value, NamedTuple):
            return None
        return False
    if isinstance(cls, External):
        return False if _is_plain(value) else None
    return None


def _is_plain(value: Value) -> bool:
    return value is None or isinstance(
        value,
        bool
        | int
        | float
        | str
        | bytes
        | tuple
        | ListValue
        | DictValue
        | SetValue
        | Repeated
        | FunctionValue
        | ModuleValue,
    )


def kind_of_class(cls: Value) -> str | None:
    """The kind that an unknown object has when it is an instance of ``cls``."""
    if isinstance(cls, PythonName):
        return cls.name if cls.name in ("int", "float", "bool", "str", "list", "tuple", "dict", "set") else None
    if isinstance(cls, TorchName) and cls.name == "torch.Tensor":
        return "tensor"
    if isinstance(cls, External | PythonName) and cls.name == "numpy.ndarray":
        return "numpy"
    return None


def is_module_class(cls: Value) -> bool:
    """Whether a class derives from ``nn.Module``."""
    return any(type(each) is TorchName and torch_names.is_module_class(each) for each in mro_of(cls))


def is_module(value: Value) -> bool:
    """Whether a value is an ``nn.Module`` object."""
    return isinstance(value, Instance) and is_module_class(value.cls)


def subclass_of(cls: Value, other: Value) -> bool:
    """Whether ``cls`` is ``other`` or derives from it."""
    return _held(other, list(mro_of(cls)))


def make_super(run: Run, arguments: tuple[Value, ...], node: nodes.Node) -> Value:
    """``super()`` or ``super(cls, receiver)``"""
    if len(arguments) >= 2:
        return SuperValue(arguments[0], arguments[1])
    scope: Scope | None = run.scope
    receiver: Value = None
    while scope is not None:
        if scope.kind == "function":
            receiver = next(iter(scope.variables.values()), None)
            if scope.parent is not None and scope.parent.kind == "class":
                break
        scope = scope.parent
    holder = scope.parent if scope is not None else None
    if holder is None or holder.cls is None:
        return run.fresh("super() outside of a method")
    return SuperValue(holder.cls, receiver)


def exception_matches(run: Run, error: Raised, cls: Value) -> bool | None:
    """Whether an ``except cls`` clause catches what was raised."""
    if isinstance(cls, tuple):
        answers = [exception_matches(run, error, each) for each in cls]
        return True if True in answers else None if None in answers else False
    value: Any = error.value
    if cls in (PythonName("Exception"), PythonName("BaseException")):
        return True
    if isinstance(value, Instance) and isinstance(cls, PythonName | ClassValue):
        names = mro_of(value.cls)
        if isinstance(cls, PythonName) and isinstance(value.cls, PythonName):
            import builtins

            raised, wanted = getattr(builtins, value.cls.name, None), getattr(builtins, cls.name, None)
            if isinstance(raised, type) and isinstance(wanted, type):
                return issubclass(raised, wanted)
        if _held(cls, list(names)):
            return True
        if isinstance(cls, PythonName):
            import builtins

            wanted = getattr(builtins, cls.name, None)
            for each in names:
                if isinstance(each, PythonName):
                    raised = getattr(builtins, each.name, None)
                    if isinstance(raised, type) and isinstance(wanted, type) and issubclass(raised, wanted):
                        return True
        return None if opaque_base(value.cls) is not None else False
    return None
