"""Repairs of losses: the classes in the second place, an axis of length one too many, targets of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from attnlint.algebra import Answer, Dim, Facts
from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, dims

_OF_CLASSES = frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"})


@repairs("ATN117")
def classes_second(site: Site) -> Iterator[Candidate]:
    """``(batch, tokens, classes)`` with targets of ``(batch, tokens)``: flattened, or the classes moved."""
    operands = site.operands()[:2]
    if len(operands) < 2 or site.operation.rpartition(".")[2] not in _OF_CLASSES:
        return
    (scores, of_scores), (target, of_target) = operands
    sizes, targets = dims(of_scores), dims(of_target)
    if sizes is None or targets is None:
        return
    if len(sizes) >= 3 and len(targets) == len(sizes) - 1:
        edits = (*site.append(scores, f".flatten(0, {len(sizes) - 2})"), *site.append(target, ".flatten()"))
        yield Candidate("flatten the batch and the tokens of both", edits, intent="classes second")
        yield Candidate("move the classes to axis 1", site.append(scores, ".movedim(-1, 1)"), intent="classes second")
    if len(targets) == len(sizes):
        if targets[-1] == 1:
            yield Candidate("drop the last axis of the target", site.append(target, ".squeeze(-1)"))
        elif len(targets) > 1 and targets[1] == 1:
            yield Candidate("drop axis 1 of the target", site.append(target, ".squeeze(1)"))
        elif _same(sizes, targets):
            yield Candidate("take the target as probabilities: .float()", site.append(target, ".float()"))
            yield Candidate("take the class of each row: .argmax(dim=1)", site.append(target, ".argmax(dim=1)"))


@repairs("ATN117")
def axis_of_length_one(site: Site) -> Iterator[Candidate]:
    """``(batch, 1)`` against ``(batch,)``."""
    operands = site.operands()[:2]
    if len(operands) < 2 or site.operation.rpartition(".")[2] in _OF_CLASSES:
        return
    for index, (node, value) in enumerate(operands):
        mine, other = dims(value), dims(operands[1 - index][1])
        if mine is None or other is None:
            continue
        if len(mine) == len(other) + 1 and mine[-1] == 1:
            yield Candidate(f"drop the last axis of {site.short(node)}", site.append(node, ".squeeze(-1)"))
        elif len(mine) + 1 == len(other) and other[-1] == 1:
            yield Candidate(f"give {site.short(node)} a last axis", site.append(node, ".unsqueeze(-1)"))


def _same(one: tuple[Dim, ...], other: tuple[Dim, ...]) -> bool:
    facts = Facts()
    return all(facts.equal(first, second) is Answer.YES for first, second in zip(one, other, strict=True))
