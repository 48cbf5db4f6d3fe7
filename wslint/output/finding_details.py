"""Computes the details that only some formats show: the fixed files, and the timeline as SVG."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.config.resolver import SettingsResolver
from wslint.findings.report import Detail, Edited
from wslint.syntax.source import Source, Unreadable, read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding
    from wslint.findings.report import Report
    from wslint.rules.rule import Rule
    from wslint.timeline.model import Timeline


def with_details(report: Report, settings: Settings, *, pictures: bool) -> Report:
    """Return the report with the details of its findings."""
    work = _Work(report, settings)
    details = {}
    for number, finding in enumerate(report.findings, start=1):
        picture = work.picture(finding, f"f{number}-") if pictures else ""
        details[finding.code, finding.place] = Detail(work.fixed(finding), picture)
    return replace(report, details=details)


class _Work:
    """Reads each file once, and caches the timelines of the last one."""

    def __init__(self, report: Report, settings: Settings) -> None:
        self._report = report
        self._settings = settings
        self._sources: dict[str, Source | Unreadable] = {}
        self._traced: tuple[str, list[Timeline]] = ("", [])
        self._resolver = SettingsResolver(settings)
        self._rules: dict[str, Sequence[Rule]] = {}

    def fixed(self, finding: Finding) -> tuple[Edited, ...]:
        """Return the files changed by the fix of one finding; empty if it can't be made."""
        if finding.fix is None:
            return ()
        from wslint.fixes.errors import CannotFix
        from wslint.fixes.fileset import apply_all

        paths = sorted({action.path for action in finding.fix.actions})
        sources = [source for path in paths if isinstance(source := self._source(path), Source)]
        before = {source.path: source.data for source in sources}
        try:
            after = apply_all(before, [finding.fix], self._report.scope.__contains__)
        except CannotFix:
            return ()
        edited = []
        for source in sources:
            changed = Source.from_bytes(source.path, after[source.path])
            if isinstance(changed, Source) and changed.text != source.text:
                edited.append(Edited(source.path, source.text, changed.text))
        return tuple(edited)

    def picture(self, finding: Finding, part_of: str) -> str:
        """Draw the timeline of the test that a finding is about."""
        if not finding.test or finding.test_place is None:
            return ""
        from wslint.output.svg import draw_svg
        from wslint.rules import selected_rules
        from wslint.run.judge import judge_timeline

        here = os.getcwd().replace(os.sep, "/")
        for path in self._test_files_of(finding):
            settings = self._resolver.of(path)
            if settings.config_file not in self._rules:
                self._rules[settings.config_file] = selected_rules(settings)
            rules = self._rules[settings.config_file]
            for timeline in self._timelines(path):
                if timeline.test.qualname == finding.test and any(
                    (other.code, other.place) == (finding.code, finding.place)
                    for other in judge_timeline(timeline, rules)
                ):
                    return draw_svg(timeline, [finding], root=here, part_of=part_of)
        return ""

    def _test_files_of(self, finding: Finding) -> list[str]:
        """Return the files whose tests led to a finding."""
        return sorted(self._report.seen_from.get((finding.code, finding.place), {finding.path}))

    def _timelines(self, path: str) -> list[Timeline]:
        if self._traced[0] != path:
            from wslint.run.judge import traced_timelines

            source = self._source(path)
            texts = self._report.texts
            overlay = {p: s.data for p in texts if isinstance(s := self._source(p), Source)}
            traced: list[Timeline] = []
            if isinstance(source, Source):
                traced = traced_timelines(source, self._resolver.of(path), overlay)
            self._traced = path, traced
        return self._traced[1]

    def _source(self, path: str) -> Source | Unreadable:
        if path not in self._sources:
            text = self._report.texts.get(path)
            limit = self._settings.max_file_size
            if text is None:
                self._sources[path] = read_source(path, max_size=limit)
            else:
                self._sources[path] = Source.from_bytes(path, text.encode("utf-8", "replace"))
        return self._sources[path]
