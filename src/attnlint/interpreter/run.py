"""One interpretation: the state of the path, and the services that models of library functions use."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

from attnlint.algebra import Facts
from attnlint.algebra.effort import EFFORT, PER_STEP
from attnlint.interpreter.errors import BudgetSpent, Raised
from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue, LazyImport, ModuleValue
from attnlint.interpreter.store import Store
from attnlint.values import Choice, Instance, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.configs_given import Made
    from attnlint.interpreter.equal_layers import Row
    from attnlint.interpreter.exchanged import Trial
    from attnlint.interpreter.project import Project
    from attnlint.interpreter.rank_trials import Failure
    from attnlint.interpreter.results import Analysis, AnalysisOptions, RawFinding
    from attnlint.interpreter.scopes import Frame, Scope
    from attnlint.interpreter.silent.flow import Places
    from attnlint.interpreter.withheld import Withheld
    from attnlint.ops.complaint import Complaint
    from attnlint.syntax import Source
    from attnlint.syntax.nodes import Expression, Node

_SERIAL = count(1)
# Of the process: values of one interpretation can meet those of another, where a module is imported.

MISSING: Any = UNBOUND
"""What a look-up answers that found nothing."""


class Run:
    """The state of one interpretation."""

    def __init__(self, project: Project, source: Source, analysis: Analysis, options: AnalysisOptions) -> None:
        self.project = project
        self.source = source
        """The file being checked."""
        self.analysis = analysis
        self.options = options
        self.watcher = options.watcher
        self.facts = Facts()
        self.store = Store()
        self.frames: list[Frame] = []
        self.scope: Scope = None  # type: ignore[assignment]
        self.frame: Frame = None  # type: ignore[assignment]
        self.entry = ""
        self.steps = options.steps
        self.effort = EFFORT.spent
        """What the algebra had done at the latest step."""
        self.uncertain = 0
        """Counts what may raise: a ``try`` sees by it whether its handlers can be reached."""
        self.tries: list[Any] = []
        """The ``try`` statements that are running."""
        self.quiet = 0
        """Above zero inside ``pytest.raises``: nothing is reported."""
        self.conditions: list[tuple[Node, bool, ModuleValue]] = []
        self.asked: dict[Any, tuple[Node, ModuleValue]] = {}
        """Where a condition was first asked, by what a path knows it by."""
        self.loops: int | None = None
        """How many conditions there were where the innermost loop of unknown length began: a round stands for many."""
        self.covered: set[int] = set()
        """Statements of the checked file that have run."""
        self.covered_functions: set[int] = set()
        self.earlier: tuple[set[int], ...] = ()
        """The same of the entries before, while one is recorded."""
        self.unsettled: set[int] = set()
        """Functions of which only a run of their class on its own can say whether they fit by luck."""
        self.holds_defaults = False
        """Whether the class that was entered has options or sizes at their defaults."""
        self.doubted: set[int] = set()
        """Methods of which something was said that may only be so with the defaults."""
        self.covered_classes: set[int] = set()
        self.main: ModuleValue = None  # type: ignore[assignment]
        """The file being checked, as a module."""
        self.reported: set[tuple[int, str]] = set()
        self.functions: list[FunctionValue] = []
        """Functions and classes of the checked file, in the order of their definition."""
        self.classes: list[ClassValue] = []
        self.decorated = ""
        """The name of the function or class that is being defined, while its decorators run."""
        self.import_depth = 0
        self.is_open_choice = False
        """Whether an operation is tried with each of several operands, in a branch."""
        self.models = 0
        """How many models of library functions are running."""
        self.allowed = options.steps
        """The budget of the running entry, or of the part of it that a call was given."""
        self.makers: dict[tuple[int, str], Value] = {}
        """What constructors were given in place of a class or function that they have by default, or as their
        configuration."""
        self.costly: dict[tuple[str, int], int] = {}
        """Functions, by file and node, that had used up most of a budget when it was spent, and how often."""
        self.total = options.steps
        """Steps that are left for the whole file."""
        self.spent = 0
        self.stopped = 0
        """The statement at which the module's own run ended in an exception."""
        self.heard: dict[str, Source | None] = {}
        """Other files whose functions the entry has called, or the module's own run had, by path."""
        self.said: dict[re.Pattern[str], tuple[int, bool]] = {}
        """Whether words stand in the files that count for the entry, and how many there were then."""
        self.trial: Trial | None = None
        """What is being tried with the function that is entered."""
        self.futile: dict[frozenset[int], set[tuple[int, int, int]]] = {}
        """Exchanges of names that left something to coincidence, by the operations that fit by coincidence without."""
        self.saved: dict[str, Value] = {}
        """What the module's own run has saved, by the path of the file."""
        self.contexts_open = 0
        """How many contexts that may change the default device have been entered and not left."""
        self.written: dict[int, Any] = {}
        """The makers, by identity, of tensors that have been written into."""
        self.buffers: dict[int, Any] = {}
        """Tensors, by identity, that were made to be buffers of the module that gets them."""
        self.differentiable: dict[int, Any] = {}
        """The makers, by identity, of tensors of which the program has asked for gradients."""
        self.examined: set[Any] = set()
        self.withheld: list[Withheld] = []
        """What failed behind undecided conditions of other files."""
        self.cuts: dict[int, RawFinding] = {}
        """What was said of reshapes that cut across axes, by the node of the call: another one may undo it."""
        """Sizes before and after a reshape that were found to be in order: proofs of that are dear."""
        self.places: dict[tuple[int, int, int | None], Places] = {}
        """Which axes of operands are which of the results, by the identity of call and operand."""
        self.unsure = 0
        """Calls that a silent rule would have to look at and knows too little of."""
        self.open_ranks: dict[Any, int] = {}
        """Of unknown shapes that a layer was given: the rank that a batch has, by the key of the shape."""
        self.lost_axes: dict[Any, str] = {}
        """Inputs of open rank of which a call has lost axes, by the key of the shape, and how they are called."""
        self.refused: list[Failure] | None = None
        """What failed in the trial of a rank."""
        self.assumed_ranks: dict[tuple[Any, str], int] = {}
        """The rank that is being tried of an input."""
        self.nominal: list[Complaint] = []
        """What was said of sizes that differ for inputs of the size that a model is made for."""
        self.meets_numbers = False
        """Whether sizes that are worked out of those of an input have met a number that the class was made with."""
        self.ranks_guessed = 0
        """How many undecided conditions gave a rank to a shape that had none."""
        self.about_rank: set[int] = set()
        """Those conditions, by the identity of their nodes: who calls may never come with such a rank."""
        self.entered: FunctionValue | None = None
        """The method that the entry is about, which may stand behind decorators."""
        self.takes_batches = False
        """Whether the parameters of the entry are taken to be batches."""
        self.unbound_reads = 0
        """How often a local variable was read that has no value on some path."""
        self.foreign = 0
        """How many calls went into packages that are not known."""
        self.failures = 0
        """Complaints so far, those of a place already reported included."""
        self.rows: dict[int, tuple[Value, Row, int]] = {}
        """Layers that were made as copies, by identity: the row and the index of each."""
        self.default_configs: dict[int, list[tuple[Value, dict[str, Any]]]] = {}
        """Configurations made with their defaults, by the identity of the class, and the files that had a part."""
        self.entry_configs: list[Instance] = []
        """Configurations that the entry has made with their defaults."""
        self.made_configs: list[Made] = []
        """The same and their parts, as they were made."""
        self.configs_taken: dict[int, int] = {}
        """How many of them the entry has taken."""
        self.ambiguous_sizes: frozenset[int] = frozenset()
        """Numbers that are the default of several parameters: two axes of such a size may have nothing in common."""

    # --- services for models of library functions ------------------------------------------------------------------

    def call(self, function: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        """Call anything."""
        return calls.call(self, function, arguments, keywords, node)

    def iterate(self, value: Value, node: Node) -> list[Value] | None:
        """The items of an iterable, in order; ``None`` when they are not known."""
        return iteration.iterate(self, value, node)

    def truth(self, value: Value, node: Node | None = None) -> bool | None:
        """Whether ``value`` is true; ``None`` when not known."""
        return conditions.truth(self, value, node)

    def attribute(self, value: Value, name: str, node: Node) -> Value:
        """``value.name``"""
        return attributes.get_attribute(self, value, name, node)

    def compare(self, operator: str, left: Value, right: Value, node: Node) -> Value:
        """``left operator right``: a bool, a Condition or a tensor."""
        return comparisons.compare(self, operator, left, right, node)

    def binary(self, operator: str, left: Value, right: Value, node: Node) -> Value:
        """``left operator right``"""
        return operators.binary(self, operator, left, right, node)

    def set_attribute(self, target: Value, name: str, value: Value, node: Node) -> None:
        """``target.name = value``, properties and all."""
        attribute_writes.set_attribute(self, target, name, value, node)

    def item(self, value: Value, index: Value, node: Node) -> Value:
        """``value[index]``"""
        return subscripts.get_item(self, value, index, node)

    def is_instance(self, value: Value, cls: Value) -> bool | None:
        """Whether ``value`` is an object of the class ``cls`` (or of one of a tuple of classes)."""
        return classes.is_instance(self, value, cls)

    def equal(self, left: Value, right: Value) -> bool | None:
        """Whether ``left == right``; ``None`` when not known."""
        return comparisons.equal(self, left, right)

    def unknown(self, reason: str, label: str = "", kind: str = "") -> Unknown:
        """An object of which nothing is known."""
        return Unknown(reason, label=label, kind=kind)

    def raise_error(self, name: str, message: str, node: Node | None = None) -> NoReturn:
        """Python certainly raises the exception ``name`` here."""
        raise Raised(Instance(PythonName(name), {"args": (message,)}), node)

    # --- classes ------------------------------------------------------------------------------------------------

    def make_class(self, name: str, bases: tuple[Value, ...], attributes: dict[str, Value], node: Node | None) -> Value:
        """A class made by a library function."""
        return classes.make_class(self, name, bases, attributes)

    def class_annotations(self, cls: Value) -> list[tuple[str, Value]]:
        """The annotated names of a class body, in order, with a short text of the annotation."""
        return cls.annotations if isinstance(cls, ClassValue) else []

    def class_attribute(self, cls: Value, name: str) -> Value:
        """A class's own attribute, or MISSING."""
        from attnlint.interpreter.library import MISSING as absent

        value = cls.attributes.get(name, UNBOUND) if isinstance(cls, ClassValue) else UNBOUND
        return absent if value is UNBOUND else value

    def mro(self, cls: Value) -> tuple[Value, ...]:
        """The method resolution order."""
        return classes.mro_of(cls)

    def has_run(self, node_id: int) -> bool:
        """Whether a statement or function of the checked file has run."""
        return (
            node_id in self.covered
            or node_id in self.covered_functions
            or any(node_id in each for each in self.earlier)
        )

    # --- the interpreter's own ------------------------------------------------------------------------------------

    def evaluate(self, node: Expression) -> Value:
        """The value of an expression."""
        return EXPRESSIONS[type(node)](self, node)

    def step(self, count: int = 1) -> None:
        """Use up some of the budget, and what the algebra has done since the step before."""
        work = (EFFORT.spent - self.effort) // PER_STEP
        if work > 0:
            self.effort += work * PER_STEP
            count += work
        self.steps -= count
        if self.steps < 0:
            raise BudgetSpent
        if self.project.interrupt is not None and not self.project.importing:
            self.project.interrupt()

    def within(self, steps: int, body: Callable[[], Value]) -> Value:
        """What ``body`` comes to in so many steps. Where they do not do, an unknown value, and nothing has happened."""
        allowed = min(steps, self.steps)
        left = self.steps - allowed
        self.steps = allowed
        outer, self.allowed = self.allowed, allowed
        mark = self.store.push()
        facts, scope, frame = self.facts, self.scope, self.frame
        depths = [(stack, len(stack)) for stack in (self.frames, self.tries, self.conditions)]
        quiet = self.quiet
        self.facts = facts.fork()
        try:
            value = body()
        except BudgetSpent:
            if left <= 0:
                raise
            written = self.store.changes(mark)
            self.store.undo_to(mark)
            self.facts, self.scope, self.frame, self.quiet = facts, scope, frame, quiet
            for stack, depth in depths:
                del stack[depth:]
            forgetting.forget_written(self, written)
            return self.fresh("more work than this is worth")
        except Raised:
            self.store.commit_to(mark - 1)
            raise
        finally:
            self.steps = left + max(self.steps, 0)
            self.allowed = outer
        self.store.commit_to(mark - 1)
        return value

    def next_serial(self) -> int:
        """A number that was not used before in this interpretation."""
        return next(_SERIAL)

    def fresh(self, reason: str, label: str = "", kind: str = "", optional: bool = False) -> Unknown:
        """An unknown object that is itself: what is learnt of it holds wherever it goes."""
        return Unknown(reason, ("fresh", next(_SERIAL)), label, kind, optional)

    def keyed(self, value: Value) -> Value:
        """``value``; an unknown without identity gets one, as it is now held in one hand."""
        if type(value) is Unknown and value.key is None:
            return Unknown(value.reason, ("fresh", next(_SERIAL)), value.label, value.kind, value.optional)
        return value

    def refine(self, value: Value) -> Value:
        """What this path knows of a value read from a variable or an attribute."""
        if type(value) is Choice:
            if UNBOUND in value.values:
                self.unbound_reads += 1
                rest = tuple(each for each in value.values if each is not UNBOUND)
                if not rest:
                    return value
                value = rest[0] if len(rest) == 1 else value.only(rest)
            if type(value) is not Unknown:
                return value
        key = value.key
        if key is None:
            return value
        return self.store.knowledge.get(key, value)

    def load_import(self, lazy: LazyImport, variables: dict[str, Value], name: str, reader: ModuleValue) -> Value:
        """What an imported name stands for, which the file ``reader`` has in ``variables``."""
        return demand.load(self, lazy, variables, name, reader)

    def optional_import(self, choice: Choice, reader: ModuleValue) -> Value:
        """What a name stands for that an import in a ``try`` may have bound, in the file ``reader``."""
        return demand.optional_import(self, choice, reader)

    def module_attribute_missing(self, module: ModuleValue, name: str) -> Value:
        """A name that the module's run did not bind: it may come from a star import that is not known."""
        return demand.missing_name(self, module, name)

    def forked(self, frame: Frame) -> bool:
        """Whether the running code of ``frame`` is inside a branch that may not be taken."""
        return len(self.conditions) > frame.conditions

    def reset(self) -> None:
        """Forget the activations of an entry that has ended."""
        self.frames.clear()
        self.tries.clear()
        self.conditions.clear()
        self.withheld.clear()
        self.quiet = 0
        self.models = 0
        self.scope = self.frame = None  # type: ignore[assignment]


# At the end: these modules need the class above.
from attnlint.interpreter import (  # noqa: E402
    attribute_writes,
    attributes,
    calls,
    classes,
    comparisons,
    conditions,
    demand,
    forgetting,
    iteration,
    operators,
    subscripts,
)
from attnlint.interpreter.expressions import EXPRESSIONS  # noqa: E402
