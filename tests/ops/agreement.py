"""Many calls judged in one test: by torch, and once more with symbols for their sizes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .differential import judge
from .symbolic import difference


class Agreement:
    """Collects what is wrong over many calls, so that a failing test shows all of it.

    ``unknown`` and ``missed`` list texts: a call whose description holds one of them may be unknown to the rule, or be
    refused by torch alone. Everything else must agree exactly.
    """

    def __init__(self, *, unknown: tuple[str, ...] = (), missed: tuple[str, ...] = (), symbolic: bool = True) -> None:
        self.unknown = unknown
        self.missed = missed
        self.symbolic = symbolic
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> None:
        judgement = judge(name, *args, **kwargs)
        self.counts[judgement.verdict] += 1
        excused = {"unknown": self.unknown, "missed": self.missed}.get(judgement.verdict, ())
        fails = judgement.wrong or judgement.verdict == "unknown"
        if fails and not any(text in judgement.detail for text in excused):
            self.wrong.append(f"{judgement.verdict}: {judgement.detail}")
        if self.symbolic:
            text = difference(name, sum(self.counts.values()), *args, **kwargs)
            if text:
                self.wrong.append(f"with symbols: {text}")

    def settle(self) -> None:
        """Assert that nothing was wrong, and that there were calls of both kinds."""
        shown = "\n".join(self.wrong[:12])
        assert not self.wrong, f"{len(self.wrong)} of {sum(self.counts.values())} calls:\n{shown}"
        assert self.counts["exact"], "no call succeeded: the test is empty"
        assert self.counts["both raise"], "no call failed: the test is empty"
