"""Checks that the wheel and the sdist hold what they should and nothing else."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

NEEDED_IN_WHEEL = (
    "wslint/__init__.py",
    "wslint/py.typed",
    "wslint/cli/__init__.py",
    "wslint/output/report.css",
    "wslint/output/report.js",
)
NEEDED_IN_SDIST = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "wslint/py.typed")


def main(paths: list[str]) -> int:
    """Check each file; print what is wrong."""
    problems: list[str] = []
    for path in map(Path, paths):
        problems += _wheel(path) if path.suffix == ".whl" else _sdist(path)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(paths)} packages hold what they should")
    return int(bool(problems) or not paths)


def _wheel(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    sources = {file.as_posix() for file in Path("wslint").rglob("*.py")}
    problems = [f"{path.name}: {name} is missing" for name in NEEDED_IN_WHEEL if name not in names]
    problems += [f"{path.name}: {name} is missing" for name in sorted(sources - set(names))]
    problems += [
        f"{path.name}: {name} does not belong in it"
        for name in names
        if not name.startswith("wslint") or name.endswith((".pyc", ".orig"))
    ]
    if not any(name.endswith("entry_points.txt") for name in names):
        problems.append(f"{path.name}: no entry points")
    return problems


def _sdist(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    return [f"{path.name}: {name} is missing" for name in NEEDED_IN_SDIST if name not in names]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
