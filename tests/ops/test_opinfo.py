"""The shape rules judged by torch's OpInfo database, family by family.

For every sample: exactly torch's shapes and dtypes (and strides, where claimed), on integers and on symbols; for
every input that must raise: a complaint; on no valid sample does any rule complain. What is not known is listed, with
the reason, in ``expected_gaps``. ``python -m tests.ops.coverage`` prints the table.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter

import pytest

from attnlint.ops.registry import find_op
from tests.ops import expected_gaps
from tests.ops.coverage import Verdict, judge_entry
from tests.ops.judge import Outcome
from tests.ops.opinfo_cases import entries, entry_name, family_of

SAMPLES = 16
FAMILIES = sorted({family_of(entry) for entry in entries()})


@pytest.mark.parametrize("family", FAMILIES, ids=lambda name: name or "no-rule")
def test_family(family: str) -> None:
    verdicts: list[Verdict] = []
    names = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for entry in entries():
            if family_of(entry) == family:
                names.add(entry_name(entry))
                verdicts += judge_entry(entry, samples=SAMPLES)
    expect_none(problems(verdicts))
    expect_none(outdated(verdicts, names))


def expect_none(found: list[str]) -> None:
    """Fail with everything that was found."""
    assert not found, "\n" + "\n".join(found)


def problems(verdicts: list[Verdict]) -> list[str]:
    """What is wrong, and what is unknown, missed or without a rule though it is not listed."""
    found = []
    for verdict in verdicts:
        judgement = verdict.judgement
        outcome = judgement.outcome
        if (
            outcome is Outcome.WRONG
            or (outcome is Outcome.UNKNOWN and verdict.entry not in expected_gaps.UNKNOWN)
            or (outcome is Outcome.NO_RULE and judgement.text not in expected_gaps.NO_RULE)
            or (
                outcome is Outcome.MISSED
                and not any(re.search(words, judgement.text) for words in expected_gaps.MISSED)
            )
        ):
            where = " on symbols" if verdict.symbolic else ""
            found.append(f"{verdict.entry}: {outcome.value}{where}: {judgement.text} | {judgement.call}")
    return found


def outdated(verdicts: list[Verdict], names: set[str]) -> list[str]:
    """What is listed as unknown and is exact now."""
    unknown = Counter(verdict.entry for verdict in verdicts if verdict.judgement.outcome is Outcome.UNKNOWN)
    return sorted(name for name in names if name in expected_gaps.UNKNOWN and not unknown[name])


def test_listed_functions_have_no_rule() -> None:
    assert [name for name in expected_gaps.NO_RULE if find_op(name) is not None] == []


def test_every_listed_entry_exists() -> None:
    names = {entry_name(entry) for entry in entries()}
    assert [name for name in expected_gaps.UNKNOWN if not name.startswith("nn.") and name not in names] == []
