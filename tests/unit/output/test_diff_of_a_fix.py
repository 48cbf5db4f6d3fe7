"""The diff of a fix, compared with that of difflib."""

from __future__ import annotations

import difflib
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslint.findings.finding import Edit, Finding, Fix
from wslint.findings.report import Report
from wslint.findings.span import Place, Span
from wslint.fixes.line_edits import line_edits
from wslint.output import full
from wslint.output.fix_diff import fix_diff
from wslint.output.lines import FileLines

PATH = "/p/test_a.py"
LINES = st.lists(st.sampled_from("abcd"), max_size=20).map(
    lambda lines: "".join(f"{c}\n" for c in lines)
)


@given(LINES, LINES, st.integers(0, 3))
def test_as_difflib(before: str, after: str, around: int) -> None:
    fix = Fix("safe", "", (), edits=tuple(line_edits(PATH, 1, before, after)))
    rows: list[str] = []
    for path, hunks in fix_diff(fix, FileLines({PATH: before}), around):
        assert path == PATH
        for hunk in hunks:
            rows += [hunk.header, *(row.sign + row.text for row in hunk.rows)]
    if around and before == after:
        assert rows == []
    old = before.splitlines()
    # applied to the old text, the hunks give the new one
    new, at = [], 0
    for _, hunks in fix_diff(fix, FileLines({PATH: before}), around):
        for hunk in hunks:
            new += old[at : hunk.old - 1]
            at = hunk.old - 1
            assert hunk.new == len(new) + 1
            for row in hunk.rows:
                if row.sign != "+":
                    assert old[at] == row.text
                    at += 1
                if row.sign != "-":
                    new.append(row.text)
                    assert row.number == len(new)
                else:
                    assert row.number == at
    assert [*new, *old[at:]] == after.splitlines()


def test_header_as_in_difflib() -> None:
    before, after = (
        "".join(f"{n}\n" for n in range(30)),
        "x\n" + "".join(f"{n}\n" for n in range(29)),
    )
    fix = Fix("safe", "", (), edits=tuple(line_edits(PATH, 1, before, after)))
    ((_, hunks),) = fix_diff(fix, FileLines({PATH: before}), 3)
    unified = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    expected = [line for line in islice(unified, 2, None) if line.startswith("@@")]
    assert [hunk.header for hunk in hunks] == expected


@pytest.mark.parametrize(("count", "last"), [(2, "3 + y = 2"), (40, "   ... 21 more lines")])
def test_full_shows_the_lines_of_the_fix(tmp_path: Path, count: int, last: str) -> None:
    path = tmp_path / "test_a.py"
    path.write_text("x = 1\ny = 1\n")
    place = Place(str(path), Span(1, 0, 1, 1))
    new = "".join(f"y = {n}\n" for n in range(1, count + 1))
    edit = Edit(Place(str(path), Span(2, 0, 3, 0)), new)
    finding = Finding("WS101", "a", place, "m", "h", fix=Fix("safe", "t", (), edits=(edit,)))
    rows = full.render(Report((finding,))).splitlines()
    shown = rows[rows.index("  = fix: t (safe)") + 1 : rows.index("", 8)]
    assert shown[:2] == ["2 - y = 1", "2 + y = 1"]
    assert shown[-1].split() == last.split()
