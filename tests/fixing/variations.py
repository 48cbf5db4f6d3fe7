"""Test files that say the same in another way: other names, nesting, indentation, line ends.

A variation takes the text of a file and gives another one, or None where it has no place in it.
Nothing is random: the same file gives the same variations on every run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

Vary = Callable[[str], "str | None"]


class Encoded(NamedTuple):
    """How text becomes bytes."""

    encoding: str = "utf-8"
    mark: bytes = b""
    newlines: tuple[str, ...] = ("\n",)

    def encode(self, text: str) -> bytes:
        """Encode text; the newlines take turns."""
        lines = re.split("(?<=\n)", text)
        ends = (self.newlines[number % len(self.newlines)] for number in range(len(lines)))
        text = "".join(line.replace("\n", end) for line, end in zip(lines, ends, strict=False))
        return self.mark + text.encode(self.encoding)


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(text).readline))


def _starts(text: str) -> set[int]:
    """Give the numbers of lines that do not begin inside a string."""
    inside: set[int] = set()
    for token in _tokens(text):
        if token.start[0] < token.end[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return set(range(1, text.count("\n") + 2)) - inside


def _indented(text: str, unit: str) -> str | None:
    """Say each four spaces at the start of a line in another way."""
    lines, starts = text.split("\n"), _starts(text)
    for number, line in enumerate(lines, start=1):
        code = line.lstrip(" ")
        width = len(line) - len(code)
        if number in starts and code:
            lines[number - 1] = unit * (width // 4) + " " * (width % 4) + code
    varied = "\n".join(lines)
    return None if varied == text else varied


def tabs(text: str) -> str | None:
    """Indent with tabs."""
    return _indented(text, "\t")


def two_spaces(text: str) -> str | None:
    """Indent with two spaces."""
    return _indented(text, "  ")


def no_final_newline(text: str) -> str:
    """End the file in the middle of its last line."""
    return text.rstrip("\n")


def comments(text: str) -> str:
    """Put a comment at the end of every line, and one above every statement and decorator."""
    lines = text.split("\n")
    ends: dict[int, int] = {}
    first: dict[int, int] = {}
    fresh = True
    for token in _tokens(text):
        line, column = token.start
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            if lines[line - 1].strip() and "#" not in lines[line - 1]:
                ends[line] = column
            fresh = fresh or token.type == tokenize.NEWLINE
        elif token.type not in (tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            if fresh and token.string and token.string not in ("else", "except", "finally", "elif"):
                first[line] = column
            fresh = False
    found: list[str] = []
    for number, code in enumerate(lines, start=1):
        if number in first:
            found.append(f"{code[: first[number]]}# above {number}")
        end = ends.get(number)
        found.append(code if end is None else f"{code[:end].rstrip()}  # end {number}")
    return "\n".join(found)


def trailing_comments(text: str) -> str:
    """Put a comment at the end of the lines that end a statement, as people do."""
    lines = text.split("\n")
    for token in _tokens(text):
        number = token.start[0]
        if token.type == tokenize.NEWLINE and "#" not in lines[number - 1] and number % 2:
            lines[number - 1] += f"  # why {number}"
    return "\n".join(lines)


def own_line_comments(text: str) -> str:
    """Put a comment above every other statement, and between decorators."""
    commented = comments(text).split("\n")
    kept = [re.sub(r"  # end \d+$", "", line) for line in commented]
    return "\n".join(kept)


def renamed(suffix: str) -> Vary:
    """Give the names that functions bind for themselves another end."""

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
        for token in _tokens(text):
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


def _shifted(lines: list[str], starts: set[int], first: int, last: int) -> Iterator[str]:
    """Give lines, from one to another, one level deeper."""
    for number in range(first, last + 1):
        line = lines[number - 1]
        yield f"    {line}" if line and number in starts else line


def _wrapped_bodies(text: str, head: str) -> str | None:
    """Put the body of each test (behind its docstring) below another line."""
    lines, starts = text.split("\n"), _starts(text)
    heads: dict[int, str] = {}
    deeper: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith("test"):
            continue
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if not body or body[0].lineno == node.lineno or not node.end_lineno:
            continue
        first = min([body[0].lineno, *(d.lineno for d in getattr(body[0], "decorator_list", ()))])
        heads[first] = " " * body[0].col_offset + head
        deeper.update(range(first, node.end_lineno + 1))
    found: list[str] = []
    for number, line in enumerate(lines, start=1):
        found += [heads[number]] if number in heads else []
        found.append(f"    {line}" if number in deeper and number in starts and line else line)
    return "\n".join(found) if heads else None


def inside_if(text: str) -> str | None:
    """Put the body of each test into an ``if``."""
    return _wrapped_bodies(text, "if True:")


def inside_with(text: str) -> str | None:
    """Put the body of each test into a ``with``."""
    return _wrapped_bodies(text, "with open('/dev/null'):")


def inside_try(text: str) -> str | None:
    """Put the body of each test into a ``try`` with a ``finally``."""
    return _between(text, lambda _: ("try:", ["finally:", "    print('over')"]))


def inside_function(text: str) -> str | None:
    """Put the body of each test into a function in it, which is called."""

    def around(test: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, list[str]]:
        if isinstance(test, ast.AsyncFunctionDef):
            return "async def inner():", ["", "await inner()"]
        return "def inner():", ["", "inner()"]

    return _between(text, around)


def _between(
    text: str, around: Callable[[ast.FunctionDef | ast.AsyncFunctionDef], tuple[str, list[str]]]
) -> str | None:
    """Put the body of each test function between a head and other lines."""
    lines, starts = text.split("\n"), _starts(text)
    found: list[str] = []
    at: dict[int, tuple[int, int, tuple[str, list[str]]]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:4] == "test":
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            decorated = getattr(body[0], "decorator_list", ()) if body else ()
            if body and body[0].lineno > node.lineno and not decorated and node.end_lineno:
                at[body[0].lineno] = node.end_lineno, body[0].col_offset, around(node)
    number = 1
    while number <= len(lines):
        if number in at:
            last, column, (head, tail) = at[number]
            indent = " " * column
            found += [indent + head, *_shifted(lines, starts, number, last)]
            found += [indent + line if line else "" for line in tail]
            number = last
        else:
            found.append(lines[number - 1])
        number += 1
    return "\n".join(found) if at else None


def inside_class(text: str) -> str | None:
    """Make each test function a method of a class of its own."""
    lines, starts = text.split("\n"), _starts(text)
    found: list[str] = []
    at: dict[int, tuple[int, int]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:4] == "test":
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            at[first] = node.end_lineno or node.lineno, node.lineno
    number = 1
    while number <= len(lines):
        if number in at:
            last, head = at[number]
            found.append(f"class TestNested{number}:")
            for line, shifted in enumerate(_shifted(lines, starts, number, last), start=number):
                added = re.sub(r"\((?=\S)", "(self, ", shifted, count=1)
                found.append(added.replace("(self, )", "(self)") if line == head else shifted)
            number = last
        else:
            found.append(lines[number - 1])
        number += 1
    varied = "\n".join(found)
    return varied if at and _parses(varied) else None


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _blocks(tree: ast.Module) -> Iterator[tuple[ast.stmt, list[ast.stmt]]]:
    """Give each compound statement with each of its blocks."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(node, ast.stmt) and isinstance(block, list) and block:
                yield node, block


_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Assert, ast.Pass, ast.Return,
           ast.Raise, ast.Delete)  # fmt: skip


def _is_line(node: ast.stmt, lines: list[str]) -> bool:
    """Tell whether a simple statement is all that stands on its line."""
    line = lines[node.lineno - 1]
    return (
        isinstance(node, _SIMPLE)
        and node.lineno == node.end_lineno
        and line.strip() == line[node.col_offset : node.end_col_offset]
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def one_line_suites(text: str) -> str | None:
    """Put a block that is one simple statement behind the colon of its head."""
    lines = text.split("\n")
    gone: set[int] = set()
    for _, block in _blocks(ast.parse(text)):
        only = block[0]
        above = lines[only.lineno - 2]
        if len(block) == 1 and _is_line(only, lines) and above.endswith(":"):
            lines[only.lineno - 2] = f"{above} {lines[only.lineno - 1].strip()}"
            gone.add(only.lineno)
    kept = [line for number, line in enumerate(lines, start=1) if number not in gone]
    varied = "\n".join(kept)
    return varied if gone and _parses(varied) else None


def semicolons(text: str) -> str | None:
    """Put every second of two simple statements behind the first."""
    lines = text.split("\n")
    gone: set[int] = set()
    for _, block in _blocks(ast.parse(text)):
        for one, other in pairwise(block):
            if not (_is_line(one, lines) and _is_line(other, lines)) or one.lineno in gone:
                continue
            if other.lineno == one.lineno + 1 and not _is_docstring(one):
                lines[one.lineno - 1] += f"; {lines[other.lineno - 1].strip()}"
                gone.add(other.lineno)
    kept = [line for number, line in enumerate(lines, start=1) if number not in gone]
    return "\n".join(kept) if gone else None


def behind_semicolons(text: str) -> str | None:
    """Put a statement before every simple statement of a function, on its line."""
    lines = text.split("\n")
    varied = 0
    for owner, block in _blocks(ast.parse(text)):
        if isinstance(owner, ast.ClassDef):
            continue
        for node in block:
            if _is_line(node, lines) and not _is_docstring(node):
                line = lines[node.lineno - 1]
                lines[node.lineno - 1] = f"{line[: node.col_offset]}print(); {line.strip()}"
                varied += 1
    return "\n".join(lines) if varied else None


def parenthesised_with(text: str) -> str | None:
    """Put the items of each ``with`` on lines of their own, in parentheses."""
    lines = text.split("\n")
    varied = False
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.With | ast.AsyncWith):
            continue
        line = lines[node.lineno - 1]
        word = "async with " if isinstance(node, ast.AsyncWith) else "with "
        head = line[node.col_offset :]
        if not (head.startswith(word) and head.endswith(":") and head[len(word)] != "("):
            continue
        indent = line[: node.col_offset]
        ends = [i.optional_vars or i.context_expr for i in node.items]
        if indent.strip() or any(end.end_lineno != node.lineno for end in ends):
            continue
        items = [
            line[item.context_expr.col_offset : end.end_col_offset]
            for item, end in zip(node.items, ends, strict=True)
        ]
        body = "".join(f"{indent}    {item},\n" for item in items)
        lines[node.lineno - 1] = f"{indent}{word}(\n{body}{indent}):"
        varied = True
    return "\n".join(lines) if varied else None


def blank_lines(text: str) -> str:
    """Put a blank line above every statement at an indent."""
    starts = _starts(text)
    found: list[str] = []
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if depth == 0 and number in starts and re.match(r" +[a-z@]", line):
            found.append("")
        depth = _depth(line, depth)
        found.append(line)
    return "\n".join(found)


def _depth(line: str, depth: int) -> int:
    return max(0, depth + sum(map(line.count, "([{")) - sum(map(line.count, ")]}")))


def with_words(cookie: str, words: str) -> Vary:
    """Begin the file with a cookie and a comment that needs its encoding."""
    return lambda text: f"{cookie}# {words}\n{text}"


def several(*all_: Vary) -> Vary:
    """Make variations one after the other."""

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
    "no final newline": (no_final_newline, PLAIN),
    "tabs": (tabs, PLAIN),
    "two spaces": (two_spaces, PLAIN),
    "tabs and crlf": (tabs, Encoded(newlines=("\r\n",))),
    "comments": (comments, PLAIN),
    "trailing comments": (trailing_comments, PLAIN),
    "comments above": (own_line_comments, PLAIN),
    "renamed": (renamed("_of_some_length"), PLAIN),
    "renamed, not ASCII": (renamed("_é"), PLAIN),
    "inside if": (inside_if, PLAIN),
    "inside with": (inside_with, PLAIN),
    "inside try": (inside_try, PLAIN),
    "inside function": (inside_function, PLAIN),
    "inside class": (inside_class, PLAIN),
    "one-line suites": (one_line_suites, PLAIN),
    "semicolons": (semicolons, PLAIN),
    "behind semicolons": (behind_semicolons, PLAIN),
    "parenthesised with": (parenthesised_with, PLAIN),
    "blank lines": (blank_lines, PLAIN),
    "much at once": (
        several(parenthesised_with, trailing_comments, inside_class, tabs, no_final_newline),
        Encoded(mark=b"\xef\xbb\xbf", newlines=("\r\n", "\n")),
    ),
}
