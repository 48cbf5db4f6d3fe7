"""Parses new source text to nodes."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.actions import Code

# A placeholder for the replaced node until the template is parsed. Pasting its text instead could
# change operator precedence and the indentation of continuation lines.
OLD = "_wslint_replaced_node_"


def fill(code: Code, names: Sequence[str], module: cst.Module, *old: str) -> str:
    """Expand the template, with the line ends of the file.

    ``old`` fill its numbered holes, indented as the lines of the holes are.
    """
    text = code.text.replace("\r\n", "\n")
    filled = [_indented(each, f"{{{number}}}", text) for number, each in enumerate(old)]
    try:
        text = text.format(*filled, **dict(zip(ascii_lowercase, names, strict=False)))
    except (IndexError, KeyError, ValueError) as error:
        raise CannotFix(f"the new code is not a template: {error!r}") from error
    return text.replace("\n", module.default_newline)


def has_long_strings(text: str) -> bool:
    """Return whether strings of several lines may be in a text, whose lines stay as they are."""
    return any(quotes in text for quotes in ('"""', "'''"))


def _indented(old: str, hole: str, template: str) -> str:
    line = next((line for line in template.split("\n") if hole in line), "")
    indent = line[: len(line) - len(line.lstrip())]
    return old if has_long_strings(old) else old.replace("\n", f"\n{indent}")


def _config(module: cst.Module) -> cst.PartialParserConfig:
    return cst.PartialParserConfig(default_newline=module.default_newline)


def expression(text: str, module: cst.Module) -> cst.BaseExpression:
    """Parse an expression."""
    try:
        return cst.parse_expression(text.strip(), config=module.config_for_parsing)
    except cst.ParserSyntaxError as error:
        raise CannotFix(f"the new code is not an expression: {text}") from error


def statements(text: str, module: cst.Module, indent: str | None) -> list[cst.BaseStatement]:
    """Parse statements; their blocks are indented by ``indent``."""
    if not text.endswith(module.default_newline):
        text += module.default_newline
    try:
        parsed = cst.parse_module(text, config=_config(module))
    except cst.ParserSyntaxError as error:
        raise CannotFix(f"the new code does not parse: {text}") from error
    if not parsed.body:
        raise CannotFix("the new code has no statement")
    parsed = parsed.visit(_Indent(parsed.default_indent, indent))
    first, *rest = parsed.body
    return [first.with_changes(leading_lines=(*parsed.header, *first.leading_lines)), *rest]


def with_items(text: str, module: cst.Module) -> list[cst.WithItem]:
    """Parse the items of a ``with``."""
    newline = module.default_newline
    try:
        parsed = cst.parse_module(f"with {text.strip()}:{newline} pass{newline}", _config(module))
    except cst.ParserSyntaxError as error:
        raise CannotFix(f"the new code does not fit into a with: {text}") from error
    statement = parsed.body[0]
    if len(parsed.body) != 1 or not isinstance(statement, cst.With):
        raise CannotFix(f"the new code does not fit into a with: {text}")
    return [item.with_changes(comma=cst.MaybeSentinel.DEFAULT) for item in statement.items]


class _Indent(cst.CSTTransformer):
    """Indents new blocks like the blocks around them."""

    def __init__(self, old: str, new: str | None) -> None:
        super().__init__()
        self._old = old
        self._new = new

    def leave_IndentedBlock(  # noqa: N802 - the name libcst calls
        self,
        original_node: cst.IndentedBlock,  # noqa: ARG002
        updated_node: cst.IndentedBlock,
    ) -> cst.IndentedBlock:
        if updated_node.indent in {None, self._old}:
            return updated_node.with_changes(indent=self._new)
        return updated_node
