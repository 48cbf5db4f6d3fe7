"""Draws the timeline of a test as SVG: a bar for what is open, a dot for an event.

The picture has its own background and follows the reader's light or dark mode. It uses no script,
no font file and no external resource. Names are on the left, places on the right, findings below.
"""

from __future__ import annotations

import textwrap
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from wslint.output.rows import Row, marked, moments_of, rows_of
from wslint.output.text import columns, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.span import Place
    from wslint.timeline.model import Timeline

CHARACTER = 7.4  # a little more than any usual fixed-width font takes at 12 pixels
LINE = 18
ROW = 24
MARGIN = 16
GAP = 18
MIN_CHARACTERS = 84

# light and dark
COLOURS = {
    "back": ("#ffffff", "#0d1117"),
    "text": ("#1f2328", "#e6edf3"),
    "soft": ("#59636e", "#9198a1"),
    "grid": ("#d1d9e0", "#3d444d"),
    "found": ("#cf222e", "#ff7b72"),
    "socket": ("#0969da", "#4493f8"),
    "client": ("#1a7f37", "#3fb950"),
    "override": ("#8250df", "#ab7df8"),
    "other": ("#9a6700", "#d29922"),
}
_KINDS = {
    "Client": "client",
    "TestClient": "client",
    "Keepalive": "client",
    "Override": "override",
    "Transaction": "other",
    "Raises": "other",
}


class _Sheet(NamedTuple):
    """The layout: the x of each moment, the left edge of the places, the total width."""

    x: Mapping[int, float]
    end: float
    places: float
    width: float


def draw_svg(
    timeline: Timeline, findings: Sequence[Finding], *, root: str = "", part_of: str = ""
) -> str:
    """Return the picture as a document; paths are relative to the folder ``root``.

    With ``part_of`` it is part of a page: ids start with it, and the page includes ``style``.
    """
    rows = rows_of(timeline, findings)
    marks: dict[int, list[Finding]] = {}  # by row; -1 for the whole test
    for finding in findings:
        marks.setdefault(next(iter(marked(rows, finding)), -1), []).append(finding)
    sheet = _sheet(rows, marks, root)
    head = _title(timeline)
    y: float = MARGIN + LINE
    parts = [_text(MARGIN, y, head, "title")]
    y += ROW
    if -1 in marks:
        parts += _signed(MARGIN + CHARACTER / 2, y - 4, _sign(marks[-1]))
        y += ROW
    body, bottom = _picture(rows, marks, sheet, root, y)
    parts += body
    y = bottom + LINE
    for class_, line in _notes(timeline, findings, root, sheet.width):
        parts.append(_text(MARGIN, y, line, class_))
        y += LINE
    height = y - LINE + MARGIN
    width = round(sheet.width)
    about = " ".join(_described(timeline, rows, findings, root))
    named = f'aria-labelledby="{part_of}title {part_of}about"'
    size = f'width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {named}>',
        f'<title id="{part_of}title">Timeline of {escape(head)}</title>',
        f'<desc id="{part_of}about">{escape(about)}</desc>',
        *([] if part_of else [f"<style>\n{style()}</style>"]),
        _rect("back", 0.5, 0.5, width - 1, height - 1, 6),
        *parts,
        "</svg>\n",
    ]
    return "\n".join(lines)


def _picture(
    rows: Sequence[Row],
    marks: Mapping[int, Sequence[Finding]],
    sheet: _Sheet,
    root: str,
    top: float,
) -> tuple[list[str], float]:
    """Return the rows and their bottom edge. Marked rows get a line through all rows."""
    guides: list[str] = []
    parts: list[str] = []
    y = top
    for number, row in enumerate(rows):
        findings = marks.get(number, ())
        parts.append(_text(MARGIN, y + 4, row.label, "found" if findings else "text"))
        parts.append(_shape(row, sheet, y, bool(findings)))
        parts.append(_text(sheet.places, y + 4, _beside(row, root), "soft"))
        y += ROW
        if findings:
            guides.append(_line(sheet.x[row.first], top - ROW / 2, "{bottom}", "guide"))
            parts += _signed(sheet.x[row.first], y, _sign(findings))
            y += ROW
    start = min(sheet.x.values(), default=MARGIN)
    axis = f'<path class="axis" d="M{start:.1f} {y}H{sheet.end:.1f}m-5 -4l5 4l-5 4"/>'
    drawn = [guide.replace("{bottom}", f"{y:.1f}") for guide in guides]
    time = _text(MARGIN, y + 4, "time" if rows else _NOTHING, "soft")
    return [*drawn, *parts, *([axis] if rows else []), time], y + LINE / 2


_NOTHING = "No event relevant to any rule occurs in this test."


def _shape(row: Row, sheet: _Sheet, y: float, has_findings: bool) -> str:
    colour = "found" if has_findings else _KINDS.get(row.kind, "socket")
    class_ = f"{row.shape} {colour}" + (" maybe" if "maybe" in row.note else "")
    start = sheet.x[row.first]
    if row.shape == "bar":
        end = sheet.end if row.last is None else sheet.x[row.last]
        return _rect(class_, start, y - 6, max(end - start, 4), 12, 3)
    return f'<circle class="{class_}" cx="{start:.1f}" cy="{y:.1f}" r="5"/>'


def _sign(findings: Sequence[Finding]) -> str:
    return "▲ " + ", ".join(f"{finding.code} {finding.name}" for finding in findings)


def _signed(x: float, y: float, text: str) -> list[str]:
    """Draw the findings below their row, with a background."""
    x -= CHARACTER / 2
    ground = _rect("ground", x - 3, y - 10, _length(text) + 6, 18, 0)
    return [ground, _text(x, y + 4, text, "found strong")]


def _sheet(rows: Sequence[Row], marks: Mapping[int, Sequence[Finding]], root: str) -> _Sheet:
    moments = moments_of(rows)
    left = MARGIN + max((_length(row.label) for row in rows), default=0) + GAP
    step = min(max(420 / max(len(moments), 1), 5), 44)
    x = {moment: left + 6 + number * step for number, moment in enumerate(moments)}
    end = left + 6 + len(moments) * step
    right = max((_length(_beside(row, root)) for row in rows), default=0)
    widths = [
        MIN_CHARACTERS * CHARACTER + MARGIN,
        end + GAP + right,
        *(_left(x, rows, number) + _length(_sign(found)) for number, found in marks.items()),
    ]
    return _Sheet(x, end, end + GAP, max(widths) + MARGIN)


def _left(x: Mapping[int, float], rows: Sequence[Row], number: int) -> float:
    return x[rows[number].first] if number >= 0 else MARGIN


def _notes(
    timeline: Timeline, findings: Sequence[Finding], root: str, width: float
) -> Iterator[tuple[str, str]]:
    characters = int((width - 2 * MARGIN) / CHARACTER)
    for finding in findings:
        note = f"{finding.code} {_where(finding.place, root)} {printable(finding.message)}"
        yield from (("found", line) for line in textwrap.wrap(note, characters))
    for unknown in timeline.unresolved:
        note = f"unknown {_where(unknown.place, root)} {printable(unknown.reason)}"
        yield from (("soft", line) for line in textwrap.wrap(note, characters))


def _described(
    timeline: Timeline, rows: Sequence[Row], findings: Sequence[Finding], root: str
) -> Iterator[str]:
    """Describe the picture in sentences, for screen readers."""
    for row in rows:
        where = _where(row.place, root) + (f", {row.about}" if row.about else "")
        if row.shape == "bar":
            inside = [r.label for r in rows if r is not row and _within(r, row)]
            meanwhile = f"; meanwhile: {', '.join(inside)}" if inside else ""
            yield f"{row.label} is open from {where}{meanwhile}."
        else:
            yield f"{row.label} {'is created' if row.shape == 'circle' else 'happens'} at {where}."
    if not rows:
        yield _NOTHING
    for finding in findings:
        yield f"{finding.code} at {_where(finding.place, root)}: {printable(finding.message)}."
    for unknown in timeline.unresolved:
        yield f"Unknown at {_where(unknown.place, root)}: {printable(unknown.reason)}."


def _within(row: Row, bar: Row) -> bool:
    return bar.first < row.first and (bar.last is None or row.first < bar.last)


def _title(timeline: Timeline) -> str:
    test = timeline.test
    idle = "" if timeline.never_runs is None else "; no runner runs it"
    return f"{printable(test.qualname)} ({'async' if test.is_async else 'sync'} {test.kind}{idle})"


def _beside(row: Row, root: str) -> str:
    return f"{_where(row.place, root)}  {row.about}".rstrip()


def _where(place: Place, root: str) -> str:
    path = place.path.removeprefix(root.rstrip("/") + "/") if root else place.path
    return f"{printable(path)}:{place.span.line}"


def _length(text: str) -> float:
    return columns(text) * CHARACTER


def _text(x: float, y: float, text: str, class_: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" xml:space="preserve"'
    return f'<text class="{class_}" {place}>{escape(text)}</text>'


def _rect(class_: str, x: float, y: float, width: float, height: float, round_: int) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{class_}" {place} rx="{round_}"/>'


def _line(x: float, top: float, bottom: str, class_: str) -> str:
    return f'<path class="{class_}" d="M{x:.1f} {top:.1f}V{bottom}"/>'


def style() -> str:
    """Return the style sheet of pictures, for light and dark mode."""
    fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    rules = [f"text {{ font: 12px {fonts}; }}", ".title, .strong { font-weight: 600; }"]
    for number, mode in enumerate(("light", "dark")):
        shown = [_coloured(name, pair[number]) for name, pair in COLOURS.items()]
        lines = [line for lines in shown for line in lines]
        if mode == "light":
            rules += lines
        else:
            rules += ["@media (prefers-color-scheme: dark) {", *(f"  {li}" for li in lines), "}"]
    rules += [
        ".bar { fill-opacity: 0.3; stroke-width: 1.5; }",
        ".circle { fill: none; stroke-width: 2; }",
        ".maybe { stroke-dasharray: 4 3; fill-opacity: 0.1; }",
        ".axis { fill: none; }",
        ".guide { fill: none; stroke-dasharray: 3 3; }",
    ]
    return "\n".join(rules) + "\n"


def _coloured(name: str, colour: str) -> Iterator[str]:
    match name:
        case "back":
            yield f".back, .ground {{ fill: {colour}; }}"
        case "text":
            yield f".text, .title {{ fill: {colour}; }}"
        case "soft":
            yield f".soft {{ fill: {colour}; }}"
            yield f".axis {{ stroke: {colour}; }}"
        case "grid":
            yield f".back {{ stroke: {colour}; }}"
        case _:
            yield f".{name} {{ fill: {colour}; }}"
            yield f".bar.{name}, .circle.{name} {{ stroke: {colour}; }}"
            if name == "found":
                yield f".guide {{ stroke: {colour}; }}"
