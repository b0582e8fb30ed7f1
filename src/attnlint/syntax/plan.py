"""Which top-level statements of a file must run before one of its names can be read.

The answer is a slice of the program: the statements that bind the name or change what it holds, those that bind what
these read, and so on, to be run in the order of the file. What a function reads while it runs is asked for then.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from attnlint.syntax.effects import MUTATORS, STAR, Effects, body_effects, statement_effects

_CLASS_HOOKS = frozenset(["__init_subclass__", "__class_getitem__"])


def _may_change_in_functions(names: Iterable[str], text: str) -> bool:
    """Whether an indented line has ``NAME[``, ``NAME.append``, ``NAME +=`` or the like, or begins with ``global``.

    The patterns begin with the words themselves: those Python finds quickly, and the line is looked at only there.
    """
    listed = "|".join(map(re.escape, sorted(names)))
    methods = "|".join(sorted(MUTATORS))
    for found in re.finditer(rf"(?:{listed})(?:\[|\.(?:{methods})\b|\s*[-+*/|&^]=)", text):
        before = _line_before(text, found.start())
        if before and before[0] in " \t" and not (before[-1].isalnum() or before[-1] == "_"):
            return True
    return any(
        (before := _line_before(text, found.start())) and not before.strip(" \t")
        for found in re.finditer(r"global\b", text)
    )


def _line_before(text: str, position: int) -> str:
    """What stands before a place in its line."""
    return text[text.rfind("\n", 0, position) + 1 : position]


class Plan:
    """What the top-level statements of one file bind, read and change."""

    def __init__(self, statements: Sequence[ast.stmt], text: str) -> None:
        self.count = len(statements)
        self._effects = [statement_effects(statement) for statement in statements]
        self.names = frozenset[str]().union(*(each.binds for each in self._effects)) - {STAR}
        """Every name that the file binds at its top level, star imports left aside."""
        self.declared = frozenset[str]().union(*(each.declares for each in self._effects))
        """What it imports for type checkers alone (``*`` for a star import)."""
        self.makes_up_names = "__getattr__" in self.names or any("sys" in each.changes for each in self._effects)
        """Whether it answers for names that nobody binds: by a ``__getattr__``, or by ``sys.modules[...] = ...``."""
        self._foreign = frozenset[str]().union(*(each.imports for each in self._effects))
        self._definitions: dict[str, list[ast.AST]] = {}
        self._makes: dict[str, str] = {}
        self._binders: dict[str, list[int]] = {}
        for index, effects in enumerate(self._effects):
            for name, definition in effects.definitions:
                self._definitions.setdefault(name, []).append(definition)
            self._makes.update(effects.makes)
            for name in effects.binds:
                self._binders.setdefault(name, []).append(index)
        self._bodies: dict[int, Effects] = {}
        self._affecting: dict[str, list[int]] = {}
        self._relate()
        self.exposed = self._exposed(text)
        """The lists, dicts and sets that its functions change."""
        # The tree is not needed any more.
        self._definitions, self._bodies = {}, {}

    @property
    def stars(self) -> Sequence[int]:
        """The statements with a star import in them."""
        return self._binders.get(STAR, ())

    def declaring(self) -> list[int]:
        """The statements that import for type checkers alone."""
        return [index for index, effects in enumerate(self._effects) if effects.declares]

    def is_star_overridden(self, name: str, index: int) -> bool:
        """Whether the file binds a name itself after the star import of a statement."""
        return any(binder > index for binder in self._binders.get(name, ()))

    def needed(self, name: str, done: Collection[int]) -> list[int]:
        """The statements that are to run before ``name`` is read, in order, less those that have run."""
        found: set[int] = set()
        names = [name]
        seen = set(names)
        while names:
            for index in self._affecting.get(names.pop(), ()):
                if index in found or index in done:
                    continue
                found.add(index)
                for read in self._effects[index].reads:
                    if read not in seen:
                        seen.add(read)
                        names.append(read)
        return sorted(found)

    def _exposed(self, text: str) -> frozenset[str]:
        names = frozenset[str]().union(*(each.containers for each in self._effects))
        names = frozenset(name for name in names if not name.startswith("__"))
        # To look through the text is quicker than to go through the tree.
        if not names or not _may_change_in_functions(names, text):
            return frozenset()
        changed: set[str] = set()
        for definitions in self._definitions.values():
            for definition in definitions:
                changed |= self._body(definition).changes
        return names & changed

    # --- which statements a name depends on -------------------------------------------------------------------------

    def _relate(self) -> None:
        touched: list[set[str]] = []
        affecting: dict[str, set[int]] = {name: set(binders) for name, binders in self._binders.items()}
        for index, effects in enumerate(self._effects):
            changed = (effects.changes | effects.methods) - self._foreign
            reads = effects.reads
            start = self._called(effects)
            if start:
                reached, more = self._reach(start)
                changed |= more
                reads = reads | reached
            touched.append(reads & self.names)
            for name in changed & self.names:
                affecting[name].add(index)
        for name, indices in affecting.items():
            first = min(indices)
            if name != STAR:
                # A star import may bind it anew.
                indices.update(star for star in self.stars if star > first)
            if len(indices) > 1:
                # Who reads it in between must not see what it becomes later.
                indices.update(index for index in range(first, max(indices)) if name in touched[index])
            self._affecting[name] = sorted(indices)

    def _called(self, effects: Effects) -> set[str]:
        """The names among which is every function that a statement may call."""
        if effects.calls:
            return effects.reads
        hooks: set[str] = set()
        for base in effects.subclasses:
            for definition in self._definitions.get(base, ()):
                for member in getattr(definition, "body", ()):
                    if getattr(member, "name", "") in _CLASS_HOOKS:
                        hooks |= body_effects(member).reads | {base}
        return hooks

    def _reach(self, start: Iterable[str]) -> tuple[set[str], set[str]]:
        """The names that code may read that these names lead to, and those whose objects it may change."""
        reached: set[str] = set()
        changed: set[str] = set()
        stack = [name for name in start if name in self.names]
        while stack:
            name = stack.pop()
            if name in reached:
                continue
            reached.add(name)
            if name in self._foreign:
                continue
            definitions = self._definitions.get(name, ())
            for definition in definitions:
                body = self._body(definition)
                changed |= (body.changes | {each for each in body.methods if self._is_object(each)}) - self._foreign
                stack += body.reads & self.names
            if not definitions:
                for index in self._binders.get(name, ()):
                    stack += self._effects[index].reads & self.names
        return reached, changed

    def _body(self, definition: Any) -> Effects:
        effects = self._bodies.get(id(definition))
        if effects is None:
            effects = self._bodies[id(definition)] = body_effects(definition)
        return effects

    def _is_object(self, name: str) -> bool:
        """Whether a name holds an object of a class of this file."""
        return self._makes.get(name, "") in self._definitions
