"""Recall on synthetic hazards: breaks clean tests of real repositories, one place at a time.

``PYTHONPATH=tests python -m ecosystem.mutants FOLDER`` changes one thing in a test that holds a
communicator or a websocket (an override is added, an ``await``, a disconnect, ``as_asgi()`` or a
``with`` is taken away) and asks whether wslint reports it there. Nothing is written.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ecosystem.__main__ import checkouts
from ecosystem.score import wilson
from wslint.config.settings import Settings
from wslint.discovery.prefilter import Prefilter
from wslint.run.check import check, check_files

Test = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Edit:
    """Lines ``first`` to ``last`` (from 1) are replaced by ``lines``."""

    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """A mutated file: the change, the test, and the codes of which one is expected."""

    kind: str
    test: str
    line: int
    text: str
    codes: tuple[str, ...]


Maker = Callable[[Test, list[str]], Iterator[tuple[Edit, tuple[str, ...]]]]


def override_added(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Add a waffle override to an async test."""
    if isinstance(test, ast.AsyncFunctionDef):
        line = lines[test.lineno - 1]
        indent = line[: len(line) - len(line.lstrip())]
        text = f'{indent}@__import__waffle("flag", active=True)'
        yield Edit(test.lineno, test.lineno, (text, line)), ("WS201",)


def await_dropped(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Remove the ``await`` of a disconnect."""
    for node in statements(test):
        if is_awaited(node, "disconnect"):
            line = lines[node.lineno - 1]
            if node.lineno == node.end_lineno:
                edit = Edit(node.lineno, node.lineno, (line.replace("await ", "", 1),))
                yield edit, ("WS503",)


def disconnect_dropped(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Remove the only disconnect of a test that asserts its only connection."""
    found = [node for node in statements(test) if is_awaited(node, "disconnect")]
    connects = [node for node in ast.walk(test) if is_call(node, "connect")]
    ends = [node for node in ast.walk(test) if is_call(node, "wait", "receive_output")]
    if len(found) == len(connects) == 1 and not ends and asserts_connection(test):
        (node,) = found
        line = lines[node.lineno - 1]
        indent = line[: len(line) - len(line.lstrip())]
        yield Edit(node.lineno, node.end_lineno or node.lineno, (f"{indent}pass",)), ("WS501",)


def as_asgi_dropped(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Pass the consumer class itself to a communicator."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and is_name(node.func, "WebsocketCommunicator") and node.args:
            app = node.args[0]
            if is_call(app, "as_asgi") and app.end_lineno == app.lineno:
                line = lines[app.lineno - 1]
                edit = Edit(app.lineno, app.lineno, (line.replace(".as_asgi()", "", 1),))
                yield edit, ("WS504",)


def session_not_entered(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Assign the session instead of entering it."""
    for node in ast.walk(test):
        if not isinstance(node, ast.With) or len(node.items) != 1:
            continue
        item = node.items[0]
        call = item.context_expr
        if (
            is_call(call, "websocket_connect")
            and isinstance(item.optional_vars, ast.Name)
            and node.lineno == item.optional_vars.lineno
        ):
            line = lines[node.lineno - 1]
            indent = line[: len(line) - len(line.lstrip())]
            text = f"{indent}{item.optional_vars.id} = {ast.unparse(call)}"
            yield Edit(node.lineno, node.lineno, (text, f"{indent}if True:")), ("WS401",)


def assert_dropped(test: Test, lines: list[str]) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """Assert the tuple of a connect, which is always true, instead of its first item."""
    for node, following in pairwise(statements(test)):
        if (
            isinstance(following, ast.Assert)
            and is_name(following.test, "connected")
            and isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Await)
            and is_call(node.value.value, "connect")
            and isinstance(node.targets[0], ast.Tuple)
            and node.lineno == node.end_lineno
        ):
            line = lines[node.lineno - 1]
            indent = line[: len(line) - len(line.lstrip())]
            name = ast.unparse(node.targets[0].elts[0])
            text = f"{indent}{name} = {ast.unparse(node.value)}"
            yield Edit(node.lineno, node.lineno, (text,)), ("WS502", "WS508")


MAKERS: dict[str, Maker] = {
    "override added": override_added,
    "await dropped": await_dropped,
    "disconnect dropped": disconnect_dropped,
    "as_asgi() dropped": as_asgi_dropped,
    "session not entered": session_not_entered,
    "the tuple asserted": assert_dropped,
}


def statements(test: Test) -> Iterator[ast.stmt]:
    """Yield the statements of a test's own body, not of its blocks."""
    yield from test.body


def is_awaited(node: ast.stmt, name: str) -> bool:
    """Return whether a statement is ``await something.name(...)``."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Await)
        and is_call(node.value.value, name)
    )


def is_call(node: ast.AST, *names: str) -> bool:
    """Return whether a node is a call of a method of one of these names."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    )


def is_name(node: ast.AST, name: str) -> bool:
    """Return whether a node is a name."""
    return isinstance(node, ast.Name) and node.id == name


def asserts_connection(test: Test) -> bool:
    """Return whether a test asserts the result of its only connect, under the usual name."""
    return any(
        isinstance(node, ast.Assert) and is_name(node.test, "connected") for node in ast.walk(test)
    )


def mutants(text: str, tests: set[str]) -> Iterator[Mutant]:
    """Yield the mutants of a file, one for each place in these tests."""
    lines = text.split("\n")
    for name, test in tests_of(ast.parse(text).body, ""):
        if name not in tests:
            continue
        for kind, maker in MAKERS.items():
            for edit, codes in maker(test, lines):
                changed = [*lines[: edit.first - 1], *edit.lines, *lines[edit.last :]]
                result = "\n".join(changed)
                if "__import__waffle" in result:
                    result = with_import(result)
                yield Mutant(kind, name, edit.first, result, codes)


def with_import(text: str) -> str:
    """Import the override in the first possible line."""
    text = text.replace("@__import__waffle", "@override_flag")
    body = ast.parse(text).body
    first = next(
        node
        for node in body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    )
    lines = text.split("\n")
    lines.insert(first.lineno - 1, "from waffle.testutils import override_flag")
    return "\n".join(lines)


def tests_of(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Test]]:
    """Yield the functions of a file's top level and of its classes, by qualified name."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from tests_of(node.body, f"{prefix}{node.name}.")


def judged_tests(path: Path, root: Path) -> set[str]:
    """Return the tests of a file that have a socket and no finding."""
    from wslint.linking.program import Program
    from wslint.run.judge import environment_of, is_relevant
    from wslint.syntax.source import Source, read_source
    from wslint.timeline.build import timelines
    from wslint.vocabulary import Vocabulary

    settings = Settings(preview=True, cache=False, root=str(root))
    source = read_source(str(path))
    if not isinstance(source, Source):
        return set()
    program = Program()
    environment = environment_of(source, settings, program, program.project(str(path)))
    found = timelines(program, Vocabulary(), str(path), environment)
    names = {timeline.test.qualname for timeline in found if is_relevant(timeline)}
    report = check([str(path)], settings)
    return names - {finding.test for finding in report.findings}


def main() -> int:
    """Print how many synthetic hazards are found, by kind, and list the others."""
    parser = argparse.ArgumentParser(prog="ecosystem.mutants", description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    gate = Prefilter()
    for checkout in checkouts(options.folder):
        for path in sorted(checkout.rglob("*test*.py")):
            data = path.read_bytes() if path.is_file() else b""
            if not gate.passes(data):
                continue
            for mutant in mutants(data.decode(), judged_tests(path, checkout)):
                settings = Settings(preview=True, cache=False, root=str(checkout))
                report = check_files({str(path): mutant.text.encode()}, settings)
                made[mutant.kind] += 1
                if any(f.code in mutant.codes and f.test == mutant.test for f in report.findings):
                    found[mutant.kind] += 1
                else:
                    other = sorted({f.code for f in report.findings if f.test == mutant.test})
                    where = f"{path}:{mutant.line} {mutant.test}"
                    sys.stdout.write(f"missed {mutant.kind}: {where}: {other}\n")
    for kind in MAKERS:
        low, high = wilson(found[kind], made[kind])
        sys.stdout.write(f"{kind}: {found[kind]} of {made[kind]} ({low:.2f} to {high:.2f})\n")
    sys.stdout.write(f"all: {found.total()} of {made.total()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
