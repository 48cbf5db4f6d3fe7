"""Versions, packages, and the workflows that CI and a release run."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from paths import ROOT
from script_module import load_script

NEEDS_BASH = pytest.mark.skipif(sys.platform == "win32", reason="needs bash")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("check_package")


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(
        (ROOT / ".github" / "workflows" / name).read_text("utf-8"), yaml.BaseLoader
    )
    return loaded


def test_only_the_job_that_publishes_can_and_it_holds_no_token() -> None:
    release = workflow("release.yml")
    jobs = release["jobs"]
    assert release["on"] == {"push": {"tags": ["v[0-9]*"]}}
    assert release["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in jobs.items()} == {
        "build": None,
        "publish": {"id-token": "write"},
        "notes": {"contents": "write"},
    }
    assert (jobs["publish"]["needs"], jobs["publish"]["environment"]) == ("build", "release")
    assert not any("run" in step for step in jobs["publish"]["steps"])
    assert "secrets." not in str(release)


def test_what_is_published_was_checked() -> None:
    steps = workflow("release.yml")["jobs"]["build"]["steps"]
    runs = [step.get("run", step.get("uses")) for step in steps]
    assert runs[0].startswith("actions/checkout")
    assert steps[0]["with"]["fetch-depth"] == "0"  # else the tags are not there
    assert runs[-4] == "bash .ci/run"
    assert runs[-3].endswith("-m build")
    assert re.search(r'check_package.py --release "\$GITHUB_REF_NAME" dist/\*$', runs[-2])
    assert runs[-1].startswith("actions/upload-artifact")


def test_ci_runs_what_everybody_can() -> None:
    ci = workflow("ci.yml")
    job, others = ci["jobs"]["ci"], ci["jobs"]["other-systems"]
    assert others["strategy"]["matrix"]["os"] == ["windows-latest", "macos-latest"]
    assert job["steps"][-1]["run"] == "bash .ci/run"
    assert ci["permissions"] == {"contents": "read"}
    pythons = next(s for s in job["steps"] if "setup-python" in s.get("uses", ""))
    listed = pythons["with"]["python-version"].split()
    classifiers = re.findall(r"Python :: (3\.\d+)\"", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert listed == classifiers


def test_actions_are_pinned_by_commit() -> None:
    """A tag or a branch can be moved; the comment names the release."""
    files = [ROOT / "action.yml", *(ROOT / ".github" / "workflows").glob("*.yml")]
    uses = [line for file in files for line in re.findall(r"uses: (.*)", file.read_text("utf-8"))]
    assert len(uses) >= 10
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in uses), uses


def test_inputs_reach_no_command() -> None:
    for name in ("ci.yml", "release.yml"):
        for job in workflow(name)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")


CHANGES = "# Changelog\n\n## 0.2.0 (unreleased)\n\n- new\n\n## 0.1.0 (2026-01-02)\n\n- old\n"


@NEEDS_BASH
@pytest.mark.parametrize(
    ("tag", "notes", "kind"),
    [
        ("v0.1.0", "- old", []),
        ("v0.2.0", "- new", []),
        ("v0.2.0rc1", "- new", ["--prerelease"]),
        ("v0.1", "", []),
    ],
)
def test_notes_of_a_release(tmp_path: Path, tag: str, notes: str, kind: list[str]) -> None:
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    (tmp_path / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >given\n')
    (tmp_path / "gh").chmod(0o755)
    command = workflow("release.yml")["jobs"]["notes"]["steps"][-1]["run"]
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    environment = {**os.environ, "GITHUB_REF_NAME": tag, "PATH": path}
    subprocess.run(["bash", "-euo", "pipefail", "-c", command],
                   cwd=tmp_path, env=environment, check=True)  # fmt: skip
    assert (tmp_path / "notes.md").read_text().strip() == notes
    given = (tmp_path / "given").read_text().splitlines()
    assert given[:3] == ["release", "create", tag]
    assert [word for word in given if word == "--prerelease"] == kind


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("v0.1.0", ""),
        ("v0.2.0rc1", ""),
        ("v0.2.0", "CHANGELOG.md says that 0.2.0 is unreleased"),
        ("v0.3.0", "CHANGELOG.md has no section 0.3.0"),
        ("0.1.0", "0.1.0: the tag of a release must look like v1.2.3 or v1.2.3rc1"),
        ("v1", "v1: the tag of a release must look like v1.2.3 or v1.2.3rc1"),
    ],
)
def test_ready_for_release(script: ModuleType, tag: str, said: str) -> None:
    assert script.unready(tag, CHANGES) == [said] * bool(said)


METADATA = "Name: wslint\nProject-URL: Documentation, https://example.org/docs\n"


def packages(
    folder: Path,
    *,
    named: str,
    inside: str,
    extra: str = "wslint/a.css",
    metadata: str = METADATA,
) -> list[str]:
    """Write a complete wheel and sdist."""
    written = f'__version__ = "{inside}"\n'
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "wslint").rglob("*.py")}
    names = {*sources, "wslint/_version.py", "wslint/py.typed", "wslint/output/report.css",
             "wslint/output/report.js", extra}  # fmt: skip
    wheel = folder / f"wslint-{named}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"wslint-{named}.dist-info/METADATA", metadata)
        for name in sorted({*names, f"wslint-{named}.dist-info/entry_points.txt"}):
            archive.writestr(name, written if name == "wslint/_version.py" else "")
    sdist = folder / f"wslint-{named}.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
        for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", *sorted(names)):
            data = (written if name == "wslint/_version.py" else "").encode()
            member = tarfile.TarInfo(f"wslint-{named}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return [str(wheel), str(sdist)]


def check(
    script: ModuleType, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[str]]:
    code: int = script.main(list(arguments))
    return code, capsys.readouterr().err.splitlines()


@pytest.fixture
def changelog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("CHANGELOG.md").write_text(CHANGES)
    shutil.copytree(ROOT / "wslint", "wslint", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_packages(changelog: Path, script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    good = packages(changelog, named="0.1.0", inside="0.1.0")
    assert check(script, capsys, *good) == (0, [])
    assert check(script, capsys, "--release", "v0.1.0", *good) == (0, [])
    code, said = check(script, capsys, "--release", "v0.2.0rc1", *good)
    assert (code, len(said)) == (1, 2)
    assert all(line.endswith("is not the version of the tag v0.2.0rc1") for line in said)
    silent = packages(changelog, named="0.1.0", inside="0.1.0", metadata="Name: wslint\n")
    assert check(script, capsys, *silent) == (0, [])
    code, said = check(script, capsys, "--release", "v0.1.0", *silent)
    assert [line.partition(": ")[2] for line in said] == [
        "pyproject.toml has no Documentation in [project.urls]"
    ]
    bad = packages(changelog, named="0.1.0", inside="0.1.1")
    code, said = check(script, capsys, *bad)
    assert (code, len(said)) == (1, 2)
    assert all(line.endswith("the version inside is 0.1.1") for line in said)
    odd = packages(changelog, named="0.1.0", inside="0.1.0", extra="tests/a.py")
    code, said = check(script, capsys, *odd)
    assert said == ["wslint-0.1.0-py3-none-any.whl: tests/a.py does not belong in it"]
    Path("wslint/new.py").touch()
    code, said = check(script, capsys, *good)
    assert "wslint-0.1.0-py3-none-any.whl: wslint/new.py is missing" in said


def test_a_checkout_that_was_never_installed(tmp_path: Path) -> None:
    skipped = shutil.ignore_patterns("__pycache__", "_version.py")
    shutil.copytree(ROOT / "wslint", tmp_path / "wslint", ignore=skipped)
    command = [sys.executable, "-m", "wslint", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout == "wslint 0+unknown\n"
