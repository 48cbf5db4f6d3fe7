"""Functions: wrap the body in a ``with``, add a parameter, turn a coroutine into a sync one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import code, node_queries, whitespace
from wslint.fixes.cst.bindings import bound_by
from wslint.fixes.cst.blocks import indented, lift_blank, split_docstring
from wslint.fixes.cst.with_layout import fitted, joined
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.actions import AddParameter, MakeSync, WrapBody
    from wslint.fixes.context import Context


def wrap_body(action: WrapBody, context: Context) -> None:
    """Plan to wrap the body of a function in a ``with``."""
    tree = context.tree
    function = tree.function(action.place)
    indent = tree.indent(function.body)
    old = context.sources(action.source)
    text = context.text(action.items, function, context.inner_scopes(function), *old)
    items = code.with_items(text, tree.module)
    indents = [*tree.indents(function), indent or tree.module.default_indent]

    def edit(function: cst.FunctionDef) -> cst.FunctionDef:
        body = indented(function.body, indent)
        docstring, statements = split_docstring(body)
        above = lift_blank(statements)
        wrapped, footer = joined(items, statements, indents), body.footer
        if wrapped is None:
            lines = whitespace.deeper(statements, indents[-1])
            inner = cst.IndentedBlock(lines, indent=indent, footer=footer)
            wrapped, footer = fitted(cst.With(items, inner), indents), ()
        wrapped = whitespace.with_leading(wrapped, above)
        whole = body.with_changes(body=[*docstring, wrapped], footer=footer)
        return function.with_changes(body=whole)

    context.edits.add(function, edit)


def add_parameter(action: AddParameter, context: Context) -> None:
    """Plan to add a parameter to a function, after those without a default."""
    tree = context.tree
    function = tree.function(action.place)
    annotation = None
    if function.returns is not None:
        name = context.imports.name(action.type, function, tree.scopes(function))
        annotation = cst.Annotation(code.expression(name, tree.module))
    new = cst.Param(cst.Name(action.name), annotation)

    indents = "".join(tree.indents(function))

    def edit(function: cst.FunctionDef) -> cst.FunctionDef:
        old = function.params.params
        if any(param.name.value == action.name for param in old):
            return function
        params = _with_parameter(old, new, function.whitespace_before_params)
        longer = function.with_deep_changes(function.params, params=params)
        head = longer.with_changes(
            leading_lines=(), decorators=(), body=cst.SimpleStatementSuite([cst.Pass()])
        )
        text = indents + tree.module.code_for_node(head).rpartition(" pass")[0]
        if "\n" in text or len(text) <= whitespace.WIDTH:
            return longer
        return _on_lines(longer, tree.module.default_indent)

    context.edits.add(function, edit)


def _with_parameter(
    old: Sequence[cst.Param], new: cst.Param, before: cst.BaseParenthesizableWhitespace
) -> list[cst.Param]:
    """Return parameters and a new one, after those without a default and laid out as they are."""
    index = sum(param.default is None for param in old)
    if not index:
        return [new, *old]
    last = old[index - 1]
    if index < len(old):
        return [*old[:index], new.with_changes(comma=last.comma), *old[index:]]
    above = old[-2].comma if len(old) > 1 else None
    between = above.whitespace_after if isinstance(above, cst.Comma) else before
    end = last.whitespace_after_param
    if isinstance(last.comma, cst.Comma):
        end = last.comma.whitespace_after
    closing = end
    if not isinstance(between, cst.ParenthesizedWhitespace):
        between = cst.SimpleWhitespace(" ")
    elif isinstance(end, cst.ParenthesizedWhitespace):
        # the comment at the end of the last line stays there
        between = between.with_changes(first_line=end.first_line, empty_lines=())
        closing = end.with_changes(first_line=cst.TrailingWhitespace())
    if isinstance(last.comma, cst.Comma):
        new = new.with_changes(comma=last.comma.with_changes(whitespace_after=closing))
    else:
        new = new.with_changes(whitespace_after_param=closing)
    comma = cst.Comma(whitespace_after=between)
    last = last.with_changes(comma=comma, whitespace_after_param=cst.SimpleWhitespace(""))
    return [*old[:-1], last, new]


def _on_lines(function: cst.FunctionDef, unit: str) -> cst.FunctionDef:
    """Put each plain parameter of a function on a line of its own, as black does."""
    before, end = whitespace.wrapped(unit)
    params = function.params
    if params.kwonly_params or params.posonly_params or params.star_kwarg is not None:
        return function
    between = cst.Comma(whitespace_after=before)
    lines = [param.with_changes(comma=between) for param in params.params]
    lines[-1] = lines[-1].with_changes(comma=cst.Comma(whitespace_after=end))
    wrapped = function.with_deep_changes(params, params=lines)
    return wrapped.with_changes(whitespace_before_params=before)


def make_sync(action: MakeSync, context: Context) -> None:
    """Plan to turn a coroutine function into a sync one that drives it."""
    tree = context.tree
    function = tree.function(action.place)
    if function.asynchronous is None and not action.from_sync:
        raise CannotFix("the function is not async")
    if node_queries.is_generator(function):
        raise CannotFix("the function is an async generator")
    if any(map(_bare_super, node_queries.own(function.body))):
        raise CannotFix("super() without arguments does not work in an inner function")
    adapter = context.text(action.adapter, function, context.inner_scopes(function))
    name = node_queries.fresh(
        action.name, node_queries.names(function) | {adapter.partition(".")[0]}
    )
    answers = any(node.value is not None for node in node_queries.returns(function))
    indent = tree.indent(function.body)
    rebound = _rebound(tree.source(function), tree.indents(function))
    call = f"{'return ' if answers else ''}{adapter}({name})()"

    def edit(function: cst.FunctionDef) -> cst.FunctionDef:
        body = indented(function.body, indent)
        docstring, statements = split_docstring(body)
        above = lift_blank(statements)
        statements = whitespace.deeper(statements, indent or tree.module.default_indent)
        if rebound:
            names = f"nonlocal {', '.join(rebound)}"
            statements[:0] = code.statements(names, tree.module, indent)
        inner = cst.FunctionDef(
            name=cst.Name(name),
            params=cst.Parameters(),
            body=cst.IndentedBlock(statements, indent=indent, footer=body.footer),
            asynchronous=cst.Asynchronous(),
            returns=function.returns,
            leading_lines=above,
        )
        if docstring:
            inner = whitespace.spaced(inner, 1)
        drive = [whitespace.spaced(part, 1) for part in code.statements(call, tree.module, indent)]
        return function.with_changes(
            asynchronous=None,
            body=body.with_changes(body=[*docstring, inner, *drive], footer=()),
        )

    context.edits.add(function, edit)


def _bare_super(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Call)
        and not node.args
        and isinstance(node.func, cst.Name)
        and node.func.value == "super"
    )


def _rebound(source: str, indents: list[str]) -> list[str]:
    """Return the parameters that the body rebinds: in an inner function they need nonlocal."""
    # the source starts without indentation; further lines keep that of the file
    indent = "".join(indents)
    if indent:
        source = f"if 1:\n{indent}{source}"
    parsed = ast.parse(source).body[0]
    function = parsed.body[0] if isinstance(parsed, ast.If) else parsed
    if not isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
        raise CannotFix("the function cannot be parsed")
    return sorted(_parameters(function) & _assigned(function))


def _parameters(function: ast.AsyncFunctionDef | ast.FunctionDef) -> set[str]:
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def _assigned(function: ast.AsyncFunctionDef | ast.FunctionDef) -> set[str]:
    names: set[str] = set()
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        names |= {name for name, _ in bound_by(node)}
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)
    return names
