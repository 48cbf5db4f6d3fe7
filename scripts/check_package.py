"""Check that the wheel and the sdist are complete and of the same version.

With ``--release TAG``, also check that this is the version of the tag, and that the changelog has a
section for it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tarfile
import zipfile
from pathlib import Path

NEEDED_IN_WHEEL = (
    "wslint/__init__.py",
    "wslint/_version.py",
    "wslint/py.typed",
    "wslint/cli/__init__.py",
    "wslint/output/report.css",
    "wslint/output/report.js",
)
NEEDED_IN_SDIST = (
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "wslint/_version.py",
    "wslint/py.typed",
)
DOCUMENTATION = re.compile(rb"^Project-URL: Documentation, https://", re.MULTILINE)
VERSION = re.compile(rb'__version__ = "([^"]+)"')


def main(arguments: list[str]) -> int:
    """Check each file, and print the problems."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PACKAGE")
    parser.add_argument("--release", metavar="TAG", help="the tag to release")
    given = parser.parse_args(arguments)
    problems: list[str] = []
    for path in given.paths:
        problems += _wheel(path) if path.suffix == ".whl" else _sdist(path)
        if given.release and version_of(path) != given.release.removeprefix("v"):
            problems.append(f"{path.name}: is not the version of the tag {given.release}")
        if given.release and path.suffix == ".whl" and not _is_documented(path):
            problems.append(f"{path.name}: pyproject.toml has no Documentation in [project.urls]")
    if given.release:
        problems += unready(given.release, Path("CHANGELOG.md").read_text("utf-8"))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(given.paths)} packages are complete")
    return int(bool(problems))


def version_of(path: Path) -> str:
    """Return the version in the file name of a package."""
    return path.name.removesuffix(".tar.gz").split("-")[1]


def unready(tag: str, changelog: str) -> list[str]:
    """Return the reasons why a tag cannot be released."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+((a|b|rc)\d+)?", tag):
        return [f"{tag}: the tag of a release must look like v1.2.3 or v1.2.3rc1"]
    version = re.sub(r"(a|b|rc)\d+$", "", tag.removeprefix("v"))
    heading = re.search(rf"^## {re.escape(version)}(?: (.*))?$", changelog, re.MULTILINE)
    if heading is None:
        return [f"CHANGELOG.md has no section {version}"]
    if heading[1] == "(unreleased)" and tag == f"v{version}":
        return [f"CHANGELOG.md says that {version} is unreleased"]
    return []


def _wheel(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        inside = {name: archive.read(name) for name in names if name == "wslint/_version.py"}
    sources = {file.as_posix() for file in Path("wslint").rglob("*.py")}
    needed = {*NEEDED_IN_WHEEL, *sources}
    problems = [f"{path.name}: {name} is missing" for name in sorted(needed - set(names))]
    problems += [
        f"{path.name}: {name} does not belong in it"
        for name in names
        if not name.startswith("wslint") or name.endswith((".pyc", ".orig"))
    ]
    if not any(name.endswith("entry_points.txt") for name in names):
        problems.append(f"{path.name}: no entry points")
    return problems + _versions(path, inside.get("wslint/_version.py"))


def _is_documented(path: Path) -> bool:
    """Return whether the metadata has the address that links to the rules begin with."""
    with zipfile.ZipFile(path) as archive:
        found = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return any(DOCUMENTATION.search(archive.read(name)) for name in found)


def _sdist(path: Path) -> list[str]:
    written = None
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2]: name for name in archive.getnames()}
        if (name := names.get("wslint/_version.py")) and (file := archive.extractfile(name)):
            written = file.read()
    problems = [f"{path.name}: {name} is missing" for name in NEEDED_IN_SDIST if name not in names]
    return problems + _versions(path, written)


def _versions(path: Path, written: bytes | None) -> list[str]:
    match = VERSION.search(written or b"")
    inside = match[1].decode() if match else "none"
    if inside != version_of(path):
        return [f"{path.name}: the version inside is {inside}"]
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
