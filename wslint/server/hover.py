"""What a hover shows: the findings at a place, their rules, and the timeline of the test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from wslint.server.timelines import drawn, timelines
from wslint.syntax.deep_recursion import deep_recursion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.finding import Finding
    from wslint.server.judging import Judgement
    from wslint.server.texts import Texts

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
    tests = {finding.test for finding in here}
    with deep_recursion():
        shown = []
        for timeline in timelines(judgement):
            test = timeline.test
            span = test.function.name_span
            named = test.path == judgement.buffer.path and span[:2] <= at <= span[2:]
            if test.qualname in tests if tests else named:
                shown.append(timeline)
        pictures = (f"```text\n{drawn(each, findings)}```" for each in shown)
        parts = [*map(_explained, here), *pictures]
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
