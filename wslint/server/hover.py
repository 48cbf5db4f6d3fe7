"""What a hover shows: the findings at a place, their rules, and the timeline of the test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from wslint.server.judging import enter
from wslint.syntax.deep_recursion import deep_recursion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.server.judging import Judgement
    from wslint.server.texts import Texts
    from wslint.timeline.model import Timeline

WIDTH = 80
_DEFINITION = re.compile(r"\s*(?:async\s+)?def\s")


def hover(
    position: types.Position, judgement: Judgement, findings: Sequence[Finding], texts: Texts
) -> types.Hover | None:
    """Return the explanation of the findings at a position, or the timeline of a test's name."""
    text = texts.of(judgement.buffer.path)
    if text is None:
        return None
    at = text.place(position)
    here = [finding for finding in findings if finding.span[:2] <= at <= finding.span[2:]]
    if not here and not _DEFINITION.match(text.lines[at[0] - 1]):
        return None
    enter(judgement.root)
    with deep_recursion():
        shown = list(_timelines(here, at, judgement))
        parts = [*map(_explained, here), *(_drawn(each, findings) for each in shown)]
    if not parts:
        return None
    range_ = text.range(here[0].span if here else shown[0].test.function.name_span)
    content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(parts))
    return types.Hover(content, range_)


def _explained(finding: Finding) -> str:
    from wslint.rules import find_rule
    from wslint.server.pages import page_uri

    rule = find_rule(finding.code)
    uri = page_uri(finding.code)
    name = f"{finding.code} {finding.name}"
    heading = f"**[{name}]({uri})**" if uri else f"**{name}**"
    summary = f": {rule.summary}" if rule is not None else ""
    parts = [f"{heading}{summary}", f"{finding.message}. To do: {finding.help}."]
    if finding.fix is not None:
        parts.append(f"Fix ({finding.fix.applicability}): {finding.fix.title}.")
    elif finding.no_fix:
        parts.append(f"No fix: {finding.no_fix}.")
    return "\n\n".join(parts)


def _timelines(
    here: Iterable[Finding], at: tuple[int, int], judgement: Judgement
) -> Iterator[Timeline]:
    """Yield the timelines of the tests of the findings here, or of the test whose name it is."""
    from wslint.config.resolver import SettingsResolver
    from wslint.filesystem import snapshot
    from wslint.run.judge import is_relevant, traced_timelines
    from wslint.syntax.source import Source

    buffer = judgement.buffer
    source = Source.from_bytes(buffer.path, buffer.data)
    if not isinstance(source, Source):
        return
    tests = {finding.test for finding in here}
    snapshot.forget()
    settings = SettingsResolver(judgement.settings).of(buffer.path)
    overlay = {**judgement.unsaved, buffer.path: buffer.data}
    for timeline in traced_timelines(source, settings, overlay):
        test = timeline.test
        span = test.function.name_span
        named = test.path == buffer.path and span[:2] <= at <= span[2:]
        if is_relevant(timeline) and (test.qualname in tests if tests else named):
            yield timeline


def _drawn(timeline: Timeline, findings: Sequence[Finding]) -> str:
    from wslint.output.colour import Paint
    from wslint.output.timeline import draw

    own = [finding for finding in findings if finding.test == timeline.test.qualname]
    return f"```text\n{draw(timeline, own, Paint(), width=WIDTH)}```"
