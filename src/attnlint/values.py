"""What the interpreter knows of a Python object.

Where a Python object is known exactly and cannot change, it stands for itself: ``None``, ``bool``, ``int``, ``float``,
``complex``, ``str``, ``bytes``, ``...``, ``slice``, ``range`` and ``tuple`` (of values). An ``int`` that is not known
is a
symbolic :class:`~attnlint.algebra.Expression`. Everything else is one of the classes below.

Values that Python can mutate (``ListValue``, ``DictValue``, ``SetValue``, ``Instance``) have identity and are mutated
in place,
but only through :class:`attnlint.interpreter.store.Store`, which can undo a path. All other values are frozen.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attnlint.frozen import frozen

if TYPE_CHECKING:
    from attnlint.algebra import Dim, Shape

Value = Any
"""A value; the module docstring lists what it can be. (``Any``: Python objects stand for themselves.)"""


@frozen
class Place:
    """A syntax node of a file: what a source range can be worked out from, on demand."""

    path: str
    node: int


@frozen
class Unknown:
    """An object of which nothing, or only its kind, is known, and why.

    Two unknowns with the same ``key`` are the same object; so ``config.hidden_size`` is the same symbol wherever
    ``config``
    goes. ``key`` is ``None`` where identity is not known (the result of an unknown call).
    """

    reason: str
    key: Hashable | None = None
    label: str = ""
    """How the author writes it: ``config.hidden_size``."""
    kind: str = ""
    """``int``, ``float``, ``bool``, ``str``, ``tensor``, ``module``, ... where an annotation or a use says so; else
    empty."""
    optional: bool = False
    """May be ``None`` (a parameter whose default is ``None``)."""


@frozen
class Axis:
    """What an axis of a tensor is made of. Its size is in the tensor's shape; this is where it came from.

    Exactly one of the three forms: a leaf (``source`` and ``index``: axis ``index`` of the tensor that ``source``
    names), a
    factor of a split (``parent``, ``factor``, ``factors``: the factor-th of that many), or a merge (``parts``,
    outermost first). A factor of a merge is what is left when a reshape cuts across axes: see ``ops.axes.is_cut``.
    """

    source: Hashable | None = None
    index: int = 0
    label: str = ""
    """The author's name for it: ``T`` after ``B, T, C = x.shape``; ``heads``."""
    parent: Axis | None = None
    factor: int = 0
    factors: int = 0
    parts: tuple[Axis, ...] = ()
    size: Dim | None = field(default=None, compare=False)
    """How long it was as a factor or as a part, where that is known: a merge is cut at its seams, or across."""


@frozen
class Tensor:
    """A torch tensor: shape, dtype, device, strides, and the history of every axis."""

    shape: Shape
    dtype: str | None = None
    """``float32``, ``int64``, ``bool``, ... without ``torch.``; ``None`` when not known."""
    device: str | None = None
    strides: tuple[Dim, ...] | None = None
    """In elements, one a dim; ``None`` when not known. A contiguous tensor has exactly the contiguous strides."""
    axes: tuple[Axis, ...] | None = None
    """One a dim where known; ``None`` when nothing is known of their history."""
    label: str = ""
    """The author's expression for it, for messages."""
    origin: Place | None = None
    """Where it was made."""
    elements: Value = None
    """The contents, as nested tuples of numbers or dims, where known and small (``torch.tensor([2, 3])``)."""
    assumed: bool = False
    """Only its use makes us believe that it is a tensor (it may be a numpy array, an image, ...)."""
    is_parameter: bool = False
    maker: Maker | None = field(default=None, compare=False, repr=False)
    """The operation that made it: what a reproduction follows back. Says nothing about the tensor itself."""


@dataclass(eq=False, slots=True)
class Maker:
    """A call of an op that succeeded. ``layer`` is the layer that was called, ``node`` the syntax node of the call."""

    operation: str
    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]
    layer: Instance | None = None
    node: Any = None
    count: int = 0
    """How many items the result has, when it is a tuple."""
    whole: Maker | None = None
    """For one item of a result that is a tuple: the call that made the tuple, and which item it is."""
    index: int = 0
    place: Place | None = None
    """Where the call stands."""
    tensors: tuple[Tensor, ...] | None = None
    """The tensors among its arguments, for those who follow it back; ``None`` before the first of them."""


@dataclass(eq=False, slots=True)
class ListValue:
    """A list of known length."""

    items: list[Value]


@dataclass(eq=False, slots=True)
class DictValue:
    """A dict of known keys (hashable values: str, int, tuples of them, ...), in order."""

    items: dict[Any, Value]
    default_factory: Value = None
    """For ``collections.defaultdict``."""


@dataclass(eq=False, slots=True)
class SetValue:
    """A set of known elements."""

    items: set[Any]


@frozen
class Repeated:
    """A list or tuple of unknown or symbolic length whose elements are all alike."""

    kind: str
    """``list``, ``tuple`` or ``iterator``."""
    element: Value
    length: Dim | None = None
    edges: tuple[Value, Value] | None = None
    """What all but the last are, and the last, where that one differs: the batches of a loader. ``element`` stands for
    any of them."""
    first: Value = None
    """The first element, where there is one and it is known by itself: the round in which it is taken is a real one,
    not one that stands for many. ``None`` where it is not known."""


@frozen
class NamedTuple:
    """A tuple whose items also have names: the result of ``torch.max(x, dim)``, ``topk``, ``sort``, ``linalg.svd``.

    For the interpreter: iteration, ``len``, an index and a slice act as on the plain tuple ``values``; an attribute
    that is
    one of ``fields`` is the item at the same position; it is an instance of ``tuple``.
    """

    name: str
    """The class's name: ``torch.return_types.max``; the name of a user's ``namedtuple`` class."""
    fields: tuple[str, ...]
    values: tuple[Value, ...]


@frozen
class TorchName:
    """Something below ``torch`` (or einops, flash_attn, xformers): a module, a function, a class, by its canonical
    dotted name.

    ``torch.nn.functional`` for ``F``; ``torch.nn.Linear`` for ``nn.Linear``; ``torch.float32``. The registry of ``ops``
    is
    asked by this name. A ``torch.dtype`` is ``TorchName("torch.float32")``.
    """

    name: str


@frozen
class External:
    """Something of a module that is neither in the project nor modelled: ``transformers.AutoModel``, by dotted name."""

    name: str


@frozen
class PythonName:
    """A builtin or a standard-library object that the interpreter models, by dotted name: ``len``, ``math.sqrt``."""

    name: str


@frozen
class BoundMethod:
    """``receiver.function``: ``function`` is a FunctionValue, or the qualified name of a torch op
    (``torch.Tensor.view``)."""

    receiver: Value
    function: Value


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class: of the user's (``interpreter`` has the class value), or of torch's (``TorchName``).

    An ``nn.Linear`` is ``Instance(TorchName("torch.nn.Linear"), {"in_features": ..., "weight": Tensor, ...})``; an
    object of a
    user's class that derives from it has the user's class as ``cls`` and the same attributes.
    """

    cls: Value
    attributes: dict[str, Value] = field(default_factory=dict)
    key: Hashable | None = None
    """Set for objects whose unset attributes are stable unknowns."""
    label: str = ""
    origin: Place | None = None


@frozen
class Choice:
    """One of a few values, and it is not known which (two branches joined): ``nn.Identity()`` or ``nn.Linear(a,
    b)``."""

    values: tuple[Value, ...]
    guards: tuple[tuple[tuple[Hashable, bool], ...] | None, ...] = field(default=(), compare=False)
    """For each of them the conditions under which it is the one (what the path knows it by, and whether it holds);
    ``None`` where that is not known; empty where none is."""

    def only(self, values: tuple[Value, ...]) -> Choice:
        """The choice between some of its alternatives."""
        if not self.guards:
            return Choice(values)
        guards = {id(each): guard for each, guard in zip(self.values, self.guards, strict=True)}
        return Choice(values, tuple(guards.get(id(each)) for each in values))
