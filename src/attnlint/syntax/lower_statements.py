"""Lowering of statements: libcst nodes to :mod:`attnlint.syntax.nodes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from attnlint.syntax import nodes
from attnlint.syntax.lower_patterns import PatternLowering

_AUGMENTED = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
}


class Lowering(PatternLowering):
    """Lowers statements."""

    def block(self, body: Iterable[Any]) -> tuple[nodes.Statement, ...]:
        """Lower statements in a row."""
        lowered: list[nodes.Statement] = []
        for line in body:
            if type(line) is cst.SimpleStatementLine:
                for small in line.body:
                    lowered.append(self.statement(small))
            else:
                lowered.append(self.statement(line))
        return tuple(lowered)

    def suite(self, node: Any) -> tuple[nodes.Statement, ...]:
        """Lower an indented block, or the statements after a colon."""
        return self.block(node.body)

    def statement(self, node: Any) -> nodes.Statement:
        """Lower one statement."""
        return _STATEMENTS[type(node)](self, node)

    # --- simple statements ------------------------------------------------------------------------------------------

    def expression_statement(self, node: cst.Expr) -> nodes.Statement:
        return nodes.ExpressionStatement(self.next_id(), self.expression(node.value))

    def assign(self, node: cst.Assign) -> nodes.Statement:
        return nodes.Assign(
            self.next_id(),
            tuple([self.expression(target.target) for target in node.targets]),
            self.expression(node.value),
        )

    def annotated_assign(self, node: cst.AnnAssign) -> nodes.Statement:
        identity = self.next_id()
        target = self.expression(node.target)
        annotation = self.expression(node.annotation.annotation)
        return nodes.Assign(identity, (target,), self.optional(node.value), annotation)

    def augmented_assign(self, node: cst.AugAssign) -> nodes.Statement:
        return nodes.AugmentedAssign(
            self.next_id(),
            self.expression(node.target),
            _AUGMENTED[type(node.operator)],
            self.expression(node.value),
        )

    def return_(self, node: cst.Return) -> nodes.Statement:
        return nodes.Return(self.next_id(), self.optional(node.value))

    def raise_(self, node: cst.Raise) -> nodes.Statement:
        identity = self.next_id()
        exception = self.optional(node.exc)
        return nodes.Raise(identity, exception, None if node.cause is None else self.expression(node.cause.item))

    def assert_(self, node: cst.Assert) -> nodes.Statement:
        return nodes.Assert(self.next_id(), self.expression(node.test), self.optional(node.msg))

    def delete(self, node: cst.Del) -> nodes.Statement:
        identity = self.next_id()
        target = node.target
        if type(target) is cst.Tuple and not target.lpar:
            return nodes.Delete(identity, self.elements(target.elements))
        return nodes.Delete(identity, (self.expression(target),))

    def pass_(self, node: cst.Pass) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "pass")

    def break_(self, node: cst.Break) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "break")

    def continue_(self, node: cst.Continue) -> nodes.Statement:
        return nodes.Jump(self.next_id(), "continue")

    def global_(self, node: cst.Global) -> nodes.Statement:
        return nodes.ScopeDeclaration(self.next_id(), "global", tuple([item.name.value for item in node.names]))

    def nonlocal_(self, node: cst.Nonlocal) -> nodes.Statement:
        return nodes.ScopeDeclaration(self.next_id(), "nonlocal", tuple([item.name.value for item in node.names]))

    def import_(self, node: Any) -> nodes.Statement:
        return nodes.Import(self.next_id(), tuple([self.imported_name(alias) for alias in node.names]))

    def import_from(self, node: Any) -> nodes.Statement:
        identity = self.next_id()
        if isinstance(node.names, cst.ImportStar):
            names: tuple[nodes.ImportedName, ...] = (self.imported_star(node.names),)
        else:
            names = tuple([self.imported_name(alias) for alias in node.names])
        module = "" if node.module is None else _dotted(node.module)
        return nodes.ImportFrom(identity, module, len(node.relative), names)

    def imported_name(self, node: cst.ImportAlias) -> nodes.ImportedName:
        """Lower ``name as alias``."""
        alias: Any = None if node.asname is None else node.asname.name
        return nodes.ImportedName(self.next_id(), _dotted(node.name), None if alias is None else alias.value)

    def imported_star(self, node: cst.ImportStar) -> nodes.ImportedName:
        """Lower the ``*`` of a from-import."""
        return nodes.ImportedName(self.next_id(), "*", None)

    def type_alias(self, node: cst.TypeAlias) -> nodes.Statement:
        """``type X = ...`` binds X; its value is evaluated only when somebody asks, so it is left out."""
        identity = self.next_id()
        target = self.expression(node.name)
        return nodes.Assign(identity, (target,), nodes.Opaque(self.next_id(), "a type alias"))

    # --- compound statements ----------------------------------------------------------------------------------------

    def if_(self, node: cst.If) -> nodes.Statement:
        # A chain of elif is lowered without recursion: machine-made ones are thousands long.
        first = last = self.if_branch(node)
        orelse: Any = node.orelse
        while orelse is not None:
            if type(orelse) is not cst.If:
                last.orelse = self.suite(orelse.body)
                break
            branch = self.if_branch(orelse)
            last.orelse = (branch,)
            last, orelse = branch, orelse.orelse
        return first

    def if_branch(self, node: cst.If) -> nodes.If:
        """Lower one ``if`` or ``elif`` without what follows it."""
        return nodes.If(self.next_id(), self.expression(node.test), self.suite(node.body), ())

    def while_(self, node: cst.While) -> nodes.Statement:
        return nodes.While(
            self.next_id(), self.expression(node.test), self.suite(node.body), self.suite_after(node.orelse)
        )

    def for_(self, node: cst.For) -> nodes.Statement:
        return nodes.For(
            self.next_id(),
            self.expression(node.target),
            self.expression(node.iter),
            self.suite(node.body),
            self.suite_after(node.orelse),
        )

    def suite_after(self, node: cst.Else | cst.Finally | None) -> tuple[nodes.Statement, ...]:
        """Lower an ``else`` or ``finally`` that may be missing."""
        return () if node is None else self.suite(node.body)

    def try_(self, node: Any) -> nodes.Statement:
        return nodes.Try(
            self.next_id(),
            self.suite(node.body),
            tuple([self.handler(handler) for handler in node.handlers]),
            self.suite_after(node.orelse),
            self.suite_after(node.finalbody),
        )

    def handler(self, node: Any) -> nodes.Handler:
        """Lower one ``except``."""
        identity = self.next_id()
        exception = self.optional(node.type)
        name = None if node.name is None else node.name.name.value
        return nodes.Handler(identity, exception, name, self.suite(node.body), type(node) is cst.ExceptStarHandler)

    def with_(self, node: cst.With) -> nodes.Statement:
        return nodes.With(self.next_id(), tuple([self.with_item(item) for item in node.items]), self.suite(node.body))

    def with_item(self, node: cst.WithItem) -> nodes.WithItem:
        """Lower ``context as target``."""
        identity = self.next_id()
        context = self.expression(node.item)
        return nodes.WithItem(identity, context, None if node.asname is None else self.expression(node.asname.name))

    def function(self, node: cst.FunctionDef) -> nodes.Statement:
        identity = self.next_id()
        decorators = tuple([self.expression(decorator.decorator) for decorator in node.decorators])
        parameters = self.parameters(node.params)
        returns = None if node.returns is None else self.expression(node.returns.annotation)
        body = self.definition_body(node)
        return nodes.FunctionDef(
            identity, node.name.value, parameters, body, decorators, returns, node.asynchronous is not None
        )

    def class_(self, node: cst.ClassDef) -> nodes.Statement:
        identity = self.next_id()
        decorators = tuple([self.expression(decorator.decorator) for decorator in node.decorators])
        # libcst sorts bases and keywords apart; in source order only ``*bases`` may follow a keyword.
        arguments = tuple([self.argument(argument) for argument in (*node.bases, *node.keywords)])
        return nodes.ClassDef(identity, node.name.value, arguments, self.definition_body(node), decorators)

    def definition_body(self, node: cst.FunctionDef | cst.ClassDef) -> Sequence[nodes.Statement]:
        """Lower the body of a definition."""
        return self.suite(node.body)

    def match(self, node: cst.Match) -> nodes.Statement:
        return nodes.Match(
            self.next_id(), self.expression(node.subject), tuple([self.case(case) for case in node.cases])
        )

    def case(self, node: cst.MatchCase) -> nodes.Case:
        """Lower one ``case``."""
        return nodes.Case(self.next_id(), self.pattern(node.pattern), self.optional(node.guard), self.suite(node.body))

    def unknown_statement(self, node: cst.CSTNode) -> nodes.Statement:
        """Syntax newer than this lowering."""
        return nodes.ExpressionStatement(self.next_id(), self.unknown(node))


def _dotted(node: Any) -> str:
    names = []
    while type(node) is cst.Attribute:
        names.append(node.attr.value)
        node = node.value
    names.append(node.value)
    return ".".join(reversed(names))


class _Dispatch(dict[type, Callable[[Lowering, Any], nodes.Statement]]):
    def __missing__(self, kind: type) -> Callable[[Lowering, Any], nodes.Statement]:
        return Lowering.unknown_statement


_STATEMENTS = _Dispatch(
    {
        cst.Expr: Lowering.expression_statement,
        cst.Assign: Lowering.assign,
        cst.AnnAssign: Lowering.annotated_assign,
        cst.AugAssign: Lowering.augmented_assign,
        cst.Return: Lowering.return_,
        cst.Raise: Lowering.raise_,
        cst.Assert: Lowering.assert_,
        cst.Del: Lowering.delete,
        cst.Pass: Lowering.pass_,
        cst.Break: Lowering.break_,
        cst.Continue: Lowering.continue_,
        cst.Global: Lowering.global_,
        cst.Nonlocal: Lowering.nonlocal_,
        cst.Import: Lowering.import_,
        cst.ImportFrom: Lowering.import_from,
        cst.TypeAlias: Lowering.type_alias,
        cst.If: Lowering.if_,
        cst.While: Lowering.while_,
        cst.For: Lowering.for_,
        cst.Try: Lowering.try_,
        cst.TryStar: Lowering.try_,
        cst.With: Lowering.with_,
        cst.FunctionDef: Lowering.function,
        cst.ClassDef: Lowering.class_,
        cst.Match: Lowering.match,
    }
)
# ``lazy import`` (PEP 810), known to libcst since 1.9.
for _name, _method in (("LazyImport", Lowering.import_), ("LazyImportFrom", Lowering.import_from)):
    if hasattr(cst, _name):
        _STATEMENTS[getattr(cst, _name)] = _method
