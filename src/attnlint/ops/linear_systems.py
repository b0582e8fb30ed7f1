"""Linear systems: ``linalg.solve``, ``lstsq``, triangular and factored solvers, tensor equations."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape, product
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import given_axes, locate, wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.matrices import Matrices, as_matrices, common_batch, demand_sizes, is_vector_side, matrices
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh, named, refuse, unknown_shape
from attnlint.values import Value


def _solution(call: Call, left: Matrices, right: Matrices, names: tuple[str, str], *, from_left: bool = True) -> Shape:
    """The shape of ``X`` in ``A X = B`` (or ``X A = B``): the common batch, and the axes of ``B``."""
    axis, size = (-2, right.rows) if from_left else (-1, right.columns)
    demand_sizes(call, (names[0], axis, left.rows), (names[1], axis, size))
    batch = common_batch(call, (names[0], left), (names[1], right))
    return Shape((*batch.dims, right.rows, right.columns), batch.rest)


def _side(call: Call) -> bool:
    side = call.flag("left")
    if side is None:
        raise CannotTell("left is not known")
    return side


@shape_rule("torch.linalg.solve", signature="(A, B, *, left: bool = True, out=None)")
def solve(call: Call) -> Value:
    """``A X = B``; a right-hand side may be made of vectors."""
    shape, left = _solve(call)
    return fresh(call, shape, left.tensor.dtype, like=left.tensor)


@shape_rule("torch.linalg.solve_ex", signature="(A, B, *, left: bool = True, check_errors=False, out=None)")
def solve_ex(call: Call) -> Value:
    """As ``solve``, with an error code a matrix."""
    shape, left = _solve(call)
    result = fresh(call, shape, left.tensor.dtype, like=left.tensor, out="")
    info = fresh(call, left.shape(), "int32", like=left.tensor, out="")
    return named(call, "linalg_solve_ex", result=result, info=info)


def _solve(call: Call) -> tuple[Shape, Matrices]:
    left, right = matrices(call, "A", square=True), call.tensor("B")
    refuse(right, "bool integer", argument="B")
    if is_vector_side(call, left, right):
        demand_sizes(call, ("A", -2, left.rows), ("B", -1, right.shape.dims[-1]))
        return left.shape(left.rows), left
    return _solution(call, left, as_matrices(call, right, "B"), ("A", "B"), from_left=_side(call)), left


@shape_rule(
    "torch.linalg.solve_triangular", signature="(A, B, *, upper, left: bool = True, unitriangular=False, out=None)"
)
def solve_triangular(call: Call) -> Value:
    """``A X = B`` with triangular ``A``."""
    left, right = matrices(call, "A", square=True), matrices(call, "B")
    return fresh(
        call, _solution(call, left, right, ("A", "B"), from_left=_side(call)), left.tensor.dtype, like=left.tensor
    )


@shape_rule(
    "torch.triangular_solve",
    "torch.Tensor.triangular_solve",
    signature="(input, A, upper=True, transpose=False, unitriangular=False, *, out=None)",
)
def triangular_solve(call: Call) -> Value:
    """The old form of ``solve_triangular``: the solution, and a copy of the coefficients."""
    left, right = matrices(call, "A", square=True), matrices(call, "input")
    shape = _solution(call, left, right, ("A", "input"))
    coefficients = Shape((*shape.dims[:-2], left.rows, left.rows), shape.rest)
    return named(
        call,
        "triangular_solve",
        solution=fresh(call, shape, left.tensor.dtype, like=left.tensor, out=""),
        cloned_coefficient=fresh(call, coefficients, left.tensor.dtype, like=left.tensor, out=""),
    )


@shape_rule("torch.cholesky_solve", "torch.Tensor.cholesky_solve", signature="(B, L, upper=False, *, out=None)")
def cholesky_solve(call: Call) -> Value:
    """``A X = B`` from the Cholesky factor of ``A``."""
    left, right = matrices(call, "L", square=True), matrices(call, "B")
    return fresh(call, _solution(call, left, right, ("L", "B")), left.tensor.dtype, like=left.tensor)


@shape_rule("torch.linalg.lu_solve", signature="(LU, pivots, B, *, left: bool = True, adjoint=False, out=None)")
def lu_solve(call: Call) -> Value:
    """``A X = B`` from the LU factorisation of ``A``."""
    left, right = matrices(call, "LU", square=True), matrices(call, "B")
    shape = _solution(call, left, right, ("LU", "B"), from_left=_side(call))
    return fresh(call, shape, left.tensor.dtype, like=left.tensor)


@shape_rule("torch.lu_solve", "torch.Tensor.lu_solve", signature="(b, LU_data, LU_pivots, *, out=None)")
def old_lu_solve(call: Call) -> Value:
    """The old form of ``linalg.lu_solve``."""
    left, right = matrices(call, "LU_data", square=True), matrices(call, "b")
    return fresh(call, _solution(call, left, right, ("LU_data", "b")), left.tensor.dtype, like=left.tensor)


@shape_rule("torch.linalg.ldl_solve", signature="(LD, pivots, B, *, hermitian=False, out=None)")
def ldl_solve(call: Call) -> Value:
    """``A X = B`` from the LDL factorisation of ``A``."""
    left, right = matrices(call, "LD", square=True), matrices(call, "B")
    return fresh(call, _solution(call, left, right, ("LD", "B")), left.tensor.dtype, like=left.tensor)


@shape_rule("torch.linalg.lstsq", signature="(A, B, rcond=None, *, driver=None)")
def lstsq(call: Call) -> Value:
    """Least squares: the solution, residuals, rank and singular values."""
    left, right = matrices(call, "A"), call.tensor("B")
    refuse(right, "bool integer", argument="B")
    ranks = left.tensor.shape.rank, right.shape.rank
    if ranks[0] is not None and ranks[1] is not None and not ranks[1] <= ranks[0] <= ranks[1] + 1:
        raise wrong_rank(right, f"{ranks[0]} or {ranks[0] - 1} to fit A", argument="B")
    if is_vector_side(call, left, right):
        demand_sizes(call, ("A", -2, left.rows), ("B", -1, right.shape.dims[-1]))
        shape = left.shape(left.columns)
    else:
        other = as_matrices(call, right, "B")
        demand_sizes(call, ("A", -2, left.rows), ("B", -2, other.rows))
        batch = common_batch(call, ("A", left), ("B", other))
        shape = Shape((*batch.dims, left.columns, other.columns), batch.rest)
    dtype = left.tensor.dtype
    return named(
        call,
        "linalg_lstsq",
        solution=fresh(call, shape, dtype, like=left.tensor, out=""),
        # Which driver ran, and whether the matrices have full rank, decides about the other three.
        residuals=fresh(call, unknown_shape(), left.real, like=left.tensor, out=""),
        rank=fresh(call, unknown_shape(), "int64", like=left.tensor, out=""),
        singular_values=fresh(call, unknown_shape(), left.real, like=left.tensor, out=""),
    )


@shape_rule("torch.linalg.householder_product", signature="(A, tau, *, out=None)")
def householder_product(call: Call) -> Value:
    """The first columns of a product of Householder matrices."""
    operand = matrices(call, "A")
    if call.facts.at_least(operand.rows, operand.columns) is Answer.NO:
        raise Complaint(
            "ATN103", f"A has {operand.rows} rows, fewer than its {operand.columns} columns", arguments=("A",)
        )
    return fresh(call, operand.tensor.shape, operand.tensor.dtype, like=operand.tensor)


@shape_rule("torch.orgqr", "torch.Tensor.orgqr", signature="(input, tau, *, out=None)")
def orgqr(call: Call) -> Value:
    """The old name of ``householder_product``."""
    operand = matrices(call, "input")
    return fresh(call, operand.tensor.shape, operand.tensor.dtype, like=operand.tensor)


@shape_rule(
    "torch.ormqr",
    "torch.Tensor.ormqr",
    signature="(input, tau, other, left: bool = True, transpose=False, *, out=None)",
)
def ormqr(call: Call) -> Value:
    """A matrix times a product of Householder matrices."""
    factors, other = matrices(call, "input"), matrices(call, "other")
    tau = call.tensor("tau")
    axis, size = (-2, other.rows) if _side(call) else (-1, other.columns)
    demand_sizes(call, ("other", axis, size), ("input", -2, factors.rows))
    if tau.shape.dims and call.facts.at_least(factors.columns, tau.shape.dims[-1]) is Answer.NO:
        raise Complaint(
            "ATN101",
            f"tau has {tau.shape.dims[-1]} factors but input has {factors.columns} columns",
            arguments=("tau", "input"),
        )
    return fresh(call, other.tensor.shape, factors.tensor.dtype, like=factors.tensor)


@shape_rule("torch.linalg.tensorinv", signature="(A, ind: int = 2, *, out=None)")
def tensorinv(call: Call) -> Value:
    """The inverse of a tensor whose first ``ind`` axes have as many elements as the others."""
    tensor = call.tensor("A")
    dims = call.known_rank(tensor)
    at = call.integer("ind")
    if not at > 0:
        raise Complaint("ATN107", f"ind is {at}, not positive", arguments=("ind",))
    front, back = dims[:at], dims[at:]
    _demand_same_count(call, "A", front, back)
    return fresh(call, (*back, *front), tensor.dtype, like=tensor)


def _demand_same_count(call: Call, name: str, front: tuple[Dim, ...], back: tuple[Dim, ...]) -> None:
    left, right = product(front), product(back)

    def complain() -> Complaint:
        return Complaint(
            "ATN103", f"the two groups of axes of {name} have {left} and {right} elements", arguments=(name,)
        )

    call.demand_equal(left, right, complain)


@shape_rule("torch.linalg.tensorsolve", signature="(A, B, dims: ints | None = None, *, out=None)")
def tensorsolve(call: Call) -> Value:
    """The tensor ``X`` with ``tensordot(A, X) = B``."""
    tensor, right = call.tensor("A"), call.tensor("B")
    sizes, wanted = call.known_rank(tensor), call.known_rank(right)
    axes = given_axes(call, "dims")
    if axes:
        _, places = locate(call, tensor, axes, argument="dims")
        sizes = (
            *(size for place, size in enumerate(sizes) if place not in places),
            *(sizes[place] for place in places),
        )
    if len(sizes) < len(wanted):
        raise wrong_rank(tensor, f"{len(wanted)} or more", argument="A")
    back = sizes[len(wanted) :]
    _demand_same_count(call, "A", sizes[: len(wanted)], back)
    return fresh(call, back, tensor.dtype, like=tensor)


@shape_rule(
    "torch.lobpcg",
    signature="(A, k=None, B=None, X=None, n=None, iK=None, niter=None, tol=None, largest=None, method=None,"
    " tracker=None, ortho_iparams=None, ortho_fparams=None, ortho_bparams=None)",
)
def lobpcg(call: Call) -> Value:
    """The ``k`` largest or smallest eigenvalues and their vectors."""
    operand = matrices(call, "A", square=True)
    if call["X"] is not None and call["k"] is None:
        raise CannotTell("the number of eigenvalues comes from X")
    count = 1 if call["k"] is None else call.dim("k")
    values = fresh(call, operand.shape(count), operand.tensor.dtype, like=operand.tensor)
    return (values, replace(values, shape=operand.shape(operand.rows, count)))
