"""Functions of each element by itself: ``exp``, ``sin``, ``abs``, ``round``, ``isnan``, ``logical_not``,
``torch.special.*``, ...

One rule: the shape, the layout and the axes stay; the table says how the dtype of the result follows and which dtypes
have no kernel. Every function is also a method, and has an in-place method, unless its group says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.promotion import float_result, to_real
from attnlint.ops.registry import register
from attnlint.ops.results import demand_castable, fresh, refuse
from attnlint.ops.strides import elementwise_strides
from attnlint.values import Tensor, Value


@dataclass(frozen=True, slots=True)
class Unary:
    """A group of functions that treat dtypes alike."""

    names: str
    dtype: str
    """``same``, ``float`` (integers become the default), ``real`` (of complex), or a dtype."""
    refused: str = ""
    """Kinds of dtypes without a kernel."""
    forms: str = "torch Tensor inplace"
    """Where the names are found: ``torch.f``, ``torch.Tensor.f``, ``torch.Tensor.f_``, ``torch.f_``
    (``torch_inplace``), ``torch.special.f``, ``torch.nn.functional.f``."""
    signature: str = "(input, *, out=None)"


UNARY = (
    Unary(
        "acos acosh asin asinh atan atanh arccos arccosh arcsin arcsinh arctan arctanh cos cosh exp log log10 log1p"
        " log2 rsqrt sqrt reciprocal sigmoid sin sinc sinh tan tanh exp2 expm1",
        "float",
        forms="torch Tensor inplace torch_inplace",
    ),
    Unary("expit exp2 expm1 log1p sinc", "float", forms="special"),
    Unary("deg2rad rad2deg erf erfc erfinv lgamma digamma i0", "float", "complex"),
    Unary("deg2rad_ rad2deg_ erf_ erfc_ i0_", "float", "complex", forms="torch"),
    Unary("logit", "float", "complex", signature="(input, eps=None, *, out=None)"),
    Unary("logit", "float", "complex", forms="special", signature="(input, eps=None, *, out=None)"),
    Unary("mvlgamma", "float", "bool complex", signature="(input, p, *, out=None)"),
    Unary("multigammaln", "float", "bool complex", forms="special", signature="(input, p, *, out=None)"),
    Unary("polygamma", "float", "complex", forms="torch special", signature="(n, input, *, out=None)"),
    Unary("polygamma", "float", "complex", forms="Tensor inplace", signature="(input, n)"),
    Unary(
        "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv gammaln i0 i0e i1 i1e"
        " log_ndtr modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 ndtr ndtri psi"
        " scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0",
        "float",
        "complex",
        forms="special",
    ),
    Unary("abs absolute", "real", "bool"),
    Unary("ceil floor trunc fix", "same", "bool complex", forms="torch Tensor inplace torch_inplace"),
    Unary("round", "same", "bool complex", forms="torch Tensor inplace", signature="(input, *, decimals=0, out=None)"),
    Unary("round", "same", "bool complex", forms="special", signature="(input, *, decimals=0, out=None)"),
    Unary("frac", "same", "bool integer complex"),
    Unary("neg negative", "same", "bool"),
    Unary("positive", "same", "bool", forms="torch Tensor"),
    Unary("sgn", "same"),
    Unary("sign", "same", "complex"),
    Unary("conj_physical", "same"),
    Unary("conj resolve_conj resolve_neg", "same", forms="torch Tensor"),
    Unary("nan_to_num", "same", signature="(input, nan=None, posinf=None, neginf=None, *, out=None)"),
    Unary("bitwise_not", "same", "float complex"),
    Unary("logical_not", "bool"),
    Unary("isfinite isinf isnan isreal", "bool", forms="torch Tensor"),
    Unary("signbit isposinf isneginf", "bool", "complex", forms="torch Tensor"),
    Unary("angle", "angle", forms="torch Tensor"),
)

_PREFIXES = {
    "torch": "torch.{}",
    "torch_inplace": "torch.{}_",
    "Tensor": "torch.Tensor.{}",
    "inplace": "torch.Tensor.{}_",
    "special": "torch.special.{}",
    "functional": "torch.nn.functional.{}",
}


def full_names(names: str, forms: str) -> tuple[str, ...]:
    """All qualified names of a group; each form is written as in :class:`Unary`."""
    return tuple(_PREFIXES[form].format(name) for name in names.split() for form in forms.split())


def elementwise(call: Call, tensor: Tensor, dtype: str | None) -> Tensor:
    """The result of computing each element from one: the same shape; in place, the tensor itself."""
    if call.inplace:
        demand_castable(dtype, tensor.dtype, "input")
        return replace(tensor, elements=None)
    strides = elementwise_strides((tensor,), tensor.shape.dims)
    return fresh(call, tensor.shape, dtype, like=tensor, axes=tensor.axes, strides=strides)


def unary_dtype(kind: str, dtype: str | None) -> str | None:
    """The dtype of the result; the kinds are those of :class:`Unary`."""
    if kind == "same":
        return dtype
    if kind == "float":
        return float_result(dtype)
    if kind == "real":
        return dtype and to_real(dtype)
    if kind == "angle":
        floating = float_result(dtype)
        return floating and to_real(floating)
    return kind


def _register() -> None:
    for entry in UNARY:

        def rule(call: Call, entry: Unary = entry) -> Value:
            tensor = call.tensor("input")
            advice = "to invert a mask, use `~`" if tensor.dtype == "bool" and "neg" in entry.names else ""
            refuse(tensor, entry.refused, advice=advice)
            return elementwise(call, tensor, unary_dtype(entry.dtype, tensor.dtype))

        register(full_names(entry.names, entry.forms), (entry.signature,), rule, family="pointwise_unary")

    def square(call: Call) -> Value:
        tensor = call.tensor("input")
        return elementwise(call, tensor, "int64" if tensor.dtype == "bool" else tensor.dtype)

    register(
        full_names("square", "torch Tensor inplace torch_inplace"),
        ("(input, *, out=None)",),
        square,
        family="pointwise_unary",
    )

    def frexp(call: Call) -> Value:
        from attnlint.ops.results import named

        tensor = call.tensor("input")
        refuse(tensor, "bool integer complex")
        mantissa = fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes, out="")
        return named(call, "frexp", mantissa=mantissa, exponent=replace(mantissa, dtype="int32"))

    register(("torch.frexp", "torch.Tensor.frexp"), ("(input, *, out=None)",), frexp, family="pointwise_unary")


_register()
