"""Where a new import goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.transforms import lines
from wslint.fixes.transforms.import_join import dotted, join

if TYPE_CHECKING:
    from collections.abc import Sequence

# Sections as isort and ruff have them. What is none of these may be the project's own.
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
    if not isinstance(parsed, cst.SimpleStatementLine):  # pragma: no cover - it is one line
        raise TypeError(text)
    if start == end:
        return _first_import(module, body, start, parsed)
    return _sorted_import(module, body, range(start, end), parsed)


def first_import(module: cst.Module) -> cst.CSTNode | None:
    """Give the first import of the block that new ones go into, where there is one."""
    body: _Body = list(module.body)
    start, end = _block(body)
    return body[start] if start < end else None


def _block(body: _Body) -> tuple[int, int]:
    """Find the first run of imports; an empty range where one could begin."""
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
    """Count the lines that nothing may stand before: the docstring and ``__future__``."""
    count = 0
    for number, line in enumerate(body):
        for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            string = isinstance(part, cst.Expr) and isinstance(
                part.value, cst.SimpleString | cst.ConcatenatedString
            )
            if (number == 0 and string) or _section(part) == _FUTURE:
                count = number + 1
    return count


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
    # New imports name libraries, so what is not known to be one is third-party all the same.
    wanted = min(wanted, _THIRD_PARTY)
    sections = _sections(body, run, _module(part).partition(".")[0])
    inside = [number for number in run if sections[number] == wanted]
    if inside:
        before = [number for number in inside if _key(body[number]) <= _key(new)]
        at = before[-1] + 1 if before else inside[0]
        if not before:
            above, below = lines.split(lines.leading(body[at]))
            new = lines.with_leading(new, above)
            return _insert(module, body, at, new, below)
        return module.with_changes(body=[*body[:at], new, *body[at:]])
    later = [number for number in run if sections[number] > wanted]
    at = later[0] if later else run.stop
    if at == run.start:
        above, below = lines.split(lines.leading(body[at]))
        new = lines.with_leading(new, above)
        return _insert(module, body, at, new, [*lines.blank(1), *below])
    new = lines.spaced(new, 1)
    if at < len(body):
        body[at] = lines.spaced(body[at], 1)
    return module.with_changes(body=[*body[:at], new, *body[at:]])


def _sections(body: _Body, run: range, package: str) -> dict[int, int]:
    """Tell the section of each import; a group takes the section of a library it holds."""
    groups: list[list[int]] = []
    for number in run:
        if not groups or any(line.comment is None for line in lines.leading(body[number])):
            groups.append([])
        groups[-1].append(number)
    found: dict[int, int] = {}
    for group in groups:
        own = {number: _section(_first(body[number])) for number in group}
        tops = {_module(_first(body[number])).partition(".")[0] for number in group}
        library = package in tops or _THIRD_PARTY in own.values()
        for number, section in own.items():
            relative = _module(_first(body[number])).startswith(".")
            third = section == _LOCAL and library and not relative
            found[number] = _THIRD_PARTY if third else section
    return found


def _first(line: cst.BaseStatement) -> cst.CSTNode:
    return line.body[0] if isinstance(line, cst.SimpleStatementLine) else line


def _insert(
    module: cst.Module,
    body: _Body,
    at: int,
    new: cst.SimpleStatementLine,
    below: Sequence[cst.EmptyLine],
) -> cst.Module:
    """Put ``new`` above a statement that keeps only the lines ``below`` above it."""
    rest = [lines.with_leading(body[at], below), *body[at + 1 :]]
    return module.with_changes(body=[*body[:at], new, *rest])


def _first_import(
    module: cst.Module, body: _Body, at: int, new: cst.SimpleStatementLine
) -> cst.Module:
    """Begin a block of imports in a file that has none at the top."""
    if at == len(body):
        new = lines.spaced(new, 1 if body else 0)
        return module.with_changes(body=[*body, new])
    above, below = lines.split(lines.leading(body[at]))
    gap = 2 if isinstance(body[at], cst.FunctionDef | cst.ClassDef) else 1
    body[at] = lines.with_leading(body[at], [*lines.blank(gap), *below])
    if at:
        return module.with_changes(body=[*body[:at], lines.spaced(new, 1), *body[at:]])
    return module.with_changes(body=[lines.with_leading(new, above), *body])
