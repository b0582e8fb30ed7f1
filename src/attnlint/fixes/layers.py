"""Repairs of layers: the width that they were built with, ``batch_first``, ``kdim`` and ``vdim``."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator

from attnlint.algebra import Dim, Expression
from attnlint.findings import Made, Step
from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, dims, last_name
from attnlint.fixes.sizes import number_of, written_number
from attnlint.values import Tensor

WIDTHS = {
    "Linear": ("in_features", 0, -1),
    "LayerNorm": ("normalized_shape", 0, -1),
    "RMSNorm": ("normalized_shape", 0, -1),
    "MultiheadAttention": ("embed_dim", 0, -1),
    "LSTM": ("input_size", 0, -1),
    "GRU": ("input_size", 0, -1),
    "RNN": ("input_size", 0, -1),
    "LSTMCell": ("input_size", 0, -1),
    "GRUCell": ("input_size", 0, -1),
    "RNNCell": ("input_size", 0, -1),
    "TransformerEncoderLayer": ("d_model", 0, -1),
    "TransformerDecoderLayer": ("d_model", 0, -1),
    "Conv1d": ("in_channels", 0, 1),
    "Conv2d": ("in_channels", 0, 1),
    "Conv3d": ("in_channels", 0, 1),
    "BatchNorm1d": ("num_features", 0, 1),
    "BatchNorm2d": ("num_features", 0, 1),
    "BatchNorm3d": ("num_features", 0, 1),
    "GroupNorm": ("num_channels", 1, 1),
}
"""Layer to the parameter of its constructor that one axis of its input must match, its position, and the axis."""

OUTPUTS = {
    "Linear": ("out_features", 1),
    "Embedding": ("embedding_dim", 1),
    "Conv1d": ("out_channels", 1),
    "Conv2d": ("out_channels", 1),
    "Conv3d": ("out_channels", 1),
    "LSTM": ("hidden_size", 1),
    "GRU": ("hidden_size", 1),
}
"""Layer to the parameter that says how wide its output is."""

BATCH_FIRST = frozenset(
    "MultiheadAttention LSTM GRU RNN TransformerEncoderLayer TransformerDecoderLayer Transformer".split()
)


@repairs("ATN104", "ATN111")
def batch_first(site: Site) -> Iterator[Candidate]:
    """The layer expects the sequence before the batch, unless it is told otherwise."""
    for call in _constructors(site):
        if last_name(call.func) not in BATCH_FIRST:
            continue
        given = next((one for one in call.keywords if one.arg == "batch_first"), None)
        name = last_name(call.func)
        if given is None:
            title = f"build the {name} with batch_first=True"
            yield Candidate(title, (site.add_keyword(call, "batch_first=True"),))
        elif isinstance(given.value, ast.Constant):
            wanted = not given.value.value
            yield Candidate(f"build the {name} with batch_first={wanted}", (site.replace(given.value, str(wanted)),))


@repairs("ATN111", "ATN104")
def key_and_value_widths(site: Site) -> Iterator[Candidate]:
    """Keys and values that are not as wide as the queries."""
    if last_name_of(site.operation) != "MultiheadAttention":
        return
    widths = [shape[-1] if (shape := dims(value)) else None for _, value in site.operands()[:3]]
    if len(widths) < 3 or widths[1] is None or widths[2] is None:
        return
    for call in _constructors(site):
        given = {one.arg: one.value for one in call.keywords}
        keys = _texts(site, call, widths[1])
        values = _texts(site, call, widths[2])
        for key, value in [(one, one) for one in keys] if widths[1] == widths[2] else zip(keys, values, strict=False):
            edits = []
            for name, text in (("kdim", key), ("vdim", value)):
                if name in given:
                    edits.append(site.replace(given[name], text))
            if not edits:
                edits.append(site.add_keyword(call, f"kdim={key}, vdim={value}"))
            yield Candidate(f"build the MultiheadAttention with kdim={key}, vdim={value}", tuple(edits))


@repairs("ATN104", "ATN111")
def width_of_input(site: Site) -> Iterator[Candidate]:
    """The layer is built as wide as what it is given."""
    kind = last_name_of(site.operation)
    known = WIDTHS.get(kind)
    first = next((value for value in site.evidence.arguments if isinstance(value, Tensor)), None)
    if known is None or first is None or not first.shape.dims:
        return
    name, position, axis = known
    if axis >= 0 and (first.shape.rest is not None or len(first.shape.dims) <= axis):
        return
    wanted = first.shape.dims[axis]
    for call in _constructors(site):
        argument = _argument(call, name, position)
        if argument is None or isinstance(argument, ast.List | ast.Tuple):
            continue
        for text in _texts(site, call, wanted):
            yield Candidate(f"build the {kind} with {name}={text}", (site.replace(argument, text),))


@repairs("ATN101", "ATN104", "ATN105", "ATN106", "ATN111")
def width_of_output(site: Site) -> Iterator[Candidate]:
    """The layer that the operand comes from is built as wide as it is needed here."""
    wanted = list(_wanted_widths(site))
    for step in _producers(site.evidence.steps):
        kind = last_name_of(step.operation)
        name, position = OUTPUTS[kind]
        target = step.layer[0]
        for call in site.constructors(f"self.{target}", kind) if target else ():
            argument = _argument(call, name, position)
            if argument is None:
                continue
            texts = dict.fromkeys(text for width in wanted for text in _texts(site, call, width))
            for text in texts:
                yield Candidate(f"build {target} with {name}={text}", (site.replace(argument, text),))


def _wanted_widths(site: Site) -> Iterator[Dim]:
    """The sizes that an operand may have to have."""
    constructor = site.evidence.constructor
    if constructor is not None:
        yield from (value for value in constructor[0] if type(value) is int or isinstance(value, Expression))
    for value in site.evidence.arguments:
        if isinstance(value, Tensor) and value.shape.dims:
            yield value.shape.dims[-1]


def _producers(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The layers that gave the operands their width, the nearest first."""
    front = [len(steps) - 1] if steps else []
    seen: set[int] = set()
    while front:
        number = front.pop(0)
        step = steps[number]
        if number != len(steps) - 1 and step.constructor is not None and last_name_of(step.operation) in OUTPUTS:
            yield step
            continue
        for value in step.arguments:
            if isinstance(value, Made) and value.step not in seen:
                seen.add(value.step)
                front.append(value.step)


def _constructors(site: Site) -> Iterator[ast.Call]:
    """The calls that may have made the layer that fails."""
    call = site.call
    if call is not None and isinstance(call.func, ast.Attribute | ast.Name):
        yield from site.constructors(site.source(call.func), last_name_of(site.operation))


def _argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    for one in call.keywords:
        if one.arg == name:
            return one.value
    if len(call.args) > position and not any(isinstance(one, ast.Starred) for one in call.args[: position + 1]):
        return call.args[position]
    return None


def _texts(site: Site, call: ast.Call, wanted: Dim) -> list[str]:
    """How a size could be written where a layer is built: by the names in reach there, or as a number."""
    scope: ast.AST = next(
        (node for node in site.ancestors(call) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), site.tree
    )
    texts: dict[str, None] = {}
    sizes = {**_defaults(scope), **(site.evidence.witness or {})}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and node.lineno < call.lineno and isinstance(node.targets[0], ast.Name):
            # `inner_dim = heads * dim_head`
            size = written_number(site.source(node.value), sizes)
            if size is not None and not isinstance(node.value, ast.Constant):
                sizes[node.targets[0].id] = size
                if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
                    texts[node.targets[0].id] = None
    if isinstance(wanted, int):
        texts[str(wanted)] = None
    else:
        text = str(wanted)
        if _names(text) <= _bound(scope):
            texts[text] = None
    for node in ast.walk(scope):
        if isinstance(node, ast.Call) and last_name(node.func) in {**WIDTHS, **OUTPUTS}:
            for argument in (*node.args[:2], *(one.value for one in node.keywords if one.arg and "dim" in one.arg)):
                if not isinstance(argument, ast.Constant | ast.Starred):
                    texts[site.source(argument)] = None
    number = number_of(wanted, site.evidence.witness)
    if number is not None:
        # What is another number for the sizes of the witness fits by luck at most.
        texts = dict.fromkeys(text for text in texts if written_number(text, sizes) in (None, number))
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            # A parameter of which nothing is known may be no size at all: a rate, a configuration.
            parameters = (*scope.args.args[1:], *scope.args.kwonlyargs)
            texts.update(dict.fromkeys(one.arg for one in parameters if sizes.get(one.arg) == number))
    named = [text for text in texts if not text.isdigit()]
    plain = [text for text in texts if text.isdigit()]
    # A number only fits where the author wrote numbers too; it comes first there.
    literal = any(isinstance(argument, ast.Constant) and type(argument.value) is int for argument in call.args[:2])
    return [*plain, *named][:6] if literal else [*named, *plain][:7]


def _defaults(scope: ast.AST) -> dict[str, int]:
    """The parameters of a function whose default is a number."""
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return {}
    positional = [*scope.args.posonlyargs, *scope.args.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(reversed(positional), reversed(scope.args.defaults), strict=False),
        *zip(scope.args.kwonlyargs, scope.args.kw_defaults, strict=True),
    ]
    return {
        one.arg: value.value
        for one, value in pairs
        if isinstance(value, ast.Constant) and isinstance(value.value, int) and not isinstance(value.value, bool)
    }


def _names(text: str) -> set[str]:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return {text}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not keyword.iskeyword(node.id)}


def _bound(scope: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(scope) if isinstance(node, ast.Name)}
    return names | {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)}


def last_name_of(dotted: str) -> str:
    """``Linear`` of ``torch.nn.Linear``."""
    return dotted.rpartition(".")[2]
