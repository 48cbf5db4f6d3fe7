"""Draws the timelines of the tests that findings are about, for the formats that show them."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.resolver import SettingsResolver
from wslint.syntax.source import Source, read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding
    from wslint.findings.report import Report
    from wslint.findings.span import Place
    from wslint.rules.rule import Rule
    from wslint.timeline.model import Timeline


def with_pictures(report: Report, settings: Settings) -> Report:
    """Return the report with the picture of each finding."""
    artist = _Artist(report, settings)
    pictures = {}
    for number, finding in enumerate(report.findings, start=1):
        picture = artist.picture(finding, f"f{number}-")
        if picture:
            pictures[finding.code, finding.place] = picture
    return replace(report, pictures=pictures)


class _Artist:
    """Reads each file once, and caches the timelines of the last one."""

    def __init__(self, report: Report, settings: Settings) -> None:
        self._report = report
        self._settings = settings
        self._overlay = {
            path: text.encode("utf-8", "replace") for path, text in report.texts.items()
        }
        self._traced: tuple[str, dict[str, list[_Judged]]] = ("", {})
        self._resolver = SettingsResolver(settings)
        self._rules: dict[str, Sequence[Rule]] = {}

    def picture(self, finding: Finding, part_of: str) -> str:
        """Draw the timeline of the test that a finding is about."""
        if not finding.test or finding.test_place is None:
            return ""
        from wslint.output.svg import draw_svg

        here = os.getcwd().replace(os.sep, "/")
        for path in self._test_files_of(finding):
            for judged in self._timelines(path).get(finding.test, ()):
                if (finding.code, finding.place) in judged.found:
                    return draw_svg(judged.timeline, [finding], root=here, part_of=part_of)
        return ""

    def _test_files_of(self, finding: Finding) -> list[str]:
        """Return the files whose tests led to a finding."""
        return sorted(self._report.seen_from.get((finding.code, finding.place), {finding.path}))

    def _rules_of(self, path: str) -> Sequence[Rule]:
        from wslint.rules import selected_rules

        settings = self._resolver.of(path)
        if settings.config_file not in self._rules:
            self._rules[settings.config_file] = selected_rules(settings)
        return self._rules[settings.config_file]

    def _timelines(self, path: str) -> dict[str, list[_Judged]]:
        """Return the timelines of a file by the name of their test."""
        if self._traced[0] != path:
            from wslint.run.judge import judge_timeline, traced_timelines

            source = self._source(path)
            by_test: dict[str, list[_Judged]] = {}
            if isinstance(source, Source):
                for timeline in traced_timelines(source, self._resolver.of(path), self._overlay):
                    found = judge_timeline(timeline, self._rules_of(path))
                    judged = _Judged(timeline, {(one.code, one.place) for one in found})
                    by_test.setdefault(timeline.test.qualname, []).append(judged)
            self._traced = path, by_test
        return self._traced[1]

    def _source(self, path: str) -> object:
        if path in self._overlay:
            return Source.from_bytes(path, self._overlay[path])
        return read_source(path, max_size=self._settings.max_file_size)


class _Judged(NamedTuple):
    """A timeline, and the code and place of each finding in it."""

    timeline: Timeline
    found: set[tuple[str, Place]]
