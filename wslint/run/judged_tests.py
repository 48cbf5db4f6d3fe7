"""The outcomes of the tests of one file, kept for its next version.

An edit changes few of them. An outcome still holds if nothing has changed that the file was asked
for it (``Module.asked``). Where lines were added or removed above a test, its places move along.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

from wslint.findings.finding import Label
from wslint.findings.span import Place, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wslint.findings.actions import Action
    from wslint.findings.finding import Finding, Fix, Unresolved
    from wslint.linking.module import Module, Question
    from wslint.linking.toplevel import Facet


class Outcome(NamedTuple):
    """The outcome of one test, which may have two timelines.

    ``names``: those of its timelines. ``followed``: first and last lines, and whether wslint could
    follow everything there. ``tests``: the number of those that were judged. ``place``: its name
    in the file, if its timeline has something to show.
    """

    names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    followed: tuple[tuple[int, int, bool], ...] = ()
    tests: int = 0
    place: Place | None = None


class JudgedTests:
    """The outcomes of the tests of one file. Only its own text may change between two versions.

    ``traceable``: the tests of the last version with a timeline to show, and where their names are.
    """

    def __init__(self) -> None:
        self.traceable: dict[str, Place] = {}
        self._path = ""
        self._lines: list[str] = []
        self._statements: list[_Statement] = []
        self._around: object = None
        self._kept: dict[str, tuple[Outcome, frozenset[Question]]] = {}

    def update(self, module: Module, around: object) -> None:
        """Drop the outcomes that don't hold for a new version; ``around``: what else matters."""
        statements = [_Statement(one.start, one.end, (*one.facets,)) for one in module.statements]
        if around != self._around:
            self.clear()
        elif self._kept:
            change = _Change(self._lines, self._statements, module.lines, statements)
            self._kept = {
                name: (change.moved(outcome, module.path), asked)
                for name, (outcome, asked) in self._kept.items()
                if not change.concerns(asked)
            }
        self._around = around
        self._lines, self._statements = module.lines, statements

    def get(self, name: str) -> Outcome | None:
        """Return the outcome of a test, None if it must be judged."""
        known = self._kept.get(name)
        return known[0] if known is not None else None

    def put(self, name: str, outcome: Outcome, asked: Iterable[Question]) -> None:
        """Keep an outcome, and what the file was asked for it."""
        self._kept[name] = outcome, frozenset(asked)

    def clear(self) -> None:
        """Drop all outcomes."""
        self._kept.clear()


class _Statement(NamedTuple):
    """A top-level statement, without its tree."""

    start: int
    end: int
    facets: tuple[Facet, ...]


class _Change:
    """What differs between two versions of a file."""

    def __init__(
        self,
        old_lines: list[str],
        old: Sequence[_Statement],
        new_lines: list[str],
        new: Sequence[_Statement],
    ) -> None:
        first, last = _common(old_lines, new_lines)
        self._first, self._end = first, len(old_lines) - last
        self._delta = len(new_lines) - len(old_lines)
        end = len(new_lines) - last
        # the ranges of lines of the statements that are the same in both, as they were
        before = {(one.start, one.end) for one in old if one.end <= first or one.start > self._end}
        after = {(one.start, one.end) for one in new if one.end <= first}
        after |= {
            (one.start - self._delta, one.end - self._delta) for one in new if one.start > end
        }
        same = before & after
        moved = {
            (start, stop) if stop <= first else (start + self._delta, stop + self._delta)
            for start, stop in same
        }
        changed = [
            *((old_lines, one) for one in old if (one.start, one.end) not in same),
            *((new_lines, one) for one in new if (one.start, one.end) not in moved),
        ]
        self._facets = {facet for _, one in changed for facet in one.facets}
        texts = [lines[one.start - 1 : one.end] for lines, one in changed]
        texts += [old_lines[first : self._end], new_lines[first:end]]
        self._text = "\n".join(line for lines in texts for line in lines)
        self._is_none = old_lines == new_lines

    def concerns(self, asked: frozenset[Question]) -> bool:
        """Return whether the answer to one of the questions may be another one now."""
        if self._is_none:
            return False
        return not self._facets.isdisjoint(asked) or any(
            kind == "text" and text in self._text for kind, text in asked
        )

    def moved(self, outcome: Outcome, path: str) -> Outcome:
        """Return an outcome with its places in the file as they are now."""
        if not self._delta:
            return outcome
        return outcome._replace(
            findings=tuple(self._finding(each, path) for each in outcome.findings),
            unresolved=tuple(
                replace(each, place=self._place(each.place, path)) for each in outcome.unresolved
            ),
            followed=tuple(
                (self._line(first), self._line(last), whole)
                for first, last, whole in outcome.followed
            ),
            place=None if outcome.place is None else self._place(outcome.place, path),
        )

    def _finding(self, finding: Finding, path: str) -> Finding:
        test_place, fix = finding.test_place, finding.fix
        return replace(
            finding,
            place=self._place(finding.place, path),
            labels=tuple(
                Label(self._place(each.place, path), each.message) for each in finding.labels
            ),
            fix=None if fix is None else self._fix(fix, path),
            alternatives=tuple(self._fix(each, path) for each in finding.alternatives),
            test_place=None if test_place is None else self._place(test_place, path),
        )

    def _fix(self, fix: Fix, path: str) -> Fix:
        actions = (self._action(each) if each.path == path else each for each in fix.actions)
        return replace(fix, actions=tuple(actions))

    def _action(self, action: Action) -> Action:
        spans: dict[str, object] = {}
        for field in fields(action):
            value = getattr(action, field.name)
            if isinstance(value, Span):
                spans[field.name] = self._span(value)
            elif field.name == "sources":
                spans[field.name] = tuple(map(self._span, value))
        return replace(action, **spans)  # type: ignore[arg-type]  # of each class, these are spans

    def _place(self, place: Place, path: str) -> Place:
        return Place(path, self._span(place.span)) if place.path == path else place

    def _span(self, span: Span) -> Span:
        line, column, end_line, end_column = span
        return Span(self._line(line), column, self._line(end_line), end_column)

    def _line(self, line: int) -> int:
        return line + self._delta if line > self._end else line


def _common(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return the number of equal lines at the start and at the end of two versions."""
    most = min(len(old), len(new))
    first = next((number for number in range(most) if old[number] != new[number]), most)
    most -= first
    last = next((number for number in range(most) if old[-1 - number] != new[-1 - number]), most)
    return first, last
