"""Finds comments that suppress nothing (WS901), if the run has seen all that they cover."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslint.config.selection import EXACT, ignored_for_file, matches, normalise, specificity
from wslint.rules import all_rules, selected_rules
from wslint.suppressions.comments import UNUSED, suppressions, without

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from wslint.config.resolver import SettingsResolver
    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.report import Suppression
    from wslint.syntax.source import Source


@dataclass(slots=True)
class CheckedFiles:
    """The checked files with suppressions, and the lines of tests that could be followed.

    ``read`` returns a file if it has suppressions. ``folders`` were searched as a whole.
    """

    read: Callable[[str], Source | None]
    folders: tuple[str, ...] = ()
    files: dict[str, tuple[Source, Sequence[tuple[int, int]]]] = field(default_factory=dict)
    unresolved: set[str] = field(default_factory=set)

    def add(
        self, path: str, resolved: Sequence[tuple[int, int]], unresolved: Sequence[Unresolved]
    ) -> None:
        """Add a file that was checked, with the lines of the tests that could be followed."""
        self.unresolved |= {part.place.path for part in unresolved}
        if unresolved:
            self.unresolved.add(path)
        source = self.read(path)
        if source is not None:
            self.files[path] = source, resolved

    def covers_users_of(self, path: str, comment: Suppression, root: str) -> bool:
        """Return whether every test that may need a comment could be followed."""
        _, tests = self.files[path]
        first, last = comment.line, comment.line
        if comment.kind == "statement":
            first, last = comment.first, comment.last
        if comment.kind != "file" and any(a <= first and last <= b for a, b in tests):
            return True
        folder, _, name = path.rpartition("/")
        needed = folder if name == "conftest.py" else root.rstrip("/")
        if not any(f"{needed}/".startswith(f"{f.rstrip('/')}/") for f in self.folders):
            return False
        # a fixture or helper beside tests is for them; any other may be used by every test
        return path not in self.unresolved if tests else not self.unresolved


def unused_suppressions(
    checked: CheckedFiles,
    findings: Iterable[Finding],
    resolver: SettingsResolver,
) -> Iterator[Finding]:
    """Find the comments that suppress none of the ``findings``."""
    from wslint.rules import ws901_unused_suppression as ws901

    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.path, []).append(finding)
    for path, (source, _) in sorted(checked.files.items()):
        comments = suppressions(source)
        settings = resolver.of(path)
        on = {rule.code for rule in selected_rules(settings)}
        used = {
            (comment.span, selector)
            for finding in by_file.get(path, ())
            for comment in comments.covering(finding)
            for selector in comment.selectors or ("ALL",)
            if matches(selector, finding.code, finding.name)
        }
        for comment in comments.comments:
            if not checked.covers_users_of(path, comment, settings.root):
                continue
            unused: list[str] = []
            unknown: list[str] = []
            for selector in comment.selectors or ("ALL",) * (not comment.noqa):
                state = _state(selector, comment, path, settings, on)
                if state == "unknown":
                    unknown.append(selector)
                elif state == "on" and (comment.span, selector) not in used:
                    unused.append(selector)
            if unused or unknown:
                shown = unused if comment.selectors else []
                rest = without(comment, [*shown, *unknown]) if comment.selectors else ""
                yield ws901.finding(path, comment, shown, unknown, rest)


def _state(
    selector: str,
    comment: Suppression,
    path: str,
    settings: Settings,
    on: Container[str],
) -> str:
    """Return "on", "off" (some of the selected rules are) or "unknown" (there are none)."""
    meant = [rule for rule in all_rules() if matches(selector, rule.code, rule.name)]
    if not meant:
        return "off" if comment.noqa else "unknown"
    if comment.noqa and normalise(selector) == "ALL":
        return "off"
    exact = specificity(selector) == EXACT
    meant = [
        rule
        for rule in meant
        if rule.code != UNUSED and (exact or rule.status == "stable" or settings.preview)
    ]
    all_on = all(
        rule.code in on and not ignored_for_file(path, rule.code, rule.name, settings)
        for rule in meant
    )
    return "on" if meant and all_on else "off"
