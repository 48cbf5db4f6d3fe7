"""The findings that ``wslint fix`` did not fix, and why."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from wslint.config.resolver import SettingsResolver
from wslint.output.text import path_from_here, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding
    from wslint.findings.report import Problem
    from wslint.findings.span import Place
    from wslint.run.fix import Fixes

_ONLY_SHOWN = "the fix may fail a test of a correct application; to make it:"


def unfixed(
    findings: Iterable[Finding],
    fixes: Fixes,
    settings: Settings,
    problems: Iterable[Problem] = (),
    put_back: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Yield a line for each rule and reason.

    ``put_back``: the reverted files, with the code of the rule responsible.
    """
    resolver = SettingsResolver(settings)
    refused = {(finding.code, finding.place): why for finding, why in fixes.refused}
    written = {problem.path: problem.message for problem in problems}
    counts = Counter(
        (finding.code, _reason(finding, fixes, own, refused, written, put_back or {}))
        for finding in findings
        for own in (resolver.of(finding.path),)
    )
    for (code, reason), count in sorted(counts.items()):
        times = f", {count} times" if count > 1 else ""
        yield f"  {code}{times}: {printable(reason)}"


def _reason(
    finding: Finding,
    fixes: Fixes,
    settings: Settings,
    refused: Mapping[tuple[str, Place], str],
    written: Mapping[str, str],
    put_back: Mapping[str, str],
) -> str:
    fix = finding.fix
    if fix is None:
        return finding.no_fix or "there is no fix"
    if fix.applicability == "display-only":
        return f"{_ONLY_SHOWN} wslint fix --select {finding.code} --unsafe-fixes"
    if fix.applicability == "unsafe" and not settings.unsafe_fixes:
        return "needs --unsafe-fixes"
    if (finding.code, finding.place) in refused:
        return elsewhere(finding, fixes) or refused[finding.code, finding.place]
    touched = {finding.path, *(action.path for action in fix.actions)}
    for path in sorted(touched):
        if put_back.get(path) in ("", finding.code):
            if "--verify" in written:
                return "the tests could not be run"
            return f"reverted in {path_from_here(path)}, see above"
        if path in written:
            return f"{path_from_here(path)}: {written[path].removeprefix('not fixed: ')}"
    return "it was introduced by another fix"


def elsewhere(finding: Finding, fixes: Fixes) -> str:
    """Return the command for a fix that changes other files; "" if there are none."""
    fix, report = finding.fix, fixes.report
    paths = set() if fix is None else {action.path for action in fix.actions}
    others = sorted(paths - report.scope)
    if fix is None or not others:
        return ""
    from wslint.rules import all_rules

    preview = any(rule.code == finding.code and rule.status == "preview" for rule in all_rules())
    seen = report.seen_from.get((finding.code, finding.place), ())
    targets = list(dict.fromkeys([*sorted({finding.path, *seen}), *others]))
    words = ["wslint", "fix"]
    words += ["--select", finding.code] if preview else []
    words += ["--unsafe-fixes"] * (fix.applicability != "safe")
    command = shlex.join([*words, *map(path_from_here, targets)])
    names = " and ".join(map(path_from_here, others))
    return f"the fix also changes {names}: {command}"
