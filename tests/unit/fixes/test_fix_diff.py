"""git applies the patches."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from wslint.fixes.diff import unified_diff

CASES = {
    "plain": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "no newline before": (b"a\nb", b"a\nb\n"),
    "no newline after": (b"a\nb\n", b"a\nc"),
    "no newline at all": (b"a\nb", b"a\nc"),
    "crlf": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "mixed": (b"a\r\nb\nc\rd\n", b"a\r\nB\nc\rd\n"),
    "not utf-8": (b"# coding: latin-1\n'\xe9'\n", b"# coding: latin-1\n'\xe9'\n'\xea'\n"),
    "form feed": (b"a\n\x0c\nb\xc2\x85\n", b"a\n\x0c\nc\xc2\x85\n"),
    "from empty": (b"", b"a\n"),
    "to empty": (b"a\n", b""),
    "a new file": (None, b"a\n"),
}


def test_text():
    assert unified_diff("tests/test_a.py", b"a\nb", b"a\nc\n") == (
        b"--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -1,2 +1,2 @@\n a\n-b\n"
        b"\\ No newline at end of file\n+c\n"
    )


def test_no_change():
    assert unified_diff("x", b"a", b"a") == b""
    assert unified_diff("x", None, b"") == b""


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("path", ["x.py", "a dir/é x.py", 'q"uo\\te.py'])
def test_git_applies_it(tmp_path, path, before, after):
    git = shutil.which("git")
    assert git is not None, "these tests need git"
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    if before is not None:
        file.write_bytes(before)
    patch = unified_diff(path, before, after)
    command = [git, "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=patch, cwd=tmp_path, check=True)
    assert file.read_bytes() == after
