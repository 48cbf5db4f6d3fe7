"""Variations of layout and comments."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from fixing.text import code_lines, is_python, tokens_of


def _indented(text: str, unit: str) -> str | None:
    """Replace each four spaces at the start of a line."""
    lines, starts = text.split("\n"), code_lines(text)
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
    for token in tokens_of(text):
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
    """Add a comment to the lines that end a statement, as people do."""
    lines = text.split("\n")
    for token in tokens_of(text):
        number = token.start[0]
        if token.type == tokenize.NEWLINE and "#" not in lines[number - 1] and number % 2:
            lines[number - 1] += f"  # why {number}"
    return "\n".join(lines)


def own_line_comments(text: str) -> str:
    """Put a comment above every other statement, and between decorators."""
    commented = comments(text).split("\n")
    kept = [re.sub(r"  # end \d+$", "", line) for line in commented]
    return "\n".join(kept)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _blocks(tree: ast.Module) -> Iterator[tuple[ast.stmt, list[ast.stmt]]]:
    """Yield each compound statement with each of its blocks."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(node, ast.stmt) and isinstance(block, list) and block:
                yield node, block


_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Assert, ast.Pass, ast.Return,
           ast.Raise, ast.Delete)  # fmt: skip


def _is_line(node: ast.stmt, lines: list[str]) -> bool:
    """Return whether a simple statement is alone on its line."""
    line = lines[node.lineno - 1]
    return (
        isinstance(node, _SIMPLE)
        and node.lineno == node.end_lineno
        and line.strip() == line[node.col_offset : node.end_col_offset]
    )


def one_line_suites(text: str) -> str | None:
    """Put a block with a single simple statement on the line of its head."""
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
    return varied if gone and is_python(varied) else None


def semicolons(text: str) -> str | None:
    """Join pairs of simple statements on one line."""
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


def after_semicolons(text: str) -> str | None:
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
    starts = code_lines(text)
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


def doubled(text: str) -> str | None:
    """Repeat every test function and class of the file under another name."""
    lines = text.splitlines(keepends=True)
    copies = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.lower().startswith("test"):
            continue
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        kind = "class" if isinstance(node, ast.ClassDef) else "def"
        copy = "".join(lines[first - 1 : node.end_lineno])
        copies.append(copy.replace(f"{kind} {node.name}", f"{kind} {node.name}Again", 1))
    return "\n\n".join([text, *copies]) if copies else None
