"""The oracle of the lowering: the same small syntax, made from Python's own ``ast``."""

from __future__ import annotations

import ast
from dataclasses import fields
from typing import Any

from attnlint.syntax import nodes
from attnlint.syntax.bodies import Body
from attnlint.syntax.nodes import Node

_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
_COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


class Converter:
    """Converts ``ast`` trees; ``origins`` maps each node made to the ``ast`` node it came from."""

    def __init__(self) -> None:
        self.origins: dict[int, ast.AST] = {}
        self.kept: list[Node] = []

    def all(self, items: Any) -> tuple[Any, ...]:
        return tuple(self.convert(item) for item in items)

    def convert(self, node: Any) -> Any:
        if node is None:
            return None
        made = getattr(self, "from_" + type(node).__name__.lower())(node)
        self.origins[id(made)] = node
        self.kept.append(made)
        return made

    # --- expressions ---

    def from_constant(self, n: Any) -> Any:
        return nodes.Constant(0, n.value)

    def from_name(self, n: Any) -> Any:
        return nodes.Name(0, n.id)

    def from_attribute(self, n: Any) -> Any:
        return nodes.Attribute(0, self.convert(n.value), n.attr)

    def from_subscript(self, n: Any) -> Any:
        return nodes.Subscript(0, self.convert(n.value), self.convert(n.slice))

    def from_slice(self, n: Any) -> Any:
        return nodes.Slice(0, self.convert(n.lower), self.convert(n.upper), self.convert(n.step))

    def arguments(self, positional: Any, keywords: Any) -> tuple[Any, ...]:
        made = []
        for argument in positional:
            is_star = isinstance(argument, ast.Starred)
            value = argument.value if is_star else argument
            place = (argument.lineno, argument.col_offset)
            made.append((place, nodes.Argument(0, self.convert(value), None, int(is_star))))
        for keyword in keywords:
            place = (keyword.lineno, keyword.col_offset)
            star = 0 if keyword.arg else 2
            argument = nodes.Argument(0, self.convert(keyword.value), keyword.arg, star)
            self.origins[id(argument)] = keyword
            made.append((place, argument))
        self.kept.extend(argument for _, argument in made)
        return tuple(argument for _, argument in sorted(made, key=lambda pair: pair[0]))

    def from_call(self, n: Any) -> Any:
        return nodes.Call(0, self.convert(n.func), self.arguments(n.args, n.keywords))

    def from_binop(self, n: Any) -> Any:
        return nodes.Binary(0, _BINARY[type(n.op)], self.convert(n.left), self.convert(n.right))

    def from_unaryop(self, n: Any) -> Any:
        return nodes.Unary(0, _UNARY[type(n.op)], self.convert(n.operand))

    def from_compare(self, n: Any) -> Any:
        operators = tuple(_COMPARE[type(op)] for op in n.ops)
        return nodes.Compare(0, self.convert(n.left), operators, self.all(n.comparators))

    def from_boolop(self, n: Any) -> Any:
        return nodes.Boolean(0, "and" if isinstance(n.op, ast.And) else "or", self.all(n.values))

    def from_ifexp(self, n: Any) -> Any:
        return nodes.Conditional(0, self.convert(n.test), self.convert(n.body), self.convert(n.orelse))

    def from_tuple(self, n: Any) -> Any:
        return nodes.Display(0, "tuple", self.all(n.elts))

    def from_list(self, n: Any) -> Any:
        return nodes.Display(0, "list", self.all(n.elts))

    def from_set(self, n: Any) -> Any:
        return nodes.Display(0, "set", self.all(n.elts))

    def from_dict(self, n: Any) -> Any:
        return nodes.DictDisplay(0, self.all(n.keys), self.all(n.values))

    def from_comprehension(self, n: Any) -> Any:
        return nodes.Clause(0, self.convert(n.target), self.convert(n.iter), self.all(n.ifs))

    def from_listcomp(self, n: Any) -> Any:
        return nodes.Comprehension(0, "list", self.convert(n.elt), None, self.all(n.generators))

    def from_setcomp(self, n: Any) -> Any:
        return nodes.Comprehension(0, "set", self.convert(n.elt), None, self.all(n.generators))

    def from_generatorexp(self, n: Any) -> Any:
        return nodes.Comprehension(0, "generator", self.convert(n.elt), None, self.all(n.generators))

    def from_dictcomp(self, n: Any) -> Any:
        return nodes.Comprehension(0, "dict", self.convert(n.key), self.convert(n.value), self.all(n.generators))

    def from_joinedstr(self, n: Any) -> Any:
        # Python 3.12 has empty pieces between the fields of a format.
        return nodes.FormattedString(0, self.all(v for v in n.values if getattr(v, "value", None) != ""))

    def from_formattedvalue(self, n: Any) -> Any:
        conversion = None if n.conversion == -1 else chr(n.conversion)
        return nodes.Formatted(0, self.convert(n.value), conversion, self.convert(n.format_spec))

    def from_starred(self, n: Any) -> Any:
        return nodes.Starred(0, self.convert(n.value))

    def from_namedexpr(self, n: Any) -> Any:
        return nodes.Walrus(0, self.convert(n.target), self.convert(n.value))

    def from_yield(self, n: Any) -> Any:
        return nodes.Yield(0, self.convert(n.value), False)

    def from_yieldfrom(self, n: Any) -> Any:
        return nodes.Yield(0, self.convert(n.value), True)

    def from_await(self, n: Any) -> Any:
        return nodes.Await(0, self.convert(n.value))

    def from_lambda(self, n: Any) -> Any:
        return nodes.Lambda(0, self.parameters(n.args), self.convert(n.body))

    def parameters(self, n: ast.arguments) -> tuple[Any, ...]:
        plain = [(a, "positional") for a in n.posonlyargs] + [(a, "plain") for a in n.args]
        defaults = [None] * (len(plain) - len(n.defaults)) + list(n.defaults)
        listed: list[tuple[Any, str, Any]] = [(a, kind, d) for (a, kind), d in zip(plain, defaults, strict=True)]
        if n.vararg:
            listed.append((n.vararg, "star", None))
        listed += [(a, "keyword", d) for a, d in zip(n.kwonlyargs, n.kw_defaults, strict=True)]
        if n.kwarg:
            listed.append((n.kwarg, "double_star", None))
        return tuple(
            nodes.Parameter(0, a.arg, kind, self.convert(default), self.convert(a.annotation))
            for a, kind, default in listed
        )

    # --- statements ---

    def from_expr(self, n: Any) -> Any:
        return nodes.ExpressionStatement(0, self.convert(n.value))

    def from_assign(self, n: Any) -> Any:
        return nodes.Assign(0, self.all(n.targets), self.convert(n.value))

    def from_annassign(self, n: Any) -> Any:
        return nodes.Assign(0, (self.convert(n.target),), self.convert(n.value), self.convert(n.annotation))

    def from_typealias(self, n: Any) -> Any:
        return nodes.Assign(0, (self.convert(n.name),), nodes.Opaque(0, "a type alias"))

    def from_augassign(self, n: Any) -> Any:
        return nodes.AugmentedAssign(0, self.convert(n.target), _BINARY[type(n.op)], self.convert(n.value))

    def from_return(self, n: Any) -> Any:
        return nodes.Return(0, self.convert(n.value))

    def from_raise(self, n: Any) -> Any:
        return nodes.Raise(0, self.convert(n.exc), self.convert(n.cause))

    def from_assert(self, n: Any) -> Any:
        return nodes.Assert(0, self.convert(n.test), self.convert(n.msg))

    def from_delete(self, n: Any) -> Any:
        return nodes.Delete(0, self.all(n.targets))

    def from_pass(self, n: Any) -> Any:
        return nodes.Jump(0, "pass")

    def from_break(self, n: Any) -> Any:
        return nodes.Jump(0, "break")

    def from_continue(self, n: Any) -> Any:
        return nodes.Jump(0, "continue")

    def from_global(self, n: Any) -> Any:
        return nodes.ScopeDeclaration(0, "global", tuple(n.names))

    def from_nonlocal(self, n: Any) -> Any:
        return nodes.ScopeDeclaration(0, "nonlocal", tuple(n.names))

    def from_if(self, n: Any) -> Any:
        return nodes.If(0, self.convert(n.test), self.all(n.body), self.all(n.orelse))

    def from_while(self, n: Any) -> Any:
        return nodes.While(0, self.convert(n.test), self.all(n.body), self.all(n.orelse))

    def from_for(self, n: Any) -> Any:
        return nodes.For(0, self.convert(n.target), self.convert(n.iter), self.all(n.body), self.all(n.orelse))

    from_asyncfor = from_for

    def from_try(self, n: Any, is_group: bool = False) -> Any:
        handlers = self.all(n.handlers)
        for handler in handlers:
            handler.is_group = is_group
        return nodes.Try(0, self.all(n.body), handlers, self.all(n.orelse), self.all(n.finalbody))

    def from_trystar(self, n: Any) -> Any:
        return self.from_try(n, is_group=True)

    def from_excepthandler(self, n: Any) -> Any:
        return nodes.Handler(0, self.convert(n.type), n.name, self.all(n.body))

    def from_with(self, n: Any) -> Any:
        return nodes.With(0, self.all(n.items), self.all(n.body))

    from_asyncwith = from_with

    def from_withitem(self, n: Any) -> Any:
        return nodes.WithItem(0, self.convert(n.context_expr), self.convert(n.optional_vars))

    def from_functiondef(self, n: Any, is_async: bool = False) -> Any:
        return nodes.FunctionDef(
            0,
            n.name,
            self.parameters(n.args),
            self.all(n.body),
            self.all(n.decorator_list),
            self.convert(n.returns),
            is_async,
        )

    def from_asyncfunctiondef(self, n: Any) -> Any:
        return self.from_functiondef(n, is_async=True)

    def from_classdef(self, n: Any) -> Any:
        arguments = self.arguments(n.bases, n.keywords)
        return nodes.ClassDef(0, n.name, arguments, self.all(n.body), self.all(n.decorator_list))

    def from_alias(self, n: Any) -> Any:
        return nodes.ImportedName(0, n.name, n.asname)

    def from_import(self, n: Any) -> Any:
        return nodes.Import(0, self.all(n.names))

    def from_importfrom(self, n: Any) -> Any:
        return nodes.ImportFrom(0, n.module or "", n.level, self.all(n.names))

    def from_match(self, n: Any) -> Any:
        return nodes.Match(0, self.convert(n.subject), self.all(n.cases))

    def from_match_case(self, n: Any) -> Any:
        return nodes.Case(0, self.convert(n.pattern), self.convert(n.guard), self.all(n.body))

    # --- patterns ---

    def from_matchvalue(self, n: Any) -> Any:
        return nodes.Pattern(0, "value", value=self.convert(n.value))

    def from_matchsingleton(self, n: Any) -> Any:
        return nodes.Pattern(0, "value", value=nodes.Constant(0, n.value))

    def from_matchsequence(self, n: Any) -> Any:
        return nodes.Pattern(0, "sequence", parts=self.all(n.patterns))

    def from_matchstar(self, n: Any) -> Any:
        return nodes.Pattern(0, "star", name=n.name)

    def from_matchmapping(self, n: Any) -> Any:
        return nodes.Pattern(0, "mapping", name=n.rest, parts=self.all(n.patterns), keys=self.all(n.keys))

    def from_matchclass(self, n: Any) -> Any:
        parts = self.all(n.patterns) + self.all(n.kwd_patterns)
        return nodes.Pattern(0, "class", value=self.convert(n.cls), parts=parts, names=tuple(n.kwd_attrs))

    def from_matchas(self, n: Any) -> Any:
        if n.pattern is None:
            return nodes.Pattern(0, "capture", name=n.name)
        return nodes.Pattern(0, "as", parts=(self.convert(n.pattern),), name=n.name)

    def from_matchor(self, n: Any) -> Any:
        return nodes.Pattern(0, "or", parts=self.all(n.patterns))


_NOT_COMPARED = {"id", "_scope", "equals"}


def difference(ours: Any, theirs: Any, path: str = "") -> str | None:
    """The first place where two trees differ."""
    if isinstance(theirs, Node):
        if type(ours) is not type(theirs):
            return f"{path}: {ours!r} is no {type(theirs).__name__}"
        for field in fields(theirs):
            if field.name not in _NOT_COMPARED:
                place = f"{path}.{type(theirs).__name__}.{field.name}"
                found = difference(getattr(ours, field.name), getattr(theirs, field.name), place)
                if found:
                    return found
        return None
    if isinstance(theirs, (tuple, Body)):
        ours, theirs = tuple(ours), tuple(theirs)
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} parts, not {len(theirs)}: {ours!r} {theirs!r}"
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            found = difference(one, other, f"{path}[{number}]")
            if found:
                return found
        return None
    if type(ours) is not type(theirs) or (ours != theirs and not (ours != ours and theirs != theirs)):
        return f"{path}: {ours!r} is not {theirs!r}"
    return None


def pairs(ours: Any, theirs: Any) -> list[tuple[Node, Node]]:
    """The nodes of two equal trees, side by side."""
    found: list[tuple[Node, Node]] = []
    stack = [(ours, theirs)]
    while stack:
        one, other = stack.pop()
        if isinstance(other, Node):
            found.append((one, other))
            for field in fields(other):
                if field.name not in _NOT_COMPARED:
                    stack.append((getattr(one, field.name), getattr(other, field.name)))
        elif isinstance(other, (tuple, Body)):
            stack.extend(zip(tuple(one), tuple(other), strict=True))
    return found
