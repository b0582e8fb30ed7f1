"""Options of the test run."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The same cases in every run: a test that fails by luck tells nothing about the change at hand.
settings.register_profile("attnlint", derandomize=True, deadline=None, database=None)
settings.load_profile("attnlint")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")
