"""Lowering of the patterns of ``match``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from attnlint.syntax.lower_expressions import ExpressionLowering
from attnlint.syntax.nodes import Expression, Pattern


class PatternLowering(ExpressionLowering):
    """Lowers patterns."""

    def pattern(self, node: Any) -> Pattern:
        """Lower any pattern."""
        return _PATTERNS[type(node)](self, node)

    def value_pattern(self, node: Any) -> Pattern:
        return Pattern(self.next_id(), "value", value=self.expression(node.value))

    def as_pattern(self, node: cst.MatchAs) -> Pattern:
        identity = self.next_id()
        name = None if node.name is None else node.name.value
        if node.pattern is None:
            return Pattern(identity, "capture", name=name)
        return Pattern(identity, "as", parts=(self.pattern(node.pattern),), name=name)

    def or_pattern(self, node: cst.MatchOr) -> Pattern:
        return Pattern(self.next_id(), "or", parts=tuple([self.pattern(element.pattern) for element in node.patterns]))

    def sequence_pattern(self, node: cst.MatchSequence) -> Pattern:
        return Pattern(self.next_id(), "sequence", parts=self._parts(node.patterns))

    def star_pattern(self, node: cst.MatchStar) -> Pattern:
        return Pattern(self.next_id(), "star", name=None if node.name is None else node.name.value)

    def mapping_pattern(self, node: cst.MatchMapping) -> Pattern:
        identity = self.next_id()
        keys: list[Expression] = []
        parts: list[Pattern] = []
        for element in node.elements:
            keys.append(self.expression(element.key))
            parts.append(self.pattern(element.pattern))
        rest = None if node.rest is None else node.rest.value
        return Pattern(identity, "mapping", name=rest, parts=tuple(parts), keys=tuple(keys))

    def class_pattern(self, node: cst.MatchClass) -> Pattern:
        identity = self.next_id()
        value = self.expression(node.cls)
        positional = self._parts(node.patterns)
        keywords = tuple([self.pattern(element.pattern) for element in node.kwds])
        names = tuple([element.key.value for element in node.kwds])
        return Pattern(identity, "class", value=value, parts=positional + keywords, names=names)

    def _parts(self, patterns: Iterable[Any]) -> tuple[Pattern, ...]:
        return tuple([self.pattern(p.value if type(p) is cst.MatchSequenceElement else p) for p in patterns])


_PATTERNS: dict[type, Callable[[PatternLowering, Any], Pattern]] = {
    cst.MatchValue: PatternLowering.value_pattern,
    cst.MatchSingleton: PatternLowering.value_pattern,
    cst.MatchAs: PatternLowering.as_pattern,
    cst.MatchOr: PatternLowering.or_pattern,
    cst.MatchList: PatternLowering.sequence_pattern,
    cst.MatchTuple: PatternLowering.sequence_pattern,
    cst.MatchStar: PatternLowering.star_pattern,
    cst.MatchMapping: PatternLowering.mapping_pattern,
    cst.MatchClass: PatternLowering.class_pattern,
}
