"""Calling ops: the bridge from Python values to the shape rules, and from their complaints to findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Rest, Shape, symbols_of
from attnlint.frozen import replace
from attnlint.interpreter import batches, contents, history, luck, rank_trials, reports, silent
from attnlint.interpreter.assumed_tensors import fails_anyway, is_assumed
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.forks import for_each_choice
from attnlint.interpreter.numbers import OTHER_RANK
from attnlint.interpreter.objects import Condition, OpenDict, OpenList, OpenSet
from attnlint.ops.axes import axes_of_rest, with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.devices import settled
from attnlint.ops.dispatch import built, choose_overload
from attnlint.ops.registry import Layer, Op, find_op
from attnlint.syntax import nodes
from attnlint.values import Choice, Instance, ListValue, Place, Repeated, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

TENSOR_PARAMETERS = frozenset(
    {"input", "self", "query", "key", "value", "mat1", "mat2", "batch1", "batch2", "vec", "weight"}
)
"""What is passed as one of these is a tensor, or the call fails."""
STATISTICS = frozenset(f"torch.nn.{lazy}BatchNorm{rank}d" for lazy in ("", "Lazy") for rank in (1, 2, 3))
"""Layers that work on the statistics of the batch while they train."""


def call_by_name(
    run: Run,
    name: str,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    *,
    evidence: str = "",
) -> Value:
    """Call the op of that name; an unknown value when it is not known."""
    op = find_op(name)
    if op is None:
        note_unknown(run, name)
        return run.fresh(f"attnlint has no shape rule for {name}")
    return call_op(run, op, arguments, keywords, node, evidence=evidence)


_CONVERTS = re.compile("autocast|set_default_dtype|set_default_tensor_type")
"""Words of a file in which a tensor may get another floating dtype than the code at hand says."""


def dtypes_are_exact(run: Run) -> bool:
    """Whether two floating dtypes that differ certainly do.

    In the module's own run every object is the one that the file makes: no caller converts the model first
    (``model.half()``), and only what the file itself (or a file of the project that it imports) says puts it under
    ``torch.autocast``.
    """
    if run.entry != "module":
        return False
    return not is_said(run, _CONVERTS)


_MODES = re.compile(r"\beval\b|\.train\(\s*[^)\s]|\btraining\b|[Ll]ightning|[Tt]rainer|\bfreeze")
"""What may take a module out of the training mode that it is made in."""


def modules_train(run: Run) -> bool:
    """Whether every module is in training mode: in the module's own run of a program that knows no other."""
    return run.entry == "module" and not is_said(run, _MODES)


_PUTS = re.compile(r"set_default_device|set_default_tensor_type|with\s+\(?\s*torch\.device|TorchFunctionMode")
"""What gives a program another default device."""


def default_device(run: Run) -> str | None:
    """Where a tensor is made without ``device=``: on the CPU, in the module's own run of a program that says nothing.

    Inside a context of which nothing is known (``with init_empty_weights():``) it may be anywhere.
    """
    if run.entry != "module" or run.contexts_open:
        return None
    return None if is_said(run, _PUTS) else "cpu"


_REWRITES = re.compile(r"\.data\s*=(?!=)|\bset_\(|\b_apply\(|swap_tensors")
"""What moves the contents of a tensor elsewhere under everybody who holds it: ``p.data = p.data.cuda()``."""


def parameters_are_rewritten(run: Run) -> bool:
    """Whether tensors may change their device without a call that says so."""
    return is_said(run, _REWRITES)


def is_said(run: Run, words: re.Pattern[str]) -> bool:
    """Whether the file that runs, or another that it imports or whose functions it has called, has words like these.

    Not any file that was loaded: others that the same process checks load some, too, and what is found in a file must
    not depend on them.
    """
    uses = run.main.uses if run.main is not None and run.entry == "module" else ()
    count = len(run.heard) + len(uses)
    known = run.said.get(words)
    if known is not None and (known[1] or known[0] == count):
        return known[1]
    modules = run.project.modules
    sources = [*run.heard.values(), *(modules[path].source for path in uses if path in modules)]
    # A module that is only a folder has no text.
    answer = run.source is not None and run.source.holds(words)
    answer = answer or any(source is not None and source.holds(words) for source in sources)
    run.said[words] = (count, answer)
    return answer


def note_unknown(run: Run, name: str) -> None:
    """Count a call of something that is not known."""
    run.uncertain += 1
    calls = run.analysis.unknown_calls
    calls[name] = calls.get(name, 0) + 1


def call_op(
    run: Run,
    op: Op,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    *,
    evidence: str = "",
    layer: Instance | None = None,
) -> Value:
    """Run a shape rule; what it complains about becomes a finding."""
    arguments = tuple([plain(run, value) for value in arguments])
    keywords = {name: plain(run, value) for name, value in keywords.items()}
    if any(map(_holds_choice, (*arguments, *keywords.values()))):
        names = tuple(keywords)
        flat, shape = _flatten((*arguments, *keywords.values()))

        def attempt(values: tuple[Value, ...]) -> Value:
            rebuilt = _unflatten(values, shape)
            count = len(arguments)
            return _call_once(
                run,
                op,
                rebuilt[:count],
                dict(zip(names, rebuilt[count:], strict=True)),
                node,
                evidence=evidence,
                layer=layer,
            )

        outer, run.is_open_choice = run.is_open_choice, bool(run.conditions)
        try:
            return for_each_choice(run, flat, attempt)
        finally:
            run.is_open_choice = outer
    return _call_once(run, op, arguments, keywords, node, evidence=evidence, layer=layer)


def _holds_choice(value: Value) -> bool:
    if type(value) is Choice:
        return True
    if type(value) is ListValue:
        return any(type(item) is Choice for item in value.items)
    return type(value) is tuple and any(type(item) is Choice for item in value)


def _flatten(values: tuple[Value, ...]) -> tuple[list[Value], list[tuple[str, int]]]:
    flat: list[Value] = []
    shape: list[tuple[str, int]] = []
    for value in values:
        if type(value) is ListValue:
            flat += value.items
            shape.append(("list", len(value.items)))
        elif type(value) is tuple:
            flat += value
            shape.append(("tuple", len(value)))
        else:
            flat.append(value)
            shape.append(("one", 1))
    return flat, shape


def _unflatten(flat: tuple[Value, ...], shape: list[tuple[str, int]]) -> tuple[Value, ...]:
    values: list[Value] = []
    position = 0
    for kind, count in shape:
        part = flat[position : position + count]
        position += count
        values.append(ListValue(list(part)) if kind == "list" else tuple(part) if kind == "tuple" else part[0])
    return tuple(values)


def _call_once(
    run: Run,
    op: Op,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    *,
    evidence: str,
    layer: Instance | None,
) -> Value:
    run.step()
    call: Call | None = None
    if any(type(value) is Shape for value in arguments):
        arguments = _sizes_in_one(run, arguments)
    if run.written:
        arguments = tuple([contents.current(run, value) for value in arguments])
    try:
        overload, bound = choose_overload(op.signatures, arguments, keywords)
        place = Place(run.scope.module.path, node.id)
        call = Call(
            op.name,
            bound,
            run.facts,
            overload,
            inplace=op.inplace,
            because=place,
            exact_dtypes=dtypes_are_exact(run),
            default_device=default_device(run),
        )
        if layer is not None:
            call.layer = layer.attributes
            call.training = op.name in STATISTICS and modules_train(run)
            if run.entry != "module" and not run.takes_batches:
                batches.note(run, op, bound)
        _note_tensors(run, bound)
        value = op.rule(call)
        if run.entry != "module" and not run.quiet and rank_trials.has_lost_axes(value):
            rank_trials.note_lost_axes(run, call)
        if not parameters_are_rewritten(run):
            value = settled(op, call, value)
            if type(value) is Tensor and value.device not in (None, "cpu"):
                run.uncertain += 1  # where there is no such device it raises
        if contents.writes(op.name) or "out" in keywords:
            contents.note_write(run, op, arguments, keywords)
            if arguments and value is arguments[0]:
                value = replace(value, maker=None)  # what it holds now was made here
        if call.lucky or call.may_broadcast or call.unless_one is not None:
            run.uncertain += bool(call.lucky)
            meant = luck.consider(run, op, call, arguments, keywords, node, evidence, layer)
            value = value if meant is None else meant
        if type(value) is Tensor and type(node) in _OPERATORS and _is_guess(run, bound.values()):
            value = replace(value, assumed=True)
        value = history.made(run.keyed(value), evidence or op.name, arguments, keywords, layer, node, place)
        silent.observe(run, op, call, value, arguments, keywords, node, evidence or op.name, layer)
        if run.options.record_operations:
            history.record(run, value, evidence or op.name, arguments, keywords, layer, node)
        return value
    except Complaint as complaint:
        run.uncertain += 1
        assumed = any(is_assumed(value) for value in (call.arguments if call else {}).values())
        if (
            (complaint.about_rank or complaint.code == "ATN115")
            and assumed
            and not fails_anyway(op, call, complaint, evidence, layer)
        ):
            # (numpy has other rules for dtypes, too: the mean of bools is a float)
            return run.fresh("an operation on what may be no tensor")
        about_nothing = complaint.about_nothing or any(map(_is_empty, (call.arguments if call else {}).values()))
        if about_nothing and run.entry != "module":
            # Entered on its own: what fills the list, or was iterated over, may come from elsewhere.
            return run.fresh("an operation on what may not be empty when somebody calls this")
        if (
            call is not None
            and complaint.about_rank
            and complaint.code != "ATN115"
            and reports.is_forked(run)
            and (run.is_open_choice or any(_rank_is_open(run, value) for value in call.arguments.values()))
        ):
            # `if x.dim() == 4: ... else: ...`: the branch of the other ranks is refused by more of them than are ever
            # passed. So it is where an operand is one of several, and the branch may be that of none of them.
            return run.fresh("an operation in a branch, on a tensor whose rank is open")
        if call is not None and any(_is_of_another_rank(run, value) for value in call.arguments.values()):
            # `if x.dim() == 4: return ...`: whether one ever comes behind that is not known.
            return run.fresh("an operation on a tensor of other ranks than were asked for")
        if complaint.holds is not None and call is not None:
            arguments = _holding(arguments, call[complaint.arguments[0]], complaint.holds)
        reports.report(run, complaint, op, call, arguments, keywords, node, evidence, layer)
        if complaint.recovery is not None:
            return complaint.recovery
        return run.fresh(f"the operation {op.name} fails")
    except CannotTell as answer:
        run.uncertain += 1
        run.unsure += 1
        if call is not None and run.entry != "module" and not run.quiet:
            rank_trials.note_lost_axes(run, call)
        if run.options.record_operations:
            history.record(run, None, evidence or op.name, arguments, keywords, layer, node, known=False)
        return run.fresh(answer.reason)
    except BadArguments as answer:
        run.uncertain += 1
        run.unsure += 1
        if run.options.record_operations:
            history.record(run, None, evidence or op.name, arguments, keywords, layer, node, known=False)
        run.analysis.debug.append(f"{op.name}: {answer}")
        return run.fresh(f"the arguments of {op.name} do not bind: {answer}")
    except Raised:
        raise
    except Exception as error:
        if layer is not None and isinstance(error, KeyError) and error.args[0] not in layer.attributes:
            return run.fresh(f"the layer's {error.args[0]} is not known")  # its constructor was not run
        if run.options.strict:
            raise
        run.analysis.debug.append(f"bug in the rule of {op.name}: {type(error).__name__}: {error}")
        return run.fresh(f"the shape rule of {op.name} failed")


def _holding(arguments: tuple[Value, ...], guilty: Value, element: int) -> tuple[Value, ...]:
    """The arguments with the element in the guilty one that is to blame: what a verifier is to pass."""
    from attnlint.frozen import replace

    if not isinstance(guilty, Tensor) or guilty.elements is not None or guilty.shape.rest is not None:
        return arguments
    contents_: Value = element
    for dim in reversed(guilty.shape.dims):
        contents_ = (contents_,) * (dim if isinstance(dim, int) else 1)
    shape = Shape(tuple(dim if isinstance(dim, int) else 1 for dim in guilty.shape.dims))
    held = replace(guilty, elements=contents_, shape=shape, strides=None)
    return tuple(held if value is guilty else value for value in arguments)


NUMBER = "number"
"""What a path knows of hyper-parameters that it has reckoned with, ``2 * window - 1``: a tensor they are not."""


def note_numbers(run: Run, shape: Shape) -> None:
    """Remember of the hyper-parameters in the shape of a weight that they are numbers."""
    for symbol in symbols_of(*shape.dims):
        key = symbol.key
        if isinstance(key, tuple) and len(key) == 2 and key[0] == "int" and role_of(key[1]) == "hyper":
            run.store.know((NUMBER, key[1]), True)


def build(
    run: Run, layer: Layer, arguments: tuple[Value, ...], keywords: Mapping[str, Value], node: nodes.Node
) -> dict[str, Value] | Unknown:
    """The attributes of a new instance of an ``nn`` class."""
    run.step()
    call: Call | None = None
    try:
        overload, bound = choose_overload(layer.constructor, arguments, keywords)
        call = Call(layer.name, bound, run.facts, overload, because=Place(run.scope.module.path, node.id))
        attributes = built(layer, call)
        for weight in attributes.values():
            if isinstance(weight, Tensor) and weight.is_parameter:
                note_numbers(run, weight.shape)
        return attributes
    except Complaint as complaint:
        run.uncertain += 1
        op = Op(layer.name, layer.constructor, lambda call: None, layer.family)
        reports.report(run, complaint, op, call, arguments, keywords, node, layer.name, None)
        return run.fresh(f"the constructor of {layer.name} fails")
    except CannotTell as answer:
        run.uncertain += 1
        return run.fresh(answer.reason)
    except BadArguments as answer:
        run.uncertain += 1
        run.analysis.debug.append(f"{layer.name}: {answer}")
        return run.fresh(f"the arguments of {layer.name} do not bind: {answer}")
    except Raised:
        raise
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.debug.append(f"bug in the rule of {layer.name}: {type(error).__name__}: {error}")
        return run.fresh(f"the shape rule of {layer.name} failed")


def plain(run: Run, value: Value) -> Value:
    """A value in the forms that shape rules and models know."""
    kind = type(value)
    if kind is OpenList:
        return Repeated("list", value.items.element)
    if kind is OpenSet or kind is OpenDict:
        return run.fresh("a container whose contents are not known")
    if kind is Expression:
        return run.facts.normal(value)
    if kind is Unknown and value.key is not None:
        return run.store.knowledge.get(value.key, value)
    if kind is Condition and value.operator in ("==", "<", "<=") and value.key is not None:
        # `mask == 0` of what is not known: a mask as likely as a bool.
        return Unknown(value.reason, ("compared", value.key), value.label)
    return value


def _note_tensors(run: Run, bound: Mapping[str, Value]) -> None:
    for name, value in bound.items():
        if (
            type(value) is Unknown
            and name in TENSOR_PARAMETERS
            and value.key is not None
            and value.kind in ("", "tensor")
        ):
            run.store.know(("tensor", value.key), True)


def _is_empty(value: Value) -> bool:
    """``torch.tensor([])``: what was to fill the list was not seen; a width of 0 by default: one must be given."""
    return isinstance(value, Tensor) and any(type(dim) is int and dim == 0 for dim in value.shape.dims)


def _is_of_another_rank(run: Run, value: Value) -> bool:
    """Whether a tensor whose rank is open does not have the one that a condition has asked for on this path."""
    if not isinstance(value, Tensor | Unknown) or (tensor := tensor_of(run, value)) is None:
        return False
    rest = run.facts.resolve(tensor.shape).rest
    return rest is not None and (OTHER_RANK, rest) in run.store.knowledge


def _rank_is_open(run: Run, value: Value) -> bool:
    return (
        isinstance(value, Tensor | Unknown)
        and (tensor := tensor_of(run, value)) is not None
        and tensor.shape.rank is None
    )


_OPERATORS = frozenset({nodes.Binary, nodes.Compare, nodes.Unary, nodes.AugmentedAssign})
"""Where Python's operators stand: arrays and numbers have them too."""


def _is_guess(run: Run, operands: Iterable[Value]) -> bool:
    """Whether nothing says that one of the operands is a tensor: an operator makes of arrays an array."""
    tensors = [value for value in operands if isinstance(value, Tensor | Unknown) and not isinstance(value, Condition)]
    return bool(tensors) and all(
        value.assumed if isinstance(value, Tensor) else value.kind != "tensor" for value in tensors
    )


def _sizes_in_one(run: Run, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """``x.view(*x.shape[:-1], heads, -1)`` as ``x.view((*x.shape[:-1], heads, -1))``: one shape, of unknown rank."""
    from attnlint.interpreter.numbers import as_dim

    place = next(index for index, value in enumerate(arguments) if type(value) is Shape)
    shape = arguments[place]
    dims = [as_dim(run, value) for value in arguments[place + 1 :]]
    known = tuple(dim for dim in dims if dim is not None)
    if not known or len(known) < len(dims):
        return arguments
    return (*arguments[:place], Shape((*shape.dims, *known), shape.rest))


# --- what an unknown object may be
# ---------------------------------------------------------------------------------------


def known_tensor(run: Run, value: Value) -> bool:
    """Whether a value is a tensor: known, said by an annotation, or seen by what was done with it."""
    if isinstance(value, Tensor):
        return True
    if not isinstance(value, Unknown) or value.key is None or isinstance(value, Condition):
        return False
    if value.kind == "tensor":
        return True
    return not value.kind and (("tensor", value.key) in run.store.knowledge or role_of(value.key) == "input")


def taken_for_tensor(run: Run, value: Value) -> bool:
    """Whether a value that meets a float is best taken for a tensor."""
    return known_tensor(run, value)


def role_of(key: Any) -> str:
    """What a parameter was taken to be where the code was entered: ``hyper`` (sizes, options), ``input`` (tensors),
    ``plain``."""
    return key[1] if isinstance(key, tuple) and key and key[0] == "parameter" else ""


def is_hyper(value: Unknown) -> bool:
    """A hyper-parameter, or an attribute of an object: an int where it meets ints."""
    if value.key is None or value.kind not in ("", "int") or value.optional:
        return False
    key = value.key
    if isinstance(key, tuple) and key and key[0] in ("attribute", "item"):
        return True
    return role_of(key) == "hyper"


def tensor_of(run: Run, value: Value) -> Tensor | None:
    """An unknown object as a tensor of unknown rank, the same wherever it goes."""
    if isinstance(value, Tensor):
        return resolved(run, value)
    if (
        isinstance(value, Unknown)
        and value.key is not None
        and value.kind in ("", "tensor")
        and not isinstance(value, Condition)
    ):
        rest = Rest(("shape", value.key), value.label)
        shape = run.facts.resolve(Shape((), rest))
        axes = axes_of_rest(rest, len(shape.dims))
        return Tensor(shape, axes=axes, label=value.label, assumed=value.kind != "tensor")
    return None


def resolved(run: Run, tensor: Tensor) -> Tensor:
    """A tensor with its shape resolved under the facts."""
    shape = run.facts.resolve(tensor.shape)
    if shape is tensor.shape:
        return tensor
    return with_shape(tensor, shape)


def dtype_name(dtype: str | None) -> Value:
    """A dtype as a value."""
    return None if dtype is None else TorchName(f"torch.{dtype}")
