"""Calls that are about the program's surroundings: devices, random seeds, processes, gradient mode, numeric limits.

They return plain Python values, or nothing. What depends on the machine is unknown; what is a number of things is a
symbol that is the same wherever it is asked for.
"""

from __future__ import annotations

from attnlint.algebra import Expression, Symbol
from attnlint.ops.broadcast import broadcast
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell
from attnlint.ops.promotion import DEFAULT, canonical_dtype, promote_types, result_dtype
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import can_cast
from attnlint.values import Instance, Tensor, TorchName, Unknown, Value

FAMILY = "environment"
ANY = "(*args, **kwargs)"

NOTHING = """
    cuda.manual_seed cuda.manual_seed_all cuda.synchronize cuda.empty_cache cuda.set_device cuda.init cuda.ipc_collect
    cuda.reset_peak_memory_stats cuda.reset_max_memory_allocated cuda.nvtx.range_push cuda.nvtx.range_pop
    mps.empty_cache mps.manual_seed mps.synchronize xpu.synchronize xpu.empty_cache save set_printoptions
    set_num_threads set_num_interop_threads set_default_device set_float32_matmul_precision
    use_deterministic_algorithms set_flush_denormal testing.assert_close autograd.backward autograd.set_detect_anomaly
    _dynamo.reset _dynamo.mark_static_address
    _dynamo.mark_dynamic distributed.barrier distributed.init_process_group distributed.destroy_process_group
    nn.utils.remove_weight_norm nn.utils.vector_to_parameters multiprocessing.set_start_method
    multiprocessing.set_sharing_strategy backends.cuda.enable_flash_sdp backends.cuda.enable_mem_efficient_sdp
    backends.cuda.enable_math_sdp backends.cuda.enable_cudnn_sdp cuda.set_rng_state set_rng_state set_anomaly_enabled
    _check _check_is_size _check_value _assert
"""
"""Torch functions that return ``None``, or whose result nobody uses."""

QUESTIONS = """
    is_grad_enabled is_inference_mode_enabled is_autocast_enabled is_autocast_cpu_enabled is_warn_always_enabled
    are_deterministic_algorithms_enabled is_anomaly_enabled cuda.is_available cuda.is_initialized cuda.is_bf16_supported
    cuda.is_current_stream_capturing mps.is_available xpu.is_available backends.mps.is_available backends.mps.is_built
    backends.cuda.is_built backends.cudnn.is_available backends.cuda.flash_sdp_enabled
    backends.cuda.mem_efficient_sdp_enabled backends.cuda.math_sdp_enabled backends.mkldnn.is_available
    backends.openmp.is_available distributed.is_initialized distributed.is_available distributed.is_nccl_available
    distributed.is_gloo_available distributed.is_torchelastic_launched jit.is_tracing compiler.is_compiling
    compiler.is_dynamo_compiling compiler.is_exporting
    _dynamo.is_compiling _dynamo.external_utils.is_compiling onnx.is_in_onnx_export is_storage accelerator.is_available
    overrides.has_torch_function overrides.has_torch_function_unary overrides.has_torch_function_variadic
    overrides.is_tensor_like is_vulkan_available is_same_size is_nonzero is_conj is_neg is_inference is_distributed
    is_signed
    _C._get_tracing_state _C._log_api_usage_once
"""
"""Torch functions that answer yes or no."""

OBJECTS = """
    load cuda.get_device_capability cuda.get_device_properties cuda.get_device_name cuda.current_stream
    cuda.default_stream
    cuda.get_rng_state cuda.memory_stats cuda.memory_summary cuda.mem_get_info get_rng_state autograd.grad
    accelerator.current_accelerator hub.load hub.load_state_dict_from_url distributed.get_backend
    distributed.new_group distributed.all_reduce distributed.all_gather distributed.broadcast distributed.reduce
    distributed.all_gather_into_tensor distributed.reduce_scatter_tensor distributed.all_to_all_single
    Tensor.data_ptr Tensor.register_hook Tensor.untyped_storage Tensor.storage Tensor.is_shared Tensor.is_pinned
"""
"""Functions and methods whose results say nothing about shapes."""

COUNTS = {
    "cuda.device_count": 0,
    "cuda.current_device": 0,
    "distributed.get_world_size": 1,
    "distributed.get_rank": 0,
    "distributed.get_node_local_rank": 0,
    "get_num_threads": 1,
    "get_num_interop_threads": 1,
    "xpu.device_count": 0,
    "mps.device_count": 0,
    "cuda.max_memory_allocated": 0,
    "cuda.memory_allocated": 0,
    "cuda.max_memory_reserved": 0,
    "cuda.memory_reserved": 0,
    "initial_seed": 0,
    "seed": 0,
}
"""Torch functions that return whole numbers, and the least they can return."""


def _nothing(call: Call) -> Value:
    return None


def _question(call: Call) -> Value:
    # Without arguments the answer is the same wherever it is asked for.
    key = None if call["args"] or call["kwargs"] else ("call", call.name)
    return Unknown(f"{call.name} depends on where the program runs", key, call.name, "bool")


def _object(call: Call) -> Value:
    return Unknown(f"the result of {call.name}")


def _count(call: Call) -> Value:
    short = call.name.removeprefix("torch.")
    last = short.rpartition(".")[2]
    return Expression.of(Symbol(last.removeprefix("get_"), key=("environment", call.name), minimum=COUNTS[short]))


@shape_rule("torch.jit.is_scripting", signature="()")
def is_scripting(call: Call) -> Value:
    """False wherever Python runs the code."""
    return False


@shape_rule("torch.manual_seed", "torch.random.manual_seed", signature="(seed)")
def manual_seed(call: Call) -> Value:
    """Returns the default generator."""
    return Unknown("a random generator", kind="generator")


@shape_rule("torch.get_default_dtype", signature="()")
def get_default_dtype(call: Call) -> Value:
    """float32 unless the program changes it."""
    return TorchName(f"torch.{DEFAULT}")


@shape_rule(
    "torch.compile",
    "torch.jit.script",
    "torch.compiler.disable",
    "torch.jit.trace",
    signature="(model=None, *args, **kwargs)",
)
def compiled(call: Call) -> Value:
    """Computes what the model computes: the model itself."""
    if call["model"] is None:
        raise CannotTell("a decorator that compiles what it is given")
    return call["model"]


# --- dtypes ---------------------------------------------------------------------------------------------------------

_FLOAT_LIMITS = {
    "float16": (65504.0, 0.0009765625, 6.103515625e-05, 16),
    "bfloat16": (3.3895313892515355e38, 0.0078125, 1.1754943508222875e-38, 16),
    "float32": (3.4028234663852886e38, 1.1920928955078125e-07, 1.1754943508222875e-38, 32),
    "float64": (1.7976931348623157e308, 2.220446049250313e-16, 2.2250738585072014e-308, 64),
}
"""Largest number, epsilon, smallest normal number, bits."""
_INT_BITS = {"uint8": 8, "int8": 8, "int16": 16, "int32": 32, "int64": 64}


@shape_rule("torch.finfo", signature="(type=None)")
def finfo(call: Call) -> Value:
    """The limits of a floating dtype."""
    dtype = _dtype(call, "type") or DEFAULT
    limits = _FLOAT_LIMITS.get(dtype) if call["type"] is None or isinstance(call["type"], TorchName) else None
    if limits is None:
        names = ("min", "max", "eps", "tiny", "smallest_normal", "resolution", "bits")
        fields: dict[str, Value] = {name: Unknown("a limit of a dtype", kind="float") for name in names}
    else:
        largest, epsilon, tiny, bits = limits
        fields = {"min": -largest, "max": largest, "eps": epsilon, "tiny": tiny, "smallest_normal": tiny, "bits": bits}
        fields["resolution"] = Unknown("the resolution of a dtype", kind="float")
        fields["dtype"] = dtype
    return Instance(TorchName("torch.finfo"), fields)


@shape_rule("torch.iinfo", signature="(type)")
def iinfo(call: Call) -> Value:
    """The limits of a whole-number dtype."""
    dtype = _dtype(call, "type") or ""
    bits = _INT_BITS.get(dtype)
    if bits is None:
        fields: dict[str, Value] = {name: Unknown("a limit of a dtype", kind="int") for name in ("min", "max", "bits")}
    elif dtype == "uint8":
        fields = {"min": 0, "max": 255, "bits": 8}
    else:
        fields = {"min": -(2 ** (bits - 1)), "max": 2 ** (bits - 1) - 1, "bits": bits}
    return Instance(TorchName("torch.iinfo"), fields)


def _dtype(call: Call, name: str) -> str | None:
    value = call[name]
    return canonical_dtype(value.name) if isinstance(value, TorchName) else None


@shape_rule("torch.promote_types", signature="(type1, type2)")
def promoted(call: Call) -> Value:
    """The smallest dtype to which both can be converted."""
    left, right = _dtype(call, "type1"), _dtype(call, "type2")
    found = promote_types(left, right) if left and right else None
    return TorchName(f"torch.{found}") if found else Unknown("a promoted dtype", kind="dtype")


@shape_rule("torch.result_type", signature="(tensor1, tensor2)")
def result_type(call: Call) -> Value:
    """The dtype of an operation on the two."""
    found = result_dtype((call["tensor1"], call["tensor2"]))
    return TorchName(f"torch.{found}") if found else Unknown("a promoted dtype", kind="dtype")


@shape_rule("torch.can_cast", signature="(from_, to)")
def castable(call: Call) -> Value:
    """Whether promotion rules allow the conversion."""
    left, right = _dtype(call, "from_"), _dtype(call, "to")
    return can_cast(left, right) if left and right else Unknown("whether a dtype can be cast", kind="bool")


# --- comparisons that give one answer -------------------------------------------------------------------------------


@shape_rule("torch.equal", "torch.Tensor.equal", signature="(input, other)")
def equal(call: Call) -> Value:
    """Whether size and elements are the same; tensors of different shapes are simply not equal."""
    call.tensor("input"), call.tensor("other")
    return Unknown("whether two tensors are equal", kind="bool")


@shape_rule(
    "torch.allclose",
    "torch.Tensor.allclose",
    signature="(input, other: Tensor, rtol=1e-05, atol=1e-08, equal_nan=False)",
)
def allclose(call: Call) -> Value:
    """Whether all elements are close; the shapes broadcast."""
    tensors: list[tuple[str, Tensor]] = [(name, call.tensor(name)) for name in ("input", "other")]
    broadcast(call, tensors)
    return Unknown("whether two tensors are close", kind="bool")


def _register() -> None:
    for names, rule in ((NOTHING, _nothing), (QUESTIONS, _question), (OBJECTS, _object)):
        register(tuple(f"torch.{name}" for name in names.split()), (ANY,), rule, family=FAMILY)
    register(tuple(f"torch.{name}" for name in COUNTS), (ANY,), _count, family=FAMILY)


_register()
