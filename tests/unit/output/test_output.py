from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from wslint.findings.finding import Finding, Fix, Label, Unresolved
from wslint.findings.report import Problem, Report
from wslint.findings.span import Place, Span
from wslint.output import concise, full, json_format
from wslint.output.colour import wants_colour
from wslint.output.text import display, printable

TEST = """\
import pytest


@pytest.mark.django_db
@override_flag("chat", active=True)
def test_chat():
    communicator = WebsocketCommunicator(app, "/ws/")
    async_to_sync(talk)(communicator)


def test_after(client):
    client.get("/")
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def finding(
    path: Path,
    span: tuple[int, int, int, int],
    *labels: Label,
    fix: Fix | None = None,
    no_fix: str = "",
    message: str = "what is wrong",
) -> Finding:
    place = Place(str(path), Span(*span))
    return Finding("WS101", "a-name", place, message, "what to do", labels, fix, no_fix)


def label(path: Path, span: tuple[int, int, int, int], message: str) -> Label:
    return Label(Place(str(path), Span(*span)), message)


def rendered(text: str, *marks: tuple[tuple[int, int, int, int], str], path: Path) -> str:
    """The frame of a file: the first span is the primary one."""
    path.write_text(text, newline="")
    (first, _), *others = marks
    one = finding(path, first, *(label(path, *other) for other in others))
    rows = full.render(Report((one,))).splitlines()
    return "\n".join(rows[1:-3]) + "\n"


def test_labels_in_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "test_chat.py"
    path.write_text(TEST)
    one = finding(
        path,
        (5, 1, 5, 35),
        label(path, (7, 19, 7, 53), "the communicator"),
        label(path, (12, 4, 12, 19), "the connection is needed again"),
        fix=Fix("safe", "add a keepalive", ()),
    )
    assert full.render(Report((one,))) == dedent(
        """\
        test_chat.py:5:2: WS101 what is wrong [fix]
           |
         4 | @pytest.mark.django_db
         5 | @override_flag("chat", active=True)
           |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         6 | def test_chat():
         7 |     communicator = WebsocketCommunicator(app, "/ws/")
           |                    ---------------------------------- the communicator
         8 |     async_to_sync(talk)(communicator)
        ...
        11 | def test_after(client):
        12 |     client.get("/")
           |     --------------- the connection is needed again
           |
           = help: what to do
           = fix: add a keepalive (safe)

        Found 1 problem (1 fixable with wslint fix).
        """
    )


def test_labels_in_other_files(tmp_path: Path) -> None:
    path, other = tmp_path / "tests/test_a.py", tmp_path / "tests/conftest.py"
    path.parent.mkdir()
    path.write_text(TEST)
    other.write_text("@pytest.fixture\ndef client():\n    return TestClient(app)\n")
    one = finding(
        path,
        (12, 4, 12, 19),
        label(other, (3, 11, 3, 26), "the client is built here"),
        label(tmp_path / "gone.py", (3, 0, 3, 1), "never shown"),
        fix=Fix("unsafe", "enter the client", ()),
    )
    assert full.render(Report((one,))) == dedent(
        """\
        tests/test_a.py:12:5: WS101 what is wrong [unsafe fix]
           |
        11 | def test_after(client):
        12 |     client.get("/")
           |     ^^^^^^^^^^^^^^^
           |
          --> tests/conftest.py:3:12
           |
         2 | def client():
         3 |     return TestClient(app)
           |            --------------- the client is built here
           |
          --> gone.py:3:1
           = help: what to do
           = fix: enter the client (unsafe: needs --unsafe-fixes)

        Found 1 problem (1 fixable with wslint fix --unsafe-fixes).
        """
    )


def test_spans_over_lines(tmp_path: Path) -> None:
    text = "@override(\n    'a',\n)\nwith x(\n  1,\n  2,\n  3,\n  4,\n):\n    pass\n"
    frame = rendered(text, ((1, 1, 3, 1), ""), ((4, 5, 9, 1), "held open"), path=tmp_path / "x.py")
    assert frame == dedent(
        """\
           |
         1 | @override(
           |  ^^^^^^^^^
         2 |     'a',
           |     ^^^^
         3 | )
           | ^
         4 | with x(
           |      --
        ...
         9 | ):
           | - held open
        10 |     pass
           |
        """
    )


def test_several_marks_in_a_line_put_the_primary_first(tmp_path: Path) -> None:
    frame = rendered(
        "f(g(), h())\n",
        ((1, 7, 1, 10), ""),
        ((1, 0, 1, 11), "outer"),
        ((1, 2, 1, 5), "before"),
        path=tmp_path / "x.py",
    )
    assert frame == dedent(
        """\
          |
        1 | f(g(), h())
          |        ^^^
          | ----------- outer
          |   --- before
          |
        """
    )


@pytest.mark.parametrize(
    ("text", "span", "rows"),
    [
        ("\tf(x)\n", (1, 1, 1, 5), ["    f(x)", "    ^^^^"]),
        ("a\tf(x)\n", (1, 2, 1, 6), ["a   f(x)", "    ^^^^"]),
        ("x = '日本', f()\n", (1, 10, 1, 13), ["x = '日本', f()", "            ^^^"]),
        ("'日本'\n", (1, 0, 1, 4), ["'日本'", "^^^^^^"]),
        ("e\u0301, f()\n", (1, 4, 1, 7), ["e\u0301, f()", "   ^^^"]),
        ("'\x1b[31m', f()\n", (1, 9, 1, 12), [r"'\x1b[31m', f()", "            ^^^"]),
        ("'\u202e', f()\n", (1, 5, 1, 8), [r"'\u202e', f()", "          ^^^"]),
        ("a\x0c, f()\n", (1, 4, 1, 7), [r"a\x0c, f()", "       ^^^"]),
        ("x = (\r", (1, 4, 1, 9), ["x = (", "    ^"]),
        ("x = (\n", (2, 0, 2, 1), ["x = (", "", "^"]),
    ],
)
def test_columns_on_screen(
    tmp_path: Path, text: str, span: tuple[int, int, int, int], rows: list[str]
) -> None:
    frame = rendered(text, (span, ""), path=tmp_path / "x.py")
    assert [row.partition("|")[2][1:] for row in frame.splitlines()][1:-1] == rows


def test_a_position_after_the_file_has_no_frame(tmp_path: Path) -> None:
    assert rendered("x\n", ((9, 0, 9, 1), ""), path=tmp_path / "x.py") == "\n"


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(b"# coding: latin-1\n'\xe9', f()\n")
    assert "2 | 'é', f()\n  |      ^^^\n" in full.render(Report((finding(path, (2, 5, 2, 8)),)))
    path.write_bytes(b"'\xe9', f()\n")
    assert "1 | '\ufffd', f()\n" in full.render(Report((finding(path, (1, 5, 1, 8)),)))


def test_text_of_standard_input_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "<stdin>"
    report = Report((finding(path, (1, 0, 1, 1)),), texts={str(path): "x = 1\n"})
    assert "<stdin>:1:1: WS101 what is wrong\n  |\n1 | x = 1\n  | ^\n" in full.render(report)


def test_no_fix_says_why(tmp_path: Path) -> None:
    report = Report((finding(tmp_path / "x.py", (1, 0, 1, 1), no_fix="the client is shared"),))
    assert "= no fix: the client is shared\n" in full.render(report)


def test_alternatives_are_named(tmp_path: Path) -> None:
    made = finding(tmp_path / "x.py", (1, 0, 1, 1), fix=Fix("safe", "patch it", ()))
    report = Report((replace(made, alternatives=(Fix("unsafe", "flush it", ()),)),))
    assert "= fix: patch it (safe)\n  = or: flush it\n" in full.render(report)


SAFE, UNSAFE = Fix("safe", "a", ()), Fix("unsafe", "b", ())
SHOWN = Fix("display-only", "c", ())


@pytest.mark.parametrize(
    ("fixes", "summary"),
    [
        ([], "All checks passed!"),
        ([None], "Found 1 problem."),
        ([SAFE, None], "Found 2 problems (1 fixable with wslint fix)."),
        ([SHOWN], "Found 1 problem."),
        ([SAFE, SHOWN], "Found 2 problems (1 fixable with wslint fix)."),
        ([UNSAFE], "Found 1 problem (1 fixable with wslint fix --unsafe-fixes)."),
        (
            [SAFE, SAFE, UNSAFE],
            "Found 3 problems (2 fixable with wslint fix, 1 more with --unsafe-fixes).",
        ),
    ],
)
def test_summary(tmp_path: Path, fixes: list[Fix | None], summary: str) -> None:
    findings = [finding(tmp_path / "x.py", (1, 0, 1, 1), fix=fix) for fix in fixes]
    report = Report(tuple(findings))
    assert concise.render(report).splitlines()[-1] == summary
    assert full.render(report).splitlines()[-1] == summary


def test_a_display_only_fix(tmp_path: Path) -> None:
    report = Report((finding(tmp_path / "x.py", (1, 0, 1, 1), fix=SHOWN),))
    assert "fix]" not in concise.render(report)
    assert "= fix: c (display-only: it may fail a test of a correct" in full.render(report)


def test_errors_leave_no_all_clear() -> None:
    assert concise.render(Report(errors=(Problem("x", "y"),))) == ""
    assert full.render(Report(errors=(Problem("x", "y"),))) == ""


def test_unresolved(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "test_a.py"), Span(3, 4, 3, 9))
    report = Report(unresolved=(Unresolved(place, "test_x", "the fixture app is unknown"),))
    assert concise.render(report) == (
        "All checks passed! 1 place left unjudged (--show-unresolved lists them).\n"
    )
    assert concise.render(report, show_unresolved=True) == (
        "Left unjudged:\ntest_a.py:3:5: test_x: the fixture app is unknown\nAll checks passed!\n"
    )
    assert full.render(report, show_unresolved=True) == (
        "Left unjudged:\ntest_a.py:3:5: test_x: the fixture app is unknown\n\nAll checks passed!\n"
    )
    assert "Nothing was left unjudged." in concise.render(Report(), show_unresolved=True)


def test_concise(tmp_path: Path) -> None:
    one = finding(tmp_path / "a\x1b\udcff.py", (1, 0, 1, 1), message="bad\nname", fix=SAFE)
    assert concise.render(Report((one,))).splitlines()[0] == (
        r"a\x1b\udcff.py:1:1: WS101 bad\nname [fix]"
    )


def test_json(tmp_path: Path) -> None:
    other = tmp_path.parent / "y.py"
    one = finding(tmp_path / "a/x\udcff.py", (5, 1, 5, 35), label(other, (3, 11, 4, 2), "there"))
    two = finding(tmp_path / "z.py", (1, 0, 1, 1), fix=SAFE)
    place = Place(str(tmp_path / "z.py"), Span(3, 4, 3, 9))
    report = Report(
        (one, two),
        (Problem(str(tmp_path / "w.py"), "oh"),),
        (Unresolved(place, "test_x", "why"),),
        files_checked=4,
        tests_judged=3,
    )
    document = json.loads(json_format.render(report))
    assert list(document) == ["version", "findings", "errors", "summary"]
    first = document["findings"][0]
    assert first == {
        "code": "WS101",
        "name": "a-name",
        "path": "a/x\\udcff.py",
        "line": 5,
        "column": 2,
        "end_line": 5,
        "end_column": 36,
        "message": "what is wrong",
        "help": "what to do",
        "concerns": "",
        "url": None,
        "labels": [
            {
                "path": str(other),
                "line": 3,
                "column": 12,
                "end_line": 4,
                "end_column": 3,
                "message": "there",
            }
        ],
        "test": "",
        "seen": False,
        "fix": None,
        "no_fix": "",
        "alternatives": [],
    }
    assert document["findings"][1]["fix"] == {"applicability": "safe", "title": "a", "edits": []}
    assert document["errors"] == [{"path": "w.py", "message": "oh"}]
    assert document["summary"] == {
        "findings": 2,
        "fixable": 1,
        "fixable_unsafe": 0,
        "suppressed": 0,
        "unresolved": 1,
        "files_checked": 4,
        "tests_judged": 3,
    }
    assert json.loads(json_format.render(report, show_unresolved=True))["unresolved"] == [
        {
            "path": "z.py",
            "line": 3,
            "column": 5,
            "end_line": 3,
            "end_column": 10,
            "test": "test_x",
            "reason": "why",
        }
    ]


def test_colours_change_nothing_else(tmp_path: Path) -> None:
    import re

    path = tmp_path / "x.py"
    path.write_text(TEST)
    report = Report((finding(path, (5, 1, 5, 35), label(path, (7, 0, 7, 3), "it"), fix=SAFE),))
    for module in (full, concise):
        painted = module.render(report, colour=True)
        assert "\x1b[1;31mWS101\x1b[0m" in painted
        assert re.sub(r"\x1b\[[\d;]*m", "", painted) == module.render(report)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "on_terminal", "on_file"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_wants_colour(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], on_terminal: bool, on_file: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(Terminal()) is on_terminal
    assert wants_colour(io.StringIO()) is on_file


def test_printable() -> None:
    assert printable("aé日\n\x07\u200b\ud800") == r"aé日\n\x07\u200b\ud800"
    assert display("") == ("", [0])


def test_full_says_which_versions_are_concerned(tmp_path: Path) -> None:
    path = tmp_path / "test_chat.py"
    path.write_text(TEST)
    one = replace(finding(path, (5, 1, 5, 4)), concerns="channels>=4.2 (this project: none)")
    assert "= concerns: channels>=4.2 (this project: none)" in full.render(Report((one,)))
