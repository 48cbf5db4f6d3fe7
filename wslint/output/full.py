"""Each finding with its code frame, help and fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.finding import OTHER_TEST
from wslint.findings.span import Place
from wslint.output import summary
from wslint.output.colour import Paint
from wslint.output.frame import Mark, frame, gutter_width
from wslint.output.text import cut, display, path_from_here, plural, printable, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.findings.finding import Finding, Label
    from wslint.findings.report import Report
    from wslint.output.lines import FileLines

# A longer diff is cut.
_MOST_ROWS = 20
# Of more tests with one finding, only so many are shown.
_MOST_TESTS = 5
_TIERS = {
    "safe": "safe",
    "unsafe": "unsafe",
    "display-only": "display-only: it may fail a test of a correct application",
}


def render(
    report: Report, *, colour: bool = False, show_unresolved: bool = False, quiet: bool = False
) -> str:
    """Return the report as text, without a summary if ``quiet``; lines end with a newline."""
    paint = Paint(colour)
    rows: list[str] = []
    if report.findings:
        from wslint.output.lines import FileLines

        files = FileLines(report.texts)
        for finding in report.findings:
            rows += [*_finding(finding, files, paint), *_notes(finding, report, paint)]
            rows += [*_diff(finding, files, paint), ""]
    rows += summary.closing(report, paint, show_unresolved=show_unresolved, quiet=quiet)
    return "".join(f"{row}\n" for row in rows)


def _finding(finding: Finding, files: FileLines, paint: Paint) -> Iterator[str]:
    yield summary.head(finding, paint)
    yield from frames(finding, files, paint)


def frames(finding: Finding, files: FileLines, paint: Paint) -> Iterator[str]:
    """Yield the code frames of a finding and its labels, file by file."""
    marks_by_path = marks_of(finding)
    gutter = gutter_width(marks_by_path)
    for path, marks in marks_by_path.items():
        if path != finding.path:
            arrow = paint("blue", f"{'':{gutter}}-->")
            yield f"{arrow} {summary.where(Place(path, marks[0].span), paint)}"
        yield from frame(files.lines(path), marks, gutter, paint)


def marks_of(finding: Finding) -> dict[str, list[Mark]]:
    """Return the marks in each file, starting with the file of the finding."""
    marks = {finding.path: [Mark(finding.span, "", primary=True)]}
    folded = {*folded_labels(finding)}
    for label in (label for label in finding.labels if label not in folded):
        mark = Mark(label.place.span, label.message, primary=False)
        marks.setdefault(label.place.path, []).append(mark)
    return marks


def folded_labels(finding: Finding) -> tuple[Label, ...]:
    """Return the labels at other tests with this finding that are only counted."""
    return tuple(label for label in finding.labels if label.message == OTHER_TEST)[_MOST_TESTS:]


def _notes(finding: Finding, report: Report, paint: Paint) -> Iterator[str]:
    gutter = gutter_width(marks_of(finding))
    equals = f"{'':{gutter}} {paint('blue', '=')}"
    if folded := folded_labels(finding):
        yield f"{equals} ... and {plural(len(folded), 'more test')}"
    if finding.help:
        yield f"{equals} {paint('bold', 'help')}: {printable(finding.help)}"
    if finding.concerns:
        yield f"{equals} {paint('bold', 'concerns')}: {printable(finding.concerns)}"
    if finding.fix is not None:
        tier = _TIERS[finding.fix.applicability]
        if finding.fix.applicability == "unsafe" and not report.unsafe_fixes:
            tier += ": needs --unsafe-fixes"
        others = sorted({action.path for action in finding.fix.actions} - {finding.path})
        if others:
            tier += f"; it changes {' and '.join(map(path_from_here, others))}"
        yield f"{equals} {paint('bold', 'fix')}: {printable(finding.fix.title)} ({printable(tier)})"
        for other in finding.alternatives:
            yield f"{equals} {paint('bold', 'or')}: {printable(other.title)}"
    elif finding.no_fix:
        yield f"{equals} {paint('bold', 'no fix')}: {printable(finding.no_fix)}"


def _diff(finding: Finding, files: FileLines, paint: Paint) -> Iterator[str]:
    """Yield the lines that the fix removes and adds."""
    if finding.fix is None or not finding.fix.edits:
        return
    from wslint.output.fix_diff import fix_diff

    gutter = gutter_width(marks_of(finding))
    count = 0
    for path, hunks in fix_diff(finding.fix, files, around=0):
        if path != finding.path:
            yield f"{paint('blue', f'{str():{gutter}}-->')} {shown_path(path)}"
        for row in (row for hunk in hunks for row in hunk.rows):
            count += 1
            if count <= _MOST_ROWS:
                colour = "red" if row.sign == "-" else "green"
                text, _ = display(cut(row.text)[0])
                line = paint(colour, f"{row.sign} {text}".rstrip())
                yield f"{paint('blue', f'{row.number:{gutter}}')} {line}"
    if count > _MOST_ROWS:
        yield f"{'':{gutter}} ... {plural(count - _MOST_ROWS, 'more line')}"
