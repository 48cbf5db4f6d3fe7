"""The layout of the items of a ``with`` on lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst.whitespace import WIDTH, around_new, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

_PRAGMA = re.compile(r"#\s*(noqa|type:|pylint:|pyright:|pragma:)")


def inserted(statement: cst.With, at: int, new: Sequence[cst.WithItem]) -> cst.With:
    """Insert items before the item ``at``."""
    items = list(statement.items)
    if not isinstance(statement.lpar, cst.LeftParen):
        space = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        items[at:at] = [item.with_changes(comma=space) for item in new]
        return statement.with_changes(items=items)
    previous = items[at - 1].comma if at else None
    gap: cst.BaseParenthesizableWhitespace
    if isinstance(previous, cst.Comma):
        gap = previous.whitespace_after
    else:
        gap = statement.lpar.whitespace_after
    before, after = around_new(gap)
    if isinstance(previous, cst.Comma):
        comma = previous.with_changes(whitespace_after=before)
        items[at - 1] = items[at - 1].with_changes(comma=comma)
    else:
        lpar = statement.lpar.with_changes(whitespace_after=before)
        statement = statement.with_changes(lpar=lpar)
        if not isinstance(after, cst.ParenthesizedWhitespace):
            after = cst.SimpleWhitespace(" ")
    items[at:at] = [item.with_changes(comma=cst.Comma(whitespace_after=after)) for item in new]
    return statement.with_changes(items=items)


def joined(
    items: Sequence[cst.WithItem],
    body: Sequence[cst.BaseStatement],
    indents: Sequence[str],
    *,
    is_async: bool = False,
) -> cst.With | None:
    """Merge items into the single ``with`` of a body; None for any other body."""
    inner = body[0]
    if len(body) > 1 or not isinstance(inner, cst.With):
        return None
    if (inner.asynchronous is not None) != is_async:
        return None
    if any(line.comment for line in inner.leading_lines):
        return None
    return fitted(inserted(inner, 0, items), indents).with_changes(leading_lines=())


def tidied(before: cst.With, after: cst.With, indents: Sequence[str]) -> cst.With:
    """Return a changed ``with`` without needless nesting or overlong lines."""
    inner = _only(after)
    if inner is not None and _only(before) is None and _is_plain(after):
        is_async = after.asynchronous is not None
        flattened = joined(after.items, [inner], indents, is_async=is_async)
        if flattened is not None:
            return flattened.with_changes(leading_lines=after.leading_lines)
    return fitted(after, indents) if fitted(before, indents) is before else after


def _only(statement: cst.With) -> cst.With | None:
    """Return the ``with`` that is the only statement of a ``with``."""
    body = statement.body.body
    inner = body[0] if len(body) == 1 else None
    return inner if isinstance(inner, cst.With) else None


def _is_plain(statement: cst.With) -> bool:
    """Return whether a ``with`` has no comments that merging would lose."""
    body = statement.body
    return (
        isinstance(body, cst.IndentedBlock)
        and body.header.comment is None
        and not any(line.comment for line in body.footer)
        and not isinstance(statement.lpar, cst.LeftParen)
    )


def _head_comment(statement: cst.With) -> str:
    """Return the comment after the head of a ``with``, unless it concerns that very line."""
    header = statement.body.header if isinstance(statement.body, cst.IndentedBlock) else None
    if header is None or header.comment is None or _PRAGMA.match(header.comment.value):
        return ""
    return header.whitespace.value + header.comment.value


def fitted(statement: cst.With, indents: Sequence[str]) -> cst.With:
    """Put each item on its own line, in parentheses, if a single line would be too long."""
    render = cst.Module([]).code_for_node
    head = statement.with_changes(body=cst.SimpleStatementSuite([cst.Pass()]), leading_lines=())
    line = "".join(indents) + render(head).removesuffix(" pass\n")
    fits = max(map(len, (line + _head_comment(statement)).split("\n"))) <= WIDTH
    if len(statement.items) < 2 or fits or "#" in line:
        return statement
    if isinstance(statement.lpar, cst.LeftParen) and "\n" in line:
        return statement
    before, end = wrapped(indents[-1] if indents else "    ")
    items = [
        item.with_changes(comma=cst.Comma(whitespace_after=before)) for item in statement.items
    ]
    items[-1] = items[-1].with_changes(comma=cst.Comma(whitespace_after=end))
    return statement.with_changes(
        items=items,
        lpar=cst.LeftParen(whitespace_after=before),
        rpar=cst.RightParen(),
        whitespace_after_with=cst.SimpleWhitespace(" "),
    )
