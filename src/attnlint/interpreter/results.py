"""What an analysis hands to ``check``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attnlint.findings import Evidence
from attnlint.frozen import replace
from attnlint.interpreter.witnesses import Sizes
from attnlint.ops.complaint import Complaint
from attnlint.values import Place, Value

if TYPE_CHECKING:
    from attnlint.declarations.collect import FileDeclarations
    from attnlint.interpreter.watching import Watcher
    from attnlint.ops.registry import Op


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """How much an analysis may do, and what it keeps."""

    record_bindings: bool = False
    recorded_files: frozenset[str] = frozenset()
    """Other files whose bindings are kept, too."""
    strict: bool = False
    """Bugs of shape rules and of the interpreter raise instead of being noted (for tests)."""
    preview: bool = False
    steps: int = 40_000
    """The budget of the module's own run, in statements, calls, rounds of comprehensions and work of the algebra."""
    entry_steps: int = 6_000
    """The budget of every other entry: one class or function on its own."""
    least_steps: int = 24_000
    """The budget of a short file over all entries but the module's own run."""
    steps_per_line: int = 25
    """The same for a longer file, in steps a line."""
    import_steps: int = 3_000
    """The budget of the top level of an imported module: definitions, and what they call."""
    depth: int = 60
    """How deep calls of the user's functions nest."""
    recursion: int = 12
    """How often one function is active at a time."""
    rounds: int = 64
    """How many rounds of a loop are unrolled."""
    record_operations: bool = False
    """Keep every op that the checked file calls, with its arguments (for the proof of a repair)."""
    record_expressions: bool = False
    """Keep what expressions of the checked file came to, where it is a tensor, a size or a shape (for an editor)."""
    module_only: bool = False
    """Only run the module, no class or function on its own (``attnlint shapes`` of a script)."""
    trusted: tuple[str, ...] = ("jaxtyping",)
    """Which declared shapes of parameters are taken for granted."""
    declarations: FileDeclarations | None = None
    """The declared shapes of the file, where some of those in comments or docstrings are."""
    signatures: Mapping[str, Op] = field(default_factory=dict)
    """What the configuration declares of other packages, by qualified name."""
    watcher: Watcher | None = None
    """Is told what the statements of the checked file make."""


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument of the operation as the author wrote it, and what is known of it, shapes resolved."""

    name: str
    """The parameter of the operation: ``input``."""
    node: int | None
    """The syntax node in the checked file, where the operation itself stands there."""
    value: Value
    text: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One call of the chain that leads from the entry to the operation, or the origin of a dim."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class RawFinding:
    """A broken demand, as nodes and values."""

    code: str
    place: int
    """Node of the operation, or of the call that leads to it, in the checked file."""
    statement: int
    complaint: Complaint
    operation: str
    """As messages name it: ``torch.bmm``."""
    operands: tuple[Operand, ...]
    evidence: Evidence
    entry: str
    chain: tuple[Link, ...] = ()
    """From the entry inwards; the last one is the operation itself when it stands in another file."""
    origins: tuple[Link, ...] = ()
    caught: Place | None = None
    """The ``except`` clause that catches the error."""
    conditions: tuple[Link, ...] = ()
    """The undecided conditions that the path went through; the text starts with ``not`` where it did not hold."""
    certain: bool = True
    """False: for ``--preview`` only."""
    alone: bool = False
    """It stands where another alternative of the same value does not fail: one of two branches is wrong."""
    sizes: Sizes | None = field(default=None, compare=False)
    """What finds the witness of the evidence. Most findings are taken back before anybody asks for one."""

    def with_witness(self) -> RawFinding:
        """The finding, its evidence with sizes that show it, where there are any."""
        if self.sizes is None or not (witness := self.sizes.witness()):
            return self
        return replace(self, evidence=replace(self.evidence, witness=witness), sizes=None)


@dataclass(frozen=True, slots=True)
class Binding:
    """A value that was bound to a name."""

    entry: str
    node: int
    """The target name."""
    name: str
    value: Value
    path: str = ""
    """The file, where it is not the one that is checked."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An op that was called, and whether its result is known."""

    node: int
    name: str
    known: bool
    evidence: Evidence


@dataclass(slots=True)
class Analysis:
    """The result for one file."""

    findings: list[RawFinding] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    expressions: list[Binding] = field(default_factory=list)
    """The node is that of the expression; the name is empty unless it is one."""
    operations: list[Operation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    debug: list[str] = field(default_factory=list)
    """Bugs of shape rules and models, one line each."""
    entries: list[str] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    """Other files of the project that were read."""
    unknown_calls: dict[str, int] = field(default_factory=dict)
    """What was called without being known, and how often."""
    figures: Mapping[str, Any] = field(default_factory=dict)


def without_refused(findings: list[RawFinding]) -> list[RawFinding]:
    """What torch refuses for the sizes at hand need not be said of other sizes."""
    refused = {one.statement for one in findings if one.certain and one.code.startswith("ATN1")}
    return [one for one in findings if one.code != "ATN201" or one.statement not in refused]
