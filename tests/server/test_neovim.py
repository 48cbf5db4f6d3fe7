"""The language server in headless Neovim, started by the recipe of the docs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

FOLDER = ROOT / "editors" / "neovim"


@pytest.mark.neovim
def test_the_transcript() -> None:
    bin_folder = Path(sys.executable).parent
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-S", str(FOLDER / "play.lua")],
        env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    played, _, traced = done.stdout.partition("trace\n")
    expected, _, as_text = (FOLDER / "transcript.txt").read_text("utf-8").partition("trace\n")
    assert played == expected
    assert traced in (as_text, "  opened in the browser: test_one.html\n")


def test_the_docs_have_the_transcript() -> None:
    transcript = (FOLDER / "transcript.txt").read_text("utf-8")
    shown = transcript.partition("\nundo\n")[0]
    assert shown in (ROOT / "docs" / "editors.md").read_text("utf-8")
