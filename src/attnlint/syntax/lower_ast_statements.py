"""Lowering of statements and patterns from Python's own ``ast``: see :mod:`attnlint.syntax.lower_ast`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from attnlint.syntax import nodes
from attnlint.syntax.lower_ast import BINARY, AstLowering, Dispatch


class AstStatementLowering(AstLowering):
    """Lowers statements."""

    def block(self, body: Iterable[Any]) -> tuple[Any, ...]:
        """Lower statements in a row."""
        return tuple([_STATEMENTS[type(node)](self, node) for node in body])

    # --- simple statements ------------------------------------------------------------------------------------------

    def expression_statement(self, node: ast.Expr) -> nodes.Statement:
        return nodes.ExpressionStatement(self.next_id(), self.expression(node.value))

    def assign(self, node: ast.Assign) -> nodes.Statement:
        return nodes.Assign(self.next_id(), self.expressions(node.targets), self.expression(node.value))

    def annotated_assign(self, node: ast.AnnAssign) -> nodes.Statement:
        identity = self.next_id()
        target = self.expression(node.target)
        annotation = self.expression(node.annotation)
        return nodes.Assign(identity, (target,), self.optional(node.value), annotation)

    def augmented_assign(self, node: ast.AugAssign) -> nodes.Statement:
        return nodes.AugmentedAssign(
            self.next_id(), self.expression(node.target), BINARY[type(node.op)], self.expression(node.value)
        )

    def return_(self, node: ast.Return) -> nodes.Statement:
        return nodes.Return(self.next_id(), self.optional(node.value))

    def raise_(self, node: ast.Raise) -> nodes.Statement:
        return nodes.Raise(self.next_id(), self.optional(node.exc), self.optional(node.cause))

    def assert_(self, node: ast.Assert) -> nodes.Statement:
        return nodes.Assert(self.next_id(), self.expression(node.test), self.optional(node.msg))

    def delete(self, node: ast.Delete) -> nodes.Statement:
        return nodes.Delete(self.next_id(), self.expressions(node.targets))

    def pass_(self, node: ast.Pass) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "pass")

    def break_(self, node: ast.Break) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "break")

    def continue_(self, node: ast.Continue) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "continue")

    def global_(self, node: ast.Global) -> nodes.Statement:
        return nodes.ScopeDeclaration(self.next_id(), "global", tuple(node.names))

    def nonlocal_(self, node: ast.Nonlocal) -> nodes.Statement:
        return nodes.ScopeDeclaration(self.next_id(), "nonlocal", tuple(node.names))

    def import_(self, node: ast.Import) -> nodes.Statement:
        return nodes.Import(self.next_id(), self.imported_names(node.names))

    def import_from(self, node: ast.ImportFrom) -> nodes.Statement:
        return nodes.ImportFrom(self.next_id(), node.module or "", node.level, self.imported_names(node.names))

    def imported_names(self, names: Iterable[ast.alias]) -> tuple[nodes.ImportedName, ...]:
        """Lower ``name as alias, ...``."""
        return tuple([nodes.ImportedName(self.next_id(), alias.name, alias.asname) for alias in names])

    def type_alias(self, node: Any) -> nodes.Statement:
        """``type X = ...`` binds X; its value is evaluated only when somebody asks, so it is left out."""
        identity = self.next_id()
        target = self.expression(node.name)
        return nodes.Assign(identity, (target,), nodes.Opaque(self.next_id(), "a type alias"))

    # --- compound statements ----------------------------------------------------------------------------------------

    def if_(self, node: ast.If) -> nodes.Statement:
        # A chain of elif is lowered without recursion: machine-made ones are hundreds long.
        first = last = self.if_branch(node)
        orelse = node.orelse
        while len(orelse) == 1 and type(orelse[0]) is ast.If:
            branch = self.if_branch(orelse[0])
            last.orelse = (branch,)
            last, orelse = branch, orelse[0].orelse
        last.orelse = self.block(orelse)
        return first

    def if_branch(self, node: ast.If) -> nodes.If:
        """Lower one ``if`` or ``elif`` without what follows it."""
        return nodes.If(self.next_id(), self.expression(node.test), self.block(node.body), ())

    def while_(self, node: ast.While) -> nodes.Statement:
        return nodes.While(self.next_id(), self.expression(node.test), self.block(node.body), self.block(node.orelse))

    def for_(self, node: Any) -> nodes.Statement:
        return nodes.For(
            self.next_id(),
            self.expression(node.target),
            self.expression(node.iter),
            self.block(node.body),
            self.block(node.orelse),
        )

    def try_(self, node: Any, is_group: bool = False) -> nodes.Statement:
        return nodes.Try(
            self.next_id(),
            self.block(node.body),
            tuple([self.handler(handler, is_group) for handler in node.handlers]),
            self.block(node.orelse),
            self.block(node.finalbody),
        )

    def try_star(self, node: Any) -> nodes.Statement:
        return self.try_(node, is_group=True)

    def handler(self, node: ast.ExceptHandler, is_group: bool) -> nodes.Handler:
        """Lower one ``except``."""
        return nodes.Handler(self.next_id(), self.optional(node.type), node.name, self.block(node.body), is_group)

    def with_(self, node: Any) -> nodes.Statement:
        return nodes.With(self.next_id(), tuple([self.with_item(item) for item in node.items]), self.block(node.body))

    def with_item(self, node: ast.withitem) -> nodes.WithItem:
        """Lower ``context as target``."""
        return nodes.WithItem(self.next_id(), self.expression(node.context_expr), self.optional(node.optional_vars))

    def function(self, node: Any) -> nodes.Statement:
        identity = self.next_id()
        decorators = self.expressions(node.decorator_list)
        parameters = self.parameters(node.args)
        returns = self.optional(node.returns)
        is_async = type(node) is ast.AsyncFunctionDef
        return nodes.FunctionDef(identity, node.name, parameters, self.block(node.body), decorators, returns, is_async)

    def class_(self, node: ast.ClassDef) -> nodes.Statement:
        identity = self.next_id()
        decorators = self.expressions(node.decorator_list)
        arguments = self.arguments(node.bases, node.keywords)
        return nodes.ClassDef(identity, node.name, arguments, self.block(node.body), decorators)

    def match(self, node: ast.Match) -> nodes.Statement:
        return nodes.Match(
            self.next_id(), self.expression(node.subject), tuple([self.case(case) for case in node.cases])
        )

    def case(self, node: ast.match_case) -> nodes.Case:
        """Lower one ``case``."""
        return nodes.Case(self.next_id(), self.pattern(node.pattern), self.optional(node.guard), self.block(node.body))

    # --- patterns ---------------------------------------------------------------------------------------------------

    def pattern(self, node: Any) -> nodes.Pattern:
        """Lower any pattern."""
        lowered: nodes.Pattern = _PATTERNS[type(node)](self, node)
        return lowered

    def patterns(self, listed: Iterable[Any]) -> tuple[nodes.Pattern, ...]:
        """Lower several in a row."""
        return tuple([self.pattern(node) for node in listed])

    def value_pattern(self, node: ast.MatchValue) -> nodes.Pattern:
        return nodes.Pattern(self.next_id(), "value", value=self.expression(node.value))

    def singleton_pattern(self, node: ast.MatchSingleton) -> nodes.Pattern:
        return nodes.Pattern(self.next_id(), "value", value=nodes.Constant(self.next_id(), node.value))

    def sequence_pattern(self, node: ast.MatchSequence) -> nodes.Pattern:
        return nodes.Pattern(self.next_id(), "sequence", parts=self.patterns(node.patterns))

    def star_pattern(self, node: ast.MatchStar) -> nodes.Pattern:
        return nodes.Pattern(self.next_id(), "star", name=node.name)

    def mapping_pattern(self, node: ast.MatchMapping) -> nodes.Pattern:
        identity = self.next_id()
        keys: list[Any] = []
        parts: list[nodes.Pattern] = []
        for key, pattern in zip(node.keys, node.patterns, strict=True):
            keys.append(self.expression(key))
            parts.append(self.pattern(pattern))
        return nodes.Pattern(identity, "mapping", name=node.rest, parts=tuple(parts), keys=tuple(keys))

    def class_pattern(self, node: ast.MatchClass) -> nodes.Pattern:
        identity = self.next_id()
        value = self.expression(node.cls)
        parts = self.patterns(node.patterns) + self.patterns(node.kwd_patterns)
        return nodes.Pattern(identity, "class", value=value, parts=parts, names=tuple(node.kwd_attrs))

    def as_pattern(self, node: ast.MatchAs) -> nodes.Pattern:
        identity = self.next_id()
        if node.pattern is None:
            return nodes.Pattern(identity, "capture", name=node.name)
        return nodes.Pattern(identity, "as", parts=(self.pattern(node.pattern),), name=node.name)

    def or_pattern(self, node: ast.MatchOr) -> nodes.Pattern:
        return nodes.Pattern(self.next_id(), "or", parts=self.patterns(node.patterns))


_STATEMENTS = Dispatch(
    {
        ast.Expr: AstStatementLowering.expression_statement,
        ast.Assign: AstStatementLowering.assign,
        ast.AnnAssign: AstStatementLowering.annotated_assign,
        ast.AugAssign: AstStatementLowering.augmented_assign,
        ast.Return: AstStatementLowering.return_,
        ast.Raise: AstStatementLowering.raise_,
        ast.Assert: AstStatementLowering.assert_,
        ast.Delete: AstStatementLowering.delete,
        ast.Pass: AstStatementLowering.pass_,
        ast.Break: AstStatementLowering.break_,
        ast.Continue: AstStatementLowering.continue_,
        ast.Global: AstStatementLowering.global_,
        ast.Nonlocal: AstStatementLowering.nonlocal_,
        ast.Import: AstStatementLowering.import_,
        ast.ImportFrom: AstStatementLowering.import_from,
        ast.If: AstStatementLowering.if_,
        ast.While: AstStatementLowering.while_,
        ast.For: AstStatementLowering.for_,
        ast.AsyncFor: AstStatementLowering.for_,
        ast.Try: AstStatementLowering.try_,
        ast.With: AstStatementLowering.with_,
        ast.AsyncWith: AstStatementLowering.with_,
        ast.FunctionDef: AstStatementLowering.function,
        ast.AsyncFunctionDef: AstStatementLowering.function,
        ast.ClassDef: AstStatementLowering.class_,
        ast.Match: AstStatementLowering.match,
    }
)
if sys.version_info >= (3, 11):
    _STATEMENTS[ast.TryStar] = AstStatementLowering.try_star
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = AstStatementLowering.type_alias

_PATTERNS = Dispatch(
    {
        ast.MatchValue: AstStatementLowering.value_pattern,
        ast.MatchSingleton: AstStatementLowering.singleton_pattern,
        ast.MatchSequence: AstStatementLowering.sequence_pattern,
        ast.MatchStar: AstStatementLowering.star_pattern,
        ast.MatchMapping: AstStatementLowering.mapping_pattern,
        ast.MatchClass: AstStatementLowering.class_pattern,
        ast.MatchAs: AstStatementLowering.as_pattern,
        ast.MatchOr: AstStatementLowering.or_pattern,
    }
)
