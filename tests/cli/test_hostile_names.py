"""Names and lines that a CI service, a terminal or the command line may take for something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from small_project import TOLD, run, write

from wslint.cli.fix import _displayed
from wslint.output.text import LONG, cut, display, printable

PEOPLE = ["full", "concise", "grouped"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize("name", PEOPLE)
def test_a_path_begins_no_command(name: str) -> None:
    write({"::stop-commands::tok/test_a.py": TOLD, "::error title=x::y/test_b.py": TOLD})
    lines = run("check", "--output-format", name).stdout.splitlines()
    assert not [line for line in lines if line.startswith("::")]
    assert any(line.startswith("./::stop-commands::tok/test_a.py:") for line in lines)


@pytest.mark.parametrize("name", [*PEOPLE, "github", "markdown", "html"])
def test_lines_of_source_hold_no_command(name: str) -> None:
    hazard = 'client.post("/a")'
    text = TOLD.replace(hazard, f"{hazard}  # ##[error]a ##vso[b] ## c ###[d]")
    write({"test_a.py": text})
    output = run("check", "--output-format", name).stdout
    assert "##[" not in output
    assert "##vso[" not in output
    if name == "full":
        assert r"# \x23#[error]a \x23#vso[b] ## c #\x23#[d]" in output


def test_underlines_stay_below_their_text() -> None:
    text, columns = display("x = '##[a' + b")
    assert text == r"x = '\x23#[a' + b"
    assert columns[5:7] == [5, 9]
    assert printable("a ##[b]") == r"a \x23#[b]"


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("name", ["--exit-zero", "-osetup.py", "--diff", "-q"])
def test_an_option_that_is_a_file_is_refused(command: str, name: str) -> None:
    write({name: TOLD, "setup.py": "kept\n"})
    result = run(command, name)
    assert result.exit_code == 2
    assert f"{name} is an option, and a file in the working directory" in result.stderr
    assert f"write ./{name} or put -- before it" in result.stderr
    assert Path("setup.py").read_text() == "kept\n"
    assert run("check", "--isolated", "--", name).exit_code in (0, 1)
    assert run("check", "--isolated", f"./{name}").exit_code in (0, 1)


def test_long_lines_are_shown_in_part() -> None:
    text = TOLD.replace("(app)", f"(app)  # {'a' * 100_000}")
    write(
        {"test_a.py": text.replace('client.post("/a")', f'x = "{"b" * 5_000}"; client.post("/a")')}
    )
    for name in ("full", "html"):
        output = run("check", "--output-format", name).stdout
        assert len(output) < 70_000
        assert max(map(len, output.splitlines()), default=0) < 20_000
        assert "a" * (LONG + 1) not in output
    lines = run("check").stdout.splitlines()
    number = next(n for n, line in enumerate(lines) if "^^^" in line)
    start, end = lines[number].index("^"), lines[number].rindex("^") + 1
    assert lines[number - 1][start:end] == 'client.post("/a")'


@pytest.mark.parametrize(
    ("around", "start"), [(0, 0), (50, 0), (300, 300 - LONG // 4), (990, 1000 - LONG), (2000, 600)]
)
def test_a_part_of_a_line(around: int, start: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(1000))
    part, at = cut(line, around)
    assert (at, len(part)) == (start, LONG)
    assert part[3:-3] == line[at + 3 : at + LONG - 3]
    assert part.startswith("...") is (start > 0)
    assert part.endswith("...") is (start + LONG < 1000)
    assert cut("short", 90) == ("short", 0)


def test_a_patch_on_a_terminal_controls_nothing() -> None:
    patch = "+x = '\x1b[2J\u202e\x9b'\n+\ty\r\n".encode()
    assert _displayed(patch) == "+x = '\\x1b[2J\\u202e\\x9b'\n+   y\n"
