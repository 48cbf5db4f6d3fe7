"""Variations of nesting: tests in a class, a function, another statement."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from fixing.text import code_lines, is_python, one_deeper


def _wrapped_bodies(text: str, head: str) -> str | None:
    """Put the body of each test (after its docstring) below another line."""
    lines, starts = text.split("\n"), code_lines(text)
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
    """Put the body of each test into an inner function that is called."""

    def around(test: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, list[str]]:
        if isinstance(test, ast.AsyncFunctionDef):
            return "async def inner():", ["", "await inner()"]
        return "def inner():", ["", "inner()"]

    return _between(text, around)


def _between(
    text: str, around: Callable[[ast.FunctionDef | ast.AsyncFunctionDef], tuple[str, list[str]]]
) -> str | None:
    """Put the body of each test function between a head and other lines."""
    lines, starts = text.split("\n"), code_lines(text)
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
            found += [indent + head, *one_deeper(lines, starts, number, last)]
            found += [indent + line if line else "" for line in tail]
            number = last
        else:
            found.append(lines[number - 1])
        number += 1
    return "\n".join(found) if at else None


def inside_class(text: str) -> str | None:
    """Make each test function a method of a class of its own."""
    lines, starts = text.split("\n"), code_lines(text)
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
            for line, shifted in enumerate(one_deeper(lines, starts, number, last), start=number):
                added = re.sub(r"\((?=\S)", "(self, ", shifted, count=1)
                found.append(added.replace("(self, )", "(self)") if line == head else shifted)
            number = last
        else:
            found.append(lines[number - 1])
        number += 1
    varied = "\n".join(found)
    return varied if at and is_python(varied) else None
