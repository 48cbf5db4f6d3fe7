"""Functions: wrap the body in a ``with``, turn a coroutine function into a sync one."""

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
    from wslint.findings.actions import MakeSync, WrapBody
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
            inner = cst.IndentedBlock(statements, indent=indent, footer=footer)
            wrapped, footer = fitted(cst.With(items, inner), indents), ()
        wrapped = whitespace.with_leading(wrapped, above)
        whole = body.with_changes(body=[*docstring, wrapped], footer=footer)
        return function.with_changes(body=whole)

    context.edits.add(function, edit)


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
