"""The full names by which a test can replace, or import, what an application uses."""

from __future__ import annotations

from collections.abc import Iterable

from wslint.findings.span import Place
from wslint.linking.module import flat
from wslint.linking.program import Program
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code


def targets(
    program: Program, test: str, codes: Iterable[Code], files: Iterable[str], name: str, path: str
) -> tuple[str, ...]:
    """Return the names by which code looks up what ``name`` is in a file, "" for an unknown one.

    ``files`` are those of the application, and ``test`` is the file that replaces it.
    """
    users = dict.fromkeys(
        (code.path, own)
        for code in codes
        for own, used in code.uses.items()
        if "." not in own and used.is_at(name, path)
    )
    return tuple(full_name(program, test, files, file, own) for file, own in users)


def full_name(program: Program, test: str, files: Iterable[str], path: str, name: str) -> str:
    """Return the dotted name of something in a file, as the project imports it, "" if unknown.

    There may be several: ``src/shop.py`` is ``shop`` and ``src.shop``. The right one begins with a
    package that the project's files import.
    """
    around = [*program.around(test), *files]
    modules = [module for file in around if (module := program.module(file)) is not None]
    tops = {entry.module.partition(".")[0] for module in modules for entry in module.imports
            if not entry.level}  # fmt: skip
    for root in program.roots(test):
        if path.startswith(f"{root.rstrip('/')}/"):
            below = path[len(root.rstrip("/")) + 1 :].removesuffix(".py").removesuffix("/__init__")
            dotted = below.replace("/", ".")
            if dotted.partition(".")[0] in tops and program.find(dotted, 0, test) == path:
                return f"{dotted}.{name}"
    return ""


def name_at(program: Program, place: Place) -> str:
    """Return the name at the top of a module for the object that is made at a place, or ""."""
    module = program.module(place.path)
    for statement in flat(module.part(None)) if module is not None else ():
        value = statement.value if isinstance(statement, s.Assign) else None
        if isinstance(statement, s.Assign) and value is not None and value.span == place.span:
            target = statement.targets[0]
            return target.parts[0] if isinstance(target, s.Ref) and len(target.parts) == 1 else ""
    return ""
