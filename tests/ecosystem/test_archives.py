"""Findings in released source archives: ``pytest -m network tests/ecosystem``."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from wslint.config.settings import Settings
from wslint.filesystem.toml import load_toml
from wslint.run.check import check

ARCHIVES = load_toml(str(Path(__file__).with_name("archives.toml")))["archive"]


def unpack(requirement: str, folder: Path) -> Path:
    """Download a source archive with pip and unpack it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-binary", ":all:", "--dest", str(folder), requirement]
    subprocess.run([*pip, *options], check=True, timeout=300)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


@pytest.mark.network
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive["requirement"])
def test_findings(archive: dict[str, Any], tmp_path: Path) -> None:
    folder = unpack(archive["requirement"], tmp_path)
    report = check([str(folder)], Settings(preview=True, cache=False, root=str(folder)))
    assert report.errors == ()
    found = [
        f"{Path(finding.path).relative_to(folder).as_posix()}:{finding.span.line} {finding.code}"
        for finding in report.findings
    ]
    assert found == archive["findings"]
    assert report.tests_judged == archive["tests"]
    assert report.unresolved == ()
