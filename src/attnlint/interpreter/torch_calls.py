"""Calls of torch's functions, classes and tensor methods by name, those included that have no shape rule of their
own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Expression, Shape, product
from attnlint.frozen import replace
from attnlint.interpreter import (
    attributes,
    classes,
    modules,
    operations,
    pytrees,
    saved_files,
    subscripts,
    torch_names,
)
from attnlint.interpreter.conditions import condition
from attnlint.interpreter.contents import current
from attnlint.interpreter.foreign_paths import MACHINE
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.library import numpy_arrays
from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue
from attnlint.interpreter.tensor_attributes import rank_value, shape_value
from attnlint.ops.devices import DEVICE, device_name
from attnlint.ops.registry import find_layer, find_op
from attnlint.syntax import nodes
from attnlint.values import (
    BoundMethod,
    Choice,
    External,
    Instance,
    ListValue,
    PythonName,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Arguments = tuple[Value, ...]
Keywords = dict[str, Value]

# Decorators, contexts and wrappers: called with a function (or module) they give it back.
PASS_THROUGH = frozenset(
    """torch.no_grad torch.enable_grad torch.inference_mode torch.set_grad_enabled torch.compile torch.jit.script
    torch.jit.export
    torch.jit.ignore torch.jit.unused torch.jit.interface torch.jit.script_method torch.autocast torch.cuda.amp.autocast
    torch.amp.autocast torch.amp.custom_fwd torch.amp.custom_bwd torch.cuda.amp.custom_fwd torch.cuda.amp.custom_bwd
    torch.compiler.disable torch._dynamo.disable torch.fx.wrap torch.nn.DataParallel
    torch.nn.parallel.DistributedDataParallel
    torch.jit.trace torch.nn.utils.weight_norm torch.nn.utils.spectral_norm torch.nn.utils.parametrizations.weight_norm
    torch.nn.utils.parametrizations.spectral_norm torch.nn.utils.parametrizations.orthogonal
    torch.nn.utils.remove_weight_norm
    torch.nn.SyncBatchNorm.convert_sync_batchnorm torch.nn.utils.skip_init torch.compiler.allow_in_graph
    torch.jit.optimize_for_inference
    torch.nn.utils.parametrize.cached torch.profiler.record_function torch.autograd.profiler.record_function
    torch.autograd.set_detect_anomaly torch.random.fork_rng torch.device torch.nn.attention.sdpa_kernel
    torch.backends.cuda.sdp_kernel""".split()
)
NOTHING = frozenset(
    """torch.manual_seed torch.seed torch.cuda.manual_seed torch.cuda.manual_seed_all torch.cuda.empty_cache
    torch.cuda.synchronize
    torch.set_default_device torch.set_printoptions torch.set_float32_matmul_precision torch.cuda.set_device
    torch.use_deterministic_algorithms torch.set_num_threads torch.nn.utils.clip_grad_norm_
    torch.set_default_tensor_type torch.distributed.barrier torch.jit.annotate torch._C._log_api_usage_once""".split()
)
FLAGS = frozenset(
    """torch.cuda.is_available torch.is_grad_enabled torch.jit.is_scripting torch.jit.is_tracing
    torch.is_autocast_enabled
    torch.compiler.is_compiling torch._dynamo.is_compiling torch.backends.mps.is_available torch.onnx.is_in_onnx_export
    torch.distributed.is_initialized torch.distributed.is_available torch.cuda.is_bf16_supported
    torch.is_inference_mode_enabled
    torch.equal torch.allclose torch.is_floating_point torch.is_complex torch.xpu.is_available
    torch.backends.cudnn.is_available""".split()
)
MACHINE_QUESTIONS = frozenset(
    """torch.cuda.get_device_capability torch.cuda.get_device_name torch.cuda.get_device_properties
    torch.cuda.device_count torch.backends.cudnn.version""".split()
)
"""What these answer is the same all through one run of the program."""
OPTIONS_TAKEN = frozenset(
    """zeros ones empty full rand randn randint arange linspace logspace eye tensor as_tensor zeros_like ones_like
    empty_like full_like """
    "rand_like randn_like".split()
)


EAGER = frozenset(
    """torch.jit.is_tracing torch.compiler.is_compiling torch.compiler.is_dynamo_compiling torch.compiler.is_exporting
    torch._dynamo.is_compiling torch._dynamo.external_utils.is_compiling torch.onnx.is_in_onnx_export
    torch.cuda.is_current_stream_capturing torch.xpu.is_current_stream_capturing torch._C._get_tracing_state""".split()
)
"""Questions that are answered by no wherever Python simply runs the program."""
TRACERS = re.compile(r"compile|jit\.|export|trace|CUDAGraph|cuda\.graph")
"""What a file mentions that has its program run by something else."""


def is_in_place(method: str) -> bool:
    """Whether a method writes into its tensor, or gives it another shape."""
    return method.endswith("_") and not method.endswith("__")


def takes_options(name: str) -> bool:
    """Whether the keywords of a function are options of the new tensor, mostly."""
    head, _, last = name.rpartition(".")
    return head == "torch" and last in OPTIONS_TAKEN


def call_name(run: Run, name: str, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """``torch.f(*arguments, **keywords)``"""
    own = _OWN.get(name)
    if own is not None:
        return own(run, arguments, keywords, node)
    made = numpy_arrays.to_torch(run, name, arguments, keywords, node)
    if made is not NotImplemented:
        return made
    if name in PASS_THROUGH:
        return _pass_through(run, name, arguments, keywords, node)
    if name in EAGER and not run.source.holds(TRACERS):
        return None if name.startswith("torch._C.") else False
    op = find_op(name) or run.options.signatures.get(name)
    if op is not None and not _overridden(run, arguments):
        return operations.call_op(run, op, arguments, keywords, node)
    if find_layer(name) is not None or name in torch_names.CONTAINERS:
        return modules.new_layer(run, name, arguments, keywords, node)
    if name in NOTHING:
        return None
    if name in MACHINE_QUESTIONS and not keywords and all(type(each) in (int, str) for each in arguments):
        return Unknown(f"{name} depends on where the program runs", (MACHINE, name, *arguments), name)
    if name in FLAGS:
        return Unknown(f"the result of {name}", ("call", name) if not arguments else None, name, "bool")
    head, _, _last = name.rpartition(".")
    if head == "torch.nn.init" and _last.endswith("_"):
        return arguments[0] if arguments else keywords.get("tensor")
    if name == "torch.nn.init._calculate_fan_in_and_fan_out":
        return (run.fresh("a fan in", "fan_in", "int"), run.fresh("a fan out", "fan_out", "int"))
    if name.startswith("torch.Tensor.") and arguments:
        return tensor_method(run, name, arguments[0], arguments[1:], keywords, node)
    if head and arguments and torch_names.is_method(TorchName(name)):
        return modules.call_method(run, arguments[0], TorchName(name), arguments[1:], keywords, node)
    if name == "torch.nn.Module":
        return Instance(TorchName(name), {})
    if torch_names.is_module_class(TorchName(name)):
        return modules.new_layer(run, name, arguments, keywords, node)
    from attnlint.interpreter.calls import unknown_call

    return unknown_call(run, TorchName(name), arguments, keywords, node)


def _overridden(run: Run, arguments: Arguments) -> bool:
    """An argument is an object with its own idea of torch's functions."""
    return any(
        isinstance(value, Instance)
        and isinstance(value.cls, ClassValue)
        and classes.find_in_class(value.cls, "__torch_function__")[0] is not UNBOUND
        for value in arguments
    )


def _pass_through(run: Run, name: str, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    for value in (*arguments, *keywords.values()):
        if isinstance(value, FunctionValue | BoundMethod | ClassValue):
            return value
        if isinstance(value, TorchName) and (find_op(value.name) or find_layer(value.name)):
            return value
        if isinstance(value, Instance) and classes.is_module(value):
            if name.endswith("Parallel"):
                modules.place(run, value, None)  # it moves what it is given to where its copies are
            return value
    if name == "torch.device":
        return _device(arguments, keywords)
    return TorchName("torch.no_grad.context")


def _device(arguments: Arguments, keywords: Keywords) -> Value:
    """``torch.device("cuda", 1)``"""
    name = device_name(arguments[0] if arguments else keywords.get("type", keywords.get("device")))
    second = arguments[1] if len(arguments) > 1 else keywords.get("index")
    if name is None or not (second is None or isinstance(second, int)):
        return Instance(DEVICE, {})
    kind, _, index = name.partition(":")
    return Instance(DEVICE, {"type": kind, "index": int(index) if index.isdigit() else second})


# --- methods of tensors
# ---------------------------------------------------------------------------------------------------


def tensor_method(
    run: Run, name: str, receiver: Value, arguments: Arguments, keywords: Keywords, node: nodes.Node
) -> Value:
    """``receiver.name(*arguments, **keywords)`` of a tensor."""
    short = name.rpartition(".")[2]
    if short in ("requires_grad_", "retain_grad") and isinstance(receiver, Tensor):
        run.differentiable[id(receiver.maker)] = receiver.maker
    own = _METHODS.get(short)
    if own is not None:
        if type(receiver) is Choice:
            return for_each_choice(
                run, (receiver,), lambda one: tensor_method(run, name, one[0], arguments, keywords, node)
            )
        tensor = operations.tensor_of(run, receiver)
        if tensor is None:
            return run.fresh("a method of what may be no tensor")
        result = own(run, tensor, arguments, keywords, node)
        if result is not NotImplemented:
            return result
    op = find_op(name)
    if op is None:
        operations.note_unknown(run, name)
        return run.fresh(f"attnlint has no shape rule for {name}")
    if short == "to" or short == "type_as":
        run.uncertain += 0
    if isinstance(receiver, Unknown) and receiver.key is not None and short not in ("to", "float", "copy", "clone"):
        run.store.know(("tensor", receiver.key), True)
    return operations.call_op(run, op, (receiver, *arguments), keywords, node)


def after_method(run: Run, receiver: Value, result: Value) -> None:
    """In-place methods: every name that holds the receiver holds the result."""
    if not isinstance(receiver, Tensor | Choice | Unknown) or not isinstance(result, Tensor | Choice):
        return
    for variables in _holders(run):
        for variable, held in list(variables.items()):
            if held is receiver or _is_same_tensor(held, receiver):
                run.store.put(variables, variable, result)


def _is_same_tensor(one: Value, other: Value) -> bool:
    """Whether two values are one tensor: each name that it is bound to has made a value of its own of it."""
    return isinstance(one, Tensor) and isinstance(other, Tensor) and one.maker is not None and one.maker is other.maker


def has_other_shape(run: Run, receiver: Value, result: Value) -> bool:
    """Whether an in-place method has given a tensor another shape."""
    if not isinstance(result, Tensor):
        return False
    if isinstance(receiver, Unknown):
        found = operations.tensor_of(run, receiver)
        receiver = receiver if found is None else found
    before = run.facts.resolve(receiver.shape) if isinstance(receiver, Tensor) else None
    return before != run.facts.resolve(result.shape)


def _holders(run: Run) -> list[dict[str, Value]]:
    found = [frame.scope.variables for frame in run.frames]
    for variables in list(found):
        found += [held.attributes for held in variables.values() if isinstance(held, Instance)]
    return found


def _size(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    shape = run.facts.resolve(tensor.shape)
    axis = arguments[0] if arguments else keywords.get("dim")
    if axis is None:
        return shape_value(run, shape)
    if isinstance(axis, Expression):
        axis = run.facts.normal(axis)
    if not isinstance(axis, int):
        if shape.rest is None and shape.dims:
            return subscripts.get_item(run, shape.dims, axis, node)
        return run.fresh("a size", kind="int")
    if shape.rest is None:
        rank = len(shape.dims)
        if not -rank <= axis < rank:
            holder = (
                node.function.value
                if isinstance(node, nodes.Call) and isinstance(node.function, nodes.Attribute)
                else node
            )
            subscripts.out_of_range(run, tensor, rank, axis, node, holder)
            return run.fresh("the size of an axis that is not there", kind="int")
        return shape.dims[axis]
    return subscripts.shape_item(run, shape, axis, node)


def _dim(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return rank_value(run, run.facts.resolve(tensor.shape))


def _numel(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    shape = run.facts.resolve(tensor.shape)
    return run.fresh("a number of elements", kind="int") if shape.rest is not None else product(shape.dims)


def _item(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    elements = current(run, tensor).elements
    while isinstance(elements, tuple) and len(elements) == 1:
        elements = elements[0]
    if isinstance(elements, int | float | Expression):
        return elements
    shape = run.facts.resolve(tensor.shape)
    if (
        shape.rest is None
        and run.facts.equal(product(shape.dims), 1) is Answer.NO
        and find_op("torch.Tensor.item") is not None
    ):
        return NotImplemented
    kind = (
        "int"
        if tensor.dtype is not None and tensor.dtype.startswith(("int", "uint"))
        else "bool"
        if tensor.dtype == "bool"
        else ""
    )
    if not kind and tensor.dtype is not None and tensor.dtype.startswith(("float", "bfloat")):
        kind = "float"
    return run.fresh("an element of a tensor", kind=kind)


def _tolist(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    elements = current(run, tensor).elements

    def listed(value: Value) -> Value:
        return ListValue([listed(each) for each in value]) if isinstance(value, tuple) else value

    if elements is not None:
        return listed(elements)
    shape = run.facts.resolve(tensor.shape)
    if shape.rest is None and len(shape.dims) == 1:
        kind = "int" if tensor.dtype is not None and tensor.dtype.startswith(("int", "uint")) else "float"
        if isinstance(shape.dims[0], int) and shape.dims[0] <= 64:
            return ListValue([run.fresh("an element of a tensor", kind=kind) for _ in range(shape.dims[0])])
        return Repeated("list", run.unknown("an element of a tensor", kind=kind), shape.dims[0])
    return run.fresh("the contents of a tensor")


def _element_size(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return run.fresh("the size of an element", kind="int")


def _type(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if not arguments and not keywords:
        return run.fresh("the type of a tensor", kind="str")
    if find_op("torch.Tensor.type") is not None:
        return NotImplemented
    wanted = arguments[0] if arguments else next(iter(keywords.values()))
    if isinstance(wanted, TorchName) and torch_names.is_dtype(wanted.name):
        return operations.call_by_name(run, "torch.Tensor.to", (tensor, wanted), {}, node)
    return replace(operations.resolved(run, tensor), dtype=None, elements=None)


def _numpy(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if tensor.device not in (None, "cpu"):
        operations.call_by_name(run, "torch.Tensor.numpy", (tensor, *arguments), keywords, node)
    return numpy_arrays.made(run, tensor) if not tensor.assumed else run.fresh("a numpy array", kind="numpy")


def _same(run: Run, tensor: Tensor, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return operations.resolved(run, tensor)


_METHODS: dict[str, Callable[[Run, Tensor, Arguments, Keywords, nodes.Node], Value]] = {
    "size": _size,
    "dim": _dim,
    "ndimension": _dim,
    "numel": _numel,
    "nelement": _numel,
    "item": _item,
    "tolist": _tolist,
    "element_size": _element_size,
    "type": _type,
    "numpy": _numpy,
}


# --- functions that the interpreter runs itself
# ---------------------------------------------------------------------------


def _parameter(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    value = arguments[0] if arguments else keywords.get("data")
    if isinstance(value, Choice):
        return for_each_choice(run, (value,), lambda one: _parameter(run, one, keywords, node))
    tensor = operations.tensor_of(run, value)
    if tensor is None:
        return (
            Tensor(Shape((0,)), "float32", is_parameter=True)
            if value is None
            else run.fresh("a parameter", kind="tensor")
        )
    return replace(tensor, is_parameter=True, elements=None, assumed=False)


def _buffer(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """``nn.Buffer(tensor)``: a module that it is assigned to registers it."""
    made = _parameter(run, arguments, keywords, node)
    if isinstance(made, Tensor):
        run.buffers[id(made)] = made
    return made


def _checkpoint(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    own = ("use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug", "early_stop")
    given = {name: value for name, value in keywords.items() if name not in own}
    function = arguments[0] if arguments else given.pop("function", None)
    return run.call(function, arguments[1:], given, node)


def _checkpoint_sequential(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    functions = arguments[0] if arguments else keywords.get("functions")
    value = arguments[2] if len(arguments) > 2 else keywords.get("input")
    items = run.iterate(functions, node)
    if items is None:
        return run.fresh("the result of a sequence of modules that is not known")
    for each in items:
        value = run.call(each, (value,), {}, node)
    return value


def _is_instance(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return run.call(PythonName("isinstance"), arguments, keywords, node)


def _is_tensor(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    value = arguments[0] if arguments else None
    return run.call(PythonName("isinstance"), (value, TorchName("torch.Tensor")), {}, node)


def _torch_size(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if not arguments:
        return ()
    items = run.iterate(arguments[0], node)
    return arguments[0] if items is None else tuple(items)


def _shape_of(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    tensor = operations.tensor_of(run, arguments[0]) if arguments else None
    return run.fresh("a shape") if tensor is None else shape_value(run, run.facts.resolve(tensor.shape))


def _numel_of(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    tensor = operations.tensor_of(run, arguments[0]) if arguments else None
    return run.fresh("a number of elements", kind="int") if tensor is None else _numel(run, tensor, (), {}, node)


def _finfo(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return Instance(
        PythonName("torch.finfo"),
        {name: run.fresh("a limit of a dtype", kind="float") for name in ("min", "max", "eps", "tiny", "bits")},
    )


def _truth_of_all(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return condition("call", arguments) if arguments else run.fresh("a flag", kind="bool")


def _assert(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """``torch._assert(condition, message)``"""
    from attnlint.interpreter.conditions import Split, split_value
    from attnlint.interpreter.forks import enter

    value = arguments[0] if arguments else keywords.get("condition", True)
    holds = run.truth(value, node)
    if holds is False:
        run.raise_error("AssertionError", "", node)
    if holds is None:
        run.uncertain += 1
        found = split_value(run, value)
        if type(found) is Split:
            enter(run, found.yes)
        elif found is False:
            run.raise_error("AssertionError", "", node)
    return None


def _default_dtype(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return TorchName("torch.float32")


_OWN: dict[str, Callable[[Run, Arguments, Keywords, nodes.Node], Value]] = {
    "torch.nn.Parameter": _parameter,
    "torch.nn.Buffer": _buffer,
    "torch.nn.parameter.Parameter": _parameter,
    "torch.utils.checkpoint.checkpoint": _checkpoint,
    "torch.utils.checkpoint.checkpoint_sequential": _checkpoint_sequential,
    "torch.is_tensor": _is_tensor,
    "torch.jit.isinstance": _is_instance,
    "torch.Size": _torch_size,
    "torch._shape_as_tensor": _shape_of,
    "torch.numel": _numel_of,
    "torch.finfo": _finfo,
    "torch.iinfo": _finfo,
    "torch.get_default_dtype": _default_dtype,
    "torch._assert": _assert,
    "torch._check": _assert,
    "torch.save": saved_files.save,
    "torch.load": saved_files.load,
    **pytrees.FUNCTIONS,
}

__all__ = ["External", "after_method", "attributes", "call_name", "tensor_method"]
