"""The laws hold for fixes of every variation of every case."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cases import Case, all_cases, laid_out

from fixing import laws
from fixing.laws import Tried, check, has
from fixing.variations import VARIATIONS
from wslint.config.settings import Settings
from wslint.fixes.diff import unified_diff
from wslint.fixes.write import Change
from wslint.run.fix import Fixes, find_fixes

FIXED = [case for case in all_cases() if case.fix != "none"]
# one test of all would keep one processor busy and the others waiting
PARTS = 4
# A case is tried in one variation of so many; `python -m fixing` tries all. Odd, so that each part
# has every variation.
EVERY = 9
_COMPILES = """\
import pathlib, sys, warnings
warnings.simplefilter("ignore")
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        print(path.name, error)
"""


def run(chosen: Sequence[tuple[Case, Sequence[str]]]) -> tuple[Tried, list[str]]:
    """Try cases in some variations ("" for none); return the broken laws."""
    tried, failures = Tried(), []
    for case, kinds in chosen:
        with laid_out(case) as folder:
            for kind in kinds:
                try:
                    check(case, folder, kind, tried)
                except AssertionError as error:  # noqa: PERF203
                    failures.append(f"{case.id} as {kind or 'it is'}: {error}")
    return tried, failures


def pythons() -> Iterator[Path]:
    """Return the installed interpreters that wslint supports."""
    for minor in range(10, 20):
        on_path = shutil.which(f"python3.{minor}")
        own = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3"))
        yield from [Path(on_path)] if on_path and not own else own[-1:]


def rejected(changes: Mapping[str, Change], folder: Path) -> list[str]:
    """Apply changes as a patch, and compile the files with every Python found.

    Gives what git does not apply, and what one of the Pythons does not take.
    """
    folder.mkdir()
    patches, found = [], []
    for name, change in changes.items():
        if change.before is not None:
            (folder / name).write_bytes(change.before)
        patches.append(unified_diff(name, change.before, change.after))
    apply = ["git", "apply", "--whitespace=nowarn", "-"]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    subprocess.run(apply, cwd=folder, input=b"".join(patches), check=True, env=environment)
    for name, change in changes.items():
        if (folder / name).read_bytes() != change.after:
            found.append(f"{name}: the patch makes something else of it")
    for python in pythons():
        command = [str(python), "-I", "-c", _COMPILES, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found += [f"{python}: {line}" for line in done.stdout.splitlines()]
    return found


def test_each_variation_of_one_case() -> None:
    chosen: dict[str, tuple[Case, list[str]]] = {}
    for number, kind in enumerate(VARIATIONS):
        following = [*FIXED[number * 6 :], *FIXED[: number * 6]]
        case = next(case for case in following if case.id not in chosen and has(case, kind))
        chosen[case.id] = case, [kind]
    tried, failures = run(list(chosen.values()))
    assert not failures, "\n\n".join(failures)
    assert set(tried.kinds) == set(VARIATIONS)
    # guard: many fixes must have been made
    assert tried.fixed.total() > 0.8 * len(VARIATIONS)


@pytest.mark.variations
@pytest.mark.parametrize("part", range(PARTS))
def test_hundreds_of_variations(part: int, tmp_path: Path) -> None:
    chosen = [
        (
            case,
            ["", *(k for at, k in enumerate(VARIATIONS) if (at + n) % EVERY == 0 and has(case, k))],
        )
        for n, case in enumerate(FIXED)
        if n % PARTS == part
    ]
    fixed = len(chosen)
    tried, failures = run(chosen)
    assert not failures, "\n\n".join(failures)
    assert set(tried.kinds) == {"", *VARIATIONS}
    assert tried.fixed[""] == fixed
    assert tried.fixed.total() - fixed >= 500 / PARTS / 2
    assert list(pythons())
    assert not rejected(tried.changes, tmp_path / "outputs")


@pytest.mark.variations
def test_every_file_doubled() -> None:
    doubled = [(case, ["doubled"]) for case in FIXED if has(case, "doubled")]
    tried, failures = run(doubled)
    assert not failures, "\n\n".join(failures)
    assert tried.fixed["doubled"] == len(doubled)


SPOILED: dict[str, Callable[[Change], bytes]] = {
    "tabs and crlf": lambda change: change.after.replace(b"\r\n", b"\n"),
    "comments": lambda change: change.after.replace(b"# end 6", b""),
    "tabs": lambda change: change.after + b"if 1:\n    pass\n",
    "utf-8 words": lambda change: change.after + b"type X = int\n",
    "latin-1": lambda change: change.after.replace(b"latin-1", b"cp1252"),
    "bom": lambda change: change.after.removeprefix(b"\xef\xbb\xbf"),
    "no final newline": lambda change: change.after + b"\n",
    "renamed": lambda change: (change.before or b"") + b"pass\n",
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_broken_law_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(paths: Sequence[str], settings: Settings) -> Fixes:
        fixes = find_fixes(paths, settings)
        groups = tuple(
            tuple(replace(change, after=SPOILED[kind](change)) for change in group)
            for group in fixes.groups
        )
        return replace(fixes, groups=groups)

    case = next(case for case in FIXED if case.id == "WS301-inline_client")
    monkeypatch.setattr(laws, "find_fixes", wrong)
    tried, failures = run([(case, [kind])])
    assert tried.fixed.total() == len(failures) == 1
