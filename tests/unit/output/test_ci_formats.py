"""What GitHub shows of a step: ten annotations, and a summary of at most 1 MB."""

from __future__ import annotations

from pathlib import Path

import pytest

from wslint.findings.finding import Finding
from wslint.findings.report import Problem, Report
from wslint.findings.span import Place, Span
from wslint.output import github, markdown


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def finding(path: str, line: int, code: str = "WS301") -> Finding:
    return Finding(code, "a-name", Place(f"{Path.cwd()}/{path}", Span(line, 0, line, 1)), "m", "h")


@pytest.mark.parametrize(
    ("errors", "findings", "annotations", "logged"),
    [
        (0, 10, 10, 0),
        (0, 11, 10, 2),
        (1, 9, 10, 0),
        (1, 10, 10, 2),
        (12, 3, 10, 6),
        (0, 500, 10, 491),
    ],
)
def test_ten_annotations(errors: int, findings: int, annotations: int, logged: int) -> None:
    report = Report(
        tuple(finding("a.py", line) for line in range(1, findings + 1)),
        tuple(Problem("b.py", f"oh {number}") for number in range(errors)),
    )
    lines = github.render(report).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == annotations
    assert len(lines) == annotations + logged
    if logged:
        more = f"{logged} more problems: see the log of this step"
        assert lines[annotations - 1] == f"::error title=wslint::{more}"
    if logged and findings:
        assert lines[-1] == f"WS301 a.py:{findings}: m"


def test_names_of_files_are_no_commands() -> None:
    report = Report(tuple(finding("::stop-commands::x/a.py", line) for line in range(1, 30)))
    lines = github.render(report).splitlines()
    assert all(line.startswith(("::error ", "WS301 ")) for line in lines)


def test_a_row_for_each_rule_and_file() -> None:
    found = [finding("a.py", 1), finding("a.py", 7), finding("b.py", 2, "WS101")]
    assert markdown.render(Report(tuple(found))) == (
        "### wslint\n\nFound 3 problems.\n\n\n"
        "| rule | file | problems | lines |\n|---|---|---|---|\n"
        "| WS101 a-name | b.py | 1 | 2 |\n| WS301 a-name | a.py | 2 | 1, 7 |\n"
    )
    assert markdown.render(Report()) == "### wslint\n\nAll checks passed&#33;\n\n"
    many = Report(tuple(finding("a.py", line) for line in range(1, 13)))
    assert "| 12 | 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 … |" in markdown.render(many)


def test_no_markup_of_names_gets_through() -> None:
    report = Report((finding("<b>|`[a](b)*__x__\n@me.py", 1),), (Problem("", "a | <i>"),))
    rows = markdown.render(report).splitlines()
    assert rows[-1].count("|") == 5
    assert not {*"<>`[]*@_\\"} & {*rows[-1]}
    assert "- error: a &#124; &#60;i&#62;" in rows


def test_a_summary_has_a_limit() -> None:
    report = Report(tuple(finding(f"{'ä' * 100}{n}.py", 1) for n in range(10_000)))
    text = markdown.render(report)
    assert len(text.encode()) <= 1_000_100
    shown = text.count("| WS301 ")
    assert 0 < shown < 10_000
    assert text.endswith(f"\n… and {10_000 - shown} more rows\n")
