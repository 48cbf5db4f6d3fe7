"""The comments of a file, and the lines of its statements."""

from __future__ import annotations

import ast
import tokenize
from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.syntax.source import Source

_BETWEEN = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class Comment(NamedTuple):
    """A comment; ``alone``: nothing else is on its line."""

    line: int
    column: int
    text: str
    alone: bool


class Lines(NamedTuple):
    """The comments of a file, its logical lines, and its statements by their first line.

    A statement is its column and its last line. A decorated one is listed at its first decorator
    and at its ``def`` or ``class``. ``next_code`` is the first line of code after a comment on a
    line of its own.
    """

    comments: tuple[Comment, ...]
    logical: tuple[tuple[int, int], ...]
    statements: dict[int, tuple[int, int]]
    next_code: dict[int, int]

    @classmethod
    def of(cls, source: Source) -> Lines:
        """Collect them from the tokens and the tree."""
        comments: list[Comment] = []
        logical: list[tuple[int, int]] = []
        first = 0
        for token in _tokens(source):
            line, column = token.start
            if token.type == tokenize.COMMENT:
                alone = not source.lines[line - 1][:column].strip()
                comments.append(Comment(line, column, token.string, alone))
            if token.type == tokenize.NEWLINE:
                logical.append((first or line, line))
                first = 0
            elif not first and token.type not in _BETWEEN:
                first = line
        next_code: dict[int, int] = {}
        for comment in reversed(comments):
            if comment.alone:
                below = comment.line + 1
                next_code[comment.line] = next_code.get(below, below)
        return cls(tuple(comments), tuple(logical), _statements(source.tree), next_code)

    def below(self, comment: Comment) -> tuple[int, int]:
        """Return the first and last line of the statement below a comment.

        Inside brackets, that is the next line of code. A comment at the end of a block, indented
        deeper than what follows, has no statement below.
        """
        nothing = comment.line, comment.line
        after = bisect_right(self.logical, comment.line, key=itemgetter(0))
        if after and comment.line < self.logical[after - 1][1]:
            line = self.next_code[comment.line]
            return line, line
        if after == len(self.logical):
            return nothing
        first, last = self.logical[after]
        column, end = self.statements.get(first, (comment.column, last))
        return nothing if column < comment.column else (first, end)


def _tokens(source: Source) -> Iterator[tokenize.TokenInfo]:
    lines = iter(source.lines)
    try:
        # split by wslint, as tokenize does not end a line at a lone \r
        yield from tokenize.generate_tokens(lambda: next(lines) + "\n")
    except (tokenize.TokenError, SyntaxError):
        return


def _statements(tree: ast.Module) -> dict[int, tuple[int, int]]:
    statements: dict[int, tuple[int, int]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        last = node.end_lineno or node.lineno
        starts = [node.lineno]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            starts += [decorator.lineno for decorator in node.decorator_list[:1]]
        for first in starts:
            column, end = statements.get(first, (node.col_offset, last))
            statements[first] = min(column, node.col_offset), max(end, last)
    return statements
