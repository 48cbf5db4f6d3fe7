"""Checks that every fix must pass."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from wslint.fixes.errors import CannotFix


def check(before: bytes, after: bytes, path: str) -> None:
    """Check that the fixed file compiles and keeps its comments and docstrings."""
    old = _prose_of(before, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(after, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotFix(f"the file would no longer compile: {error}") from error
    new = _prose_of(after, path)
    if old.comments - new.comments:
        raise CannotFix("a comment would be lost")
    if old.docstrings - new.docstrings:
        raise CannotFix("a docstring would be lost")
    if old.type_comments - new.type_comments:
        raise CannotFix("a type comment would be lost")


class _Prose(NamedTuple):
    """The comments and docstrings of a file."""

    comments: Counter[str]
    docstrings: Counter[tuple[str, str]]
    type_comments: Counter[str]


@lru_cache(maxsize=4)
def _prose_of(source: bytes, path: str) -> _Prose:
    return _Prose(comments(source), _docstrings(parsed(source, path)), _type_comments(source))


def parsed(source: bytes | str, path: str) -> ast.Module:
    """Parse a file to be fixed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotFix(f"this Python does not parse the file: {error}") from error


def comments(source: bytes) -> Counter[str]:
    """Count the comments of a file by their text."""
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError) as error:
        raise CannotFix(f"the comments of the file cannot be counted: {error}") from error
    return Counter(token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)


def _docstrings(module: ast.Module) -> Counter[tuple[str, str]]:
    docstrings: Counter[tuple[str, str]] = Counter()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            if docstring is not None:
                docstrings[getattr(node, "name", ""), docstring] += 1
    return docstrings


def _type_comments(source: bytes) -> Counter[str]:
    if b"type:" not in source:
        return Counter()
    try:
        module = ast.parse(source, type_comments=True)
    except (SyntaxError, ValueError):
        # type comments that do not parse are not used by any tool
        return Counter()
    return Counter(
        comment for node in ast.walk(module) if (comment := getattr(node, "type_comment", None))
    )
