"""Code frames: lines of a file with some spans underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wslint.output.text import cut, display, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wslint.findings.span import Span
    from wslint.output.colour import Paint

# of a longer span, only the first and the last line are shown
WHOLE_SPAN = 4


class Mark(NamedTuple):
    """A span to underline, and its text."""

    span: Span
    text: str
    primary: bool


class _Underline(NamedTuple):
    start: int
    end: int
    mark: Mark
    text: str


def frame(lines: Sequence[str], marks: Iterable[Mark], gutter: int, paint: Paint) -> Iterator[str]:
    """Yield the rows of one frame; ``gutter`` is the width of the line numbers."""
    marks = [mark for mark in marks if 1 <= mark.span.line <= len(lines)]
    if not marks:
        return
    shown = _shown(lines, marks)
    edge = paint("blue", f"{'':{gutter}} |")
    yield edge
    previous = shown[0] - 1
    for number in shown:
        if number > previous + 1:
            yield paint("blue", "...")
        previous = number
        line, start = cut(lines[number - 1], _first_column(number, marks))
        text, columns = display(line)
        yield f"{paint('blue', f'{number:{gutter}} |')} {text}".rstrip()
        for underline in _underlines(line, start, columns, number, marks):
            sign, colour = ("^", "red") if underline.mark.primary else ("-", "blue")
            under = sign * (underline.end - underline.start)
            words = f"{under} {printable(underline.text)}".rstrip()
            yield f"{edge} {' ' * underline.start}{paint(colour, words)}"
    yield edge


def gutter_width(frames: Mapping[str, Sequence[Mark]]) -> int:
    """Return the width that the line numbers of several frames need."""
    last = (mark.span.end_line + 1 for marks in frames.values() for mark in marks)
    return len(str(max(last, default=1)))


def _shown(lines: Sequence[str], marks: Iterable[Mark]) -> list[int]:
    """Choose the lines: those of the spans, one around each, and no gaps of a single line."""
    numbers: set[int] = set()
    around: set[int] = set()
    for mark in marks:
        first, last = mark.span.line, min(mark.span.end_line, len(lines))
        around |= {first - 1, last + 1}
        numbers |= {first, last}
        if last - first < WHOLE_SPAN:
            numbers.update(range(first, last + 1))
    # the empty string after the last newline is a line only for an error at the end of the file
    end = len(lines) if lines[-1] else len(lines) - 1
    numbers |= {number for number in around if 1 <= number <= end}
    numbers |= {number + 1 for number in numbers if number + 2 in numbers}
    return sorted(numbers)


def _first_column(number: int, marks: Iterable[Mark]) -> int:
    starts = [mark.span.column for mark in marks if mark.span.line == number]
    return min(starts, default=0)


def _underlines(
    line: str, cut_at: int, columns: Sequence[int], number: int, marks: Iterable[Mark]
) -> list[_Underline]:
    """Return what to underline in a line; the text of a mark goes below its last line.

    ``cut_at`` is the column of the file at which the line as it is shown starts.
    """
    underlines: list[_Underline] = []
    for mark in marks:
        span = mark.span
        if not span.line <= number <= span.end_line:
            continue
        indent = len(line) - len(line.lstrip())
        start = max(span.column - cut_at, 0) if number == span.line else indent
        whole = len(line.rstrip())
        end = max(span.end_column - cut_at, 0) if number == span.end_line else whole
        left = columns[min(start, len(line))]
        # a span may end after the last character, such as that of a missing bracket
        right = max(columns[min(end, len(line))], left + 1)
        text = mark.text if number == span.end_line else ""
        underlines.append(_Underline(left, right, mark, text))
    return sorted(underlines, key=lambda u: (not u.mark.primary, u.start, u.end))
