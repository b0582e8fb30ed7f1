"""The rules: one module a code, found by scanning this package.

A module ``atn101_matmul_inner_dimension`` holds ``RULE``. Nothing lists the rules anywhere: a new file is a new rule.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re

from attnlint.rules.rule import Rule

__all__ = ["Rule", "all_rules", "codes", "find_rule", "rule"]

_MODULE = re.compile(r"(atn\d{3})_[a-z0-9_]+")


@functools.cache
def _modules() -> dict[str, str]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if match := _MODULE.fullmatch(module.name):
            found[match[1].upper()] = module.name
    return dict(sorted(found.items()))


def codes() -> tuple[str, ...]:
    """Every code, in order, without importing the rules."""
    return tuple(_modules())


@functools.cache
def rule(code: str) -> Rule:
    """The rule of a code; KeyError when there is none."""
    module = importlib.import_module(f"{__name__}.{_modules()[code]}")
    found: Rule = module.RULE
    return found


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(rule(code) for code in codes())


def find_rule(text: str) -> Rule | None:
    """The rule that a person names, by code or by slug, in any case; ``None`` when there is none."""
    wanted = text.strip()
    if wanted.upper() in _modules():
        return rule(wanted.upper())
    slug = wanted.lower().replace("_", "-")
    return next((one for one in all_rules() if one.name == slug), None)
