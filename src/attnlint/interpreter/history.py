"""Where tensors come from: every op leaves a maker on its result, and a finding follows the makers back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Rest, Shape
from attnlint.findings import Evidence, Made, Property, Step
from attnlint.frozen import replace
from attnlint.interpreter.numbers import may_be_int, symbol_of
from attnlint.interpreter.results import Operation
from attnlint.ops.axes import leaf_axes
from attnlint.ops.complaint import BadArguments, CannotTell
from attnlint.ops.dispatch import choose_overload
from attnlint.ops.registry import find_layer
from attnlint.syntax import nodes
from attnlint.values import Instance, ListValue, Maker, NamedTuple, Place, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_STEPS = 12
"""How many operations before the failing one are followed."""

MOST_STEPS_OF_A_PROPERTY = 40
"""The same for a property, which says itself where to begin."""

MOST_ITEMS = 16

_BUSY = -1


def made(
    value: Value,
    operation: str,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    layer: Instance | None,
    node: nodes.Node,
    place: Place,
) -> Value:
    """The result of an op, with its maker. On the hot path: one object a call, and no copy of a tensor that is new."""
    kind = type(value)
    if kind is Tensor:
        for argument in arguments:
            if argument is value or (type(argument) is ListValue and any(item is value for item in argument.items)):
                # The op does nothing here (dropout, contiguous): the tensor stays what it is.
                return value
        maker = Maker(operation, _frozen(arguments), keywords, layer, node, place=place)
        value = _marked(value, maker)
        if value.label and any(tensor.label == value.label for tensor in _inputs(maker)):
            # A copy of an argument with another shape: what it will be called is for the author to say.
            object.__setattr__(value, "label", "")
        return value
    if kind is tuple or kind is ListValue or kind is NamedTuple:
        items = value if kind is tuple else value.items if kind is ListValue else value.values
        if not 0 < len(items) <= MOST_ITEMS or type(items[0]) is not Tensor:
            return value
        whole = Maker(operation, _frozen(arguments), keywords, layer, node, len(items), place=place)
        marked = [
            _marked(item, Maker(operation, (), {}, whole=whole, index=index)) if type(item) is Tensor else item
            for index, item in enumerate(items)
        ]
        if kind is tuple:
            return tuple(marked)
        return ListValue(marked) if kind is ListValue else NamedTuple(value.name, value.fields, tuple(marked))
    return value


_BEGINNINGS = itertools.count()


def _marked(tensor: Tensor, maker: Maker) -> Tensor:
    axes = tensor.axes
    if axes is None and tensor.shape.rest is None:
        # Nothing is known of where its axes come from: here they begin.
        axes = leaf_axes(("made", maker.operation, next(_BEGINNINGS)), len(tensor.shape.dims))
    if tensor.maker is not None or tensor.is_parameter:
        # It was made by another op and is shared, or was copied from an argument.
        return replace(tensor, maker=maker, axes=axes)
    object.__setattr__(tensor, "maker", maker)
    object.__setattr__(tensor, "axes", axes)
    return tensor


def _frozen(arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """A list may change after the call."""
    for argument in arguments:
        if type(argument) is ListValue:
            return tuple(ListValue(list(each.items)) if type(each) is ListValue else each for each in arguments)
    return arguments


def record(
    run: Run,
    value: Value,
    operation: str,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    layer: Instance | None,
    node: nodes.Node,
    *,
    known: bool = True,
) -> None:
    """Keep an op that the checked file called."""
    if run.scope.module is not run.main or run.quiet:
        return
    from attnlint.interpreter.reports import snapshot

    made_with = layer.attributes.get(CONSTRUCTOR) if layer is not None else None
    constructor = (made_with[0], dict(made_with[1])) if isinstance(made_with, tuple) else None
    evidence = Evidence(
        operation,
        tuple(_bare(snapshot(run, each, as_tensors=True)) for each in arguments),
        {
            name: _bare(snapshot(run, each, as_tensors=True))
            for name, each in keywords.items()
            if not _is_beside_the_point(name, each)
        },
        _constructor(run, operation, constructor),
    )
    known = known and not isinstance(value, Unknown)
    run.analysis.operations.append(Operation(node.id, operation, known, evidence))


def attach(run: Run, evidence: Evidence, node: nodes.Node, wanted: Property | None = None) -> Evidence:
    """The evidence with the steps that led to it, and without makers: they would carry the whole analysis along."""
    keywords = {
        name: value for name, value in (evidence.keywords or {}).items() if not _is_beside_the_point(name, value)
    }
    constructor = _constructor(run, evidence.operation, evidence.constructor)
    evidence = replace(evidence, keywords=keywords, constructor=constructor)
    found: Property | None = None
    try:
        if wanted is None:
            steps = _Steps(run).collect(evidence, node)
        else:
            steps, found = _Steps(run).collect_property(wanted)
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.debug.append(f"no reproduction: {type(error).__name__}: {error}")
        steps = ()
    known: dict[Any, Tensor] = {}
    return replace(
        evidence,
        arguments=tuple(_shared(_bare(value), value, known) for value in evidence.arguments),
        keywords={name: _shared(_bare(value), value, known) for name, value in (evidence.keywords or {}).items()},
        steps=steps,
        property=found,
    )


def _shared(bare: Value, value: Value, known: dict[Any, Tensor]) -> Value:
    """A tensor that is passed twice is one object: ``nn.MultiheadAttention`` looks whether key and value are the
    same."""
    if type(bare) is not Tensor:
        return bare
    key = id(value.maker) if value.maker is not None else (bare.label, bare.shape) if bare.label else id(value)
    return known.setdefault(key, bare)


def _bare(value: Value) -> Value:
    kind = type(value)
    if kind is Unknown and value.kind == "float":
        # No shape depends on it.
        return 1.0
    if kind is Tensor:
        # Nobody asks where the axes of an operand came from, and two that are alike are one.
        return value if value.maker is None and value.axes is None else replace(value, maker=None, axes=None)
    if kind is tuple:
        return tuple(_bare(item) for item in value)
    if kind is ListValue:
        return ListValue([_bare(item) for item in value.items])
    if kind is NamedTuple:
        return NamedTuple(value.name, value.fields, tuple(_bare(item) for item in value.values))
    if kind is slice:
        return slice(_bare(value.start), _bare(value.stop), _bare(value.step))
    return value


_Constructor = tuple[tuple[Value, ...], Mapping[str, Value]]


class _Steps:
    """Follows makers back from one failure."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._wanted: dict[int, Maker] = {}
        self._numbers: dict[int, int] = {}
        self._steps: list[Step] = []
        self._names: dict[int, dict[int, str]] = {}
        self._results: dict[int, dict[int, Value]] = {}
        self._layers: dict[int, int] = {}
        self._most = MOST_STEPS
        self._inputs: dict[object, Tensor] = {}
        """A tensor that no step makes is one object, wherever it is used."""
        self._cut: frozenset[int] = frozenset()
        """Makers that are not followed."""
        self._exact = False
        """Whether contents matter, not only shapes."""

    def collect_property(self, wanted: Property) -> tuple[tuple[Step, ...], Property]:
        """The steps from the inputs of a property to the tensors that it speaks of."""
        self._most, self._exact = MOST_STEPS_OF_A_PROPERTY, True
        given = tuple(value[0] if isinstance(value, tuple) else value for value in wanted.inputs)
        self._cut = frozenset(id(each.maker) for value in given for each in _tensors(value) if each.maker)
        for value in wanted.inputs:
            if isinstance(value, tuple):
                self._inputs[_input_key(value[0])] = _bare(self._snapshot(value[1]))
        values = tuple(wanted.arguments.values())
        self._choose(values)
        arguments = {name: self._argument(value) for name, value in wanted.arguments.items()}
        inputs = tuple(self._argument(value) for value in given)
        steps = tuple(self._finished(number) for number in range(len(self._steps)))
        return steps, Property(wanted.name, arguments, inputs)

    def collect(self, evidence: Evidence, node: nodes.Node) -> tuple[Step, ...]:
        values = (*evidence.arguments, *(evidence.keywords or {}).values())
        self._choose(values)
        arguments = tuple(self._argument(value) for value in evidence.arguments)
        keywords = {name: self._argument(value) for name, value in (evidence.keywords or {}).items()}
        layer = ("", 0)
        constructor = evidence.constructor
        if constructor is not None:
            layer = (_layer_name(node), len(self._layers) + 1)
        steps = [self._finished(number) for number in range(len(self._steps))]
        return (*steps, Step(evidence.operation, arguments, keywords, constructor, layer))

    def _choose(self, values: tuple[Value, ...]) -> None:
        """The makers nearest to the failure."""
        front = list(self._makers(values))
        while front and len(self._wanted) < self._most:
            behind: list[Maker] = []
            for maker in front:
                call = maker.whole or maker
                if id(call) in self._wanted or len(self._wanted) >= self._most or not self._is_followed(call):
                    continue
                self._wanted[id(call)] = call
                behind += self._makers((*call.arguments, *call.keywords.values()))
            front = behind
        for key, call in list(self._wanted.items()):
            # What draws by probabilities refuses any other numbers: without what made them it is a beginning itself.
            if call.operation.rpartition(".")[2] in ("multinomial", "bernoulli") and any(
                id(maker.whole or maker) not in self._wanted for maker in self._makers(call.arguments)
            ):
                del self._wanted[key]

    def _makers(self, values: Iterable[Value]) -> Iterator[Maker]:
        for value in values:
            for tensor in _tensors(value):
                if tensor.maker is not None and not self._is_input(tensor):
                    yield tensor.maker

    def _is_input(self, tensor: Tensor) -> bool:
        """Whether a tensor is where a property begins: the property says so, or it is a weight or drawn at random."""
        maker = tensor.maker
        return self._exact and (
            tensor.is_parameter or id(maker) in self._cut or (maker is not None and _is_drawn(maker))
        )

    def _is_followed(self, call: Maker) -> bool:
        values = [*call.arguments, *(value for name, value in call.keywords.items() if name not in _LEFT_OUT)]
        constructor = self._layer(call)
        if call.layer is not None and constructor is None:
            return False
        if constructor is not None:
            values += [*constructor[0], *constructor[1].values()]
        return all(_is_known(self._snapshot(value)) for value in values)

    def _layer(self, call: Maker) -> _Constructor | None:
        known = call.layer.attributes.get(CONSTRUCTOR) if call.layer is not None else None
        return _constructor(self._run, call.operation, (known[0], dict(known[1]))) if isinstance(known, tuple) else None

    def _snapshot(self, value: Value) -> Value:
        from attnlint.interpreter.operations import is_hyper
        from attnlint.interpreter.reports import snapshot

        if self._exact and isinstance(value, Unknown) and value.key in self._inputs:
            return self._inputs[value.key]
        if self._exact and isinstance(value, Unknown) and may_be_int(value):
            # A size that was never used as one where this was seen.
            if is_hyper(value) or not self._is_tensor(value):
                return self._run.facts.normal(symbol_of(value))
        if self._exact and type(value) is tuple:
            return tuple(map(self._snapshot, value))
        if self._exact and isinstance(value, ListValue):
            return ListValue([self._snapshot(item) for item in value.items])
        return snapshot(self._run, value, as_tensors=True)

    def _is_tensor(self, value: Unknown) -> bool:
        """Whether an unknown object was used as a tensor; else it is a size, where an op takes it."""
        return ("tensor", value.key) in self._run.store.knowledge or bool(
            self._run.facts.resolve(Shape((), Rest(("shape", value.key)))).dims
        )

    def _argument(self, value: Value) -> Value:
        """An argument of a step: what was made by a step that is followed becomes ``Made``."""
        kind = type(value)
        if kind is Tensor and value.maker is not None and not self._is_input(value):
            call = value.maker.whole or value.maker
            if id(call) in self._wanted and self._numbers.get(id(call)) != _BUSY:
                number = self._number(call)
                index = value.maker.index
                if value.label:
                    self._names[number].setdefault(index, value.label)
                self._results[number].setdefault(index, _bare(self._snapshot(value)))
                return Made(number, index if call.count else None)
        if kind is tuple:
            return tuple(self._argument(item) for item in value)
        if kind is ListValue:
            return ListValue([self._argument(item) for item in value.items])
        if kind is NamedTuple:
            return tuple(self._argument(item) for item in value.values)
        if self._exact and kind is Unknown and value.kind == "float" and value.key is not None:
            return value
        seen = _bare(self._snapshot(value))
        if type(seen) is not Tensor:
            return seen
        return self._inputs.setdefault(_input_key(value), seen)

    def _number(self, call: Maker) -> int:
        known = self._numbers.get(id(call))
        if known is not None:
            return known
        self._numbers[id(call)] = _BUSY
        arguments = tuple(self._argument(value) for value in call.arguments)
        keywords = {name: self._argument(value) for name, value in call.keywords.items() if name not in _LEFT_OUT}
        layer = ("", 0)
        constructor = self._layer(call)
        if constructor is not None:
            key = self._layers.setdefault(id(call.layer), len(self._layers) + 1)
            layer = (_layer_name(call.node), key)
        number = self._numbers[id(call)] = len(self._steps)
        self._names[number], self._results[number] = {}, {}
        names = ("",) * max(call.count, 1)
        self._steps.append(Step(call.operation, arguments, keywords, constructor, layer, names))
        return number

    def _finished(self, number: int) -> Step:
        step = self._steps[number]
        names = tuple(self._names[number].get(index, "") for index in range(len(step.names)))
        results = tuple(self._results[number].get(index) for index in range(len(step.names)))
        return replace(step, names=names, result=results)


def _input_key(value: Value) -> object:
    """What an input is told by: the object that the author has, the call that made the tensor, or the tensor."""
    if isinstance(value, Unknown):
        return value.key
    return id(value.maker) if value.maker is not None else id(value)


_LEFT_OUT = frozenset({"device", "generator", "out", "pin_memory", "layout"})
"""Keywords that say nothing about shapes and may hold objects that cannot be written down."""


CONSTRUCTOR = "__constructor__"
"""The attribute of a layer instance that holds its constructor's arguments."""

_BESIDE_THE_POINT = frozenset(
    """p dropout dropout_p attn_dropout eps momentum inplace affine elementwise_affine track_running_stats training
    device dtype
    generator layer_norm_eps negative_slope upper lower max_norm norm_type scale""".split()
)
"""Parameters that say nothing about whether shapes fit: where they are not known, the default does."""


_DRAWN = frozenset(
    "randn rand empty normal randint randn_like rand_like empty_like randint_like randperm bernoulli".split()
)


def _is_drawn(maker: Maker) -> bool:
    """Whether a call makes other contents every time."""
    return maker.operation.startswith("torch.") and maker.operation.rpartition(".")[2] in _DRAWN


def _is_beside_the_point(name: str, value: Value) -> bool:
    return name in _BESIDE_THE_POINT and not _is_known(value)


def _constructor(run: Run, name: str, constructor: _Constructor | None) -> _Constructor | None:
    """The arguments of a layer's constructor, with symbols for sizes, and without what is not known and has no
    influence."""
    layer = find_layer(name)
    if constructor is None or layer is None:
        return constructor
    positional, keywords = constructor
    if not all(_is_known(value) for value in positional):
        try:
            overload, _ = choose_overload(layer.constructor, positional, keywords)
        except (BadArguments, CannotTell):
            return constructor
        parameters = [parameter.name for parameter in layer.constructor[overload].parameters]
        known = next(index for index, value in enumerate(positional) if not _is_known(value))
        if len(parameters) >= len(positional):
            keywords = {**dict(zip(parameters[known:], positional[known:], strict=False)), **keywords}
            positional = positional[:known]
    return (
        tuple(_size(run, value) for value in positional),
        {key: _size(run, value) for key, value in keywords.items() if not _is_beside_the_point(key, value)},
    )


def _size(run: Run, value: Value) -> Value:
    """What a layer was built with, as it is now; an unknown object that was taken for an int is its symbol."""
    if isinstance(value, Unknown) and may_be_int(value):
        return run.facts.normal(symbol_of(value))
    if isinstance(value, tuple):
        return tuple(_size(run, item) for item in value)
    if isinstance(value, Instance) and isinstance(value.attributes.get(CONSTRUCTOR), tuple):
        # A layer that a layer is made of.
        positional, keywords = value.attributes[CONSTRUCTOR]
        known = {name: item for name, item in keywords if not _is_beside_the_point(name, item)}
        made_with = (
            tuple(_size(run, item) for item in positional),
            tuple((n, _size(run, v)) for n, v in known.items()),
        )
        return Instance(value.cls, {CONSTRUCTOR: made_with}, label=value.label)
    from attnlint.interpreter.reports import snapshot

    return _bare(snapshot(run, value))


def _layer_name(node: Any) -> str:
    function = node.function if isinstance(node, nodes.Call) else None
    return function.name if isinstance(function, nodes.Attribute | nodes.Name) else ""


def _tensors(value: Value) -> Iterator[Tensor]:
    kind = type(value)
    if kind is Tensor:
        yield value
    elif kind is tuple:
        for item in value:
            yield from _tensors(item)
    elif kind is ListValue:
        for item in value.items:
            yield from _tensors(item)
    elif kind is NamedTuple:
        for item in value.values:
            yield from _tensors(item)


def _inputs(call: Maker) -> Iterator[Tensor]:
    for value in (*call.arguments, *call.keywords.values()):
        yield from _tensors(value)


def _is_known(value: Value) -> bool:
    """Whether a value can be written down."""
    if isinstance(value, Unknown):
        return value.kind == "float"
    if isinstance(value, tuple):
        return all(_is_known(item) for item in value)
    if isinstance(value, ListValue):
        return all(_is_known(item) for item in value.items)
    if isinstance(value, NamedTuple):
        return all(_is_known(item) for item in value.values)
    if isinstance(value, slice):
        return all(_is_known(part) for part in (value.start, value.stop, value.step))
    if isinstance(value, Instance):
        return CONSTRUCTOR in value.attributes
    written = bool | int | float | complex | str | Expression | Tensor | TorchName | Shape
    return value is None or value is Ellipsis or isinstance(value, written)


def dims_of(evidence: Evidence) -> Iterator[Expression]:
    """Every symbolic size in the steps: a witness must give them all a value."""
    for step in evidence.steps:
        constructor = (*step.constructor[0], *step.constructor[1].values()) if step.constructor is not None else ()
        for value in (*step.arguments, *(step.keywords or {}).values(), *constructor, *step.result):
            yield from _expressions(value)


def _expressions(value: Value) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Tensor):
        yield from (dim for dim in value.shape.dims if isinstance(dim, Expression))
        yield from _expressions(value.elements)
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)
    elif isinstance(value, ListValue):
        yield from _expressions(tuple(value.items))
    elif isinstance(value, slice):
        yield from _expressions((value.start, value.stop, value.step))
    elif isinstance(value, Shape):
        yield from _expressions(value.dims)
