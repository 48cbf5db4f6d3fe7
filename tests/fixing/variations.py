"""Variations of test files: other names, nesting, indentation, line ends.

A variation takes the text of a file and gives another one, or None where it has no place in it.
Nothing is random: the same file gives the same variations on every run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable
from typing import NamedTuple

from fixing import layout, nesting
from fixing.text import tokens_of

Vary = Callable[[str], "str | None"]


class Encoded(NamedTuple):
    """An encoding and a line end."""

    encoding: str = "utf-8"
    mark: bytes = b""
    newlines: tuple[str, ...] = ("\n",)

    def encode(self, text: str) -> bytes:
        """Encode text; the newlines take turns."""
        lines = re.split("(?<=\n)", text)
        ends = (self.newlines[number % len(self.newlines)] for number in range(len(lines)))
        text = "".join(line.replace("\n", end) for line, end in zip(lines, ends, strict=False))
        return self.mark + text.encode(self.encoding)


def renamed(suffix: str) -> Vary:
    """Rename the local variables of functions."""

    def vary(text: str) -> str | None:
        tree = ast.parse(text)
        local: set[str] = set()
        other: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                local.add(node.id)
            elif isinstance(node, ast.arg):
                other.add(node.arg)
            elif isinstance(node, ast.keyword):
                other.add(node.arg or "")
            elif isinstance(node, ast.Attribute):
                other.add(node.attr)
            elif isinstance(node, ast.alias):
                other.update((node.asname or node.name).split("."))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                other.add(node.name)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                other.update(node.names)
        at_top = {n.id for s in tree.body for n in ast.walk(s) if isinstance(n, ast.Name)
                  and isinstance(s, ast.Assign | ast.AnnAssign)}  # fmt: skip
        names = {name for name in local - other - at_top if not name.startswith("__")} - {"_"}
        if not names or any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree)):
            return None
        pieces: list[str] = []
        lines = [*io.StringIO(text), ""]
        row, column = 1, 0
        for token in tokens_of(text):
            if token.type == tokenize.NAME and token.string in names:
                line, start = token.start
                pieces += [lines[row - 1][column:start]] if line == row else [
                    lines[row - 1][column:], *lines[row : line - 1], lines[line - 1][:start]
                ]  # fmt: skip
                pieces.append(token.string + suffix)
                row, column = token.end
        pieces += [lines[row - 1][column:], *lines[row:]]
        return "".join(pieces)

    return vary


def with_words(cookie: str, words: str) -> Vary:
    """Start the file with an encoding cookie and a comment that needs it."""
    return lambda text: f"{cookie}# {words}\n{text}"


def several(*all_: Vary) -> Vary:
    """Combine variations."""

    def vary(text: str) -> str | None:
        for each in all_:
            text = each(text) or text
        return text

    return vary


PLAIN = Encoded()


VARIATIONS: dict[str, tuple[Vary, Encoded]] = {
    "crlf": (str, Encoded(newlines=("\r\n",))),
    "mixed newlines": (str, Encoded(newlines=("\n", "\r\n", "\r\n"))),
    "bom": (str, Encoded(mark=b"\xef\xbb\xbf")),
    "bom and crlf": (str, Encoded(mark=b"\xef\xbb\xbf", newlines=("\r\n",))),
    "latin-1": (with_words("# -*- coding: latin-1 -*-\n", "déjà vu"), Encoded("latin-1")),
    "cp1252": (with_words("# vim: set fileencoding=cp1252 :\n", "5 €"), Encoded("cp1252")),
    "shift_jis": (with_words("# coding: shift_jis\n", "試験"), Encoded("shift_jis")),
    "utf-8 words": (with_words("", "žluťoučký 試験"), PLAIN),
    "no final newline": (layout.no_final_newline, PLAIN),
    "tabs": (layout.tabs, PLAIN),
    "two spaces": (layout.two_spaces, PLAIN),
    "tabs and crlf": (layout.tabs, Encoded(newlines=("\r\n",))),
    "comments": (layout.comments, PLAIN),
    "trailing comments": (layout.trailing_comments, PLAIN),
    "comments above": (layout.own_line_comments, PLAIN),
    "renamed": (renamed("_of_some_length"), PLAIN),
    "renamed, not ASCII": (renamed("_é"), PLAIN),
    "inside if": (nesting.inside_if, PLAIN),
    "inside with": (nesting.inside_with, PLAIN),
    "inside try": (nesting.inside_try, PLAIN),
    "inside function": (nesting.inside_function, PLAIN),
    "inside class": (nesting.inside_class, PLAIN),
    "one-line suites": (layout.one_line_suites, PLAIN),
    "semicolons": (layout.semicolons, PLAIN),
    "after semicolons": (layout.after_semicolons, PLAIN),
    "parenthesised with": (layout.parenthesised_with, PLAIN),
    "doubled": (layout.doubled, PLAIN),
    "blank lines": (layout.blank_lines, PLAIN),
    "much at once": (
        several(
            layout.parenthesised_with,
            layout.trailing_comments,
            nesting.inside_class,
            layout.tabs,
            layout.no_final_newline,
        ),
        Encoded(mark=b"\xef\xbb\xbf", newlines=("\r\n", "\n")),
    ),
}
