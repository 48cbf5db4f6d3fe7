"""Fixes introduce no new findings of ruff, black and mypy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cases import APPS, Case, all_cases

# Why a fix may introduce these codes.
EXCEPTIONS = {
    "S101": "tests assert",
    "PT009": "in a TestCase, its own assertions are the file's way",
    "PLR2004": "only shown (WS403, WS405): the code of a missing route, which the comment explains",
    "PT012": "a receive inside a `raises` block is what raises (WS406)",
    "EM101": "only shown (WS412): a helper of a TestCase can only raise",
    "TRY003": "the same",
    "COM812": "black puts the arguments of a long call on one line without a comma",
    "CPY001": "a new conftest.py: its copyright notice is unknown",
    "INP001": "a new conftest.py beside tests without an __init__.py",
}
CASES = [case for case in all_cases() if case.fix != "none"]
RUFF = """\
src = [{folders}]
[lint]
select = ["ALL"]
[lint.isort]
known-first-party = [{apps}]
"""


def quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def name_of(case: Case) -> str:
    return re.sub(r"\W", "_", case.id)


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """All cases before and after their fixes, side by side."""
    root = tmp_path_factory.mktemp("forms")
    for form in ("before", "after"):
        for case in CASES:
            folder = root / form / name_of(case)
            shutil.copytree(case.folder / "before", folder)
            if form == "after":
                shutil.copytree(case.folder / "after", folder, dirs_exist_ok=True)
        folders = quoted([name_of(case) for case in CASES])
        apps = quoted([path.name for path in sorted(APPS.iterdir()) if path.is_dir()])
        (root / form / "ruff.toml").write_text(RUFF.format(folders=folders, apps=apps))
    return root / "before", root / "after"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ruff_finds_nothing_new(forms: tuple[Path, Path]) -> None:
    before, after = (minded(form) for form in forms)
    of_project = {(path.split("/")[0], code) for path, code in before}
    new = {
        (path, code)
        for path, code in after
        if code not in EXCEPTIONS
        and (path, code) not in before
        # a new file is compared with the files around it
        and (
            ((forms[0] / path).exists() and code != "ANN")
            or (path.split("/")[0], code) not in of_project
        )
    }
    assert not new
    # every exception still occurs
    assert EXCEPTIONS.keys() <= {code for path, code in after if (path, code) not in before}


def minded(form: Path) -> set[tuple[str, str]]:
    """Return the findings of ruff by file and code."""
    done = run(form, "ruff", "check", "--no-cache", "--exit-zero", "--output-format", "json")
    found = json.loads(done.stdout)
    assert found
    # annotated files stay annotated, others stay without
    return {
        (
            Path(each["filename"]).relative_to(form).as_posix(),
            re.sub(r"^ANN\d+", "ANN", each["code"]),
        )
        for each in found
    }


@pytest.mark.parametrize(
    "command", [("ruff", "format", "--check"), ("black", "--check")], ids=["ruff", "black"]
)
def test_what_was_formatted_still_is(command: tuple[str, ...], forms: tuple[Path, Path]) -> None:
    """Looks only at what a fix changes, as the others are the same in both forms."""
    before, after = forms
    changed = [f"{name_of(case)}/{path}" for case in CASES for path in case.expected]
    changed = [path for path in changed if path.endswith(".py")]
    late = reformatted(after, changed, *command)
    early = reformatted(before, [path for path in late if (before / path).exists()], *command)
    assert late == early
    assert len(late) < 0.2 * len(changed)


def reformatted(form: Path, files: list[str], *command: str) -> list[str]:
    """Return the files that a formatter would change."""
    done = run(form, *command, *files)
    assert done.returncode in (0, 1), done.stderr
    # in black's and older versions of ruff, and in newer ones
    line = re.compile(r"^(?:would reformat:? (.*)| *--> (.*?):\d+:\d+)$", re.M | re.I)
    paths = {one or other for one, other in line.findall(done.stdout + done.stderr)}
    assert bool(paths) == (done.returncode == 1), done.stdout + done.stderr
    return sorted(Path(form, path).relative_to(form).as_posix() for path in paths)


@pytest.mark.variations
def test_mypy_finds_nothing_new(forms: tuple[Path, Path]) -> None:
    before, after = (wrong(form) for form in forms)
    known = {path for path, _ in before}
    new = {(path, text) for path, text in after if path not in known}
    assert not new
    # guard: mypy has not given up, and checks function bodies
    assert before


def wrong(form: Path) -> set[tuple[str, str]]:
    """Return the errors of mypy by file."""
    done = run(
        form, "mypy", "--check-untyped-defs", "--ignore-missing-imports", "--no-incremental",
        "--namespace-packages", "--explicit-package-bases", "--config-file", "", ".",
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors = re.findall(r"^(\S+?):\d+: error: (.*)$", done.stdout, re.M)
    assert "errors prevented" not in done.stdout
    return set(errors)
