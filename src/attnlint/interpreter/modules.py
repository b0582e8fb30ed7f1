"""``nn.Module`` objects: construction, calling, and the methods that every module has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.algebra import Rest, Shape
from attnlint.frozen import replace
from attnlint.interpreter import (
    attribute_writes,
    classes,
    containers,
    forgetting,
    module_hooks,
    operations,
    state_dicts,
    torch_names,
)
from attnlint.interpreter.joins import common_element
from attnlint.interpreter.library.iterators import make_iterator
from attnlint.interpreter.objects import BUFFERS, UNBOUND, ClassValue, FunctionValue
from attnlint.interpreter.reports import CONSTRUCTOR
from attnlint.ops.devices import DEVICE, device_name
from attnlint.ops.registry import find_layer, find_op
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    Instance,
    ListValue,
    Place,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

SELF_METHODS = frozenset("train eval requires_grad_ share_memory type compile zero_grad".split())
DEVICE_METHODS = frozenset(("cuda", "cpu", "xpu", "ipu", "mps", "npu"))
DTYPE_METHODS = {"half": "float16", "float": "float32", "double": "float64", "bfloat16": "bfloat16"}
MOST_MEMBERS = 512


def new_layer(run: Run, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """``nn.Linear(...)``: an object of one of torch's module classes."""
    cls = TorchName(name)
    instance: Instance = run.store.born(Instance(cls, {}, origin=Place(run.scope.module.path, node.id)))
    if name in torch_names.CONTAINERS:
        containers.fill(run, instance, arguments, keywords, node)
        return instance
    layer = find_layer(name)
    if layer is None:
        operations.note_unknown(run, name)
        return run.fresh(f"attnlint does not know {name}", kind="module")
    device = keywords.get("device")
    keywords = {key: value for key, value in keywords.items() if key != "device"}
    plain_arguments = tuple(operations.plain(run, value) for value in arguments)
    plain_keywords = {key: operations.plain(run, value) for key, value in keywords.items()}
    values = (*plain_arguments, *plain_keywords.values())
    if any(type(value) is Choice for value in values):
        from attnlint.interpreter.forks import for_each_choice

        count = len(plain_arguments)

        def attempt(combination: tuple[Value, ...]) -> Value:
            chosen = dict(zip(plain_keywords, combination[count:], strict=True))
            return new_layer(run, name, combination[:count], {**chosen, "device": device}, node)

        return for_each_choice(run, values, attempt)
    where = device_argument(run, arguments, device)
    attributes = operations.build(run, layer, plain_arguments, plain_keywords, node)
    if isinstance(attributes, Unknown):
        return replace(attributes, kind="module") if attributes.kind == "" else attributes
    instance.attributes.update(attributes)
    instance.attributes[CONSTRUCTOR] = (plain_arguments, tuple(plain_keywords.items()))
    if where is not None:
        place(run, instance, where)
    return instance


def initialise_base(
    run: Run, instance: Instance, base: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> None:
    """``super().__init__(...)`` that reaches one of torch's classes."""
    if not isinstance(base, TorchName) or base.name == "torch.nn.Module":
        return
    if base.name in torch_names.CONTAINERS:
        containers.fill(run, instance, arguments, keywords, node)
        return
    made = new_layer(run, base.name, arguments, keywords, node)
    if isinstance(made, Instance):
        for name, value in made.attributes.items():
            run.store.set_attribute(instance, name, value)
    else:
        run.store.set_attribute(instance, "__open__", True)


def call_module(
    run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """``module(*arguments)``: its forward, and its hooks."""
    if module_hooks.BEFORE not in instance.attributes and module_hooks.AFTER not in instance.attributes:
        return _call_forward(run, instance, arguments, keywords, node)
    given = module_hooks.before(run, instance, arguments, node)
    if given is None:
        output = run.unknown("a hook may have changed what the module is given")
    else:
        output = run.keyed(_call_forward(run, instance, given, keywords, node))
    return module_hooks.after(run, instance, given or arguments, output, node)


def _call_forward(
    run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    found, _ = classes.find_in_class(instance.cls, "forward")
    own = instance.attributes.get("forward", UNBOUND)
    if own is not UNBOUND:
        return run.call(own, arguments, keywords, node)
    if isinstance(found, TorchName):
        return forward(run, instance, found, arguments, keywords, node)
    if found is not UNBOUND:
        return run.call(classes.bind(run, found, instance, instance.cls), arguments, keywords, node)
    opaque = classes.opaque_base(instance.cls)
    run.uncertain += 1
    return run.fresh(
        "the forward of a base class that is not known" if opaque is not None else "the module has no forward"
    )


def forward(
    run: Run,
    instance: Instance,
    method: TorchName,
    arguments: tuple[Value, ...],
    keywords: dict[str, Value],
    node: Node,
) -> Value:
    """The forward of one of torch's classes on an object of it, or of a class that derives from it."""
    name = method.name.rpartition(".")[0]
    if name == "torch.nn.Sequential":
        return containers.run_sequential(run, instance, arguments, keywords, node)
    layer = find_layer(name)
    if layer is None or layer.forward is None:
        operations.note_unknown(run, name)
        return run.fresh(f"attnlint has no shape rule for {name}")
    return operations.call_op(run, layer.forward, arguments, keywords, node, evidence=layer.name, layer=instance)


def attribute(run: Run, instance: Instance, name: str) -> Value:
    """What every module has without the class saying so; UNBOUND otherwise."""
    if name == "training":
        unknown = Unknown("whether the module is training", ("training",), "self.training", "bool")
        return run.refine(unknown)
    if name == "_modules":
        return DictValue(_by_name(run, instance))
    if name in ("_parameters", "_buffers"):
        return DictValue({key: value for key, value in instance.attributes.items() if isinstance(value, Tensor)})
    members = instance.attributes.get("_modules", UNBOUND)
    if isinstance(members, DictValue) and name in members.items:
        return members.items[name]
    return UNBOUND


def children(run: Run, instance: Instance) -> Iterator[tuple[str, Value]]:
    """Direct submodules, by name."""
    members = instance.attributes.get("_modules", UNBOUND)
    if isinstance(members, DictValue):
        yield from members.items.items()
    elif isinstance(members, Repeated):
        yield "0", members.element
    for name, value in instance.attributes.items():
        if classes.is_module(value):
            yield name, value
        elif type(value) is Choice:
            yield from ((name, each) for each in value.values if classes.is_module(each))


def _by_name(run: Run, instance: Instance) -> dict[str, Value]:
    return {name: instance.attributes.get(name, child) for name, child in children(run, instance)}


def _iterator_of_children(run: Run, instance: Instance, *, is_named: bool) -> Value:
    """What ``children()`` and ``named_children()`` give out: an attribute that is one of two layers is one child."""
    is_settled = not isinstance(instance.attributes.get("_modules"), Repeated)
    for value in instance.attributes.values():
        if type(value) is Choice:
            kinds = [classes.is_module(each) for each in value.values]
            is_settled &= all(kinds) or not any(kinds)
        elif isinstance(value, Unknown) and value.kind in ("", "module"):
            is_settled = False  # it may be a layer, too
    items: list[Value] = [(name, child) if is_named else child for name, child in _by_name(run, instance).items()]
    return make_iterator(run, items) if is_settled else Repeated("iterator", common_element(run, items))


def descendants(run: Run, instance: Instance, *, with_rows: bool = False) -> list[tuple[str, Instance]]:
    """The module and all below it, each once, by path.

    ``with_rows``: what stands for any one of a row of equal layers, too, so that it stays like them.
    """
    found: list[tuple[str, Instance]] = []
    seen: set[int] = set()
    stack: list[tuple[str, Value]] = [("", instance)]
    while stack and len(found) < MOST_MEMBERS:
        path, module = stack.pop()
        if type(module) is Choice:
            stack.extend((path, each) for each in reversed(module.values))  # layers of a list that are of two kinds
            continue
        if not isinstance(module, Instance) or id(module) in seen:
            continue
        seen.add(id(module))
        found.append((path, module))
        if with_rows and (row := run.rows.get(id(module))) is not None and row[0] is module:
            stack.append((path, row[1].pattern))
        below = [(f"{path}.{name}" if path else name, child) for name, child in children(run, module)]
        stack.extend(reversed(below))
    return found


def call_method(
    run: Run, instance: Value, method: TorchName, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """A method of one of torch's module classes."""
    head, _, name = method.name.rpartition(".")
    if not isinstance(instance, Instance):
        return run.fresh(f"the method {name} of an object that is not known")
    if name == "__call__":
        return call_module(run, instance, arguments, keywords, node)
    if name == "forward":
        return forward(run, instance, method, arguments, keywords, node)
    if name == "__init__":
        initialise_base(run, instance, TorchName(head), arguments, keywords, node)
        return None
    if head in torch_names.CONTAINER_METHODS and name in torch_names.CONTAINER_METHODS[head]:
        return containers.call_method(run, instance, name, arguments, keywords, node)
    if name == "apply" and len(arguments) == 1:
        if isinstance(arguments[0], FunctionValue) and forgetting.sets_attributes(arguments[0]):
            for _, module in reversed(descendants(run, instance)):
                run.call(arguments[0], (module,), {}, node)
        elif not isinstance(arguments[0], FunctionValue):
            for _, module in descendants(run, instance, with_rows=True):
                run.store.set_attribute(module, state_dicts.CHANGED, True)
        place(run, instance, None)  # what is applied may move it
        return instance
    if name in SELF_METHODS:
        return instance
    if name in DEVICE_METHODS:
        given = arguments[0] if arguments else keywords.get("device")
        place(run, instance, name if given is None else device_name(given))
        return instance
    if name in ("to_empty", "_apply"):
        place(run, instance, None)  # what is applied may move it
        return instance
    if name == "load_state_dict":
        if "assign" in keywords:
            place(run, instance, None)
        return state_dicts.load_state_dict(run, instance, arguments, keywords, node)
    if name in DTYPE_METHODS:
        convert(run, instance, DTYPE_METHODS[name])
        return instance
    if name == "to":
        return _to(run, instance, arguments, keywords)
    if name in ("register_buffer", "register_parameter", "add_module", "register_module"):
        return _register(run, instance, name, arguments, keywords, node)
    if name in module_hooks.METHODS:
        return module_hooks.register(run, instance, name, arguments, keywords)
    if name in ("parameters", "buffers"):
        known = None
        if not arguments and not keywords:
            known = all_parameters(run, instance) if name == "parameters" else no_buffers(run, instance)
        return (
            Repeated("iterator", some_parameter(run, name == "parameters"))
            if known is None
            else make_iterator(run, known)
        )
    if name in ("named_parameters", "named_buffers"):
        named = None if arguments else named_tensors(run, instance, name == "named_parameters", keywords)
        if named is not None:
            return make_iterator(run, named)
        return Repeated(
            "iterator",
            (run.unknown("the name of a parameter", kind="str"), some_parameter(run, name == "named_parameters")),
        )
    if name in ("children", "named_children"):
        return _iterator_of_children(run, instance, is_named=name == "named_children")
    if name == "modules":
        return make_iterator(run, [module for _, module in descendants(run, instance)])
    if name == "named_modules":
        return make_iterator(run, list(descendants(run, instance)))
    if name in ("get_submodule", "get_parameter", "get_buffer") and arguments and isinstance(arguments[0], str):
        value: Value = instance
        for part in arguments[0].split("."):
            if part:
                value = run.attribute(value, part, node)
        return value
    if name == "__setattr__" and len(arguments) == 2:
        attribute_writes.set_plain_attribute(run, instance, arguments[0], run.keyed(arguments[1]), node)
        return None
    if name == "__getattr__" and arguments and isinstance(arguments[0], str):
        value = instance.attributes.get(arguments[0], UNBOUND)
        value = attribute(run, instance, arguments[0]) if value is UNBOUND else value
        if (
            value is UNBOUND
            and "__open__" not in instance.attributes
            and classes.opaque_base(instance.cls) is None
            and instance.key is None
        ):
            run.raise_error("AttributeError", f"the module has no attribute {arguments[0]!r}", node)
        return run.fresh("an attribute of a module") if value is UNBOUND else value
    if name == "state_dict":
        return state_dicts.state_dict(run, instance, arguments, keywords)
    static = find_op(method.name)
    if static is not None:
        # Nothing but a static method has a rule by itself: `self.transformer.generate_square_subsequent_mask(length)`.
        return operations.call_op(run, static, arguments, keywords, node)
    return run.fresh(f"the result of {name}")


MOST_PARAMETERS = 64


def all_parameters(run: Run, instance: Instance) -> list[Value] | None:
    """The parameters of a module in torch's order: its own first; ``None`` where they are not all known."""
    found: list[Value] = []
    for _, module in descendants(run, instance):
        if classes.opaque_base(module.cls) is not None or module.key is not None or "__open__" in module.attributes:
            return None
        for value in module.attributes.values():
            for each in value.items.values() if isinstance(value, DictValue) else (value,):
                if isinstance(each, Tensor) and each.is_parameter:
                    found.append(each)
                elif isinstance(each, Unknown | Choice | Repeated):
                    return None
    return found if 0 < len(found) <= MOST_PARAMETERS else None


def named_tensors(run: Run, instance: Instance, parameters: bool, options: dict[str, Value]) -> list[Value] | None:
    """The names and tensors of the parameters (or buffers) of a module; ``None`` where they are not all known."""
    if any(type(value) is not bool for value in options.values()) or not options.keys() <= {
        "recurse",
        "remove_duplicate",
    }:
        return None
    members = descendants(run, instance)
    if options.get("recurse") is False:
        members = members[:1]
    found: list[Value] = []
    for path, module in members:
        if classes.opaque_base(module.cls) is not None or module.key is not None or "__open__" in module.attributes:
            return None
        buffers = module.attributes.get(BUFFERS, ())
        for name, value in module.attributes.items():
            if _may_be_registered(value):
                return None
            items = value.items.items() if isinstance(value, DictValue) and name == "_parameters" else ((name, value),)
            for key, each in items:
                if isinstance(each, Tensor) and (each.is_parameter and key not in buffers) is parameters:
                    if not parameters and not is_buffer(module, key):
                        return None
                    found.append((f"{path}.{key}" if path else key, each))
    several = len({id(pair[1]) for pair in found}) < len(found)
    if several and options.get("remove_duplicate") is not False:
        return None
    return found if len(found) <= MOST_NAMED else None


def _may_be_registered(value: Value) -> bool:
    """Whether an attribute of a module, not known exactly, may be a parameter, a buffer or a module."""
    if isinstance(value, Unknown):
        return value.kind not in ("int", "float", "bool", "str")
    if isinstance(value, Choice):
        return any(_may_be_registered(each) or isinstance(each, Tensor | Instance) for each in value.values)
    return isinstance(value, Repeated)


MOST_NAMED = 1_000


def is_buffer(module: Instance, name: str) -> bool:
    """Whether a tensor that a module holds is a buffer of it."""
    return isinstance(module.cls, TorchName) or name in state_dicts.names_in(module, BUFFERS)


def no_buffers(run: Run, instance: Instance) -> list[Value] | None:
    """The buffers of a module that has none; ``None`` where it may have some."""
    for _, module in descendants(run, instance):
        if classes.opaque_base(module.cls) is not None or module.key is not None or "__open__" in module.attributes:
            return None
        for value in module.attributes.values():
            if isinstance(value, Unknown | Choice | Repeated) or (isinstance(value, Tensor) and not value.is_parameter):
                return None
    return []


def some_parameter(run: Run, is_parameter: bool) -> Tensor:
    """A parameter of which nothing is known, another one each time it is taken."""
    return Tensor(Shape((), Rest(("each", run.next_serial()), "parameter")), is_parameter=is_parameter)


def device_argument(run: Run, arguments: tuple[Value, ...], device: Value) -> str | None:
    """Where a layer is made; ``None`` when that is not known."""
    if device is not None:
        return device_name(device)
    if any(
        isinstance(value, str | Unknown) or (isinstance(value, Instance) and value.cls == DEVICE) for value in arguments
    ):
        return None  # one of the positional arguments may be it
    return operations.default_device(run)


def place(run: Run, instance: Instance, device: str | None) -> None:
    """All parameters and buffers below a module are on another device now (``None``: not known which).

    A plain tensor that is an attribute stays where it is: that is what buffers are for.
    """
    if device not in (None, "cpu"):
        run.uncertain += 1  # where there is no such device it raises
    for _, module in descendants(run, instance, with_rows=True):
        buffers = state_dicts.names_in(module, BUFFERS)
        own = not isinstance(module.cls, TorchName) and device is not None and not _moves_itself(module)
        for name, value in list(module.attributes.items()):
            if (
                isinstance(value, Tensor)
                and value.device != device
                and (value.is_parameter or not own or name in buffers)
            ):
                run.store.set_attribute(module, name, replace(value, device=device))


def _moves_itself(module: Instance) -> bool:
    """Whether the class has a hand in moving: what it does with its plain tensors is not seen."""
    if any(isinstance(each, TorchName) and find_layer(each.name) is not None for each in classes.mro_of(module.cls)):
        return True  # a class of torch's has buffers of its own
    return classes.opaque_base(module.cls) is not None or any(
        isinstance(classes.find_in_class(module.cls, name)[1], ClassValue) for name in ("_apply", "to", "cuda", "cpu")
    )


def _to(run: Run, instance: Instance, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    for value in (*arguments, *keywords.values()):
        if isinstance(value, bool):
            continue
        if isinstance(value, Tensor):
            place(run, instance, value.device)
        elif isinstance(value, str | int) or (isinstance(value, Instance) and value.cls == DEVICE):
            place(run, instance, device_name(value))
        elif not isinstance(value, TorchName) and not (isinstance(value, Unknown) and value.kind == "dtype"):
            place(run, instance, None)
        if isinstance(value, TorchName) and torch_names.is_dtype(value.name):
            convert(run, instance, value.name.removeprefix("torch."))
        elif isinstance(value, Unknown) and value.kind in ("", "dtype"):
            if value.label not in ("device", "dev", "self.device", "args.device"):
                convert(run, instance, None)
        elif isinstance(value, Tensor):
            convert(run, instance, value.dtype)
    return instance


def convert(run: Run, instance: Instance, dtype: str | None) -> None:
    """All floating parameters and buffers below a module get another dtype (``None``: not known which)."""
    for _, module in descendants(run, instance, with_rows=True):
        for name, value in list(module.attributes.items()):
            if (
                isinstance(value, Tensor)
                and (value.dtype is None or value.dtype.startswith(("float", "bfloat")))
                and value.dtype != dtype
            ):
                run.store.set_attribute(module, name, replace(value, dtype=dtype))


def _register(
    run: Run, instance: Instance, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    given = dict(zip(("name", "value", "persistent"), arguments, strict=False))
    for key, value in keywords.items():
        given["value" if key in ("tensor", "param", "module") else key] = value
    target = given.get("name")
    if not isinstance(target, str):
        run.store.set_attribute(instance, "__open__", True)
        return None
    value = run.keyed(given.get("value"))
    if isinstance(value, Tensor) and name == "register_parameter":
        value = replace(value, is_parameter=True)
    if name == "register_buffer":
        run.store.set_attribute(instance, BUFFERS, (*state_dicts.names_in(instance, BUFFERS), target))
        if given.get("persistent", True) is not True:
            not_saved = (*state_dicts.names_in(instance, state_dicts.NOT_SAVED), target)
            run.store.set_attribute(instance, state_dicts.NOT_SAVED, not_saved)
    members = instance.attributes.get("_modules", UNBOUND)
    if isinstance(members, DictValue) and name in ("add_module", "register_module"):
        run.store.set_key(members, target, value)
    else:
        run.store.set_attribute(instance, target, value)
    return None


def is_user_module(value: Value) -> bool:
    """A module of a class of the user's."""
    return isinstance(value, Instance) and isinstance(value.cls, ClassValue) and classes.is_module(value)


__all__ = ["BoundMethod", "FunctionValue", "ListValue", "call_method", "call_module", "new_layer"]
