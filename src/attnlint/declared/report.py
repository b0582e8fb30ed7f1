"""From a contradiction to a finding: the message, the evidence, and the declared shape as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Shape, Symbol
from attnlint.declarations.spec import Spec, written
from attnlint.declared.compare import Contradiction, Lookup, paired, size_of
from attnlint.findings import Evidence, Finding, Made, Property, Range
from attnlint.interpreter import history
from attnlint.rules import rule
from attnlint.values import ListValue, Tensor, Value

if TYPE_CHECKING:
    from attnlint.declared.watch import Case
    from attnlint.interpreter.run import Run
    from attnlint.syntax import Source

CODES = {"comment": "ATN401", "annotation": "ATN402", "docstring": "ATN403"}
_PLACES = {"comment": "the comment", "annotation": "the annotation", "docstring": "the docstring"}
LONGEST = 60
"""An inferred shape whose text is longer is left out of the message: what differs stands there, too."""

_READABLE = re.compile(r"[\w.*+/ -]+")


def findings(cases: Iterable[Case], source: Source, *, preview: bool = False) -> Iterator[Finding]:
    """The findings of the cases in which nothing kept the declaration; with ``preview``, the doubtful ones too."""
    for case in cases:
        found = case.contradiction
        if found is not None and not case.kept and (preview or not case.doubtful):
            yield _finding(case, found, source)


def _finding(case: Case, contradiction: Contradiction, source: Source) -> Finding:
    declaration = case.declaration
    assert case.value is not None
    spec = declaration.said.spec
    code = CODES[declaration.kind]
    described = rule(code)
    shown = f"({', '.join(case.texts)}{',' * (len(case.texts) == 1)})" if case.texts else str(case.value.shape)
    subject = case.name or ("what is returned" if not case.name else "")
    if len(shown) <= LONGEST:
        subject = f"{subject} is {shown}"
    replacement = written(list(case.texts), spec.opening, spec.separator) if case.texts else ""
    return Finding(
        code=code,
        path=source.path,
        range=Range(declaration.line, declaration.column, declaration.line, declaration.end_column),
        message=f"{subject}, {_PLACES[declaration.kind]} says {spec}: {contradiction.text}",
        advice=f"write `{replacement}`" if replacement else " ".join(described.how_to_fix.split()),
        severity=described.severity,
        evidence=case.evidence,
        extra={"entry": case.entry, "replacement": replacement},
    )


def evidence(run: Run, value: Tensor, spec: Spec, lookup: Lookup, found: Contradiction) -> Evidence | None:
    """The operations that make the value, and the shape that it does not have."""
    if value.maker is None:
        return None
    sizes: list[Dim | None] = [None] * len(value.shape.dims)
    if found.kind == "rank" or value.shape.rest is not None:
        sizes = [size_of(axis, lookup) for axis in spec.axes if not axis.many]
    else:
        for axis, place in paired(spec, len(value.shape.dims), open_rank=False):
            sizes[place] = size_of(axis, lookup)
    maker = value.maker.whole or value.maker
    # Nothing but the last operation: what came before is inferred, and was right so far.
    wanted = Property(
        "has_the_declared_shape",
        {"result": value, "sizes": tuple(sizes), "exact": spec.rank is not None},
        inputs=tuple(_tensors((*maker.arguments, *maker.keywords.values()))),
    )
    made = history.attach(run, Evidence(value.maker.operation), value.maker.node, wanted)
    if made.property is None or not isinstance(made.property.arguments["result"], Made):
        # A weight, or drawn at random: there is nothing to run.
        return None
    dims = [dim for dim in (*value.shape.dims, *sizes) if isinstance(dim, Expression)]
    broken = None
    if found.axis is not None and found.wanted is not None:
        broken = (found.wanted, value.shape.dims[found.axis])
    return _with_witness(run, made, [*dims, *history.dims_of(made)], broken)


def _tensors(values: Iterable[Value]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | ListValue):
            yield from _tensors(value.items if isinstance(value, ListValue) else value)


def _with_witness(run: Run, made: Evidence, dims: list[Dim], broken: tuple[Dim, Dim] | None) -> Evidence:
    try:
        found = run.facts.witness(dims, broken) if dims else None
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.debug.append(f"no witness: {type(error).__name__}: {error}")
        return made
    if not found:
        return made
    names = [symbol.name for symbol in found]
    witness: dict[str | Symbol, int] = {
        (symbol.name if names.count(symbol.name) == 1 else symbol): number for symbol, number in found.items()
    }
    return replace(made, witness=witness)  # type: ignore[arg-type]


def axis_texts(
    run: Run,
    shape: Shape,
    spec: Spec | None,
    named: Iterable[tuple[str, Dim]],
    lookup: Lookup = lambda text: None,
) -> tuple[str, ...] | None:
    """The axes of a shape as their author would write them; ``None`` where one cannot be written.

    The names are those of ``spec``, then those of ``named``.
    """
    if shape.rest is not None:
        return None
    facts = run.facts
    known: dict[Dim, str] = {}
    for axis in spec.axes if spec is not None else ():
        size = size_of(axis, lookup)
        if size is not None and not isinstance(size, int):
            known.setdefault(facts.normal(size), axis.text)
    for name, dim in named:
        if not isinstance(dim, int) and not name.startswith("_"):
            known.setdefault(facts.normal(dim), name)
    texts: list[str] = []
    for dim in shape.dims:
        dim = facts.normal(dim)
        text = known.get(dim, "")
        if not text and isinstance(dim, Expression):
            renamed = {
                symbol: Expression.of(Symbol(its, ("shown", its)))
                for symbol in dim.symbols()
                if (its := known.get(Expression.of(symbol))) is not None
            }
            dim = dim.substitute(renamed)
        shown = text or str(dim)
        if not _READABLE.fullmatch(shown):
            return None
        texts.append(shown.replace(" ", "") if spec is not None and spec.separator == " " else shown)
    return tuple(texts)
