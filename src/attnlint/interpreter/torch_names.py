"""What is below ``torch`` as a name space: canonical names, dtypes, classes."""

from __future__ import annotations

import math
from functools import cache

from attnlint.ops.registry import find_layer, find_op
from attnlint.values import PythonName, TorchName, Value

ROOTS = frozenset({"torch", "einops", "flash_attn", "xformers"})
CERTAIN_ROOTS = frozenset({"torch", "einops"})

DTYPE_ALIASES = {
    "torch.float": "torch.float32",
    "torch.double": "torch.float64",
    "torch.half": "torch.float16",
    "torch.short": "torch.int16",
    "torch.int": "torch.int32",
    "torch.long": "torch.int64",
    "torch.cfloat": "torch.complex64",
    "torch.cdouble": "torch.complex128",
    "torch.chalf": "torch.complex32",
}
DTYPES = frozenset(
    f"torch.{name}"
    for name in (
        """float16 float32 float64 bfloat16 complex32 complex64 complex128 uint8 uint16 uint32 uint64 int8 int16 int32
        int64 bool """
        "float8_e4m3fn float8_e5m2 qint8 quint8 qint32"
    ).split()
)
CONSTANTS: dict[str, Value] = {
    "torch.inf": math.inf,
    "torch.nan": math.nan,
    "torch.pi": math.pi,
    "torch.e": math.e,
    "torch.newaxis": None,
}
TENSOR_CLASSES = frozenset(
    {
        "torch.FloatTensor",
        "torch.LongTensor",
        "torch.BoolTensor",
        "torch.IntTensor",
        "torch.DoubleTensor",
        "torch.HalfTensor",
    }
)
CONTAINERS = frozenset(
    {
        "torch.nn.Sequential",
        "torch.nn.ModuleList",
        "torch.nn.ModuleDict",
        "torch.nn.ParameterList",
        "torch.nn.ParameterDict",
    }
)
KNOWN_CLASSES = (
    CONTAINERS
    | TENSOR_CLASSES
    | {
        "torch.nn.Module",
        "torch.Tensor",
        "torch.nn.Parameter",
        "torch.dtype",
        "torch.Size",
        "torch.device",
        "torch.autograd.Function",
    }
)
_MOVED = {
    "torch.nn.parameter.Parameter": "torch.nn.Parameter",
    "torch.nn.parameter.Buffer": "torch.nn.Buffer",
    "torch.functional": "torch",
    "torch.autograd.function.Function": "torch.autograd.Function",
    "torch.nn.modules.Module": "torch.nn.Module",
    "torch.nn.utils.parametrizations": "torch.nn.utils.parametrizations",
    "einops.einops": "einops",
}


_DATA = "torch.utils.data."
_MODULES_OF_DATA = frozenset(_DATA + name for name in ("dataset", "dataloader", "sampler", "distributed", "_utils"))


def canonical(name: str) -> str:
    """The name under which torch documents an object: ``torch.nn.modules.linear.Linear`` is ``torch.nn.Linear``."""
    if name in DTYPE_ALIASES:
        return DTYPE_ALIASES[name]
    if name in _MOVED:
        return _MOVED[name]
    if name.startswith("torch.nn.modules."):
        parts = name.split(".")
        if parts[-1][:1].isupper():
            return "torch.nn." + parts[-1]
    if name.startswith("torch.functional."):
        return "torch." + name.removeprefix("torch.functional.")
    if name.startswith("torch._C._nn."):
        return "torch.nn.functional." + name.removeprefix("torch._C._nn.")
    return name


def attribute(base: TorchName, name: str) -> Value:
    """``base.name``"""
    full = canonical(f"{base.name}.{name}")
    if full.startswith(_DATA) and full not in _MODULES_OF_DATA:
        from attnlint.interpreter.library.registry import find_python

        # Datasets and loaders hold Python objects: they are modelled with Python's library.
        plain = _DATA + full.rpartition(".")[2]
        if find_python(plain) is not None:
            return PythonName(plain)
    return CONSTANTS[full] if full in CONSTANTS else TorchName(full)


def is_dtype(name: str) -> bool:
    """Whether it is the name of a dtype."""
    return name in DTYPES


def is_module_class(cls: TorchName) -> bool:
    """Whether it is ``nn.Module`` or a class that derives from it."""
    return _is_module_class(cls.name)


@cache
def _is_module_class(name: str) -> bool:
    if name == "torch.nn.Module" or name in CONTAINERS or find_layer(name) is not None:
        return True
    head, _, last = name.rpartition(".")
    return (
        head in ("torch.nn", "einops.layers.torch", "torch.nn.parallel")
        and last[:1].isupper()
        and name not in KNOWN_CLASSES
    )


def is_known_class(cls: TorchName) -> bool:
    """Whether all that a class's objects have is known here."""
    return cls.name in KNOWN_CLASSES or find_layer(cls.name) is not None


def bases_of(cls: TorchName) -> tuple[str, ...]:
    """The base classes of a layer."""
    layer = find_layer(cls.name)
    return layer.bases if layer is not None else ()


@cache
def ancestry(name: str) -> tuple[Value, ...]:
    """The class of that name and its base classes."""
    cls = TorchName(name)
    if name == "torch.nn.Module" or not is_module_class(cls):
        return (cls,)
    found: list[Value] = [cls]
    for base in bases_of(cls):
        found += [each for each in ancestry(base) if each not in found]
    if TorchName("torch.nn.Module") not in found:
        found.append(TorchName("torch.nn.Module"))
    return tuple(found)


MODULE_METHODS = frozenset(
    """__init__ forward __call__ to cuda cpu xpu half float double bfloat16 type train eval requires_grad_ apply
    parameters named_parameters
    modules named_modules children named_children buffers named_buffers state_dict load_state_dict register_buffer
    register_parameter
    add_module register_module register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_state_dict_pre_hook
    register_load_state_dict_pre_hook
    _register_load_state_dict_pre_hook _register_state_dict_hook get_submodule get_parameter get_buffer set_submodule
    zero_grad share_memory
    extra_repr compile to_empty __setattr__ __getattr__ __delattr__ __repr__ __dir__ _apply _load_from_state_dict
    _save_to_state_dict
    _get_name _named_members get_extra_state set_extra_state ipu""".split()
)
CONTAINER_METHODS = {
    "torch.nn.Sequential": frozenset(
        "append extend insert pop __len__ __getitem__ __setitem__ __delitem__ __iter__ __add__ __iadd__ __mul__".split()
    ),
    "torch.nn.ModuleList": frozenset(
        """append extend insert pop __len__ __getitem__ __setitem__ __delitem__ __iter__ __add__ __iadd__
        __contains__""".split()
    ),
    "torch.nn.ModuleDict": frozenset(
        "keys values items update pop clear __len__ __getitem__ __setitem__ __delitem__ __iter__ __contains__".split()
    ),
    "torch.nn.ParameterList": frozenset("append extend __len__ __getitem__ __setitem__ __iter__ __iadd__".split()),
    "torch.nn.ParameterDict": frozenset(
        """keys values items update pop clear get setdefault __len__ __getitem__ __setitem__ __delitem__ __iter__
        __contains__""".split()
    ),
}


def class_has(cls: TorchName, name: str) -> bool:
    """Whether a torch class defines the method ``name``."""
    if cls.name == "torch.nn.Module":
        return name in MODULE_METHODS
    if cls.name in CONTAINER_METHODS:
        return name in CONTAINER_METHODS[cls.name] or name in ("__init__", "forward")
    if cls.name == "torch.autograd.Function":
        return name == "apply"
    if cls.name == "torch.Tensor":
        return find_op(f"torch.Tensor.{name}") is not None
    layer = find_layer(cls.name)
    if layer is not None:
        if name == "forward":
            return layer.forward is not None
        # A static method of it: `transformer.generate_square_subsequent_mask(length)`.
        return name == "__init__" or find_op(f"{cls.name}.{name}") is not None
    return is_module_class(cls) and name in ("__init__", "forward")


def is_method(name: TorchName) -> bool:
    """Whether it names a method of a torch class, which binds on an instance."""
    head, _, last = name.name.rpartition(".")
    cls = TorchName(head)
    return head.rpartition(".")[2][:1].isupper() and (class_has(cls, last) or is_module_class(cls))
