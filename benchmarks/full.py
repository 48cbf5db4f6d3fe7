"""The full form: real trees, many tools, the targets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import trees
from benchmarks.measure import Command, Sample, rounds
from benchmarks.tools import Tools

N = 10_000
SIZES = (100, 200, 400, 800)
CURVES = "growth in one file"


class Target(NamedTuple):
    """The ratio of two figures, and its upper limit."""

    text: str
    figure: str
    by: str
    most: float


class Part(NamedTuple):
    """The measurements on one tree."""

    name: str
    text: str
    samples: Mapping[str, Sample]
    targets: Sequence[Target] = ()


def measure(folder: Path, runs: int, only: Sequence[str] | None = None) -> list[Part]:
    """Measure all parts, or those that are named."""
    tools = Tools(folder)
    return [
        make(folder, tools, runs) for name, make in PARTS.items() if only is None or name in only
    ]


def tell(name: str) -> None:
    """Show progress."""
    print(f"  {name}", file=sys.stderr, flush=True)


def described(tree: Path) -> str:
    """Count the files and lines of a tree."""
    files = lines = spoken = 0
    # one file at a time: a started command inherits the memory of this process
    for path in filter(Path.is_file, tree.rglob("*.py")):
        content = path.read_bytes()
        files, lines = files + 1, lines + content.count(b"\n")
        spoken += trees.PREFILTER.passes(content)
    return f"{files:,} files, {lines:,} lines; {spoken:,} files mention websockets"


def sparse(folder: Path, tools: Tools, runs: int) -> Part:
    """Whole archives, in which few files concern websockets."""
    tree = trees.sparse(folder)
    edited = trees.a_test(tree)
    commands: dict[str, Command] = {
        "wslint, cold, one process": tools.wslint(tree, "--jobs=1", cold=True),
        "wslint, cold": tools.wslint(tree, cold=True),
        "wslint, warm": tools.wslint(tree),
        "wslint, one file edited": tools.wslint(tree, edited=edited),
        "ruff F, cold": tools.ruff(tree, cold=True),
        "ruff F, warm": tools.ruff(tree),
        "ruff F, one file edited": tools.ruff(tree, edited=edited),
    }
    ripgrep = tools.ripgrep(tree)
    if ripgrep is not None:
        commands["ripgrep, the trigger words"] = ripgrep
    targets = [
        Target("sparse tree, cold, beside ruff", "wslint, cold", "ruff F, cold", 0.6),
        Target("sparse tree, warm, beside ruff", "wslint, warm", "ruff F, warm", 2.0),
        Target("sparse tree, one file edited, beside ruff",
               "wslint, one file edited", "ruff F, one file edited", 3.0),
    ]  # fmt: skip
    return Part("sparse tree", described(tree), rounds(commands, 3 * runs, tell), targets)


def dense(folder: Path, tools: Tools, runs: int) -> Part:
    """Only websocket tests."""
    tree = trees.dense(folder)
    commands = {
        "wslint, cold, one process": tools.wslint(tree, "--jobs=1", cold=True),
        "wslint, cold": tools.wslint(tree, cold=True),
        "wslint, warm": tools.wslint(tree),
        "wslint, one file edited": tools.wslint(tree, edited=trees.a_test(tree)),
        "ruff F, cold": tools.ruff(tree, cold=True),
        "flake8 F, one process": tools.flake8(tree),
        "libcst, each test parsed once": tools.libcst(tree),
    }
    flake8, libcst = "flake8 F, one process", "libcst, each test parsed once"
    targets = [
        Target("dense tree, cold, beside flake8", "wslint, cold", flake8, 0.12),
        Target("dense tree, one file edited, beside a cold run",
               "wslint, one file edited", "wslint, cold", 0.2),
        Target("dense tree, cold, beside parsing with libcst", "wslint, cold", libcst, 0.2),
        Target("dense tree, cold, one process, beside parsing with libcst",
               "wslint, cold, one process", libcst, 0.5),
    ]  # fmt: skip
    return Part("dense tree", described(tree), rounds(commands, runs, tell), targets)


def others(folder: Path, tools: Tools, runs: int) -> Part:
    """The slower tools: one run on a fifth of the dense tree."""
    tree = trees.dense(folder, 1)
    commands = {
        "wslint, cold": tools.wslint(tree, cold=True),
        "flake8 with flake8-async and flake8-pytest-style": tools.flake8_with_plugins(tree),
        "fixit": tools.fixit(tree),
        "pylint": tools.pylint(tree),
    }
    return Part("a fifth of it", described(tree), rounds(commands, min(runs, 1), tell))


def single(folder: Path, tools: Tools, runs: int) -> Part:
    """A single file, as from a hook or an editor."""
    place = trees.single(folder)
    commands = {
        "import click": tools.python("import click", place),
        "import libcst": tools.python("import libcst", place),
        "wslint, a file without websockets": tools.wslint(place, "clean.py"),
        "wslint, a test of 300 lines": tools.wslint(place, "--no-cache", "test_quiet.py"),
        "wslint, a test of 300 lines with 30 hazards": tools.wslint(
            place, "--no-cache", "test_hazards.py"
        ),
        **{
            f"wslint, {count:,} tests in a file": tools.wslint(
                place, "--no-cache", f"test_{count}.py"
            )
            for count in (1000, 2000)
        },
    }
    targets = [
        Target("a file without websockets, beside importing click",
               "wslint, a file without websockets", "import click", 1.7),
        Target("a test of 300 lines, beside importing libcst",
               "wslint, a test of 300 lines", "import libcst", 1.5),
        Target("a test of 300 lines with 30 hazards, beside importing libcst",
               "wslint, a test of 300 lines with 30 hazards", "import libcst", 1.5),
        Target("2,000 tests in a file, beside 1,000",
               "wslint, 2,000 tests in a file", "wslint, 1,000 tests in a file", 2.1),
    ]  # fmt: skip
    return Part("one file", "", rounds(commands, 3 * runs, tell), targets)


def growth(folder: Path, tools: Tools, runs: int) -> Part:
    """Twice the files must not take more than twice the time."""
    commands = {
        f"wslint, {count:,} files": tools.wslint(
            trees.generated(folder, count), "--jobs=1", "--no-cache"
        )
        for count in (N, 2 * N)
    }
    once, twice = commands
    targets = [Target("twice the files", twice, once, 2.1)]
    return Part("generated trees", "", rounds(commands, runs, tell), targets)


def real(folder: Path, tools: Tools, runs: int) -> Part:
    """Whole projects, as their archives are."""
    found = trees.real(folder)
    commands: dict[str, Command] = {}
    for name, tree in found.items():
        commands[f"wslint, cold, {name}"] = tools.wslint(tree, cold=True)
        commands[f"ruff F, cold, {name}"] = tools.ruff(tree, cold=True)
    text = "; ".join(f"{name}: {described(tree)}" for name, tree in found.items())
    return Part("real projects", text, rounds(commands, runs, tell))


def curves(folder: Path, tools: Tools, runs: int) -> Part:
    """What grows in one file: each size is twice the one before."""
    commands = {
        f"{what}, {count:,}": tools.wslint(place.parent, "--no-cache", place.name)
        for what in trees.GROWING
        for count in SIZES
        for place in (trees.grown(folder, what, count),)
    }
    targets = [
        Target(f"{SIZES[-1]:,} {what}, beside {SIZES[-2]:,}",
               f"{what}, {SIZES[-1]:,}", f"{what}, {SIZES[-2]:,}", 2.1)
        for what in trees.GROWING
    ]  # fmt: skip
    return Part(CURVES, "", rounds(commands, runs, tell), targets)


PARTS: dict[str, Callable[[Path, Tools, int], Part]] = {
    "sparse": sparse,
    "dense": dense,
    "others": others,
    "single": single,
    "growth": growth,
    "real": real,
    "curves": curves,
}
