"""Attributes: ``value.name``, reading, writing and deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Shape
from attnlint.interpreter import (
    attribute_hooks,
    autograd_functions,
    classes,
    code_objects,
    demand,
    imports,
    library,
    modules,
    tensor_attributes,
    torch_names,
)
from attnlint.interpreter.conditions import Identity
from attnlint.interpreter.foreign_paths import MACHINE
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.layer_attributes import LAYER_ATTRIBUTES
from attnlint.interpreter.library.registry import MISSING as ABSENT
from attnlint.interpreter.library.registry import find_constant
from attnlint.interpreter.library.versions import TORCH_VERSION
from attnlint.interpreter.objects import (
    OPEN,
    UNBOUND,
    ClassMethod,
    ClassValue,
    Condition,
    FunctionValue,
    GeneratorValue,
    ModuleValue,
    OpenDict,
    OpenList,
    OpenSet,
    PropertyValue,
    StaticMethod,
    SuperValue,
)
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


MODULE_INTERNALS = frozenset(
    """T_destination __annotations__ _backward_hooks _backward_pre_hooks _call_impl _compiled_call_impl _forward_hooks
    _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
    _get_backward_hooks _get_backward_pre_hooks _is_full_backward_hook _load_state_dict_post_hooks
    _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _non_persistent_buffers_set
    _replicate_for_data_parallel _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
    call_super_init dump_patches mtia register_state_dict_post_hook""".split()
)
"""What every ``nn.Module`` has of its own, and nothing here speaks of."""


def get_attribute(run: Run, value: Value, name: str, node: Node) -> Value:
    """``value.name``"""
    getter = _GETTERS.get(type(value))
    return getter(run, value, name, node) if getter is not None else _builtin_attribute(run, value, name, node)


FREE_STEPS = 24
"""What ``__getattribute__`` of the user's may take without being counted."""


# --- objects of classes
# ---------------------------------------------------------------------------------------------------


def _instance_attribute(run: Run, value: Instance, name: str, node: Node) -> Value:
    cls = value.cls
    if isinstance(cls, ClassValue):
        hook = attribute_hooks.hook_of(cls, attribute_hooks.GET)
        if hook is not None:
            plain = attribute_hooks.name_read(run, value, hook, name)
            if plain is None:
                steps = run.steps
                found = run.call(BoundMethod(value, hook[0]), (name,), {}, node)
                # A configuration is read at every turn: that a read is a function must not spend a budget.
                run.steps = min(steps - 1, run.steps + FREE_STEPS)
            else:
                found = plain_attribute(run, value, plain, node)
            if type(found) is not Unknown or found.key is not None:
                return found
            return _stable(run, value, name, f"{_class_name(cls)} has a __getattribute__")
    return plain_attribute(run, value, name, node)


def plain_attribute(run: Run, value: Instance, name: str, node: Node) -> Value:
    """What ``object.__getattribute__`` gives, and ``__getattr__`` where that finds nothing."""
    cls = value.cls
    if isinstance(cls, PythonName):
        return _library_attribute(run, value, cls, name, node)
    attributes = value.attributes
    own = attributes.get(name, UNBOUND)
    found, holder = (UNBOUND, None)
    if own is UNBOUND or isinstance(cls, ClassValue):
        found, holder = classes.find_in_class(cls, name)
    if isinstance(found, PropertyValue) and not (found.cached and own is not UNBOUND):
        result = run.call(found.getter, (value,), {}, node)
        if found.cached:
            run.store.set_attribute(value, name, result)
        return result
    if own is not UNBOUND:
        kind = type(own)
        if kind is Unknown or kind is Choice:
            refined = run.refine(own)
            if refined is not own and kind is Choice:
                run.store.set_attribute(value, name, refined)
            return refined
        return own
    if found is not UNBOUND:
        bound = classes.bind(run, found, value, cls)
        if isinstance(bound, Instance) and isinstance(holder, ClassValue):
            method = classes.find_special(run, bound, "__get__")
            if method is not None:
                return run.call(method, (value, cls), {}, node)
        return run.refine(bound) if type(bound) in (Unknown, Choice) else bound
    special = _special_attribute(run, value, name)
    if special is not UNBOUND:
        return special
    if classes.is_module(value):
        found = modules.attribute(run, value, name)
        if found is not UNBOUND:
            return found
    getter, _ = classes.find_in_class(cls, "__getattr__")
    if isinstance(getter, FunctionValue | PythonName) and not (name.startswith("__") and name.endswith("__")):
        # A ``PythonName``: ``__getattr__ = dict.get``.
        found = run.call(BoundMethod(value, getter), (name,), {}, node)
        return (
            found
            if not isinstance(found, Unknown)
            else _stable(run, value, name, f"{_class_name(cls)} has a __getattr__")
        )
    opaque = classes.opaque_base(cls)
    if opaque is not None:
        return _stable(run, value, name, f"a base class of {_class_name(cls)} is not known")
    if (_is_layer(cls) and not _lacks(value, name)) or (name in MODULE_INTERNALS and classes.is_module(value)):
        return _stable(run, value, name, f"an attribute of {_class_name(cls)} that is not modelled")
    if value.key is not None or OPEN in attributes:
        return _stable(run, value, name, f"an attribute of {_class_name(cls)} that is not known")
    run.raise_error("AttributeError", f"{_class_name(cls)} object has no attribute {name!r}", node)


def _is_layer(cls: Value) -> bool:
    """Whether a class is, or derives from, one of torch's layers or Python's protocols: it has more than is modelled
    here."""
    return any(
        (isinstance(base, TorchName) and base.name != "torch.nn.Module")
        or (
            isinstance(base, PythonName)
            and (base.name.startswith(("collections.abc.", "typing.", "abc.")) or not library.is_class(base.name))
        )
        for base in classes.mro_of(cls)
    )


def _lacks(value: Instance, name: str) -> bool:
    """Whether no layer of torch's has an attribute, and the object is one (or of a class that adds to one)."""
    return (
        name not in LAYER_ATTRIBUTES
        # Recurrent layers number their weights.
        and not name.startswith(("weight_", "bias_"))
        and not (name.startswith("__") and name.endswith("__"))
        and classes.is_module(value)
        and not any(isinstance(base, PythonName) and base.name != "object" for base in classes.mro_of(value.cls))
    )


def _stable(run: Run, value: Instance, name: str, reason: str) -> Value:
    key = ("attribute", value.key if value.key is not None else Identity(value), name)
    label = f"{value.label or 'self'}.{name}"
    unknown = Unknown(reason, key, label)
    return run.store.knowledge.get(key, unknown)


def _special_attribute(run: Run, value: Instance, name: str) -> Value:
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        return DictValue({key: held for key, held in value.attributes.items() if not key.startswith("__")})
    if name == "__doc__":
        return None
    return UNBOUND


def _class_name(cls: Value) -> str:
    return str(getattr(cls, "name", "an object"))


def _library_attribute(run: Run, value: Instance, cls: PythonName, name: str, node: Node) -> Value:
    own = value.attributes.get(name, UNBOUND)
    if own is not UNBOUND:
        return run.refine(own) if type(own) in (Unknown, Choice) else own
    qualified = library.find_method(value, name)
    if qualified is not None:
        return BoundMethod(value, PythonName(qualified))
    if name == "__class__":
        return cls
    if name == "__dict__":
        return DictValue(dict(value.attributes))
    getter = library.find_method(value, "__getattr__")
    if getter is not None:
        return run.call(BoundMethod(value, PythonName(getter)), (name,), {}, node)
    return _stable(run, value, name, f"an attribute of {cls.name} that is not modelled")


# --- classes, functions, modules
# ------------------------------------------------------------------------------------------


def _class_attribute(run: Run, value: ClassValue, name: str, node: Node) -> Value:
    found, holder = classes.find_in_class(value, name)
    if found is not UNBOUND:
        if isinstance(found, ClassMethod):
            return BoundMethod(value, found.function)
        if found == TorchName(autograd_functions.APPLY):
            return BoundMethod(value, found)
        if isinstance(found, StaticMethod):
            return found.function
        if (
            isinstance(found, PythonName)
            and isinstance(holder, PythonName)
            and holder.name != "object"
            and not library.is_class(found.name)
        ):
            return found
        if isinstance(found, Instance) and isinstance(found.cls, ClassValue):
            getter, _ = classes.find_in_class(found.cls, "__get__")
            if isinstance(getter, FunctionValue):
                return run.call(BoundMethod(found, getter), (None, value), {}, node)
        return run.refine(found) if type(found) in (Unknown, Choice) else found
    if name in ("__name__", "__qualname__"):
        return value.name
    if name == "__mro__":
        return value.mro
    if name == "__bases__":
        return value.bases
    if name == "__dict__":
        return DictValue(dict(value.attributes))
    if name == "__doc__":
        return None
    if name == "__annotations__":
        return DictValue(dict(value.annotations))
    if name == "__module__":
        return value.module.name if value.module else ""
    if name == "__subclasses__":
        return run.fresh("the subclasses of a class")
    metaclass = next(
        (cls.keywords["metaclass"] for cls in value.mro if isinstance(cls, ClassValue) and "metaclass" in cls.keywords),
        None,
    )
    if isinstance(metaclass, ClassValue):
        found, _ = classes.find_in_class(metaclass, name)
        if found is not UNBOUND:
            return classes.bind(run, found, value, metaclass)
    if metaclass is not None or classes.opaque_base(value) is not None or _is_layer(value):
        return Unknown(
            f"a base class of {value.name} is not known", ("attribute", Identity(value), name), f"{value.name}.{name}"
        )
    run.raise_error("AttributeError", f"type object {value.name!r} has no attribute {name!r}", node)


def _function_attribute(run: Run, value: FunctionValue, name: str, node: Node) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    if name in ("__name__", "__qualname__"):
        return value.name
    if name == "__module__":
        return value.module.name
    if name == "__doc__":
        return None
    if name == "__dict__":
        return DictValue(dict(value.attributes))
    if name == "__wrapped__":
        run.raise_error("AttributeError", "function has no attribute '__wrapped__'", node)
    if name == "__get__":
        return PythonName("function.__get__")
    if name == "__code__":
        return code_objects.code_of(value)
    return Unknown("an attribute of a function", ("attribute", Identity(value), name), f"{value.name}.{name}")


def _method_attribute(run: Run, value: BoundMethod, name: str, node: Node) -> Value:
    if name == "__self__":
        return value.receiver
    if name == "__func__":
        return value.function
    return get_attribute(run, value.function, name, node)


def _module_attribute(run: Run, value: ModuleValue, name: str, node: Node) -> Value:
    return demand.module_attribute(run, value, name)


def _torch_attribute(run: Run, value: TorchName, name: str, node: Node) -> Value:
    if torch_names.is_dtype(value.name):
        if name == "is_floating_point":
            return value.name.startswith(("torch.float", "torch.bfloat"))
        if name == "is_complex":
            return value.name.startswith("torch.complex")
        return Unknown("an attribute of a dtype", ("attribute", value.name, name), f"{value.name}.{name}")
    if name == "__name__":
        return value.name.rpartition(".")[2]
    if name == "__version__" and value.name in ("torch", "torch.version"):
        return TORCH_VERSION
    if name == "__version__":
        return Unknown(
            f"the version of {value.name}", (MACHINE, "version", value.name), f"{value.name}.__version__", "str"
        )
    stub = imports.stub_of(run, value)
    module = demand.load_module(run, stub) if stub is not None else None
    if module is not None:
        return demand.module_attribute(run, module, name)
    return torch_names.attribute(value, name)


def _python_attribute(run: Run, value: PythonName, name: str, node: Node) -> Value:
    full = f"{value.name}.{name}"
    constant = find_constant(full)
    if constant is not ABSENT:
        return constant
    if name in ("__name__", "__qualname__"):
        return value.name.rpartition(".")[2]
    if name == "__dict__" and not library.is_modelled(full):
        return run.fresh("the attributes of a library object")
    return PythonName(full)


def _external_attribute(run: Run, value: External, name: str, node: Node) -> Value:
    run.uncertain += 1
    return External(f"{value.name}.{name}")


def _super_attribute(run: Run, value: SuperValue, name: str, node: Node) -> Value:
    receiver = value.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    found, holder = classes.find_in_class(cls, name, value.after)
    if found is UNBOUND:
        opaque = classes.opaque_base(cls)
        if name == "__new__":
            # Whoever wraps it calls it for the object that `object.__new__` makes.
            return PythonName("object.__new__")
        if opaque is not None:
            return BoundMethod(receiver, Unknown(f"a method of a base class that is not known: {name}", None, name))
        if name in ("__init__", "__init_subclass__", "__post_init__"):
            return PythonName("object.__init__")
        if name in ("__getattribute__", "__setattr__", "__delattr__"):
            return BoundMethod(receiver, PythonName(f"object.{name}"))
        if isinstance(receiver, Instance) and name == "__getattr__":
            return BoundMethod(receiver, Unknown("object has no __getattr__", None, name))
        if _is_layer(cls):
            return BoundMethod(receiver, Unknown(f"a method of torch's that is not modelled: {name}", None, name))
        run.raise_error("AttributeError", f"'super' object has no attribute {name!r}", node)
    if isinstance(found, PropertyValue):
        return run.call(found.getter, (receiver,), {}, node)
    if isinstance(found, FunctionValue) and not isinstance(receiver, Instance) and name != "__new__":
        return found if not isinstance(receiver, ClassValue) else BoundMethod(receiver, found)
    if isinstance(found, TorchName) and isinstance(holder, TorchName):
        return BoundMethod(receiver, TorchName(f"{holder.name}.{name}"))
    return classes.bind(run, found, receiver, cls)


# --- everything else
# ------------------------------------------------------------------------------------------------------


def _unknown_attribute(run: Run, value: Unknown, name: str, node: Node) -> Value:
    refined = run.refine(value)
    if refined is not value and not isinstance(refined, Unknown):
        return get_attribute(run, refined, name, node)
    value = refined
    run.uncertain += 1
    found = tensor_attributes.of_unknown(run, value, name, node)
    if found is not UNBOUND:
        return found
    if isinstance(value, Condition):
        return run.fresh("an attribute of a bool")
    if value.kind in ("str", "int", "float", "bool", "list", "tuple", "dict", "set"):
        qualified = library.find_method(value, name)
        if qualified is not None:
            return BoundMethod(value, PythonName(qualified))
    if value.key is None:
        return Unknown(value.reason, None, f"{value.label}.{name}" if value.label else name)
    key = ("attribute", value.key, name, *version_of(run, value))
    for slot in (("written", *key[1:]), key):
        if slot in run.store.knowledge:
            return run.store.knowledge[slot]
    return Unknown(value.reason, key, f"{value.label}.{name}" if value.label else name)


def version_of(run: Run, value: Unknown) -> tuple[Any, ...]:
    version = run.store.knowledge.get(("version", value.key))
    return () if version is None else (version,)


def _choice_attribute(run: Run, value: Choice, name: str, node: Node) -> Value:
    alternatives = [each for each in value.values if each is not UNBOUND and each is not None]
    if len(alternatives) == 1 and len(value.values) > 1:
        # `None` has no such attribute: where the code goes on, it was the other.
        run.uncertain += 1
        if None in value.values:
            from attnlint.interpreter.conditions import narrow

            narrow(run, value, alternatives)
        return get_attribute(run, alternatives[0], name, node)
    return for_each_choice(
        run,
        (value.only(tuple(alternatives)),) if alternatives else (value,),
        lambda one: get_attribute(run, one[0], name, node),
    )


def _named_tuple_attribute(run: Run, value: NamedTuple, name: str, node: Node) -> Value:
    if name in value.fields:
        return value.values[value.fields.index(name)]
    if name == "_fields":
        return value.fields
    if name == "_asdict":
        return BoundMethod(value, PythonName("namedtuple._asdict"))
    return _builtin_attribute(run, value.values, name, node)


def _builtin_attribute(run: Run, value: Value, name: str, node: Node) -> Value:
    qualified = library.find_method(value, name)
    if qualified is not None:
        return BoundMethod(value, PythonName(qualified))
    if isinstance(value, tuple | Shape) and name == "numel":
        return BoundMethod(value, TorchName("torch.Size.numel"))
    if name == "__class__":
        return PythonName(type(value).__name__) if not isinstance(value, Expression) else PythonName("int")
    if name == "__name__" and isinstance(value, StaticMethod | ClassMethod):
        return get_attribute(run, value.function, name, node)
    if isinstance(value, int | float | Expression):
        if name in ("real", "numerator"):
            return value
        if name == "imag":
            return 0
    if isinstance(value, PropertyValue) and name in ("setter", "getter", "deleter", "fget"):
        return value.getter if name == "fget" else BoundMethod(value, PythonName(f"property.{name}"))
    if isinstance(value, slice) and name in ("start", "stop", "step"):
        return getattr(value, name)
    if isinstance(value, range) and name in ("start", "stop", "step"):
        return getattr(value, name)
    if isinstance(value, GeneratorValue):
        return BoundMethod(value, PythonName(f"generator.{name}"))
    if isinstance(value, OpenList | OpenDict | OpenSet):
        return BoundMethod(value, PythonName(f"{_OPEN_KIND[type(value)]}.{name}"))
    if value is None or isinstance(value, bool | int | float | str | bytes | tuple | ListValue | DictValue):
        if not hasattr(_python_type(value), name):
            run.raise_error("AttributeError", f"{_python_type(value).__name__} object has no attribute {name!r}", node)
    return run.fresh(f"the attribute {name} of a {type(value).__name__}")


_OPEN_KIND: dict[type[Any], str] = {OpenList: "list", OpenDict: "dict", OpenSet: "set"}


def _python_type(value: Value) -> type[Any]:
    if isinstance(value, ListValue):
        return list
    return dict if isinstance(value, DictValue) else type(value)


_GETTERS: dict[type[Any], Callable[[Run, Any, str, Node], Value]] = {
    Instance: _instance_attribute,
    Tensor: tensor_attributes.get,
    ClassValue: _class_attribute,
    FunctionValue: _function_attribute,
    BoundMethod: _method_attribute,
    ModuleValue: _module_attribute,
    TorchName: _torch_attribute,
    PythonName: _python_attribute,
    External: _external_attribute,
    SuperValue: _super_attribute,
    Unknown: _unknown_attribute,
    Condition: _unknown_attribute,
    Choice: _choice_attribute,
    NamedTuple: _named_tuple_attribute,
}
