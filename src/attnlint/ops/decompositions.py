"""Linear algebra on one batch of matrices: inverses, determinants, eigenvalues, decompositions with named parts."""

from __future__ import annotations

from attnlint.algebra import Dim, minimum
from attnlint.ops.broadcast import broadcast_shapes
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell
from attnlint.ops.matrices import Matrices, matrices
from attnlint.ops.promotion import to_complex
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import fresh, named
from attnlint.values import Tensor, Value

FAMILY = "decompositions"


def _smaller(operand: Matrices) -> Dim:
    return minimum(operand.rows, operand.columns)


def _part(call: Call, operand: Matrices, *trailing: Dim, dtype: str | None = None) -> Tensor:
    """One part of a decomposition."""
    return fresh(call, operand.shape(*trailing), dtype or operand.tensor.dtype, like=operand.tensor, out="")


def _first_tensor(call: Call) -> str:
    return next(iter(call.arguments))


# --- one tensor from square matrices --------------------------------------------------------------------------------

SAME_SHAPE = (
    (("torch.linalg.inv", "torch.inverse", "torch.Tensor.inverse"), "(A, *, out=None)"),
    (("torch.linalg.cholesky",), "(A, *, upper=False, out=None)"),
    (("torch.cholesky", "torch.Tensor.cholesky"), "(input, upper=False, *, out=None)"),
    (("torch.cholesky_inverse", "torch.Tensor.cholesky_inverse"), "(L, upper=False, *, out=None)"),
    (("torch.matrix_exp", "torch.Tensor.matrix_exp", "torch.linalg.matrix_exp"), "(A)"),
)


def _same_shape(call: Call) -> Value:
    operand = matrices(call, _first_tensor(call), square=True)
    return fresh(call, operand.shape(operand.rows, operand.rows), operand.tensor.dtype, like=operand.tensor)


@shape_rule(
    "torch.matrix_power", "torch.Tensor.matrix_power", "torch.linalg.matrix_power", signature="(A, n: int, *, out=None)"
)
def matrix_power(call: Call) -> Value:
    """A whole power; a negative one needs floating point."""
    n = call["n"]
    operand = matrices(call, "A", square=True, whole=not (isinstance(n, int) and n < 0))
    return fresh(call, operand.tensor.shape, operand.tensor.dtype, like=operand.tensor)


@shape_rule(
    "torch.linalg.det",
    "torch.det",
    "torch.Tensor.det",
    "torch.logdet",
    "torch.Tensor.logdet",
    signature="(A, *, out=None)",
)
def determinant(call: Call) -> Value:
    """One number a matrix."""
    operand = matrices(call, "A", square=True)
    return fresh(call, operand.shape(), operand.tensor.dtype, like=operand.tensor)


@shape_rule("torch.linalg.slogdet", "torch.slogdet", "torch.Tensor.slogdet", signature="(A, *, out=None)")
def slogdet(call: Call) -> Value:
    """The sign and the logarithm of the determinant."""
    operand = matrices(call, "A", square=True)
    return named(call, "slogdet", sign=_part(call, operand), logabsdet=_part(call, operand, dtype=operand.real))


@shape_rule("torch.linalg.eig", signature="(A, *, out=None)")
def eig(call: Call) -> Value:
    """Eigenvalues and eigenvectors, complex."""
    operand = matrices(call, "A", square=True)
    dtype = operand.tensor.dtype and to_complex(operand.tensor.dtype)
    values = _part(call, operand, operand.rows, dtype=dtype)
    vectors = _part(call, operand, operand.rows, operand.rows, dtype=dtype)
    return named(call, "linalg_eig", eigenvalues=values, eigenvectors=vectors)


@shape_rule("torch.linalg.eigh", signature="(A, UPLO='L', *, out=None)")
def eigh(call: Call) -> Value:
    """Eigenvalues (real) and eigenvectors of Hermitian matrices."""
    operand = matrices(call, "A", square=True)
    values = _part(call, operand, operand.rows, dtype=operand.real)
    vectors = _part(call, operand, operand.rows, operand.rows)
    return named(call, "linalg_eigh", eigenvalues=values, eigenvectors=vectors)


@shape_rule("torch.linalg.eigvals", signature="(A, *, out=None)")
def eigvals(call: Call) -> Value:
    """Eigenvalues, complex."""
    operand = matrices(call, "A", square=True)
    dtype = operand.tensor.dtype and to_complex(operand.tensor.dtype)
    return fresh(call, operand.shape(operand.rows), dtype, like=operand.tensor)


@shape_rule("torch.linalg.eigvalsh", signature="(A, UPLO='L', *, out=None)")
def eigvalsh(call: Call) -> Value:
    """Eigenvalues of Hermitian matrices, real."""
    operand = matrices(call, "A", square=True)
    return fresh(call, operand.shape(operand.rows), operand.real, like=operand.tensor)


@shape_rule("torch.linalg.inv_ex", signature="(A, *, check_errors=False, out=None)")
def inv_ex(call: Call) -> Value:
    """The inverse and an error code a matrix."""
    operand = matrices(call, "A", square=True)
    inverse = _part(call, operand, operand.rows, operand.rows)
    return named(call, "linalg_inv_ex", inverse=inverse, info=_part(call, operand, dtype="int32"))


@shape_rule("torch.linalg.cholesky_ex", signature="(A, *, upper=False, check_errors=False, out=None)")
def cholesky_ex(call: Call) -> Value:
    """The Cholesky factor and an error code a matrix."""
    operand = matrices(call, "A", square=True)
    factor = _part(call, operand, operand.rows, operand.rows)
    return named(call, "linalg_cholesky_ex", L=factor, info=_part(call, operand, dtype="int32"))


@shape_rule("torch.linalg.ldl_factor", signature="(A, *, hermitian=False, out=None)")
def ldl_factor(call: Call) -> Value:
    """The LDL factorisation of Hermitian matrices."""
    operand = matrices(call, "A", square=True)
    factor = _part(call, operand, operand.rows, operand.rows)
    return named(call, "linalg_ldl_factor", LD=factor, pivots=_part(call, operand, operand.rows, dtype="int32"))


@shape_rule("torch.linalg.ldl_factor_ex", signature="(A, *, hermitian=False, check_errors=False, out=None)")
def ldl_factor_ex(call: Call) -> Value:
    """As ``ldl_factor``, with an error code a matrix."""
    operand = matrices(call, "A", square=True)
    return named(
        call,
        "linalg_ldl_factor_ex",
        LD=_part(call, operand, operand.rows, operand.rows),
        pivots=_part(call, operand, operand.rows, dtype="int32"),
        info=_part(call, operand, dtype="int32"),
    )


# --- matrices of any form -------------------------------------------------------------------------------------------


@shape_rule("torch.linalg.svd", signature="(A, full_matrices: bool = True, *, driver=None, out=None)")
def svd(call: Call) -> Value:
    """``U``, ``S`` and ``Vh``, full or reduced."""
    operand = matrices(call, "A")
    full = call.flag("full_matrices")
    if full is None:
        raise CannotTell("full_matrices is not known")
    rows, columns, smaller = operand.rows, operand.columns, _smaller(operand)
    return named(
        call,
        "linalg_svd",
        U=_part(call, operand, rows, rows if full else smaller),
        S=_part(call, operand, smaller, dtype=operand.real),
        Vh=_part(call, operand, columns if full else smaller, columns),
    )


@shape_rule(
    "torch.svd", "torch.Tensor.svd", signature="(input, some: bool = True, compute_uv: bool = True, *, out=None)"
)
def old_svd(call: Call) -> Value:
    """``U``, ``S`` and ``V`` (not transposed), reduced unless told otherwise."""
    operand = matrices(call, "input")
    some, both = call.flag("some"), call.flag("compute_uv")
    if some is None or both is None:
        raise CannotTell("some or compute_uv is not known")
    rows, columns, smaller = operand.rows, operand.columns, _smaller(operand)
    reduced = some and both
    return named(
        call,
        "svd",
        U=_part(call, operand, rows, smaller if reduced else rows),
        S=_part(call, operand, smaller, dtype=operand.real),
        V=_part(call, operand, columns, smaller if reduced else columns),
    )


@shape_rule("torch.linalg.svdvals", signature="(A, *, driver=None, out=None)")
def svdvals(call: Call) -> Value:
    """The singular values."""
    operand = matrices(call, "A")
    return fresh(call, operand.shape(_smaller(operand)), operand.real, like=operand.tensor)


@shape_rule(
    "torch.linalg.qr",
    "torch.qr",
    "torch.Tensor.qr",
    signature=("(A, mode: str = 'reduced', *, out=None)", "(A, some: bool = True, *, out=None)"),
)
def qr(call: Call) -> Value:
    """``Q`` and ``R``, reduced or complete."""
    operand = matrices(call, "A")
    rows, columns, smaller = operand.rows, operand.columns, _smaller(operand)
    mode = call.arguments.get("mode")
    if call.overload == 1 or not call.name.startswith("torch.linalg"):
        some = call.arguments.get("some", True)
        mode = {True: "reduced", False: "complete"}.get(some) if isinstance(some, bool) else None
    if mode == "r":
        empty = fresh(call, (0,), operand.tensor.dtype, like=operand.tensor, out="")
        return named(call, "linalg_qr", Q=empty, R=_part(call, operand, smaller, columns))
    if mode not in ("reduced", "complete"):
        raise CannotTell("the mode is not known")
    inner = smaller if mode == "reduced" else rows
    return named(call, "linalg_qr", Q=_part(call, operand, rows, inner), R=_part(call, operand, inner, columns))


@shape_rule("torch.linalg.lu", signature="(A, *, pivot: bool = True, out=None)")
def lu(call: Call) -> Value:
    """``P``, ``L`` and ``U``."""
    operand = matrices(call, "A")
    rows, columns, smaller = operand.rows, operand.columns, _smaller(operand)
    pivot = call.flag("pivot")
    if pivot is None:
        raise CannotTell("pivot is not known")
    empty = fresh(call, (0,), operand.tensor.dtype, like=operand.tensor, out="")
    return named(
        call,
        "linalg_lu",
        P=_part(call, operand, rows, rows) if pivot else empty,
        L=_part(call, operand, rows, smaller),
        U=_part(call, operand, smaller, columns),
    )


@shape_rule("torch.linalg.lu_factor", signature="(A, *, pivot=True, out=None)")
def lu_factor(call: Call) -> Value:
    """The compact LU factorisation and its pivots."""
    operand = matrices(call, "A")
    factor = _part(call, operand, operand.rows, operand.columns)
    return named(call, "linalg_lu_factor", LU=factor, pivots=_part(call, operand, _smaller(operand), dtype="int32"))


@shape_rule("torch.linalg.lu_factor_ex", signature="(A, *, pivot=True, check_errors=False, out=None)")
def lu_factor_ex(call: Call) -> Value:
    """As ``lu_factor``, with an error code a matrix."""
    operand = matrices(call, "A")
    return named(
        call,
        "linalg_lu_factor_ex",
        LU=_part(call, operand, operand.rows, operand.columns),
        pivots=_part(call, operand, _smaller(operand), dtype="int32"),
        info=_part(call, operand, dtype="int32"),
    )


@shape_rule("torch.lu", "torch.Tensor.lu", signature="(A, pivot=True, get_infos: bool = False, out=None)")
def old_lu(call: Call) -> Value:
    """``lu_factor``, or ``lu_factor_ex`` with ``get_infos``, as a plain tuple."""
    operand = matrices(call, "A")
    parts = (
        _part(call, operand, operand.rows, operand.columns),
        _part(call, operand, _smaller(operand), dtype="int32"),
    )
    infos = call.flag("get_infos")
    if infos is None:
        raise CannotTell("get_infos is not known")
    return (*parts, _part(call, operand, dtype="int32")) if infos else parts


@shape_rule(
    "torch.lu_unpack",
    signature="(LU_data, LU_pivots, unpack_data: bool = True, unpack_pivots: bool = True, *, out=None)",
)
def lu_unpack(call: Call) -> Value:
    """``P``, ``L`` and ``U`` from the compact form; what is not unpacked is empty."""
    operand = matrices(call, "LU_data")
    rows, columns, smaller = operand.rows, operand.columns, _smaller(operand)
    data, pivots = call.flag("unpack_data"), call.flag("unpack_pivots")
    if data is None or pivots is None:
        raise CannotTell("what is unpacked is not known")
    empty = fresh(call, (0,), operand.tensor.dtype, like=operand.tensor, out="")
    return named(
        call,
        "lu_unpack",
        P=_part(call, operand, rows, rows) if pivots else empty,
        L=_part(call, operand, rows, smaller) if data else empty,
        U=_part(call, operand, smaller, columns) if data else empty,
    )


@shape_rule("torch.geqrf", "torch.Tensor.geqrf", signature="(input, *, out=None)")
def geqrf(call: Call) -> Value:
    """The compact QR factorisation."""
    operand = matrices(call, "input")
    return named(
        call,
        "geqrf",
        a=_part(call, operand, operand.rows, operand.columns),
        tau=_part(call, operand, _smaller(operand)),
    )


@shape_rule(
    "torch.linalg.pinv",
    "torch.pinverse",
    "torch.Tensor.pinverse",
    signature=(
        "(A, rcond=None, hermitian=False, *, out=None)",
        "(A, *, atol=None, rtol=None, hermitian=False, out=None)",
    ),
)
def pinv(call: Call) -> Value:
    """The pseudo-inverse."""
    operand = matrices(call, "A", square=call.flag("hermitian") is True)
    return fresh(call, operand.shape(operand.columns, operand.rows), operand.tensor.dtype, like=operand.tensor)


@shape_rule(
    "torch.linalg.matrix_rank",
    "torch.matrix_rank",
    signature=(
        "(A, tol=None, hermitian=False, *, out=None)",
        "(A, *, atol=None, rtol=None, hermitian=False, out=None)",
    ),
)
def matrix_rank(call: Call) -> Value:
    """The number of singular values above a tolerance."""
    operand = matrices(call, "A", square=call.flag("hermitian") is True)
    shapes = [("A", operand.shape())]
    for name in ("tol", "atol", "rtol"):
        if isinstance(call.arguments.get(name), Tensor):
            shapes.append((name, call.tensor(name).shape))
    return fresh(call, broadcast_shapes(call, shapes, code="ATN102"), "int64", like=operand.tensor)


@shape_rule("torch.linalg.cond", signature="(A, p=None, *, out=None)")
def cond(call: Call) -> Value:
    """The condition number; every norm but 2 and -2 needs square matrices."""
    p = call["p"]
    square = isinstance(p, str) or (isinstance(p, int | float) and abs(p) != 2)
    operand = matrices(call, "A", square=square)
    return fresh(call, operand.shape(), operand.real, like=operand.tensor)


@shape_rule("torch.svd_lowrank", signature="(A, q=6, niter=2, M=None)")
def svd_lowrank(call: Call) -> Value:
    """``U``, ``S`` and ``V`` of rank ``q``, or less where the matrix is smaller."""
    operand = matrices(call, "A")
    rank = minimum(_smaller(operand), 6 if call["q"] is None else call.dim("q"))
    return _low_rank(call, operand, rank)


@shape_rule("torch.pca_lowrank", signature="(A, q=None, center=True, niter=2)")
def pca_lowrank(call: Call) -> Value:
    """As ``svd_lowrank``, of the centred matrix."""
    operand = matrices(call, "A")
    return _low_rank(call, operand, minimum(_smaller(operand), 6) if call["q"] is None else call.dim("q"))


def _low_rank(call: Call, operand: Matrices, rank: Dim) -> Value:
    return (
        _part(call, operand, operand.rows, rank),
        _part(call, operand, rank, dtype=operand.real),
        _part(call, operand, operand.columns, rank),
    )


for _names, _signature in SAME_SHAPE:
    register(_names, (_signature,), _same_shape, family=FAMILY)
