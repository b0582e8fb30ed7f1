"""Parameters of code that is entered on its own: what annotations, defaults and uses say of them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Rest, Shape, Symbol
from attnlint.declarations import jaxtyped
from attnlint.interpreter.assumed_tensors import AMBIGUOUS
from attnlint.interpreter.objects import ClassValue, FunctionValue
from attnlint.ops.registry import find_op
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.declarations.spec import Spec
    from attnlint.interpreter.run import Run

TENSOR_NAMES = frozenset(
    {
        "Tensor",
        "FloatTensor",
        "LongTensor",
        "BoolTensor",
        "IntTensor",
        "DoubleTensor",
        "HalfTensor",
        "ByteTensor",
        "TensorType",
        "FloatT",
    }
)
TENSOR_DTYPES = {"FloatTensor": None, "LongTensor": "int64", "BoolTensor": "bool", "IntTensor": "int32"}
ARRAYS = frozenset({"ndarray", "NDArray", "ArrayLike", "Array", "Image", "DataFrame"})
SEQUENCES = frozenset({"List", "list", "Sequence", "Iterable", "Tuple", "tuple"})
JAXTYPING = jaxtyped.JAXTYPING
JAX_DTYPES = {
    "Float32": "float32",
    "Float64": "float64",
    "Float16": "float16",
    "BFloat16": "bfloat16",
    "Int64": "int64",
    "Int32": "int32",
    "Bool": "bool",
    "UInt8": "uint8",
}

_AXIS = re.compile(r"dim|axis|axes|^d$")
"""In the name of a parameter that says which axis is meant."""


def symbolic(
    run: Run, function: FunctionValue, parameter: nodes.Parameter, role: str, *, options: bool, sizes: dict[str, Symbol]
) -> Value:
    """The value of a parameter that nobody passes. ``options``: bools, strings and None of defaults are left open,
    too."""
    name = parameter.name
    key = ("parameter", role, function.node.id, name)
    has_default = name in function.defaults
    default = function.defaults.get(name)
    if run.options.declarations is not None and not has_default:
        declared = _said_elsewhere(run, function, name, key, sizes)
        if declared is not None:
            return declared
    if parameter.annotation is not None:
        said = annotated(
            run, function, parameter.annotation, key, name, sizes, optional=has_default and default is None
        )
        if said is not None and (not has_default or default is None):
            return said
    if not has_default:
        return Unknown(f"the parameter {name}", key, name)
    if default is None:
        if role == "hyper" and not options:
            return None
        return Unknown(f"the parameter {name}", key, name, optional=True)
    if isinstance(default, bool):
        return Unknown(f"the parameter {name}", key, name, "bool") if options else default
    if isinstance(default, int):
        return _size(key, name, default, role, options)
    if isinstance(default, str):
        return Unknown(f"the parameter {name}", key, name, "str") if options else default
    if isinstance(default, tuple) and default and all(type(each) is int for each in default) and 0 in default:
        # A size of 0 is a placeholder for one that the caller gives.
        return tuple(
            Expression.of(Symbol(f"{name}[{index}]", ("int", (*key, index)), 0)) for index in range(len(default))
        )
    return default


def _size(key: object, name: str, default: int, role: str, options: bool) -> Value:
    """An int default becomes a symbol; 0, 1 and negative ones are rather switches and axes than sizes.

    A negative one that a method or function has for what is no axis stands for a number that the caller gives.
    """
    if default < 0 and role != "hyper" and not _AXIS.search(name):
        return Expression.of(Symbol(name, ("int", key), None))
    if default > 1:
        return Expression.of(Symbol(name, ("int", key), 1, True))
    if not options or default < 0:
        return default
    return Expression.of(Symbol(name, ("int", key), default))


def annotated(
    run: Run,
    function: FunctionValue,
    node: nodes.Expression,
    key: tuple[object, ...],
    name: str,
    sizes: dict[str, Symbol],
    *,
    optional: bool = False,
) -> Value:
    """What an annotation says of a parameter; ``None`` when it says nothing that we understand."""
    if isinstance(node, nodes.Constant) and isinstance(node.value, str):
        return _from_text(node.value, key, name, optional)
    if isinstance(node, nodes.Binary) and node.operator == "|":
        parts = [
            part for part in (node.left, node.right) if not (isinstance(part, nodes.Constant) and part.value is None)
        ]
        if len(parts) == 1:
            return annotated(run, function, parts[0], key, name, sizes, optional=True)
        return None
    last = _last(node)
    if isinstance(node, nodes.Subscript):
        if last == "Optional":
            return annotated(run, function, node.index, key, name, sizes, optional=True)
        if last in JAXTYPING:
            if "jaxtyping" not in run.options.trusted:
                return Unknown(f"the parameter {name}", key, name, "tensor", optional)
            return _jaxtyped(node, last, key, name, sizes, optional)
        if last in SEQUENCES:
            return _sequence(run, function, node, last, key, name, sizes, optional)
        return None
    if last in TENSOR_NAMES:
        return Unknown(f"the parameter {name}", key, name, "tensor", optional)
    if last in ARRAYS:
        return Unknown(f"the parameter {name}", key, name, "numpy", optional)
    if last == "int":
        if optional:
            return Unknown(f"the parameter {name}", key, name, "int", True)
        return Expression.of(Symbol(name, ("int", key), 1 if key[1] == "hyper" else None, True))
    if last in ("float", "bool", "str", "dict"):
        return Unknown(f"the parameter {name}", key, name, last, optional)
    return None


def _from_text(text: str, key: tuple[object, ...], name: str, optional: bool) -> Value:
    optional = optional or "Optional" in text or "None" in text
    inner = re.sub(r"^Optional\[(.*)\]$", r"\1", text.strip()).replace("| None", "").strip()
    last = inner.rpartition(".")[2]
    if last in TENSOR_NAMES:
        return Unknown(f"the parameter {name}", key, name, "tensor", optional)
    if last == "int" and not optional:
        return Expression.of(Symbol(name, ("int", key), 1 if key[1] == "hyper" else None, True))
    if last in ("int", "float", "bool", "str"):
        return Unknown(f"the parameter {name}", key, name, last, optional)
    return None


def _last(node: nodes.Expression) -> str:
    if isinstance(node, nodes.Subscript):
        node = node.value
    return node.name if isinstance(node, nodes.Name | nodes.Attribute) else ""


def _sequence(
    run: Run,
    function: FunctionValue,
    node: nodes.Subscript,
    last: str,
    key: tuple[object, ...],
    name: str,
    sizes: dict[str, Symbol],
    optional: bool,
) -> Value:
    if optional:
        return None
    index = node.index
    parts = index.elements if isinstance(index, nodes.Display) else (index,)
    # `Tuple[int]` mostly means `Tuple[int, ...]`.
    is_open = len(parts) == 1 or any(isinstance(part, nodes.Constant) and part.value is ... for part in parts)
    if last in ("Tuple", "tuple") and not is_open:
        items = []
        for position, part in enumerate(parts):
            item = annotated(run, function, part, (*key, position), f"{name}[{position}]", sizes)
            if item is None:
                return None
            items.append(item)
        return tuple(items)
    if _last(parts[0]) in TENSOR_NAMES:
        return Repeated("list", Unknown(f"an item of the parameter {name}", None, f"{name}[i]", "tensor"))
    return None


def _jaxtyped(
    node: nodes.Subscript, last: str, key: tuple[object, ...], name: str, sizes: dict[str, Symbol], optional: bool
) -> Value:
    """``Float[Tensor, "b t 512"]``"""
    index = node.index
    if optional or not isinstance(index, nodes.Display) or len(index.elements) != 2:
        return None
    text = index.elements[1]
    if (
        _last(index.elements[0]) not in TENSOR_NAMES
        or not isinstance(text, nodes.Constant)
        or not isinstance(text.value, str)
    ):
        return None
    spec = jaxtyped.read(text.value)
    return None if spec is None else _declared(spec, JAX_DTYPES.get(last), key, name, sizes)


def _declared(
    spec: Spec, dtype: str | None, key: tuple[object, ...], name: str, sizes: dict[str, Symbol]
) -> Tensor | None:
    """A tensor of a declared shape; ``None`` where that leaves trailing axes open."""
    many = [place for place, axis in enumerate(spec.axes) if axis.many]
    if many not in ([], [0]):
        return None
    rest = Rest(("annotation", key), name) if many else None
    dims: list[Dim] = []
    for position, axis in enumerate(spec.axes[len(many) :]):
        size = _declared_size(axis.expression, key, sizes)
        if size is None:
            size = Expression.of(Symbol(f"{name}.shape[{position}]", ("annotation", key, position), 0))
        dims.append(size)
    return Tensor(Shape(tuple(dims), rest), dtype, label=name)


def _declared_size(node: ast.expr | None, key: tuple[object, ...], sizes: dict[str, Symbol]) -> Dim | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name):
        return Expression.of(sizes.setdefault(node.id, Symbol(node.id, ("annotation", key[2], node.id), 1, True)))
    if isinstance(node, ast.BinOp):
        left, right = _declared_size(node.left, key, sizes), _declared_size(node.right, key, sizes)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.FloorDiv) and right != 0:
            return left // right
    return None


def _said_elsewhere(
    run: Run, function: FunctionValue, name: str, key: tuple[object, ...], sizes: dict[str, Symbol]
) -> Tensor | None:
    """What a comment or the docstring declares of a parameter, where that is taken for granted."""
    declarations = run.options.declarations
    if declarations is None or function.module is not run.main or not isinstance(function.node, nodes.FunctionDef):
        return None
    declared = declarations.functions.get(run.source.first_line(function.node.id))
    if declared is None or declared.name != function.node.name:
        return None
    for one in declared.parameters.get(name, ()):
        if f"{one.kind}s" in run.options.trusted:
            return _declared(one.said.spec, None, key, name, sizes)
    return None


def used_as_tensors(function: FunctionValue) -> frozenset[str]:
    """Parameters of a function that its body treats as tensors: ``x.shape``, ``x.view(...)``, ``q @ k``,
    ``F.softmax(x)``."""
    if isinstance(function.node, nodes.Lambda):
        return frozenset()
    names = {parameter.name for parameter in function.node.parameters}
    found: set[str] = set()
    for statement in function.node.body:
        for node in descendants(statement):
            if isinstance(node, nodes.Attribute) and isinstance(node.value, nodes.Name) and node.value.name in names:
                if node.name in ("shape", "ndim", "dtype", "device", "T", "mT"):
                    found.add(node.value.name)
            elif isinstance(node, nodes.Binary) and node.operator == "@":
                found |= {side.name for side in (node.left, node.right) if isinstance(side, nodes.Name)}
            elif isinstance(node, nodes.Call) and isinstance(node.function, nodes.Attribute):
                holder, method = node.function.value, node.function.name
                if not isinstance(holder, nodes.Name):
                    continue
                if method in ("size", "dim", "numel") or (
                    method not in AMBIGUOUS and find_op(f"torch.Tensor.{method}") is not None
                ):
                    found.add(holder.name)  # called: `args.dim` of a configuration is a number
                first = node.arguments[0].value if node.arguments else None
                if holder.name in ("F", "torch") and isinstance(first, nodes.Name) and _takes_tensor(method):
                    found.add(first.name)
    return frozenset(found & names)


def _takes_tensor(name: str) -> bool:
    for prefix in ("torch.", "torch.nn.functional."):
        op = find_op(prefix + name)
        if op is not None and op.signatures:
            parameters = op.signatures[0].parameters
            return bool(parameters) and parameters[0].name in ("input", "query", "tensor", "mat1", "batch1")
    return False


def config_class(run: Run, function: FunctionValue, node: nodes.Expression) -> ClassValue | None:
    """The class of the project that an annotation names, when its objects can be made with defaults."""
    from attnlint.interpreter.scopes import find_scope

    if isinstance(node, nodes.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        name = node.value
    elif isinstance(node, nodes.Name):
        name = node.name
    else:
        return None
    variables = find_scope(function.scope, name)
    if variables is None:
        return None
    value = variables[name]
    from attnlint.interpreter.objects import LazyImport

    if isinstance(value, LazyImport):
        value = run.load_import(value, variables, name, function.module)
    return value if isinstance(value, ClassValue) else None


__all__ = ["ListValue", "annotated", "config_class", "symbolic", "used_as_tensors"]
