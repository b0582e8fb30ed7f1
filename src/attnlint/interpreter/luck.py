"""ATN201: operations that work only if two unrelated sizes happen to be equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Facts, Rest, Shape, symbols_of
from attnlint.algebra.monomial import Monomial
from attnlint.frozen import replace
from attnlint.interpreter import exchanged, reports
from attnlint.interpreter.axis_order import are_axes_of_one_parameter, fitting_order, is_from_outside
from attnlint.interpreter.common_factors import product_of, without_common_factors
from attnlint.interpreter.luck_complaint import of_sizes
from attnlint.interpreter.luck_cut_once import cut_once
from attnlint.interpreter.luck_never_equal import differs_unless_one, differs_unless_zero, of_several
from attnlint.interpreter.luck_nominal import differs_as_made, meets_a_number
from attnlint.interpreter.luck_order import another_order
from attnlint.interpreter.mask_lengths import of_another_axis, one_length_for_two
from attnlint.interpreter.missing_axes import missing_axes
from attnlint.interpreter.scopes import active_functions
from attnlint.interpreter.turning import same_in_another_order
from attnlint.ops.complaint import Clash, Complaint
from attnlint.values import Instance, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op
    from attnlint.syntax import nodes

VIEWS = frozenset({"view", "reshape"})
ATTENDED = frozenset({"matmul", "bmm", "scaled_dot_product_attention"})
PRODUCTS = frozenset({"matmul", "bmm", "mm"})
WEIGHTED = frozenset({"matmul", "mm", "linear"})
TRANSPOSES = frozenset({"T", "mT", "t", "transpose", "swapaxes", "permute"})


def consider(
    run: Run,
    op: Op,
    call: Call,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    evidence: str,
    layer: Instance | None,
) -> Value:
    """Look at the demands of a call that were open and were assumed to hold.

    Returns the value to go on with instead of the op's result, or ``None``. After a forgotten transpose that is the
    product
    that was meant, under the facts of before: what was assumed for its sake must not colour what comes later.
    """
    after = run.facts
    before = call.before or after
    complaint: Complaint | None = None
    certain = True
    if call.before is not None:
        complaint = (
            _forgotten_transpose(op, call, before)
            or _classes_last(op, call, before)
            or (None if same_in_another_order(call) else another_order(op, call, before))
        )
        if complaint is not None and complaint.recovery is None:
            # What is equal by luck here must not be taken for equal in what follows.
            complaint.recovery = Tensor(Shape((), Rest(object())))
    if complaint is None:
        complaint = missing_axes(op, call, before)
    if complaint is None and (fit := fitting_order(op, call, before, run.ambiguous_sizes)) is not None:
        complaint, before = fit.complaint, fit.facts
    if complaint is None and run.trial is not None:
        complaint = exchanged.coincidence(run, run.trial, call, before, node)
    if complaint is None and not run.entry.endswith("(options)"):
        complaint = differs_unless_one(call, before) or (None if layer is None else differs_unless_zero(call))
        if complaint is not None:
            before = of_several(before, [side.dim for side in complaint.clash])
    if complaint is None and not run.entry.endswith("(options)"):
        complaint = call.unless_one
        viewed = call.arguments.get("input")
        if complaint is not None and isinstance(viewed, Tensor):
            before = of_several(before, before.resolve(viewed.shape).dims)
    if complaint is None:
        complaint = cut_once(call, before)
    if complaint is None and not run.entry.endswith("(options)"):
        complaint = of_another_axis(run, op, call)
    if complaint is None and layer is None and not run.entry.endswith(")"):
        complaint = _once_too_often(call)
        if complaint is None and (complaint := differs_as_made(call, before)) is not None:
            run.nominal.append(complaint)
    elif run.entry.endswith("(defaults)") and meets_a_number(call, before):
        run.meets_numbers = True
    on_weights = layer is not None or _is_product_with_weights(op, call)
    if complaint is None and on_weights and call.lucky and _is_made(call):
        found = _hyper_parameters(call, exactly=True)
        if found is not None and not _is_called_by_its_owner(run):
            # On its own its class may show it.
            function = run.frame.function
            run.unsettled |= set() if function is None else {function.node.id}
        elif found is not None and not run.conditions and not run.entry.endswith("(options)"):
            complaint = found
    name = op.name.rpartition(".")[2]
    is_view = name in VIEWS
    if (
        complaint is None
        and (is_view or name in ATTENDED)
        and call.lucky
        and not run.conditions
        and not run.entry.endswith(")")
        and _is_called_by_its_owner(run)
        and all(_was_made(value) for value in call.arguments.values() if isinstance(value, Tensor))
    ):
        # Heads of the keys that are taken for those of the queries.
        complaint = _hyper_parameters(call, single=True, exactly=True)
        if complaint is not None and not is_view and not all(_is_of_a_batch(side) for side in complaint.clash):
            complaint = None  # the widths of queries and keys, which every caller gives alike
        if complaint is not None and not is_view:
            before = of_several(before, [side.dim for side in complaint.clash])
    if complaint is None and (layer is not None or is_view) and run.options.preview:
        complaint, certain = _hyper_parameters(call, single=is_view), False
    if complaint is None and run.options.preview and (fit := one_length_for_two(op, call, before)) is not None:
        complaint, before, certain = fit.complaint, fit.facts, False
    if complaint is None:
        return None
    run.facts = before
    reports.report(run, complaint, op, call, arguments, keywords, node, evidence, layer, certain=certain)
    if complaint.recovery is None:
        run.facts = after
    return complaint.recovery


def _is_made(call: Call) -> bool:
    """Whether a layer's input was made here: of what comes in from outside two layers may take the width alike, from
    two parameters that every caller gives alike (``key_width`` and ``value_width``)."""
    first = next(iter(call.arguments.values()), None)
    return isinstance(first, Tensor) and first.maker is not None


def _is_product_with_weights(op: Op, call: Call) -> bool:
    """``F.linear(x, self.embedding.weight)``, ``x @ self.weight``, ``x @ self.weight.T``: a layer written out."""
    values = list(call.arguments.values())
    weight = values[1] if len(values) > 1 else None
    if op.name.rpartition(".")[2] not in WEIGHTED or not isinstance(weight, Tensor):
        return False
    if not weight.is_parameter and weight.maker is not None and weight.maker.arguments:
        turned = weight.maker.operation.rpartition(".")[2] in TRANSPOSES
        source = weight.maker.arguments[0]
        return turned and isinstance(source, Tensor) and source.is_parameter
    return weight.is_parameter


def _is_called_by_its_owner(run: Run) -> bool:
    """Whether the class that was entered calls the layer itself.

    What a block deep inside was made with goes through several hands: the widths of the two inputs of a cell, which
    every network that is built of such cells gives alike, say nothing.
    """
    return active_functions(run) <= 1


def _forgotten_transpose(op: Op, call: Call, before: Facts) -> Complaint | None:
    """A matrix product whose inner dimensions are equal only by luck, and that fits without any with the last two axes
    of the
    second operand swapped: both sizes are axes of that one operand, so one of them was meant."""
    if op.name.rpartition(".")[2] not in PRODUCTS:
        return None
    names = [parameter.name for parameter in op.signatures[call.overload].parameters[:2]]
    left, right = (call.arguments[name] for name in names)
    if not (isinstance(left, Tensor) and isinstance(right, Tensor)):
        return None
    first, second = before.resolve(left.shape), before.resolve(right.shape)
    if len(first.dims) < 2 or len(second.dims) < 2:
        return None
    inner, rows, columns = first.dims[-1], second.dims[-2], second.dims[-1]
    if before.equal(inner, columns) is not Answer.YES or before.equal(inner, rows) is not Answer.OPEN:
        return None
    if isinstance(inner, int) and first.dims[-2] == inner:
        # A square matrix of numbers, such as a rotation: what it is applied to is mostly square, too.
        return None
    if first.dims[-2] == inner and are_axes_of_one_parameter(before.normal(inner), before.normal(rows)):
        # `eye(n) @ adjacency`: what a square matrix made of the size of another is applied to is square.
        return None
    if not isinstance(rows, Expression) or len(rows.symbols()) != 1 or symbols_of(inner) & rows.symbols():
        return None
    if not all(map(is_from_outside, symbols_of(inner) | rows.symbols())):
        # `z @ (z.T @ z)` of a `z` of unknown rank: nothing told that the axis of the second one is that of the first.
        return None
    recovery = None
    if first.rest is None and (axes := _product_dims(first, rows)) is not None:
        recovery = replace(left, shape=axes, strides=None, axes=None, elements=None, maker=None)
    return Complaint(
        "ATN201",
        f"runs only where {inner} equals {rows}; transposed it always fits",
        advice="swap the last two axes of the second operand: `.transpose(-2, -1)`",
        arguments=(names[1],),
        clash=(Clash(names[0], -1, inner), Clash(names[1], -2, rows)),
        recovery=recovery,
    )


LOSSES_OF_CLASSES = frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"})


def _classes_last(op: Op, call: Call, before: Facts) -> Complaint | None:
    """A loss of ``(N, T, C)`` scores and ``(N, T)`` classes, which runs only where there are as many classes as tokens:
    the target has the scores' shape without the last axis, and torch takes the classes to be axis 1."""
    if op.name.rpartition(".")[2] not in LOSSES_OF_CLASSES:
        return None
    scores, target = call.arguments.get("input"), call.arguments.get("target")
    if not (isinstance(scores, Tensor) and isinstance(target, Tensor)):
        return None
    first, second = before.resolve(scores.shape), before.resolve(target.shape)
    if first.rank is None or first.rank < 3 or second.rank != first.rank - 1:
        return None
    if any(before.equal(a, b) is not Answer.YES for a, b in zip(first.dims, second.dims, strict=False)):
        return None
    classes, tokens = first.dims[-1], second.dims[-1]
    if before.equal(classes, tokens) is not Answer.OPEN:
        return None
    return Complaint(
        "ATN201",
        f"runs only where {classes} equals {tokens}: the classes must be dimension 1 of the scores",
        advice="flatten both: `.view(-1, classes)` and `.view(-1)`, or `.transpose(1, 2)` the scores",
        arguments=("input", "target"),
        clash=(Clash("input", -1, classes), Clash("target", -1, tokens)),
        recovery=Tensor(Shape(()), dtype=scores.dtype, device=scores.device) if _is_reduced(call) else None,
    )


def _is_reduced(call: Call) -> bool:
    return (call.arguments.get("reduction") or call.layer.get("reduction")) in ("mean", "sum")


def _product_dims(first: Shape, columns: Dim) -> Shape | None:
    return Shape((*first.dims[:-1], columns))


def _hyper_parameters(call: Call, *, single: bool = False, exactly: bool = False) -> Complaint | None:
    """A layer whose width and whose input's width are made of different hyper-parameters; with ``single`` each of just
    one: heads of the queries that a view takes the keys to have.

    ``exactly``: only parameters of one constructor, no sizes of which we know no more than that they are ints.
    """
    for whole, other, clash in call.lucky:
        left, right = without_common_factors(whole, other)
        sides = (symbols_of(left), symbols_of(right))
        if sides[0] & sides[1] or not all(map(_is_hyper_parameter, sides[0] | sides[1])):
            continue
        if single and not (_is_single(left) and _is_single(right)):
            continue
        if not all(sides) and not (whole is not left and 1 in (left, right)):
            # Against a plain number nothing is said, unless one size is the other times a hyper-parameter.
            continue
        if exactly and not (any(sides) and _are_of_one_constructor(sides[0] | sides[1])):
            continue
        sizes = f"{right if left == 1 else left} is 1" if 1 in (left, right) else f"{left} equals {right}"
        return of_sizes(
            f"runs only where {sizes}, and nothing in the code says so",
            "use one size for both, or assert that they are equal where they come in",
            clash,
            (left, right),
            ("input", "input"),
        )
    return None


def _once_too_often(call: Call) -> Complaint | None:
    """Sizes of two tensors that were made here, of which one is the other times a hyper-parameter: keys that are
    repeated for every head, where each group of heads was meant."""
    for left, right, clash in (*call.lucky, *call.may_broadcast):
        parts = _whole_and_share(left, right)
        if parts is not None and all(_was_made(call.arguments.get(side.argument)) for side in clash):
            return of_sizes(
                f"runs only where {parts} is 1: {left} and {right} must be equal",
                "one of the two is the whole width, the other that of one of its parts",
                clash,
                (left, right),
                ("input", "other"),
            )
        sides = without_common_factors(left, right)
        if 1 not in sides or sides == (left, right):
            continue
        more = sides[0] if sides[1] == 1 else sides[1]
        if not isinstance(more, Expression) or more.operations() or not all(map(_is_hyper_parameter, more.symbols())):
            continue
        if not all(_was_made(call.arguments.get(side.argument)) for side in clash):
            continue
        return of_sizes(
            f"runs only where {more} is 1: {left} and {right} must be equal",
            "one of the sizes has a factor too much",
            clash,
            (left, right),
            ("input", "other"),
        )
    return None


def _whole_and_share(left: Dim, right: Dim) -> Dim | None:
    """``heads`` of ``width`` and ``width // heads``, where both are hyper-parameters."""
    for whole, share in ((left, right), (right, left)):
        atoms = share.operations() if isinstance(share, Expression) else ()
        if len(atoms) != 1 or atoms[0].operation != "floordiv" or share != Expression({Monomial({atoms[0]: 1}): 1}):
            continue
        over, by = atoms[0].arguments
        if over - whole == 0 and isinstance(by, Expression) and all(map(_is_hyper_parameter, symbols_of(over, by))):
            return by
    return None


def _is_of_a_batch(side: Clash) -> bool:
    """Whether an operand's axis is none of its last two: heads, of a product of matrices."""
    return side.axis is not None and side.axis < -2


def _was_made(value: Value) -> bool:
    return isinstance(value, Tensor) and value.maker is not None


def _is_single(dim: Dim) -> bool:
    product = product_of(dim)
    return product is not None and product[0] == 1 and list(product[1].values()) == [1]


def _is_hyper_parameter(symbol: object) -> bool:
    """An int that came in as an int, not as the size of an axis; none that was worked out in a way that is not known:
    twice worked out alike it is twice the same."""
    key = getattr(symbol, "key", None)
    return isinstance(key, tuple) and len(key) > 1 and key[0] == "int" and not _is_fresh(key[1])


def _is_fresh(key: object) -> bool:
    while isinstance(key, tuple) and len(key) >= 2 and key[0] in ("attribute", "item"):
        key = key[1]
    return isinstance(key, tuple) and key[:1] == ("fresh",)


def _are_of_one_constructor(symbols: frozenset[object]) -> bool:
    """Parameters of the constructor of the class that was entered, or items of those."""
    from attnlint.interpreter.operations import role_of

    keys = [getattr(symbol, "key", None) for symbol in symbols]
    parameters = [key[1] for key in keys if isinstance(key, tuple) and role_of(key[1]) == "hyper"]
    return len(parameters) == len(keys) and len({parameter[2] for parameter in parameters}) == 1
