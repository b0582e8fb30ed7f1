"""Repairs of attention that runs and does not do what it should: the axis, the heads, the scale, the dropout."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.algebra import Answer, Dim, Facts
from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, dims, is_integer, last_name
from attnlint.values import Tensor


@repairs("ATN301")
def axis_of_keys(site: Site) -> Iterator[Candidate]:
    """The softmax runs over the axis that the product with the values sums over."""
    call = site.call
    wanted = site.evidence.property.arguments.get("axis") if site.evidence.property is not None else None
    if call is None or type(wanted) is not int:
        return
    makers = [call]
    if site.operation == "torch.nn.Softmax":
        # The layer has the axis: `self.softmax = nn.Softmax(dim=1)`, or `nn.Softmax(dim=1)(scores)`.
        made_here = isinstance(call.func, ast.Call)
        makers = [call.func] if isinstance(call.func, ast.Call) else []
        makers += [] if made_here else list(site.constructors(site.source(call.func), "Softmax"))
    given = [one.value for maker in makers for one in maker.keywords if one.arg in ("dim", "axis")]
    given += [one for maker in makers for one in maker.args if is_integer(one)]
    for axis in given[:1]:
        title = f"softmax over axis {wanted}, the keys, instead of {site.source(axis)}"
        yield Candidate(title, (site.replace(axis, str(wanted)),))


@repairs("ATN302")
def move_axes(site: Site) -> Iterator[Candidate]:
    """``view(B, T, heads, head_dim).transpose(1, 2)`` to split heads, ``transpose(1, 2)`` before heads are merged."""
    call = site.call
    if call is None or not isinstance(call.func, ast.Attribute) or call.func.attr not in ("view", "reshape"):
        return
    if len(call.args) == 4 and not any(isinstance(one, ast.Starred) for one in call.args):
        heads, tokens = call.args[1], call.args[2]
        edits = (site.replace(heads, site.source(tokens)), site.replace(tokens, site.source(heads)))
        title = "split the last axis, then move the heads: .transpose(1, 2)"
        yield Candidate(title, (*edits, *site.append(call, ".transpose(1, 2)")))
    receiver = call.func.value
    first = site.evidence.arguments[0] if site.evidence.arguments else None
    shape = dims(first) if isinstance(first, Tensor) else None
    if shape is None or not isinstance(first, Tensor):
        return
    wanted = _sizes_wanted(site)
    facts = Facts()
    if (
        len(shape) == 4
        and wanted is not None
        and len(wanted) == 3
        and facts.equal(wanted[1], shape[2] * shape[3]) is Answer.YES
        and facts.equal(wanted[2], shape[1]) is Answer.YES
    ):
        edit = site.replace(call, f"{site.source(receiver)}.flatten(2).transpose(1, 2)")
        yield Candidate("flatten the last axes, then move them: .flatten(2).transpose(1, 2)", (edit,))
    pair = _axes_apart(site, first)
    if pair is not None:
        move = f".transpose({pair[0]}, {pair[1]})"
        rename = (site.rename(call.func, "reshape"),) if call.func.attr == "view" else ()
        yield Candidate(f"move the axis first: {move}.reshape", (*site.append(receiver, move), *rename))


def _axes_apart(site: Site, first: Tensor) -> tuple[int, int] | None:
    """Where an axis of what is viewed stands, and where the sizes say that it is meant to be."""
    wanted = site.evidence.property
    if wanted is None:
        return None
    source = wanted.arguments.get("source")
    axes = sorted(axis for name in ("source_axis", "result_axis") if type(axis := wanted.arguments.get(name)) is int)
    if not isinstance(source, Tensor) or source.shape != first.shape or len(axes) != 2:
        return None
    one, other = axes
    return (one, other) if one >= 0 and other == one + 1 else None


def _sizes_wanted(site: Site) -> tuple[Dim, ...] | None:
    """The sizes that the view makes: they are meant, whatever stands on them."""
    step = site.evidence.steps[-1] if site.evidence.steps else None
    made = step.result[0] if step is not None and len(step.result) == 1 else None
    return dims(made) if isinstance(made, Tensor) else None


@repairs("ATN303")
def tokens_in_place(site: Site) -> Iterator[Candidate]:
    """The tokens go where the attention looks for them, and back behind it."""
    call = site.call
    operands = site.operands()[:3]
    if call is None or len(operands) < 3 or any(len(dims(value) or ()) != 4 for _, value in operands):
        return
    wanted = site.evidence.property
    if wanted is None or wanted.arguments.get("source_axis") != -3:
        # The tokens are neither where they are looked for nor beside that.
        return
    edits = [edit for node, _ in operands for edit in site.append(node, ".transpose(1, 2)")]
    title = "move the heads before the tokens for the attention, and back: .transpose(1, 2)"
    yield Candidate(title, (*edits, *site.append(call, ".transpose(1, 2)")))


@repairs("ATN304")
def root_of_head_width(site: Site) -> Iterator[Candidate]:
    """The scores are divided by the root of the last size of the query."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div | ast.Mult):
        return
    query = _query(site, node.left)
    if query is not None:
        power = "0.5" if isinstance(node.op, ast.Div) else "-0.5"
        written = f"{query}.shape[-1] ** {power}"
        yield Candidate(f"scale by {written}", (site.replace(node.right, written),))
    yield Candidate(
        f"leave {site.short(node.left)} unscaled here", (site.replace(node, site.source(node.left)),), tier=1
    )


def _query(site: Site, node: ast.expr) -> str | None:
    """The name of what is multiplied with the keys: of ``query @ key``, or of what that was assigned to."""
    if isinstance(node, ast.Name):
        values = list(site.assignments(node.id, site.function))
        node = values[0] if len(values) == 1 else node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        first: ast.expr | None = node.left
    elif isinstance(node, ast.Call) and last_name(node.func) in ("matmul", "bmm") and node.args:
        own = len(node.args) == 1 and isinstance(node.func, ast.Attribute)
        first = node.func.value if own and isinstance(node.func, ast.Attribute) else node.args[0]
    else:
        first = None
    return first.id if isinstance(first, ast.Name) else None


@repairs("ATN307")
def dropout_of_the_mode(site: Site) -> Iterator[Candidate]:
    """The dropout depends on ``self.training``."""
    call = site.call
    function = site.function
    if call is None or not isinstance(function, ast.FunctionDef) or not function.args.args:
        return
    own = function.args.args[0].arg
    if site.operation.endswith("scaled_dot_product_attention"):
        rate = next((one.value for one in call.keywords if one.arg == "dropout_p"), None)
        if rate is None and len(call.args) > 4 and not any(isinstance(one, ast.Starred) for one in call.args):
            rate = call.args[4]
        if rate is not None:
            written = f"{site.source(rate)} if {own}.training else 0.0"
            yield Candidate(f"drop out in training only: {written}", (site.replace(rate, written),))
    elif not any(one.arg == "training" for one in call.keywords):
        title = f"drop out in training only: training={own}.training"
        yield Candidate(title, (site.add_keyword(call, f"training={own}.training"),))
