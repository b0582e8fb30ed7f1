"""What would take Python long, or fill the memory, is not computed."""

from __future__ import annotations

import pytest

from attnlint.values import Unknown
from tests.interpreter_library.programs import evaluate

TOO_MUCH = """
"x".ljust(10**12)
"{:>1000000000}".format(1)
"ab".replace("a", "b" * 9999).replace("b", "c" * 99999)
list(range(10**9))
list(itertools.product(range(1000), repeat=4))
math.factorial(10**9)
re.match("(a+)+b", "a" * 60)
math.comb(10**9, 10**8)
list(itertools.permutations(range(30)))
"""


@pytest.mark.parametrize("expression", TOO_MUCH.strip().splitlines())
def test_is_not_computed(expression: str) -> None:
    value = evaluate(f"import itertools, math, re\nresult = {expression}\n")
    assert not isinstance(value, int | str | list)


def test_huge_ranges_stay_lazy() -> None:
    assert evaluate("result = len(range(10**15))") == 10**15
    assert evaluate("result = range(10**15)[-1]") == 10**15 - 1
    assert evaluate("result = 10**14 in range(10**15)") is True


def test_unknown_says_why() -> None:
    value = evaluate("import os\nresult = os.getenv('RANK', '0')")
    assert isinstance(value, Unknown)
    assert "environment" in value.reason
