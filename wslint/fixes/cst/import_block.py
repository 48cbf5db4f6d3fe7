"""Adds imports: a new statement, or a name in an existing one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import whitespace
from wslint.fixes.cst.whitespace import WIDTH, Whitespace, around_new, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence


# Sections as in isort and ruff. Any other package may be the project's own.
_FUTURE, _STANDARD, _THIRD_PARTY, _LOCAL = range(4)
_LIBRARIES = frozenset(
    """
    aiohttp anyio asgiref asyncpg attr attrs celery channels channels_redis coverage daphne
    django factory faker fakeredis fastapi flask freezegun graphene gql httpx hypothesis jose
    jwt mock numpy pydantic pytest pytest_asyncio pytest_django pytest_mock redis requests
    respx rest_framework sqlalchemy sqlmodel starlette strawberry trio typing_extensions
    uvicorn waffle websocket websockets yaml
    """.split()  # noqa: SIM905 - a list would be fifty lines
)
_Body = list[cst.SimpleStatementLine | cst.BaseCompoundStatement]


def add_import(module: cst.Module, source: str, name: str, alias: str) -> cst.Module:
    """Add ``from source import name as alias``, or ``import source as alias`` without a name."""
    body: _Body = list(module.body)
    start, end = _block(body)
    if name:
        for number in range(start, end):
            joined = join(body[number], source, name, alias, module.default_indent)
            if joined is not None:
                body[number] = joined
                return module.with_changes(body=body)
    text = f"from {source} import {name}" if name else f"import {source}"
    if alias:
        text += f" as {alias}"
    parsed = cst.parse_module(text + "\n").body[0]
    if not isinstance(parsed, cst.SimpleStatementLine):  # pragma: no cover - always one line
        raise TypeError(text)
    if start == end:
        return _first_import(module, body, start, parsed)
    return _sorted_import(module, body, range(start, end), parsed)


def first_import(module: cst.Module) -> cst.CSTNode | None:
    """Return the first import of the block that new ones go into, if there is one."""
    body: _Body = list(module.body)
    start, end = _block(body)
    return body[start] if start < end else None


def _block(body: _Body) -> tuple[int, int]:
    """Find the first run of imports, or an empty range where one can start."""
    top = _after_docstring(body)
    start = top
    while start < len(body) and isinstance(body[start], cst.SimpleStatementLine):
        if _is_import(body[start]):
            end = start
            while end < len(body) and _is_import(body[end]):
                end += 1
            return start, end
        start += 1
    return top, top


def _after_docstring(body: _Body) -> int:
    """Count the lines that must come first: the docstring and ``__future__`` imports."""
    for number, line in enumerate(body):
        first = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
        string = isinstance(first, cst.Expr) and isinstance(
            first.value, cst.SimpleString | cst.ConcatenatedString
        )
        if not (number == 0 and string) and _section(first) != _FUTURE:
            return number
    return len(body)


def _is_import(line: cst.BaseStatement) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Import | cst.ImportFrom) for part in line.body
    )


def _module(part: cst.CSTNode) -> str:
    if isinstance(part, cst.ImportFrom):
        return "." * len(part.relative) + (dotted(part.module) if part.module else "")
    return dotted(part.names[0].name) if isinstance(part, cst.Import) else ""


def _section(part: cst.CSTNode) -> int:
    top = _module(part).partition(".")[0]
    if top == "__future__":
        return _FUTURE
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _THIRD_PARTY if top in _LIBRARIES else _LOCAL


def _key(line: cst.BaseStatement) -> tuple[bool, str]:
    part = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
    return isinstance(part, cst.ImportFrom), _module(part).lower()


def _sorted_import(
    module: cst.Module, body: _Body, run: range, new: cst.SimpleStatementLine
) -> cst.Module:
    part = new.body[0]
    wanted = max(_section(part), _STANDARD)
    # new imports are of libraries, so an unknown package is third-party
    wanted = min(wanted, _THIRD_PARTY)
    sections = _sections(body, run, _module(part).partition(".")[0])
    inside = [number for number in run if sections[number] == wanted]
    if inside:
        before = [number for number in inside if _key(body[number]) <= _key(new)]
        at = before[-1] + 1 if before else inside[0]
        if not before:
            above, below = whitespace.split(whitespace.leading(body[at]))
            new = whitespace.with_leading(new, above)
            return _insert(module, body, at, new, below)
        return module.with_changes(body=[*body[:at], new, *body[at:]])
    later = [number for number in run if sections[number] > wanted]
    at = later[0] if later else run.stop
    if at == run.start:
        above, below = whitespace.split(whitespace.leading(body[at]))
        new = whitespace.with_leading(new, above)
        return _insert(module, body, at, new, [*whitespace.blank(1), *below])
    new = whitespace.spaced(new, 1)
    if at < len(body):
        body[at] = whitespace.spaced(body[at], 1)
    return module.with_changes(body=[*body[:at], new, *body[at:]])


def _sections(body: _Body, run: range, package: str) -> dict[int, int]:
    """Return the section of each import; a group has the section of a library in it."""
    groups: list[list[int]] = []
    for number in run:
        if not groups or any(line.comment is None for line in whitespace.leading(body[number])):
            groups.append([])
        groups[-1].append(number)
    sections: dict[int, int] = {}
    for group in groups:
        own = {number: _section(_first(body[number])) for number in group}
        tops = {_module(_first(body[number])).partition(".")[0] for number in group}
        library = package in tops or _THIRD_PARTY in own.values()
        for number, section in own.items():
            relative = _module(_first(body[number])).startswith(".")
            third = section == _LOCAL and library and not relative
            sections[number] = _THIRD_PARTY if third else section
    return sections


def _first(line: cst.BaseStatement) -> cst.CSTNode:
    return line.body[0] if isinstance(line, cst.SimpleStatementLine) else line


def _insert(
    module: cst.Module,
    body: _Body,
    at: int,
    new: cst.SimpleStatementLine,
    below: Sequence[cst.EmptyLine],
) -> cst.Module:
    """Insert ``new`` above a statement, which keeps only the lines ``below`` above it."""
    rest = [whitespace.with_leading(body[at], below), *body[at + 1 :]]
    return module.with_changes(body=[*body[:at], new, *rest])


def _first_import(
    module: cst.Module, body: _Body, at: int, new: cst.SimpleStatementLine
) -> cst.Module:
    """Start a block of imports in a file that has none at the top."""
    if at == len(body):
        new = whitespace.spaced(new, 1 if body else 0)
        return module.with_changes(body=[*body, new])
    above, below = whitespace.split(whitespace.leading(body[at]))
    gap = 2 if isinstance(body[at], cst.FunctionDef | cst.ClassDef) else 1
    body[at] = whitespace.with_leading(body[at], [*whitespace.blank(gap), *below])
    if at:
        return module.with_changes(body=[*body[:at], whitespace.spaced(new, 1), *body[at:]])
    return module.with_changes(body=[whitespace.with_leading(new, above), *body])


def dotted(node: cst.CSTNode) -> str:
    """Return the text of a dotted name; "" if the node is something else."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def join(
    line: cst.BaseStatement, source: str, name: str, alias: str, unit: str
) -> cst.SimpleStatementLine | None:
    """Add a name to ``from source import ...``; None if that cannot be done neatly."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    part = line.body[0]
    if (
        not isinstance(part, cst.ImportFrom)
        or part.relative
        or part.module is None
        or dotted(part.module) != source
        or isinstance(part.names, cst.ImportStar)
    ):
        return None
    text = cst.Module([]).code_for_node(part)
    new = cst.ImportAlias(cst.Name(name), asname=cst.AsName(cst.Name(alias)) if alias else None)
    names = list(part.names)
    at = sum(_order(old) <= _order(new) for old in names)
    if any(_order(old) > _order(new) for old in names[:at]):
        at = len(names)
    if line.trailing_whitespace.comment is None and "\n" not in text.replace("\r", "\n"):
        changed: cst.ImportFrom | None = _one_line(part, names, at, new, unit)
    elif part.lpar is not None and isinstance(
        part.lpar.whitespace_after, cst.ParenthesizedWhitespace
    ):
        changed = _one_a_line(part, names, at, new)
    else:
        return None
    return None if changed is None else line.with_changes(body=[changed])


def _order(alias: cst.ImportAlias) -> tuple[int, str]:
    """Sort as isort does: constants, classes, others."""
    name = dotted(alias.name)
    if name.isupper() and len(name) > 1:
        return 0, name.lower()
    return (1 if name[:1].isupper() else 2), name.lower()


def _one_line(
    part: cst.ImportFrom,
    names: list[cst.ImportAlias],
    at: int,
    new: cst.ImportAlias,
    unit: str,
) -> cst.ImportFrom:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    trailing = names[-1].comma
    names.insert(at, new)
    names = [
        old if isinstance(old.comma, cst.Comma) else old.with_changes(comma=comma) for old in names
    ]
    if at == len(names) - 1 and isinstance(trailing, cst.Comma):
        names[-2] = names[-2].with_changes(comma=comma)
    names[-1] = names[-1].with_changes(comma=trailing)
    changed = part.with_changes(names=names)
    if len(cst.Module([]).code_for_node(changed)) <= WIDTH:
        return changed
    inner, outer = wrapped(unit)
    names = [old.with_changes(comma=cst.Comma(whitespace_after=inner)) for old in names]
    names[-1] = names[-1].with_changes(comma=cst.Comma(whitespace_after=outer))
    return part.with_changes(
        names=names, lpar=cst.LeftParen(whitespace_after=inner), rpar=cst.RightParen()
    )


def _one_a_line(
    part: cst.ImportFrom, names: list[cst.ImportAlias], at: int, new: cst.ImportAlias
) -> cst.ImportFrom | None:
    gaps = [part.lpar.whitespace_after] if part.lpar is not None else []
    gaps += [old.comma.whitespace_after for old in names if isinstance(old.comma, cst.Comma)]
    if not all(isinstance(gap, cst.ParenthesizedWhitespace) for gap in gaps[: len(names)]):
        return None
    if at == len(names) and len(gaps) == len(names):
        # without a trailing comma, the last name's comment belongs to the bracket: don't touch it
        at -= 1
    if at == len(names):
        end, first = gaps[-1], gaps[0]
        if not isinstance(end, cst.ParenthesizedWhitespace):
            return None
        if not isinstance(first, cst.ParenthesizedWhitespace):
            return None
        before: Whitespace = end.with_changes(
            empty_lines=(), indent=first.indent, last_line=first.last_line
        )
        after: Whitespace = end.with_changes(first_line=cst.TrailingWhitespace())
    else:
        before, after = around_new(gaps[at])
    if at == 0 and part.lpar is not None:
        part = part.with_changes(lpar=part.lpar.with_changes(whitespace_after=before))
    else:
        names[at - 1] = names[at - 1].with_changes(comma=cst.Comma(whitespace_after=before))
    names.insert(at, new.with_changes(comma=cst.Comma(whitespace_after=after)))
    return part.with_changes(names=names)
